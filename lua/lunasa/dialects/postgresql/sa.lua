--- What only PostgreSQL has: `sa.pg.insert`, `sa.pg.ARRAY`.
local conflict = require("lunasa.dialects.conflict")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")

local namespace = {}
for name, type_ in pairs(require("lunasa.dialects.postgresql.types").own) do
  namespace[name] = type_
end

--- An INSERT with ON CONFLICT.
---@param target lunasa.sa.Table
function namespace.insert(target)
  return inserts.new(target, conflict.Insert)
end

return mistake.names(namespace, "sa.pg")
