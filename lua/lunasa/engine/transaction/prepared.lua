--- The methods of a connection that end transactions which are prepared, whoever did that.
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")
local state = require("lunasa.engine.transaction.state")
local suggest = require("lunasa.suggest")

local prepared = {}

local OPTIONS = { is_prepared = true }

--- Tells whether a transaction is prepared, as its caller says.
local function is_prepared(options, method)
  if options == nil then
    return true
  elseif type(options) ~= "table" then
    local message = "the options of %s must be a table such as { is_prepared = false }, got %s"
    mistake.raise("ArgumentError", message:format(method, type(options)))
  end
  for name in pairs(options) do
    if not OPTIONS[name] then
      local message = "%s has no option %s%s"
      local hint = suggest.among(name, OPTIONS)
      mistake.raise("ArgumentError", message:format(method, tostring(name), hint))
    end
  end
  return options.is_prepared ~= false
end

--- Gives what speaks to the database of prepared transactions.
local function use(conn)
  if not conn.connection then
    mistake.raise("ResourceClosedError", "This Connection is closed")
  end
  return conn.engine.backend.xa
end

--- Gives the connection's own transaction, where an xid is that one's.
local function own(conn, xa, xid)
  local current = conn._transaction and state.outermost(conn._transaction)
  return current and current.kind == "twophase" and xa.is_same(current.xid, xid) and current or nil
end

--- Runs it where no transaction may be open, as one always is for MariaDB while autocommit is off.
---@async
local function outside(conn, xa, work)
  local ok, err = pcall(work)
  local driver = conn.connection
  if ok then
    return
  elseif conn._transaction or not xa.is_inside(err) or driver.transaction_depth > 0 then
    errors.throw(err)
  end
  local is_settled, failure = pcall(state.settle, conn, true)
  if not is_settled then
    errors.throw(errors.suppress(err, failure))
  end
  local is_off = not driver:get_autocommit()
  if is_off then
    driver:autocommit(true)
  end
  ok, err = pcall(work)
  if is_off and driver:is_usable() then
    driver:autocommit(false)
  end
  if not ok then
    errors.throw(err)
  end
end

--- Ends a transaction that is not the connection's own.
---@async
local function end_other(conn, xid, ending, has_prepared)
  local xa, driver = conn.engine.backend.xa, conn.connection
  if not has_prepared then
    xa.finish(driver, xid)
  end
  outside(conn, xa, function()
    xa[ending](driver, xid, ending == "commit" and has_prepared or nil)
  end)
end

--- Adds its methods to the class of connections.
---@param SAConnection lunasa.SAConnection the class
function prepared.add(SAConnection)
  --- Gives the ids of the transactions that are prepared on the server: texts, and tables for those
  --- that have a branch or another format.
  ---@async
  ---@return (string|lunasa.Xid)[]
  function SAConnection:recover_twophase()
    return use(self).recover(self.connection)
  end

  --- Commits a transaction that was prepared, on this connection or one that is closed.
  ---@async
  ---@param xid string|lunasa.Xid
  ---@param options? { is_prepared?: boolean } false: begun here, and not prepared
  function SAConnection:commit_prepared(xid, options)
    local xa, has_prepared = use(self), is_prepared(options, "commit_prepared")
    xa.check(xid)
    local transaction = own(self, xa, xid)
    if transaction then
      transaction:commit()
    else
      end_other(self, xid, "commit", has_prepared)
    end
  end

  --- Rolls back a transaction that was prepared, on this connection or one that is closed.
  ---@async
  ---@param xid string|lunasa.Xid
  ---@param options? { is_prepared?: boolean } false: begun here, and not prepared
  function SAConnection:rollback_prepared(xid, options)
    local xa, has_prepared = use(self), is_prepared(options, "rollback_prepared")
    xa.check(xid)
    local transaction = own(self, xa, xid)
    if transaction then
      transaction:rollback()
    else
      end_other(self, xid, "rollback", has_prepared)
    end
  end
end

return prepared
