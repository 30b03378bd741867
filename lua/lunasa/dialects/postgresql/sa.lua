--- What only PostgreSQL has: `sa.pg.insert`, `sa.pg.ARRAY`.
local conflict = require("lunasa.dialects.conflict")
local inserts = require("lunasa.sa.dml.insert")

local namespace = setmetatable({}, { __index = require("lunasa.dialects.postgresql.types").own })

--- An INSERT with ON CONFLICT.
---@param target lunasa.sa.Table
function namespace.insert(target)
  return inserts.new(target, conflict.Insert)
end

return namespace
