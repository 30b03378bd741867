--- What only PostgreSQL has: `sa.pg.insert`, `sa.pg.ARRAY`.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local conflict = require("lunasa.dialects.conflict")
local element = require("lunasa.sa.expression.element")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local shape = require("lunasa.sa.shape")

local namespace = {}
for name, type_ in pairs(require("lunasa.dialects.postgresql.types").own) do
  namespace[name] = type_
end

--- An INSERT with ON CONFLICT.
---@param target lunasa.sa.Table
function namespace.insert(target)
  return inserts.new(target, conflict.Insert)
end

--- The order of an aggregate: `func.array_agg(aggregate_order_by(column, other:desc()))`.
local AggregateOrderBy = class("AggregateOrderBy", element.Expression)
AggregateOrderBy.kind = "aggregate_order_by"

---@param target lunasa.sa.Expression
---@param ... lunasa.sa.Expression
function namespace.aggregate_order_by(target, ...)
  local inner = coerce.expression(target, "aggregate_order_by")
  local order = {}
  for i = 1, select("#", ...) do
    order[i] = coerce.expression((select(i, ...)), "aggregate_order_by"):self_group(operator.comma)
  end
  if #order == 0 then
    mistake.raise("ArgumentError", "aggregate_order_by needs what to order by")
  end
  return setmetatable({
    element = inner,
    order_by = order,
    type = inner.type,
    sh = shape.of("aggregate_order_by", inner.sh, shape.of_list("order", order)),
  }, AggregateOrderBy)
end

function AggregateOrderBy:collect_froms(found)
  self.element:collect_froms(found)
  for _, item in ipairs(self.order_by) do
    item:collect_froms(found)
  end
end

return mistake.names(namespace, "sa.pg")
