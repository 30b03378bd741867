--- A transaction, or a savepoint when another transaction is already open.
---
--- `connection:transaction(work)` is the way in: it commits when `work` returns and rolls back when
--- `work` raises, then raises the same error.
local errors = require("lunasa.error")
local format = require("lunasa.format")
local suggest = require("lunasa.suggest")

local transaction = {}

---@class lunasa.Transaction
---@field connection lunasa.Connection
---@field savepoint? string name of the savepoint; nil for the outermost transaction
---@field is_active boolean neither committed nor rolled back
local Transaction = {}
Transaction.__index = Transaction
Transaction.__name = "lunasa.Transaction"

local LEVELS = { "read uncommitted", "read committed", "repeatable read", "serializable" }
local ISOLATION = {}
for _, level in ipairs(LEVELS) do
  ISOLATION[level] = true
end

local OPTIONS = {
  isolation = "string",
  read_only = "boolean",
  consistent_snapshot = "boolean",
  retries = "number",
  timeout = "number",
}
local OPTION_NAMES = { "isolation", "read_only", "consistent_snapshot", "retries", "timeout" }

---@class lunasa.TransactionOptions
---@field isolation? string "read uncommitted", "read committed", "repeatable read", "serializable"
---@field read_only? boolean
---@field consistent_snapshot? boolean
---@field retries? integer how often work that ended in a deadlock or the like runs again; 0

--- Checks what begins a transaction, for a function that the user called.
---@param options any
function transaction.check(options)
  if type(options) ~= "table" then
    local message = ("transaction options must be a table, got %s"):format(type(options))
    errors.raise("ArgumentError", message, nil, 3)
  end
  for name, value in pairs(options) do
    if type(value) ~= OPTIONS[name] then
      local message = OPTIONS[name]
          and ("transaction option '%s' must be a %s, got %s"):format(
            name,
            OPTIONS[name],
            type(value)
          )
        or ("unknown transaction option '%s'"):format(tostring(name))
          .. suggest.phrase(name, OPTION_NAMES)
      errors.raise("ArgumentError", message, nil, 3)
    end
  end
  local retries = options.retries
  if retries and not (retries >= 0 and retries % 1 == 0) then
    local message = "transaction option 'retries' must be an integer from 0 on, got %s"
    errors.raise("ArgumentError", message:format(tostring(retries)), nil, 3)
  end
  if options.isolation and not ISOLATION[options.isolation:lower()] then
    local message = ("unknown isolation level '%s': it is '%s'"):format(
      options.isolation,
      table.concat(LEVELS, "', '")
    )
    errors.raise("ArgumentError", message, nil, 3)
  end
end

--- The statement that starts an outermost transaction.
local function start_statement(options)
  local parts = {}
  if options.consistent_snapshot then
    table.insert(parts, "WITH CONSISTENT SNAPSHOT")
  end
  if options.read_only ~= nil then
    table.insert(parts, options.read_only and "READ ONLY" or "READ WRITE")
  end
  return #parts == 0 and "START TRANSACTION" or "START TRANSACTION " .. table.concat(parts, ", ")
end

--- Starts an outermost transaction. One that was given up may have been started all the same,
--- unless it was still waiting for its turn: then what is open is another task's.
---@async
local function start(connection, options)
  local ok, err =
    pcall(connection.execute, connection, start_statement(options), nil, format.TEXT_OPTIONS)
  if ok then
    return
  end
  local is_given_up = errors.is_error(err, "TimeoutError") or errors.is_error(err, "CancelledError")
  if is_given_up and connection:is_usable() and connection.channel.fence then
    local limit = { timeout = connection.config.cancel_timeout, protocol = "text" }
    local is_undone, failure = pcall(connection.execute, connection, "ROLLBACK", nil, limit)
    if not is_undone then
      errors.suppress(err, failure)
    end
  end
  errors.throw(err)
end

--- Begins. A transaction inside a transaction is a savepoint. The options have been checked.
---@async
---@param connection lunasa.Connection
---@param options? lunasa.TransactionOptions
---@return lunasa.Transaction
function transaction.begin(connection, options)
  options = options or {}
  local depth = connection.transaction_depth
  if depth == 0 then
    connection.has_committed = false
  end
  -- What was begun before may be over: by a COMMIT in SQL, a CREATE TABLE or a deadlock.
  local is_inside = depth > 0 and connection.in_transaction
  local savepoint = is_inside and ("lunasa_%d"):format(depth) or nil
  if savepoint then
    connection:execute("SAVEPOINT " .. savepoint, nil, format.TEXT_OPTIONS)
  else
    if options.isolation then
      local statement = "SET TRANSACTION ISOLATION LEVEL " .. options.isolation:upper()
      connection:execute(statement, nil, format.TEXT_OPTIONS)
    end
    start(connection, options)
  end
  connection.transaction_depth = depth + 1
  return setmetatable({
    connection = connection,
    savepoint = savepoint,
    is_active = true,
    depth = depth,
  }, Transaction)
end

--- Begins by hand: `commit` and `rollback` of the connection end it too.
---@async
---@param connection lunasa.Connection
---@param options lunasa.TransactionOptions checked
---@return lunasa.Transaction
function transaction.begin_by_hand(connection, options)
  local begun = transaction.begin(connection, options)
  if not rawget(connection, "begun_at") then
    connection.begun_at = begun.depth
  end
  return begun
end

--- Counts no longer what was begun by hand, after a COMMIT or ROLLBACK that ended all of it.
---@param connection lunasa.Connection
function transaction.end_by_hand(connection)
  local depth = rawget(connection, "begun_at")
  if depth then
    connection.transaction_depth, connection.begun_at = depth, nil
  end
end

--- Counts the blocks of `transaction` that are open: what was begun by hand in them is none.
---@param connection lunasa.Connection
---@return integer
function transaction.blocks(connection)
  return rawget(connection, "begun_at") or connection.transaction_depth
end

--- Goes back to the depth before a transaction, unless it is left already.
local function leave(connection, depth)
  connection.transaction_depth = math.min(depth, connection.transaction_depth)
  if depth <= (rawget(connection, "begun_at") or -1) then
    connection.begun_at = nil
  end
end

--- Makes the work permanent. Raises when the transaction is already over.
---@async
function Transaction:commit()
  if self.is_active and not self.savepoint then
    self.connection.has_committed = true
  end
  self:finish(self:keeping_statement())
end

--- Undoes the work. Raises when the transaction is already over.
---@async
function Transaction:rollback()
  self:finish(self:undoing_statement())
end

---@private
function Transaction:keeping_statement()
  return self.savepoint and "RELEASE SAVEPOINT " .. self.savepoint or "COMMIT"
end

---@private
function Transaction:undoing_statement()
  return self.savepoint and "ROLLBACK TO SAVEPOINT " .. self.savepoint or "ROLLBACK"
end

--- Options of a call that sends a statement as text: servers prepare not all of these.
local function in_text(options)
  if not options then
    return format.TEXT_OPTIONS
  end
  local copy = { protocol = "text" }
  for name, value in pairs(options) do
    copy[name] = value
  end
  return copy
end

---@private
---@async
---@param statement string
---@param options? table of the call
function Transaction:finish(statement, options)
  if not self.is_active then
    errors.raise("InterfaceError", "the transaction is already over", nil, 3)
  end
  self.is_active = false
  leave(self.connection, self.depth)
  self.connection:execute(statement, nil, in_text(options))
end

function Transaction:__tostring()
  local state = self.is_active and "active" or "over"
  return ("%s(%s, %s)"):format(Transaction.__name, self.savepoint or "outermost", state)
end

--- Undoes after an error, which stays the one to be raised. A server that does not answer must not
--- hold it up: then the connection is closed.
---@async
local function undo(self, err)
  local connection = self.connection
  if not self.is_active then
    return
  end
  if connection.closed or not connection:is_usable() then
    self.is_active = false
    leave(connection, self.depth)
    return -- the server undoes what a lost connection left open
  end
  local options = { timeout = connection.config.cancel_timeout }
  local ok, failure = pcall(self.finish, self, self:undoing_statement(), options)
  if not ok then
    errors.suppress(err, failure)
  end
end

--- Commits. Work that the server neither made permanent nor undid, as when it could not get a lock
--- for the commit, is undone.
---@async
---@return boolean ok
---@return any err
local function commit(self)
  local ok, err = pcall(self.finish, self, self:keeping_statement())
  local connection = self.connection
  if ok or self.savepoint or not connection:is_usable() then
    return ok, err
  end
  if connection:get_transaction_status() then
    self.is_active = true
    undo(self, err)
  end
  return false, err
end

---@async
local function conclude(self, ok, ...)
  if not ok then
    undo(self, (...))
    return false, ...
  end
  if self.is_active then
    local is_committed, err = commit(self)
    if not is_committed then
      return false, err
    end
  end
  return true, ...
end

local function traced(err)
  if errors.is_error(err) and not err.traceback then
    err.traceback = debug.traceback("", 2):sub(2)
  end
  return err
end

local function attempt(connection, options, work)
  local self = transaction.begin(connection, options)
  return conclude(self, xpcall(work, traced, connection, self))
end

--- Tells whether work that raised may run again, from its beginning: what the work itself has
--- committed would be done twice.
---@param err any
---@param connection lunasa.Connection
---@return boolean
function transaction.may_run_again(err, connection)
  return errors.is_error(err) and err:is_retryable() and not connection.has_committed
end

--- Runs work in a transaction: commits when it returns, rolls back when it raises. With `retries`,
--- work that met a deadlock or the like runs again, from its beginning, in a new transaction.
---@async
---@param connection lunasa.Connection
---@param options lunasa.TransactionOptions
---@param work fun(connection: lunasa.Connection, transaction: lunasa.Transaction): any
---@return any ...
function transaction.run(connection, options, work)
  local retries = connection.transaction_depth == 0 and options.retries or 0
  local function settle(ok, ...)
    if ok then
      return ...
    end
    local err = ...
    if retries > 0 and transaction.may_run_again(err, connection) and not connection.closed then
      retries = retries - 1
      return settle(attempt(connection, options, work))
    end
    errors.throw(err)
  end
  return settle(attempt(connection, options, work))
end

return transaction
