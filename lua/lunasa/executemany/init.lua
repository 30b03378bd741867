--- One statement for many rows of parameters.
---
--- An INSERT becomes statements of many rows in text, or rows travel beside a prepared statement;
--- which of the two costs less depends on the server. All other statements are run for each row.
local call = require("lunasa.call")
local command = require("lunasa.command")
local errors = require("lunasa.error")
local multi_row = require("lunasa.executemany.multi_row")
local outcome = require("lunasa.executemany.outcome")
local prepared = require("lunasa.executemany.prepared")
local row_source = require("lunasa.executemany.source")
local single = require("lunasa.executemany.single")
local statement_limit = require("lunasa.statement_limit")

local executemany = {}

local NONE = {}

--- Bytes of one packet of a bulk, and what its head may take.
local LARGEST_BULK, HEAD = 4 * 2 ^ 20, 4096

--- How rows are sent, and what came of it.
---@class lunasa.ManyHow
---@field sql string
---@field is_pyformat boolean
---@field format integer of what is answered
---@field max_stmt_length integer bytes of a statement of many rows
---@field timeout? number|false seconds
---@field max_statement_time? number|false
---@field protocol? "text"|"binary" nil for what costs less
---@field in_flight integer statements for one row each that are sent before the first is answered
---@field deadline? number absolute, in seconds
---@field outcome lunasa.ManyRows
---@field text? string of the last statement, where it is text

--- The most bytes of parameters in one packet; 0 where rows travel one by one.
---@async
---@return integer? limit
---@return lunasa.Error? err
local function bulk_limit(held, is_mariadb)
  if not is_mariadb then
    return 0
  end
  local most, err = multi_row.packet_size(held)
  return most and math.max(math.min(most, LARGEST_BULK) - HEAD, 1), err
end

--- Runs the statement as text.
---@async
---@return boolean was_run false when it cannot be one for many rows and need not be text
---@return lunasa.Error? err
local function run_text(held, source, how)
  local many = multi_row.begin(held, source, how)
  if many then
    local err = multi_row.run(many)
    how.text = multi_row.text(many)
    return true, err
  elseif how.protocol == "text" then
    return true, single.run(held, source, how)
  end
  return false
end

---@async
---@return lunasa.Error? err
local function run(held, conn, source, how)
  if not source:fill(held.channel, held.runtime) then
    return nil
  end
  local is_text = how.protocol ~= "binary" and (how.protocol == "text" or not conn.is_mariadb)
  if is_text then
    local was_run, err = run_text(held, source, how)
    if was_run then
      return err
    end
  end
  local limit, err = bulk_limit(held, conn.is_mariadb)
  return err or prepared.run(held, source, how, limit)
end

--- Most statements for one row each in flight.
local IN_FLIGHT = 128

--- Options of a call that are for single statements.
local SINGLE = { "attributes", "infile" }

--- Checks what was given as a statement and its rows.
---@param sql any
---@param rows any
---@param level integer whose mistake it is, counted as by `error` in here
function executemany.check(sql, rows, level)
  call.check_statement(sql, nil, level + 1)
  row_source.check(rows, level + 1)
end

--- Raises for options that cannot be had here.
---@param options any
---@param level integer whose mistake it is, counted as by `error` in here
function executemany.check_options(options, level)
  for _, name in ipairs(SINGLE) do
    if type(options) == "table" and options[name] ~= nil then
      local message = ("option '%s' is for single statements, not executemany"):format(name)
      errors.raise("ArgumentError", message, nil, level)
    end
  end
end

--- Makes ready to send.
---@param conn lunasa.Connection
---@param sql string
---@param how table `timeout` and `max_statement_time` of the call, and fields of lunasa.ManyHow
---@return lunasa.ManyHow
function executemany.how(conn, sql, how)
  how.sql = statement_limit.of_call(sql, how, conn.is_mariadb)
  how.deadline = how.timeout and conn.runtime.now() + how.timeout
  return how
end

--- Checks a call of a connection, and gives what it means.
---@param conn lunasa.Connection
---@param sql any
---@param rows any
---@param options? table
---@param level integer whose mistake it is, counted as by `error` in here
---@return lunasa.ManyHow
function executemany.settings(conn, sql, rows, options, level)
  local format, timeout, is_pyformat = call.settings(conn, sql, nil, options, level + 2)
  executemany.check(sql, rows, level + 1)
  executemany.check_options(options, level + 1)
  options = options or NONE
  local how = executemany.how(conn, sql, {
    format = format,
    timeout = timeout,
    is_pyformat = is_pyformat,
    max_statement_time = options.max_statement_time,
    max_stmt_length = options.max_stmt_length or conn.config.max_stmt_length,
    protocol = options.protocol or conn.config.protocol == "binary" and "binary" or nil,
    in_flight = IN_FLIGHT,
  })
  return how
end

---@async
---@return integer affected_rows
local function perform(conn, channel, rows, how)
  local source = row_source.of(row_source.plain(rows))
  local err = command.hold(channel, conn.runtime, how.deadline, function(held)
    return run(held, conn, source, how)
  end)
  if err then
    command.fail(channel, outcome.conclude(err, how.outcome))
  end
  return how.outcome.affected_rows
end

--- Runs a statement for each of many rows. Without any, nothing is sent.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param rows lunasa.Rows
---@param how lunasa.ManyHow
---@return boolean ok
---@return lunasa.ManyRows|lunasa.Error answer
function executemany.run(conn, channel, rows, how)
  how.outcome = outcome.new()
  local list = type(rows) == "table" and rows or nil
  local observer = channel.observer
  local protected = observer and observer:calling(conn, "executemany", how.sql, nil, list) or pcall
  local ok, answer = protected(perform, conn, channel, rows, how)
  return ok, ok and how.outcome or answer
end

return executemany
