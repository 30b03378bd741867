--- What a call that runs a statement was given: checked, and put together with what the connection
--- says about it.
local errors = require("lunasa.error")
local format = require("lunasa.format")
local log = require("lunasa.log")
local options_of = require("lunasa.options")

local call = {}

--- Where the caller of the connection's method is, counted from the functions here.
local CALLER = 5

--- Options of calls that were checked, with what they mean on a connection.
---@class lunasa.CallSettings
---@field format integer
---@field timeout? number|false seconds
---@field is_pyformat boolean
---@field fetch_size? integer
---@field max_statement_time? number|false
---@field attributes? table
---@field infile? any
---@field keeper? table see `lunasa.command`
---@field is_plain boolean nothing but a format and a style of parameters; see `lunasa.plain`
local Settings = { __name = "lunasa.CallSettings" }

--- Checks what was given as a statement and its parameters.
---@param sql any
---@param args any
---@param level integer whose mistake it is, counted as by `error` in here
function call.check_statement(sql, args, level)
  if type(sql) ~= "string" then
    local message = ("a statement must be a string, got %s"):format(type(sql))
    errors.raise("ArgumentError", message, nil, level)
  elseif args ~= nil and type(args) ~= "table" then
    local message = ("parameters must be a table, got %s"):format(type(args))
    errors.raise("ArgumentError", message, nil, level)
  end
end

--- Logs a statement that is about to be sent.
---@param conn lunasa.Connection
---@param sql string
function call.echo(conn, sql)
  local is_redacted = conn.config.redact and conn.channel
  log.info(is_redacted and conn.channel.session:redact(sql) or sql)
end

--- Raises when a call that is no stream asks for a cursor.
local function check_stream(options, level)
  if options.fetch_size ~= nil then
    local message = "option 'fetch_size' is for streams: use conn:stream, or leave it out"
    errors.raise("ArgumentError", message, nil, level + 1)
  end
end

--- Gives the settings of a call that gives options.
---@param conn lunasa.Connection
---@param options table
---@param level integer whose mistake it is, counted as by `error` in what is called here
---@return integer format
---@return number|false|nil timeout seconds
---@return boolean is_pyformat
function call.with_options(conn, options, level)
  options_of.call(options, level)
  check_stream(options, level)
  local timeout = options.timeout
  if timeout == nil then
    timeout = conn.timeout
  end
  local is_pyformat = conn.is_pyformat
  if options.paramstyle then
    is_pyformat = options.paramstyle == "pyformat"
  end
  return format.of(options, conn.config), timeout, is_pyformat
end

--- Takes what only a stream has out of the options of its call: cursors are of prepared statements.
---@param options? table
---@param level integer whose mistake it is, counted as by `error` in here
---@return table? options
---@return integer? fetch_size
function call.of_stream(options, level)
  if getmetatable(options) == Settings then
    return options, options.fetch_size
  elseif type(options) ~= "table" or options.fetch_size == nil then
    return options
  end
  options_of.call(options, level)
  if options.protocol == "text" then
    local message = "option 'fetch_size' needs protocol = \"binary\", or none: cursors are of "
      .. "prepared statements"
    errors.raise("ArgumentError", message, nil, level)
  end
  local others = {}
  for name, value in pairs(options) do
    others[name] = value
  end
  others.fetch_size, others.protocol = nil, "binary"
  return others, options.fetch_size
end

--- Checks options once, for calls that are given the settings instead of them.
---@param conn lunasa.Connection
---@param options table
---@param is_streamed boolean
---@param level integer whose mistake it is, counted as by `error` in what is called here
---@return lunasa.CallSettings
function call.settle(conn, options, is_streamed, level)
  local others, fetch_size = options, nil
  if is_streamed then
    others, fetch_size = call.of_stream(options, level)
  end
  local how, timeout, is_pyformat = call.with_options(conn, others, level)
  local is_plain = not timeout and not fetch_size and options.max_statement_time == nil
  return setmetatable({
    is_plain = is_plain and not options.attributes and not options.infile,
    format = how,
    timeout = timeout,
    is_pyformat = is_pyformat,
    fetch_size = fetch_size,
    max_statement_time = options.max_statement_time,
    attributes = options.attributes,
    infile = options.infile,
  }, Settings)
end

--- Gives what a call means on this connection when that is nothing out of the ordinary.
---@param conn lunasa.Connection
---@param options? table
---@return integer? format
---@return boolean? is_pyformat
function call.plain(conn, options)
  if getmetatable(options) == Settings then
    if options.is_plain and not options.keeper then
      return options.format, options.is_pyformat
    end
  elseif conn.timeout then
    return nil
  elseif not options then
    return conn.format, conn.is_pyformat
  elseif options == format.BINARY_OPTIONS then
    return format.binary(conn.format), conn.is_pyformat
  elseif options == format.TEXT_OPTIONS then
    return format.own(conn.format), conn.is_pyformat
  end
end

--- Checks a call, and gives what it means on this connection.
---@param conn lunasa.Connection
---@param sql any
---@param args any
---@param options? table
---@param level? integer whose mistake it is, counted as by `error` in what is called here
---@return integer format
---@return number|false|nil timeout seconds
---@return boolean is_pyformat
---@return table? keeper see `lunasa.command`
function call.settings(conn, sql, args, options, level)
  level = level or CALLER
  call.check_statement(sql, args, level)
  if conn.echo then
    call.echo(conn, sql)
  end
  if not options then
    return conn.format, conn.timeout, conn.is_pyformat
  elseif options == format.BINARY_OPTIONS then
    return format.binary(conn.format), conn.timeout, conn.is_pyformat
  elseif options == format.TEXT_OPTIONS then
    return format.own(conn.format), conn.timeout, conn.is_pyformat
  elseif getmetatable(options) == Settings then
    return options.format, options.timeout, options.is_pyformat, options.keeper
  end
  local how, timeout, is_pyformat = call.with_options(conn, options, level)
  return how, timeout, is_pyformat -- no tail call, which would change the level
end

return call
