--- Functions that run inside a transaction, which is committed when they return and rolled back
--- when they raise.
local driver_transaction = require("lunasa.transaction")
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")
local state = require("lunasa.engine.transaction.state")

local blocks = {}

--- Refuses what is no function.
---@param work any
---@param method string
function blocks.check(work, method)
  if type(work) ~= "function" then
    mistake.raise("ArgumentError", ("%s needs a function, got %s"):format(method, type(work)))
  end
end

--- The one that the server knows of.
local function real(transaction)
  return transaction.kind == "inner" and transaction.parent or transaction
end

--- Counts the blocks that are open in a transaction. When the last one is left, what comes is no
--- longer meant to be in it.
local function count(transaction, change)
  local conn, counted = transaction.connection, real(transaction)
  local open = (rawget(counted, "blocks") or 0) + change
  counted.blocks = open > 0 and open or nil
  if open == 0 and conn._doomed == counted and rawget(counted, "is_over") then
    state.hold(conn, false)
  end
end

local function traced(err)
  if errors.is_error(err) and not err.traceback then
    err.traceback = debug.traceback("", 2):sub(2)
  end
  return err
end

--- Undoes after an error, which stays the one to be raised. A server that does not answer must not
--- hold it up: then the connection is closed.
---@async
local function undo(transaction, err)
  local driver = transaction.connection.connection
  if not driver or not transaction.is_active or rawget(transaction, "is_decided") then
    return
  end
  local ok, failure = pcall(transaction.undo, transaction, driver.config.cancel_timeout)
  if not ok then
    errors.suppress(err, failure)
    if transaction.is_active then
      driver:close()
      state.lose(transaction)
    end
  end
end

--- Commits, unless the work has ended the transaction by itself. One that was rolled back by
--- another inside it, or was lost by what went wrong in it, is not what the work takes it for.
---@async
local function keep(transaction)
  local dead = state.dead_one(transaction)
  if dead and not state.MEANT[dead.is_over] then
    state.refuse(dead)
  elseif not dead then
    state.check_whole(transaction)
    transaction:keep(true)
  end
end

---@async
local function conclude(transaction, ok, ...)
  local err
  if ok then
    ok, err = pcall(keep, transaction)
  else
    err = ...
  end
  count(transaction, -1)
  if ok then
    return true, ...
  end
  undo(transaction, err)
  return false, err
end

--- Runs a function inside a transaction, and ends that.
---@async
---@param transaction lunasa.sa.Transaction
---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
---@return boolean ok
---@return any ... what the function returned, or the error
function blocks.attempt(transaction, work)
  count(transaction, 1)
  return conclude(transaction, xpcall(work, traced, transaction.connection, transaction))
end

--- Gives what `attempt` gave, or raises it.
---@return any ...
function blocks.finish(ok, ...)
  if not ok then
    errors.throw((...))
  end
  return ...
end

--- Runs a function in a transaction of its own. With `retries`, an outermost one that met a
--- deadlock or the like runs again, from its beginning.
---@async
---@param conn lunasa.SAConnection
---@param begin async fun(conn: lunasa.SAConnection, given: any): lunasa.sa.Transaction
---@param given any for that
---@param retries integer
---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
---@return any ...
function blocks.run(conn, begin, given, retries, work)
  retries = conn._transaction and 0 or retries
  local function settle(ok, ...)
    local driver = conn.connection
    if ok or retries == 0 or not driver or not driver:is_usable() then
      return blocks.finish(ok, ...)
    elseif not driver_transaction.may_run_again((...), driver) then
      return blocks.finish(false, ...)
    end
    retries = retries - 1
    return settle(blocks.attempt(begin(conn, given), work))
  end
  return settle(blocks.attempt(begin(conn, given), work))
end

return blocks
