--- What only SQLite has: `sa.sqlite.insert`.
local conflict = require("lunasa.dialects.conflict")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")

local namespace = {}

--- An INSERT with ON CONFLICT.
---@param target lunasa.sa.Table
function namespace.insert(target)
  return inserts.new(target, conflict.Insert)
end

return mistake.names(namespace, "sa.sqlite")
