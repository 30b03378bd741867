--- The methods of a pool that take a connection only for what they run, and give it back.
local errors = require("lunasa.error")
local log = require("lunasa.log")
local pool_lease = require("lunasa.pool_lease")
local transaction = require("lunasa.transaction")

local pool_statements = {}

--- Takes a connection for a call whose `timeout` covers waiting for the connection too.
---@async
---@return lunasa.Connection
---@return table? options with what is left of the time
local function take_within(self, options)
  local timeout = type(options) == "table" and options.timeout
  if type(timeout) ~= "number" or timeout ~= timeout or timeout < 0 then
    return pool_lease.take(self), options -- the call refuses what is no time
  end
  local started = self.runtime.now()
  local limit = self.acquire_timeout and math.min(self.acquire_timeout, timeout) or timeout
  local conn = pool_lease.take(self, limit)
  local rest = {}
  for name, value in pairs(options) do
    rest[name] = value
  end
  rest.timeout = math.max(started + timeout - self.runtime.now(), 0)
  return conn, rest
end

---@async
local function run(self, method, sql, args, options)
  local conn, rest = take_within(self, options)
  return pool_lease.finish(self, conn, pcall(conn[method], conn, sql, args, rest))
end

--- Gives the connection of a stream back. Its reader has the rows already, so that a failure is for
--- the log.
---@async
local function end_stream(stream)
  local conn = stream.connection
  if not conn.pool_slot then
    return -- its user has released it
  end
  local ok, err = pcall(pool_lease.give_back, conn.pool, conn, true)
  if not ok and errors.is_interruption(err) then
    error(err, 0)
  elseif not ok then
    log.warn("the connection of a stream could not be given back: " .. tostring(err))
  end
end

--- Tells whether a transaction may be tried again: its work was undone, or has not begun. Whoever
--- gave up waiting for a server that does not answer wants no other connection.
local function may_try_again(err, conn, attempt)
  if not errors.is_error(err) or errors.is_interruption(err) then
    return false
  elseif err:is_retryable() then
    return attempt.retries > 0 and transaction.may_run_again(err, conn)
  end
  return not attempt.has_begun and not conn:is_usable() and attempt.fresh > 0
end

--- Runs a transaction on a connection, and on another one when that turns out to be dead before the
--- work begins.
---@async
local function try_transaction(self, conn, attempt)
  local function settle(ok, ...)
    if ok or not may_try_again((...), conn, attempt) then
      return pool_lease.finish(self, conn, ok, ...)
    end
    if (...):is_retryable() then
      attempt.retries = attempt.retries - 1
    end
    if not conn:is_usable() then
      pcall(pool_lease.give_back, self, conn, true)
      conn, attempt.fresh = pool_lease.take(self, attempt.timeout), attempt.fresh - 1
    end
    attempt.has_begun = false
    return settle(pcall(conn.transaction, conn, attempt.options, attempt.work))
  end
  return settle(pcall(conn.transaction, conn, attempt.options, attempt.work))
end

--- What `Pool:transaction` was given, as `Connection:transaction` takes it.
local function new_attempt(options, work)
  local attempt = { retries = 0, has_begun = false, options = {} }
  for name, value in pairs(options or {}) do
    attempt.options[name] = value
  end
  attempt.timeout = attempt.options.timeout
  if type(attempt.options.retries) == "number" then
    attempt.retries, attempt.options.retries = attempt.options.retries, nil
  end
  attempt.fresh = attempt.retries + 1
  function attempt.work(...)
    attempt.has_begun = true
    return work(...)
  end
  return attempt
end

--- Adds the methods to the class of pools.
---@param Pool lunasa.Pool the class
function pool_statements.add(Pool)
  --- Runs a function in a transaction, see `Connection:transaction`. With `retries`, work that met
  --- a deadlock or the like runs again. A connection that turns out to be dead before the work has
  --- begun is replaced.
  ---@async
  ---@param options? table `timeout` is for acquire, the rest for the transaction
  ---@param work fun(conn: lunasa.Connection, transaction: lunasa.Transaction): any
  ---@return any
  ---@overload fun(self: lunasa.Pool, work: function): any
  function Pool:transaction(options, work)
    if work == nil then
      options, work = nil, options
    end
    if type(work) ~= "function" then
      local message = ("transaction needs a function, got %s"):format(type(work))
      errors.raise("ArgumentError", message, nil, 2)
    end
    local conn = pool_lease.take(self, options and options.timeout)
    return try_transaction(self, conn, new_attempt(options, work))
  end

  --- `Connection:query` on any connection of the pool.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return lunasa.Result
  function Pool:query(sql, args, options)
    return run(self, "query", sql, args, options)
  end

  --- `Connection:execute` on any connection of the pool.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return integer affected_rows
  ---@return integer insert_id
  function Pool:execute(sql, args, options)
    return run(self, "execute", sql, args, options)
  end

  --- `Connection:executemany` on any connection of the pool.
  ---@async
  ---@param sql string
  ---@param rows table[]
  ---@param options? table
  ---@return integer affected_rows of all
  function Pool:executemany(sql, rows, options)
    return run(self, "executemany", sql, rows, options)
  end

  --- `Connection:first` on any connection of the pool.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return table? row
  function Pool:first(sql, args, options)
    return run(self, "first", sql, args, options)
  end

  --- `Connection:scalar` on any connection of the pool.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return any
  function Pool:scalar(sql, args, options)
    return run(self, "scalar", sql, args, options)
  end

  --- `Connection:pipeline` on any connection of the pool.
  ---@async
  ---@param options? table
  ---@param work fun(p: lunasa.Pipeline)
  ---@return (lunasa.Result|lunasa.Error)[]
  ---@overload fun(self: lunasa.Pool, work: fun(p: lunasa.Pipeline)): lunasa.Result[]
  function Pool:pipeline(options, work)
    if work == nil then
      options, work = nil, options
    end
    local conn, rest = take_within(self, options)
    return pool_lease.finish(self, conn, pcall(conn.pipeline, conn, rest or {}, work))
  end

  --- `Connection:stream` on any connection of the pool, which comes back when the last row was read
  --- or the stream is closed.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return lunasa.Stream
  function Pool:stream(sql, args, options)
    local conn = pool_lease.take(self)
    local ok, stream = pcall(conn.stream, conn, sql, args, options)
    if not ok then
      return pool_lease.finish(self, conn, false, stream)
    end
    stream.on_end = end_stream
    return stream
  end

  --- Iterates over the rows of a `stream`: `for row in pool:rows(sql) do`. A loop that is left
  --- early leaves its connection to the collector: use `stream` and close it.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table
  ---@return fun(stream: lunasa.Stream): table?
  ---@return lunasa.Stream
  function Pool:rows(sql, args, options)
    local stream = self:stream(sql, args, options)
    return stream:rows()
  end
end

return pool_statements
