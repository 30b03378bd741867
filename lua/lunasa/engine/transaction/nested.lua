--- What begin_nested() gives inside another transaction: a savepoint, whose work is undone alone.
local base = require("lunasa.engine.transaction.base")
local errors = require("lunasa.error")
local events = require("lunasa.engine.events")
local state = require("lunasa.engine.transaction.state")

local nested = {}

local PREFIX = "lunasa_sa_savepoint_"

---@class lunasa.sa.NestedTransaction: lunasa.sa.Transaction
---@field savepoint string
local Nested = base.class("nested", "NestedTransaction")

---@async
---@param conn lunasa.SAConnection
---@return lunasa.sa.NestedTransaction
function nested.begin(conn)
  conn._savepoints = (conn._savepoints or 0) + 1
  local name = PREFIX .. conn._savepoints
  events.tell(conn, "savepoint", name)
  conn.connection:savepoint(name)
  local parent = conn._transaction
  local self = setmetatable({ connection = conn, parent = parent, savepoint = name }, Nested)
  state.enter(conn, self)
  return self
end

--- Ends after a statement that failed. Where the connection is lost, all is.
local function fail(self, err, how)
  if self.connection.connection:is_usable() then
    state.leave(self, how)
  else
    state.lose(self)
  end
  errors.throw(err)
end

--- Tells whether nobody has waited for the end of a statement.
local function is_given_up(err)
  return errors.is_interruption(err) or errors.is_error(err, "TimeoutError")
end

--- The savepoint may be gone, by a statement that commits: what is left of its work is the outer
--- one's. A release that was given up is undone, or all has to be: whoever gave up takes the work
--- for undone.
---@async
---@package
function Nested:keep()
  local driver = self.connection.connection
  events.tell(self.connection, "release_savepoint", self.savepoint)
  local ok, err = pcall(driver.release_savepoint, driver, self.savepoint)
  if not ok and is_given_up(err) and driver:is_usable() then
    local is_undone, failure = pcall(self.undo, self, driver.config.cancel_timeout)
    errors.throw(is_undone and err or errors.suppress(err, failure))
  elseif not ok then
    fail(self, err, "its savepoint could not be released")
  end
  state.leave(self, "it was committed")
end

--- Undoes. When that fails there is work that must not be committed with the rest. What the server
--- has rolled back altogether has no savepoints any more.
---@async
---@package
---@param limit? number seconds
function Nested:undo(limit)
  local conn = self.connection
  if rawget(state.outermost(self), "failure") then
    return state.leave(self, "it was rolled back")
  elseif not conn.connection:is_usable() then
    return state.lose(self)
  end
  events.tell(conn, "rollback_savepoint", self.savepoint)
  local options = { protocol = "text", timeout = limit }
  local sql = "ROLLBACK TO SAVEPOINT " .. self.savepoint
  local ok, err = pcall(conn.connection.execute, conn.connection, sql, nil, options)
  if not ok then
    state.doom(self, "a part of it could not be rolled back alone: roll all of it back", err)
    fail(self, err, "it could not be rolled back")
  end
  state.leave(self, "it was rolled back")
end

return nested
