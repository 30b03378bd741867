--- Transactions of an engine's connections: the methods that begin them, see docs/engine.md.
local blocks = require("lunasa.engine.transaction.blocks")
local driver_transaction = require("lunasa.transaction")
local errors = require("lunasa.error")
local inner = require("lunasa.engine.transaction.inner")
local log = require("lunasa.log")
local mistake = require("lunasa.sa.mistake")
local nested = require("lunasa.engine.transaction.nested")
local prepared = require("lunasa.engine.transaction.prepared")
local root = require("lunasa.engine.transaction.root")
local state = require("lunasa.engine.transaction.state")
local twophase = require("lunasa.engine.transaction.twophase")

local transactions = {}

--- Options that only an outermost transaction can have.
local OUTERMOST = { "isolation", "read_only", "consistent_snapshot" }

--- Raises where no transaction can begin.
local function check_ready(conn)
  if not conn.connection then
    mistake.raise("ResourceClosedError", "This Connection is closed")
  end
  state.check(conn)
  if rawget(conn, "_is_beginning") then
    local message = "another task begins a transaction on this connection: give every task its own"
    mistake.raise("InvalidRequestError", message)
  end
  if conn._transaction and rawget(conn._transaction, "has_ended") then
    mistake.raise("InvalidRequestError", "This transaction is prepared: commit it, or roll it back")
  end
end

local function begun(conn, ok, ...)
  conn._is_beginning = nil
  if not ok then
    errors.throw((...))
  end
  return ...
end

--- Begins what the server is told of, for one task at a time.
---@async
local function tell(conn, kind, ...)
  conn._is_beginning = true
  return begun(conn, pcall(kind.begin, conn, ...))
end

--- Begins an outermost transaction, or one inside another.
---@async
local function begin(conn, options)
  check_ready(conn)
  if not conn._transaction then
    return tell(conn, root, options)
  end
  for _, name in ipairs(OUTERMOST) do
    if options[name] ~= nil then
      local message = "%s is for the outermost transaction, and another one is open"
      mistake.raise("InvalidRequestError", message:format(name))
    end
  end
  return inner.begin(conn)
end

---@async
local function begin_nested(conn)
  check_ready(conn)
  return tell(conn, conn._transaction and nested or root, {})
end

---@async
local function begin_twophase(conn, xid)
  check_ready(conn)
  if conn._transaction then
    local message =
      "Cannot start a two phase transaction when a transaction is already in progress."
    mistake.raise("InvalidRequestError", message)
  end
  return tell(conn, twophase, xid)
end

--- Tells `f(work)` from `f(given, work)`.
local function arguments(given, work)
  if work == nil then
    return nil, given
  end
  return given, work
end

local function add_beginnings(SAConnection)
  --- Begins a transaction. Inside another one it gives a part of that: its `commit` does nothing,
  --- its `rollback` rolls all of it back.
  ---@async
  ---@param options? lunasa.TransactionOptions of the outermost one
  ---@return lunasa.sa.Transaction
  function SAConnection:begin(options)
    options = options or {}
    driver_transaction.check(options)
    return begin(self, options)
  end

  --- Begins a savepoint, whose work is undone alone; outside of a transaction, begins one.
  ---@async
  ---@return lunasa.sa.NestedTransaction|lunasa.sa.RootTransaction
  function SAConnection:begin_nested()
    return begin_nested(self)
  end

  --- Begins a transaction in two phases (XA).
  ---@async
  ---@param xid? string|lunasa.Xid a random one, unless given
  ---@return lunasa.sa.TwoPhaseTransaction
  function SAConnection:begin_twophase(xid)
    return begin_twophase(self, xid)
  end
end

local function add_blocks(SAConnection)
  --- Runs a function in a transaction: commits when it returns, rolls back when it raises. Inside
  --- another transaction that rolls back all of it: `nested` is for what may fail alone.
  ---@async
  ---@param options? lunasa.TransactionOptions
  ---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
  ---@return any ...
  ---@overload fun(self: lunasa.SAConnection, work: function): any
  function SAConnection:transaction(options, work)
    options, work = arguments(options, work)
    options = options or {}
    driver_transaction.check(options)
    blocks.check(work, "transaction")
    return blocks.run(self, begin, options, options.retries or 0, work)
  end

  --- Runs a function in a savepoint, or in a transaction where there is none.
  ---@async
  ---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
  ---@return any ...
  function SAConnection:nested(work)
    blocks.check(work, "nested")
    return blocks.run(self, begin_nested, nil, 0, work)
  end

  --- Runs a function in a transaction in two phases. What it has not prepared is committed in one.
  ---@async
  ---@param xid? string|lunasa.Xid
  ---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
  ---@return any ...
  ---@overload fun(self: lunasa.SAConnection, work: function): any
  function SAConnection:twophase(xid, work)
    xid, work = arguments(xid, work)
    blocks.check(work, "twophase")
    return blocks.run(self, begin_twophase, xid, 0, work)
  end
end

--- Adds its methods to the class of connections.
---@param SAConnection lunasa.SAConnection the class
function transactions.add(SAConnection)
  add_beginnings(SAConnection)
  add_blocks(SAConnection)
  prepared.add(SAConnection)
end

--- Rolls back what is open on a connection that is given back. Where that fails, the connection is
--- closed, so that the server does it; and so it is left to others what was to be committed.
---@async
---@param conn lunasa.SAConnection
---@param limit? number seconds
function transactions.finish(conn, limit)
  local current, driver = conn._transaction, conn.connection
  if not current and not conn._doomed then
    return
  elseif not current then
    return state.hold(conn, false)
  end
  local outermost = state.outermost(current)
  local ok, err = true, nil
  if rawget(outermost, "is_decided") then
    driver:close()
  else
    ok, err = pcall(outermost.undo, outermost, limit)
  end
  if conn._transaction then
    driver:close()
    state.lose(outermost)
  end
  state.hold(conn, false)
  if not ok then
    errors.throw(err)
  end
end

--- Rolls back what is open after an error. A server that does not answer must not hold it up.
---@async
---@param conn lunasa.SAConnection
function transactions.undo(conn)
  if conn._transaction then
    transactions.finish(conn, conn.connection.config.cancel_timeout)
  end
end

--- Warns of a transaction that a block has left open.
function transactions.warn_open()
  local message = "the block at %s left a transaction open: it is rolled back"
  log.warn(message:format(mistake.position() or "?"))
end

return transactions
