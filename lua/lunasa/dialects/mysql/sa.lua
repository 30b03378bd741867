--- What only MySQL and MariaDB have: `sa.mysql.insert`, `sa.mysql.TINYINT`, `sa.mysql.match`.
local Insert = require("lunasa.dialects.mysql.insert")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")

local namespace = {}
for name, type_ in pairs(require("lunasa.dialects.mysql.types").own) do
  namespace[name] = type_
end

--- An INSERT with ON DUPLICATE KEY UPDATE.
---@param target lunasa.sa.Table
---@return lunasa.sa.mysql.Insert
function namespace.insert(target)
  return inserts.new(target, Insert)
end

namespace.match = require("lunasa.dialects.mysql.match")

return mistake.names(namespace, "sa.mysql")
