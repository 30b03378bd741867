--- A cursor: runs statements on a connection, one after the other, and keeps a place in the rows of
--- the last one.
local buffered = require("lunasa.cursor.buffered")
local call = require("lunasa.call")
local classes = require("lunasa.cursor.classes")
local cursor_options = require("lunasa.cursor.options")
local description = require("lunasa.cursor.description")
local errors = require("lunasa.error")
local fetch = require("lunasa.cursor.fetch")
local many = require("lunasa.cursor.many")
local misuse = require("lunasa.misuse")
local not_iterable = require("lunasa.not_iterable")
local settings_of = require("lunasa.cursor.settings")
local unbuffered = require("lunasa.cursor.unbuffered")
local values = require("lunasa.values")

local cursor = {}

---@class lunasa.Cursor
---@field connection? lunasa.Connection nil once closed
---@field closed boolean
---@field echo boolean the connection's option
---@field arraysize integer rows that `fetchmany` gives when it is not told; may be set
---@field max_stmt_length integer bytes of a statement that `executemany` makes; may be set
---@field description? lunasa.Column[] nil before `execute`, and for a statement without rows
---@field columns? string[] their names
---@field has_rows boolean the result has columns
---@field rowcount integer rows or affected rows; -1 before `execute`, and while rows still come
---@field rownumber integer rows given
---@field lastrowid? integer|ffi.cdata* 0 for none; nil before `execute`, and for rows
---@field warning_count integer
---@field info string the server's words, such as "Rows matched: 1  Changed: 1  Warnings: 0"
---@field last_executed? string the text that was sent last, with its parameters
---@field executed? string the last one that succeeded
---@field private config table of the connection
---@field private settings lunasa.CursorSettings
---@field private source? lunasa.BufferedRows|lunasa.UnbufferedRows nil unless executed
local Cursor = {}
Cursor.__name = "lunasa.Cursor"
Cursor.__call = not_iterable("cursor")

--- Methods, and what is made when somebody asks for it.
function Cursor.__index(self, name)
  if name == "description" then
    local source = rawget(self, "source")
    return source and description.of(source.names)
  end
  return Cursor[name]
end

--- The connection's channel; raises without one. Set by `cursor.over`.
---@type fun(conn: lunasa.Connection): lunasa.Channel
local use

--- Raises where a method cannot be used any more.
local function check_open(self)
  if type(self) ~= "table" then
    misuse.dot("cur", 3)
  end
  if self.closed then
    errors.raise("ProgrammingError", "Cursor closed", nil, 3)
  end
end

--- Gives the channel, and raises where there is none any more.
local function open(self)
  if type(self) ~= "table" then
    misuse.dot("cur", 3)
  end
  if self.closed then
    errors.raise("ProgrammingError", "Cursor closed", nil, 3)
  end
  local channel = use(self.connection)
  return channel
end

--- Raises in the form that the connection's options ask for.
local function throw(self, err)
  errors.throw(err, self.config.errors)
end

--- Shows what the present result is; nothing when there is none.
local function show(self, source)
  self.source = source
  self.rownumber = 0
  self.columns = source and source.names
  self.has_rows = source ~= nil and source.names ~= nil
  self.rowcount = source and source.rowcount or -1
  self.lastrowid = source and source.insert_id
  self.warning_count, self.info = source and source.warning_count or 0, source and source.info or ""
end

--- Drops the rows that are left of the statement before.
---@async
local function clear(self)
  local source = self.source
  if source then
    source:close()
  end
  if self.source == source then -- no other task has executed meanwhile
    show(self, nil)
  end
end

--- Makes one parameter a list of one.
local function listed(args)
  local kind = values.kind(args)
  if type(args) == "table" and (not kind or kind == "pack") or args == nil then
    return args
  end
  return { args }
end

---@async
local function run(conn, sql, args, settings)
  if settings.is_unbuffered then
    return unbuffered.new(conn:stream(sql, args, settings), settings)
  end
  return buffered.new(conn:query(sql, args, settings), settings)
end

--- Runs a statement. What is left of the one before is thrown away.
---@async
---@param sql string
---@param args? any a list for `?`, a map for `:name`, or the value of a single placeholder
---@param options? table of a call, over those of the cursor
---@return integer rowcount
function Cursor:execute(sql, args, options)
  check_open(self)
  local conn = self.connection
  use(conn)
  args = listed(args)
  call.check_statement(sql, args, 3)
  local settings = self.settings
  if options then
    settings = settings_of.of_call(conn, settings.options, options, 3)
    settings.keeper = self
  end
  clear(self)
  local source = run(conn, sql, args, settings)
  clear(self) -- another task may have executed meanwhile
  if self.closed then
    source:close()
    errors.raise("ProgrammingError", "Cursor closed", nil, 2)
  end
  show(self, source)
  self.executed = self.last_executed
  return self.rowcount
end

--- Goes on to the next result of what was executed. Of an unbuffered one, what is left of the
--- present result is thrown away. Raises when that statement failed; then nothing is left.
---@async
---@return true? has_result nil when there is none
function Cursor:nextset()
  check_open(self)
  local source = self.source
  local obstacle = source and source:obstacle()
  if obstacle then
    errors.raise("InterfaceError", "the rows are gone: " .. obstacle, nil, 2)
  elseif not source then
    return nil
  end
  local ok, has_result = pcall(source.nextset, source)
  if not ok then
    source.names, source.insert_id, source.rowcount = nil, nil, -1
    show(self, source)
    throw(self, has_result)
  elseif not has_result then
    return nil
  end
  show(self, source)
  return true
end

--- Asks the server for the warnings of the last statement on this connection. No method of a cursor
--- asks by itself.
---@async
---@return lunasa.Warning[]
function Cursor:warnings()
  check_open(self)
  local source = self.source
  if source and source.rowcount == -1 and not source:obstacle() then
    local message = "the rows come first: read them, then ask for warnings"
    errors.raise("ProgrammingError", message, nil, 2)
  end
  local conn = self.connection
  use(conn)
  return conn:show_warnings()
end

--- Ends the cursor, and frees its rows. Rows that are still to come are read and thrown away, for
--- no longer than `cancel_timeout` and no more than `stream_discard_limit`; then the server is told
--- to end the statement. Closing twice is no mistake.
---@async
function Cursor:close()
  if self.closed then
    return
  end
  local source = self.source
  local ok, err = true, nil
  if source then
    ok, err = pcall(source.close, source)
  end
  if ok or source:is_over() then -- else another task waits for its rows
    self.closed, self.connection, self.source = true, nil, nil
  end
  if not ok then
    error(err, 0)
  end
end

local function traced(err)
  if errors.is_error(err) and not err.traceback then
    err.traceback = debug.traceback("", 2):sub(2)
  end
  return err
end

local function conclude(self, ok, ...)
  local is_closed, failure = pcall(self.close, self)
  if not ok then
    local err = ...
    error(is_closed and err or errors.suppress(err, failure), 0)
  elseif not is_closed then
    error(failure, 0)
  end
  return ...
end

--- Runs a function with the cursor, and closes it behind.
---@async
---@param work fun(cur: lunasa.Cursor): any
---@return any ...
function Cursor:with(work)
  check_open(self)
  if type(work) ~= "function" then
    local message = ("with needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  return conclude(self, xpcall(work, traced, self))
end

--- Does nothing, as DB-API allows: a parameter takes the room that it needs.
function Cursor.setinputsizes() end

--- Does nothing, as DB-API allows: there is room for any column.
function Cursor.setoutputsizes() end

function Cursor:__tostring()
  local state = self.closed and "closed" or self.source and "executed" or "open"
  return ("%s(%s)"):format(Cursor.__name, state)
end

fetch.add(Cursor)
many.add(Cursor, { open = open, listed = listed, clear = clear, show = show })

--- Makes a cursor.
---@param conn lunasa.Connection
---@param level integer whose mistake it is, counted as by `error` in here
---@param class? lunasa.CursorClass|lunasa.CursorOptions by default the option `cursorclass`
---@param ... lunasa.CursorClass|lunasa.CursorOptions
---@return lunasa.Cursor
function cursor.new(conn, level, class, ...)
  if class == nil then
    class = conn.config.cursorclass or classes.all.Cursor
  end
  local is_class = select("#", ...) == 0 and classes.is_class(class)
  local settings = is_class and settings_of.recall(conn, class)
  if not settings then
    local options, problem = cursor_options.resolve(class, ...)
    cursor_options.refuse(problem, level)
    settings = settings_of.of(conn, options, level + 1)
    settings = is_class and settings_of.remember(conn, class, settings) or settings
  end
  local self = setmetatable({
    connection = conn,
    config = conn.config,
    closed = false,
    echo = conn.echo,
    arraysize = settings.options.arraysize or 1,
    max_stmt_length = settings.options.max_stmt_length or conn.config.max_stmt_length,
    settings = settings,
    source = false, -- this and what follows is here to give the table its size
    rownumber = 0,
    rowcount = -1,
    columns = false,
    has_rows = false,
    lastrowid = false,
    warning_count = 0,
    info = "",
    last_executed = false,
    executed = false,
  }, Cursor)
  settings.keeper = self
  self.last_executed, self.executed = nil, nil
  show(self, nil)
  return self
end

--- Tells the class of cursors how to find a connection's channel.
---@param channel_of fun(conn: lunasa.Connection): lunasa.Channel raises where there is none
---@return fun(conn: lunasa.Connection, level: integer, ...): lunasa.Cursor new
function cursor.over(channel_of)
  use = channel_of
  return cursor.new
end

return cursor
