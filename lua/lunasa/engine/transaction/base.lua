--- What all kinds of transactions of an engine's connection have in common.
local blocks = require("lunasa.engine.transaction.blocks")
local state = require("lunasa.engine.transaction.state")

local base = {}

---@class lunasa.sa.Transaction
---@field connection lunasa.SAConnection
---@field parent? lunasa.sa.Transaction the one around it; nil for the outermost
---@field is_active boolean neither it nor one around it is over
---@field package kind "inner"|"nested"|"root"|"twophase"
---@field package is_over? string how it ended
---@field package failure? string why it can only be rolled back
---@field package cause? lunasa.Error what made it so
---@field package blocks? integer functions that run in it, and end it
---@field package keep async fun(self, is_block: boolean) makes the work permanent
---@field package undo async fun(self, limit?: number) undoes the work
local Transaction = {}

--- Makes a class of transactions.
---@param kind string
---@param name string
---@return table
function base.class(kind, name)
  local class = setmetatable({ kind = kind, __name = "lunasa.sa." .. name }, Transaction)
  function class.__index(transaction, field)
    if field == "is_active" then
      return not state.dead_one(transaction)
    end
    return class[field]
  end
  class.__tostring = Transaction.describe
  return class
end

Transaction.__index = Transaction

--- Makes the work permanent, as far as this transaction decides that. Committing again does nothing
--- while the one around it is active; otherwise what is over raises.
---@async
function Transaction:commit()
  local dead = state.dead_one(self.parent or self)
  if dead then
    state.refuse(dead)
  elseif not rawget(self, "is_over") then
    state.check_whole(self)
    self:keep(false)
  end
end

--- Undoes the work. Nothing happens when the transaction is over.
---@async
function Transaction:rollback()
  if self.is_active then
    self:undo()
  end
end

--- Ends the transaction: what was not committed is undone. An inner one leaves its work to the one
--- around it.
---@async
function Transaction:close()
  self:rollback()
end

--- Runs a function in the transaction: commits when it returns, rolls back when it raises.
---@async
---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
---@return any ...
function Transaction:with(work)
  blocks.check(work, "with")
  return blocks.finish(blocks.attempt(self, work))
end

---@package
function Transaction:describe()
  local how = self.is_active and "active" or rawget(self, "is_over") or "inactive"
  return ("%s(%s)"):format(getmetatable(self).__name, how)
end

return base
