--- lunasa: MySQL and MariaDB for Lua.
---
---     local lunasa = require("lunasa")
---     local conn = lunasa.connect("mysql://user:password@host/database")
---     for row in conn:query("SELECT id, name FROM users WHERE age > ?", { 30 }):rows() do
---       print(row.id, row.name)
---     end
local connection = require("lunasa.connection")
local connection_release = require("lunasa.connection_release")
local datetime = require("lunasa.datetime")
local errors = require("lunasa.error")
local escape = require("lunasa.escape")
local int = require("lunasa.int")
local json = require("lunasa.json")
local log = require("lunasa.log")
local login = require("lunasa.login")
local null = require("lunasa.null")
local option_file = require("lunasa.option_file")
local options = require("lunasa.options")
local pool = require("lunasa.pool")
local runtime = require("lunasa.runtime")
local task = require("lunasa.task")
local values = require("lunasa.values")

options.set_option_file_reader(option_file.read)

---@class lunasa.Module
---@field channel fun(capacity?: number): lunasa.sync.Channel
---@field event fun(): lunasa.sync.Event
---@field group fun(options: table|function, work?: function): any
---@field semaphore fun(limit: integer): lunasa.sync.Semaphore
local lunasa = {
  version = login.VERSION,
  _VERSION = "lunasa " .. login.VERSION,

  null = null,
  is_null = values.is_null,
  nilify = values.nilify,
  pack = values.pack,
  binary = values.binary,
  datetime = datetime.new,
  duration = datetime.duration,
  int = int,
  escape_string = escape.escape_string,
  escape_sequence = escape.escape_sequence,
  escape_dict = escape.escape_dict,
  json = json,

  try = errors.try,
  err = errors.classes,
  is_error = errors.is_error,
  log = log,

  run = task.run,
  spawn = task.spawn,
  current = task.current,
  gather = task.gather,
  sleep = task.sleep,
  timeout = task.timeout,
  wrap = runtime.wrap or coroutine.wrap,
  now = task.now,
}

--- Connects and logs in.
---@async
---@param target? string|table a URL, or options; nil for the default URL
---@param more? table more options, over those of the URL
---@return lunasa.Connection
function lunasa.connect(target, more)
  local config = options.connect(target, more)
  return connection.open(config, runtime)
end

--- Connects, runs a function with the connection, and closes it, however the function ends.
---@async
---@generic T
---@param target? string|table a URL, or options; nil for the default URL
---@param more? table more options
---@param work fun(conn: lunasa.Connection): T
---@return T ... what the function returns
---@overload fun(target?: string|table, work: fun(conn: lunasa.Connection): any): any
function lunasa.with_connection(target, more, work)
  if work == nil then
    more, work = nil, more
  end
  if type(work) ~= "function" then
    local message = ("with_connection needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  local config = options.connect(target, more)
  return connection_release.with(connection.open(config, runtime), work)
end

--- Makes a pool. It connects when somebody acquires, and `minsize` connections ahead as soon as it
--- is used inside a task.
---@param target? string|table a URL, or options of connections and pool; nil for the default URL
---@param more? table more options
---@return lunasa.Pool
function lunasa.create_pool(target, more)
  local config, pool_config = options.pool(target, more)
  return pool.create(config, pool_config, runtime)
end

--- Ends a pool that a block made.
---@async
local function finish(made, ok, ...)
  if not ok then
    made:terminate()
    errors.throw((...))
  end
  made:close()
  made:wait_closed()
  return ...
end

--- Runs a function with a pool, opening minsize connections first. Afterwards closes it and waits
--- for those who use it still; after an error closes it under their hands.
---@async
---@param target? string|table a URL, or options of connections and pool; nil for the default URL
---@param work fun(pool: lunasa.Pool): any
---@return any ...
function lunasa.with_pool(target, work)
  if work == nil and type(target) == "function" then
    target, work = nil, target
  end
  if type(work) ~= "function" then
    local message = ("with_pool needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  local config, pool_config = options.pool(target)
  local made = pool.create(config, pool_config, runtime)
  return finish(
    made,
    pcall(function()
      made:fill()
      return work(made)
    end)
  )
end

--- A lazy part: loaded when first used.
local LAZY = {
  channel = "lunasa.sync.channel",
  event = "lunasa.sync.event",
  exc = "lunasa.error",
  group = "lunasa.sync.group",
  handler = "lunasa.handler",
  metrics = "lunasa.metrics",
  semaphore = "lunasa.sync.semaphore",
  server = "lunasa.server",
}

--- Where each name comes from that is a field of a lazy module.
local LAZY_FIELDS = {
  CLIENT = "lunasa.constants",
  COMMAND = "lunasa.constants",
  CR = "lunasa.constants",
  Cursor = "lunasa.cursor.classes",
  DeserializationCursor = "lunasa.cursor.classes",
  DictCursor = "lunasa.cursor.classes",
  ER = "lunasa.constants",
  FIELD_TYPE = "lunasa.field_type",
  FLAG = "lunasa.field_type",
  SERVER_STATUS = "lunasa.constants",
  SSCursor = "lunasa.cursor.classes",
  SSDictCursor = "lunasa.cursor.classes",
}

return setmetatable(lunasa, {
  __index = function(self, name)
    local module = LAZY[name] or LAZY_FIELDS[name]
    if module then
      local value = require(module)
      value = LAZY_FIELDS[name] and value[name] or value
      rawset(self, name, value)
      return value
    end
    return errors.classes[name]
  end,
})
