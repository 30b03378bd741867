--- The outermost transaction.
---
--- It is one of the driver's, so that `conn.connection:transaction(...)` inside it is a savepoint;
--- and it is a savepoint itself when one of the driver's is open around it.
local base = require("lunasa.engine.transaction.base")
local driver_transaction = require("lunasa.transaction")
local errors = require("lunasa.error")
local events = require("lunasa.engine.events")
local state = require("lunasa.engine.transaction.state")

local root = {}

---@class lunasa.sa.RootTransaction: lunasa.sa.Transaction
---@field package handle lunasa.Transaction the driver's
---@field package session integer number of the connection on the server
local Root = base.class("root", "RootTransaction")

---@async
---@param conn lunasa.SAConnection
---@param options lunasa.TransactionOptions checked
---@return lunasa.sa.RootTransaction
function root.begin(conn, options)
  local driver = conn.connection
  events.tell(conn, "begin")
  state.settle(conn, options.isolation ~= nil)
  local handle = driver:begin(options)
  local self = setmetatable({
    connection = conn,
    handle = handle,
    session = driver.connection_id,
  }, Root)
  state.enter(conn, self)
  return self
end

--- Undoes in a session that may have ended the transaction by itself, or is about to.
---@async
local function send_rollback(self, limit)
  local driver, handle = self.connection.connection, self.handle
  if handle.savepoint and handle.is_active then
    handle:rollback()
    return
  end
  driver:execute("ROLLBACK", nil, { protocol = "text", timeout = limit })
  handle.is_active = false
  driver_transaction.end_by_hand(driver)
end

--- What happened to a COMMIT that was given up is not known: it is undone, unless it was done.
---@async
local function undo_given_up(self, err)
  local driver = self.connection.connection
  local ok, failure = pcall(send_rollback, self, driver.config.cancel_timeout)
  if not ok then
    errors.suppress(err, failure)
    driver:close()
  end
end

--- Ends after a COMMIT that failed, unless the server has the transaction still: then whoever
--- committed may try again, or roll back.
---@async
local function fail(self, err)
  local driver = self.connection.connection
  local is_given_up = errors.is_error(err, "TimeoutError") or errors.is_error(err, "CancelledError")
  if not driver:is_usable() then
    state.leave(self, "the connection was lost")
  elseif is_given_up then
    undo_given_up(self, err)
    state.leave(self, "its COMMIT was given up")
  elseif not driver.in_transaction then
    state.leave(self, "its COMMIT failed")
  end
  errors.throw(err)
end

--- Commits in the session in which it began. A failure leaves the driver's count to a rollback.
---@async
local function send_commit(self)
  local driver, handle = self.connection.connection, self.handle
  if driver.connection_id ~= self.session then
    local message = "the connection was lost inside a transaction: its work is undone"
    errors.raise("OperationalError", message, { errno = 2013 })
  elseif handle.savepoint then
    handle:commit()
  else
    driver:commit()
    handle.is_active = false
  end
end

---@async
---@package
---@param is_block boolean the work has not committed by itself
function Root:keep(is_block)
  local driver = self.connection.connection
  events.tell(self.connection, "commit")
  local had_committed = driver.has_committed
  local ok, err = pcall(send_commit, self)
  if is_block then
    driver.has_committed = had_committed
  end
  if not ok then
    fail(self, err)
  end
  state.leave(self, "it was committed")
end

--- Undoes. The server undoes what a lost connection left open.
---@async
---@package
---@param limit? number seconds
function Root:undo(limit)
  local driver = self.connection.connection
  if not driver:is_usable() or driver.connection_id ~= self.session then
    return state.leave(self, "the connection was lost")
  end
  events.tell(self.connection, "rollback")
  local ok, err = pcall(send_rollback, self, limit)
  if not ok and driver:is_usable() and driver.in_transaction then
    errors.throw(err) -- it may be tried again
  end
  state.leave(self, "it was rolled back")
  if not ok then
    errors.throw(err)
  end
end

return root
