--- The methods of a cursor that run a statement for many rows of parameters, call a procedure, or
--- only make a text.
local buffered = require("lunasa.cursor.buffered")
local call = require("lunasa.call")
local errors = require("lunasa.error")
local executemany = require("lunasa.executemany")
local format = require("lunasa.format")
local outcome = require("lunasa.executemany.outcome")
local procedure = require("lunasa.procedure")
local row_source = require("lunasa.executemany.source")
local settings_of = require("lunasa.cursor.settings")
local turn = require("lunasa.turn")

local many = {}

--- What the class of cursors lends to methods in other files.
---@class lunasa.CursorInside
---@field open fun(cur: lunasa.Cursor): lunasa.Channel raises at the level of the method's caller
---@field listed fun(args: any): table? makes one parameter a list of one
---@field clear fun(cur: lunasa.Cursor) drops the rows that are left
---@field show fun(cur: lunasa.Cursor, source?: lunasa.CursorRows) sets the fields for a result

local SET_OPTIONS = { protocol = "text", paramstyle = "qmark" }

--- Makes rows that are single parameters lists of one.
local function listed_rows(rows, listed)
  rows = row_source.plain(rows)
  if type(rows) == "function" then
    return function()
      return listed(rows())
    end
  elseif listed(rows[1]) == rows[1] then
    return rows
  end
  local lists = {}
  for i, row in ipairs(rows) do
    lists[i] = listed(row)
  end
  return lists
end

--- How a cursor sends many rows: as text, and what cannot be one statement for many rows one by
--- one, so that an error leaves the rows behind it alone.
local function how_of(self, sql, settings, options)
  local protocol = format.is_binary(settings.format) and "binary" or "text"
  return executemany.how(self.connection, sql, {
    format = settings.format,
    timeout = settings.timeout,
    is_pyformat = settings.is_pyformat,
    max_statement_time = settings.max_statement_time,
    max_stmt_length = options and options.max_stmt_length or self.max_stmt_length,
    protocol = protocol,
    in_flight = 1,
  })
end

--- Adds its methods to the class of cursors.
---@param Cursor lunasa.Cursor the class
---@param inside lunasa.CursorInside
function many.add(Cursor, inside)
  --- Keeps what a statement did for many rows, as if it had been executed.
  local function keep(self, all, how, settings)
    inside.clear(self)
    self.last_executed = how.text or how.sql
    self.executed = self.last_executed
    inside.show(self, buffered.new(outcome.result(all), settings))
    self.rowcount, self.warning_count = all.rowcount, all.warning_count
  end

  --- Runs a statement for each of many rows of parameters. An INSERT or REPLACE is sent for many
  --- rows at once, in statements of at most `max_stmt_length` bytes.
  ---@async
  ---@param sql string
  ---@param rows? lunasa.Rows each a list for `?`, a map for `:name`, or the value of the only `?`
  ---@param options? table of a call, over those of the cursor
  ---@return integer? rowcount of all; nil without rows, when nothing is done
  function Cursor:executemany(sql, rows, options)
    inside.open(self)
    if rows == nil or type(rows) == "table" and next(rows) == nil then
      return nil
    end
    executemany.check(sql, rows, 3)
    local settings = self.settings
    if options then
      executemany.check_options(options, 3)
      settings = settings_of.of_call(self.connection, settings.options, options, 3)
    end
    inside.clear(self)
    local channel = inside.open(self) -- again: another task may have closed it, or released it
    local conn, how = self.connection, how_of(self, sql, settings, options)
    local ok, all = executemany.run(conn, channel, listed_rows(rows, inside.listed), how)
    if not ok then
      self.last_executed = how.text or self.last_executed
      errors.throw(all, self.config.errors)
    elseif not all.last then
      return nil -- a function that gave none
    elseif self.closed then
      errors.raise("ProgrammingError", "Cursor closed", nil, 2)
    end
    keep(self, all, how, settings)
    return self.rowcount
  end

  --- Calls a procedure: its results are those of the cursor. Parameters travel in the variables
  --- `@_name_0`, `@_name_1` and so on, which tell afterwards what they have become.
  ---@async
  ---@generic T
  ---@param name string `p` or `db.p`; in backticks where a dot is part of a name
  ---@param args? T a list
  ---@return T args as they were given
  function Cursor:callproc(name, args)
    local channel = inside.open(self)
    local texts = procedure.call(channel.session, name, args, 3)
    if not texts.set then
      self:execute(texts.call)
      return args
    end
    local conn, timeout = self.connection, self.settings.timeout
    local deadline = timeout and conn.runtime.now() + timeout
    inside.clear(self)
    -- The variables are the session's: another task's call would use the same ones.
    turn.keep(inside.open(self), conn.runtime, deadline, function()
      conn:query(texts.set, args, SET_OPTIONS)
      self:execute(texts.call)
    end)
    return args
  end

  --- Gives the text that `execute` would send now, in the text protocol.
  ---@param sql string
  ---@param args? any as for `execute`
  ---@return string
  function Cursor:mogrify(sql, args)
    local channel = inside.open(self)
    args = inside.listed(args)
    call.check_statement(sql, args, 3)
    if not args then
      return sql
    end
    local text, raw = channel.session:format(sql, args, self.settings.is_pyformat)
    if not text then
      errors.throw(errors.from_core(raw, sql), self.config.errors)
    end
    return text
  end
end

return many
