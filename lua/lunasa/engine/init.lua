--- An engine: a pool of connections that execute statements of the SQL language.
local class = require("lunasa.sa.class")
local compiled_cache = require("lunasa.engine.compiled_cache")
local connection = require("lunasa.engine.connection")
local errors = require("lunasa.error")
local how = require("lunasa.engine.how")
local mistake = require("lunasa.sa.mistake")
local misuse = require("lunasa.misuse")
local of_engine = require("lunasa.engine.transaction.of_engine")
local options = require("lunasa.options")
local pool_errors = require("lunasa.pool_errors")
local transactions = require("lunasa.engine.transaction")
local watched = require("lunasa.engine.watched")

local engine = {}

---@class lunasa.Engine
---@field dialect lunasa.sa.Dialect of the server that answered last; the scheme's until then
---@field name string "mysql", for MariaDB too
---@field driver string "lunasa"
---@field pool lunasa.Pool
---@field minsize integer
---@field maxsize? integer nil: no limit
---@field size integer connections open or being opened
---@field freesize integer connections ready to be acquired
---@field closed boolean every connection is closed
---@field compiled_cache? table what the option of that name was given
---@field package kept lunasa.CompiledCache|false
---@field package backend table a module of lunasa.engine.driver
---@field package how lunasa.EngineHow|false how statements are sent, once one was
local Engine = class("Engine")

--- What the pool knows.
local OF_POOL =
  { minsize = true, maxsize = true, size = true, freesize = true, closed = true, echo = true }

function Engine.__index(self, name)
  if OF_POOL[name] then
    return rawget(self, "pool")[name]
  end
  return Engine[name]
end

--- The database that a URL or a table of options names.
local function scheme_of(target, more)
  local text = target
  if type(target) ~= "string" then
    text = type(more) == "table" and more.url or type(target) == "table" and target.url
  end
  text = text or target == nil and options.default_url()
  return type(text) == "string" and text:match("^(%a[%w-]*)") or "mysql"
end

--- Takes the options that are the engine's own out of those that the driver knows.
---@return any options a copy where there were any
---@return table own
local function split(options_given)
  local own = {}
  if type(options_given) ~= "table" then
    return options_given, own
  end
  own.compiled_cache, own.dialect = options_given.compiled_cache, options_given.dialect
  if next(own) == nil then
    return options_given, own
  end
  local others = {}
  for name, value in pairs(options_given) do
    others[name] = value
  end
  others.compiled_cache, others.dialect = nil, nil
  return others, own
end

--- How a kind of database is reached.
local function backend_of(name)
  if type(name) ~= "string" then
    local message = ("option 'dialect' must be a name, such as 'mysql', got a %s"):format(
      type(name)
    )
    mistake.raise("ArgumentError", message)
  end
  name = name:lower()
  local path = "lunasa.engine.driver." .. name
  local ok, found = pcall(require, path)
  if ok then
    return found
  elseif not tostring(found):find(("module '%s' not found"):format(path), 1, true) then
    error(found, 0)
  end
  local message = "there is no driver for '%s': write mysql://user:password@host/database"
  return mistake.raise("ArgumentError", message:format(name))
end

--- Makes an engine. Nothing is opened before the first connection is acquired.
---@param target? string|table a URL, or options of connections and pool; nil for the default URL
---@param more? table more options; `compiled_cache` and `dialect` are the engine's own
---@return lunasa.Engine
function engine.create_engine(target, more)
  local own, over
  target, own = split(target)
  more, over = split(more)
  local cache_option = over.compiled_cache
  if cache_option == nil then
    cache_option = own.compiled_cache
  end
  local kept = compiled_cache.new(cache_option)
  local backend = backend_of(over.dialect or own.dialect or scheme_of(target, more))
  local pool = backend.create_pool(target, more, 3)
  return setmetatable({
    dialect = backend.dialect,
    name = backend.name,
    driver = "lunasa",
    pool = pool,
    backend = backend,
    events = false,
    how = false,
    kept = kept,
    compiled_cache = kept and kept.entries or nil,
  }, Engine)
end

--- Checks the limit of an acquire, for a method of any depth.
local function check_limit(limit)
  local ok, seconds = pcall(pool_errors.check_limit, limit, 1)
  if not ok then
    seconds.position = mistake.position()
    errors.throw(seconds)
  end
  return seconds
end

--- Takes a connection.
---@async
---@param timeout? number|{ timeout?: number|false } seconds to wait for one; false for no limit
---@return lunasa.SAConnection
function Engine:acquire(timeout)
  if type(self) ~= "table" then
    misuse.dot("engine", 2)
  elseif timeout then
    timeout = check_limit(timeout)
  end
  local lent = self.pool:acquire(timeout)
  local dialect = self.backend.dialect_of(lent)
  self.dialect = dialect
  self.how = self.how or how.new(lent, {})
  local conn = connection.new(self, lent, dialect)
  return self.events and watched.check_out(conn) or conn
end

--- Gives a connection back. One in a transaction is refused: end it first, or close it.
---@async
---@param conn lunasa.SAConnection
function Engine:release(conn)
  if type(conn) ~= "table" or conn.engine ~= self then
    errors.raise("ArgumentError", "the connection is not from this engine", nil, 2)
  elseif conn.in_transaction then
    local message = "Cannot release a connection with not finished transaction"
    errors.raise("InvalidRequestError", message, nil, 2)
  end
  conn:close()
end

--- Raises the error of a block. What interrupted its clean-up has to reach whoever did that.
local function rethrow(err, failure)
  if errors.is_interruption(failure) and not errors.is_interruption(err) then
    errors.throw(errors.suppress(failure, err))
  end
  errors.throw(failure and errors.suppress(err, failure) or err)
end

--- Ends a block: gives the connection back, and returns or raises what the block did.
---@async
local function finish(conn, ok, ...)
  local undone, failure = true, nil
  if not ok then
    undone, failure = pcall(transactions.undo, conn)
  elseif conn.in_transaction then
    transactions.warn_open()
  end
  local is_closed, problem = pcall(conn.close, conn)
  failure = not undone and failure or not is_closed and problem or nil
  if not ok then
    rethrow((...), failure)
  elseif failure then
    errors.throw(failure)
  end
  return ...
end

--- Runs a function with a connection, and gives that back afterwards.
---@async
---@param limit? { timeout?: number|false } of acquire
---@param work fun(conn: lunasa.SAConnection): any
---@return any ... what the function returns
---@overload fun(self: lunasa.Engine, work: fun(conn: lunasa.SAConnection): any): any
function Engine:with(limit, work)
  if work == nil then
    limit, work = nil, limit
  end
  if type(work) ~= "function" then
    local message = ("with needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  local conn = self:acquire(limit)
  return finish(conn, pcall(work, conn))
end

--- Begins to close: no connection is lent any more, those in use are closed when they come back.
function Engine:close()
  self.pool:close()
end

--- Closes, and closes the connections in use at once.
function Engine:terminate()
  self.pool:terminate()
end

--- Waits until every connection is closed. Only after `close()` or `terminate()`.
---@async
---@param timeout? number seconds
function Engine:wait_closed(timeout)
  self.pool:wait_closed(timeout)
end

of_engine.add(Engine)

function Engine:__tostring()
  return ("lunasa.Engine(%s, %s)"):format(self.name, tostring(self.pool))
end

return engine
