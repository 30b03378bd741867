--- Which transaction a connection of an engine is in, and what became of those that are over.
---
--- Those that the server knows of (the outermost and savepoints) are the connection's current one
--- in turn. A transaction is active while neither itself nor one around it is over, which is looked
--- up when somebody asks: so none has to know those inside it.
local errors = require("lunasa.error")
local log = require("lunasa.log")
local mistake = require("lunasa.sa.mistake")

local state = {}

--- How the work of a whole transaction was lost to one inside it.
state.BY_INNER = "an inner transaction was rolled back, and all of it with that: "
  .. "use nested for what may fail alone"

--- How a transaction ends by what whoever runs in it does.
state.MEANT = {
  ["it was committed"] = true,
  ["it was rolled back"] = true,
  ["it was closed"] = true,
}

--- Gives what has ended a transaction: itself or one around it; nil while it is active.
---@param transaction lunasa.sa.Transaction
---@return lunasa.sa.Transaction?
function state.dead_one(transaction)
  local at = transaction
  while at and not rawget(at, "is_over") do
    at = rawget(at, "parent")
  end
  return at
end

--- Gives the outermost of the transactions around one.
---@param transaction lunasa.sa.Transaction
---@return lunasa.sa.Transaction
function state.outermost(transaction)
  local at = transaction
  while at.parent do
    at = at.parent
  end
  return at
end

--- Makes a transaction the connection's current one.
---@param conn lunasa.SAConnection
---@param transaction lunasa.sa.Transaction|false
function state.enter(conn, transaction)
  conn._transaction = transaction
  conn.in_transaction = transaction ~= false
  conn.in_nested_transaction = transaction ~= false and transaction.kind == "nested"
  conn:_watch()
end

--- Has nothing run in a connection until a transaction is left, whose work is lost.
---@param conn lunasa.SAConnection
---@param transaction lunasa.sa.Transaction|false false: that has been left
function state.hold(conn, transaction)
  conn._doomed = transaction
  conn:_watch()
end

--- Ends a transaction that the server knows of, and those inside it.
---@param transaction lunasa.sa.Transaction
---@param how string
function state.leave(transaction, how)
  local conn = transaction.connection
  transaction.is_over = how
  if conn._doomed == transaction then
    conn._doomed = false
  end
  state.enter(conn, transaction.parent or false)
end

--- Ends all, since the session in which they were is no more.
---@param transaction lunasa.sa.Transaction
function state.lose(transaction)
  state.leave(state.outermost(transaction), "the connection was lost")
end

--- Raises for a transaction that is over, or that can only be rolled back.
---@param transaction lunasa.sa.Transaction
function state.refuse(transaction)
  local why = rawget(transaction, "is_over") or rawget(transaction, "failure")
  local fields = { position = mistake.position(), cause = rawget(transaction, "cause") }
  errors.raise("InvalidRequestError", "This transaction is inactive: " .. why, fields)
end

--- Raises where work is lost that is to be committed.
---@param transaction lunasa.sa.Transaction
function state.check_whole(transaction)
  local outermost = state.outermost(transaction)
  if rawget(outermost, "failure") then
    state.refuse(outermost)
  end
end

--- Raises inside a transaction whose work is lost: what comes would be done without it.
---@param conn lunasa.SAConnection
function state.check(conn)
  if conn._doomed then
    state.refuse(conn._doomed)
  end
end

--- Notes that all of a transaction has to be rolled back, which is all that can be done with it.
---@param transaction lunasa.sa.Transaction
---@param failure string
---@param cause? lunasa.Error
function state.doom(transaction, failure, cause)
  local outermost = state.outermost(transaction)
  outermost.failure, outermost.cause = failure, cause
  state.hold(transaction.connection, outermost)
end

--- Errors that end a statement or the whole transaction: a row changed since it was read
--- (innodb_snapshot_isolation), a lock was waited for too long (innodb_rollback_on_timeout), there
--- are too many locks.
local MAY_UNDO_ALL = { [1020] = true, [1205] = true, [1206] = true }

--- Asks whether no transaction is open any more: errors do not say so. When that is interrupted,
--- the worst is taken for true.
---@async
---@return boolean
---@return lunasa.Error? interruption
local function is_undone(driver)
  local limit = { protocol = "text", timeout = driver.config.cancel_timeout }
  local ok, err = pcall(driver.execute, driver, "DO 0", nil, limit)
  if ok then
    return not driver.in_transaction
  end
  return true, errors.is_interruption(err) and err or nil
end

--- Notes an error of a statement. The server has rolled back all of a transaction that met a
--- deadlock: what came now would be committed without what was done before.
---@param conn lunasa.SAConnection
---@param err any
---@async
function state.note(conn, err)
  if not conn._transaction or not errors.is_error(err) then
    return
  end
  local is_lost = err.sqlstate ~= nil and err.sqlstate:sub(1, 2) == "40"
  local failure
  if not is_lost and MAY_UNDO_ALL[err.errno] then
    is_lost, failure = is_undone(conn.connection)
  end
  if is_lost then
    state.doom(conn._transaction, "the server has rolled it back: do so too, and begin again", err)
  end
  if failure then
    errors.throw(errors.suppress(failure, err))
  end
end

--- Makes what was done without a transaction permanent, as the server does when one begins.
---@async
---@param conn lunasa.SAConnection
---@param must_end boolean what comes next does not end it by itself
function state.settle(conn, must_end)
  local driver = conn.connection
  if driver.transaction_depth > 0 or not driver.in_transaction then
    return
  end
  if select(2, driver.channel.session:in_transaction()) then
    local message = "what was done before the transaction that began at %s is committed with it: "
      .. "begin earlier"
    log.warn(message:format(mistake.position() or "?"))
  end
  if must_end then
    driver:commit()
  end
end

return state
