--- What begin() gives inside another transaction: a part of it, of which the server knows nothing.
--- Its work is committed with the one around it, and rolled back only with all of that.
local base = require("lunasa.engine.transaction.base")
local state = require("lunasa.engine.transaction.state")

local inner = {}

---@class lunasa.sa.InnerTransaction: lunasa.sa.Transaction
local Inner = base.class("inner", "Transaction")

---@param conn lunasa.SAConnection
---@return lunasa.sa.InnerTransaction
function inner.begin(conn)
  return setmetatable({ connection = conn, parent = conn._transaction }, Inner)
end

function Inner:close()
  self.is_over = rawget(self, "is_over") or "it was closed"
end

---@package
function Inner:keep()
  self.is_over = "it was committed"
end

---@async
---@package
---@param limit? number seconds
function Inner:undo(limit)
  local parent = self.parent
  parent:undo(limit)
  parent.is_over = state.BY_INNER
  if rawget(parent, "blocks") then
    state.hold(self.connection, parent)
  end
end

return inner
