--- Expressions made of expressions: two operands, one, or a list between ANDs.
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local operator = require("lunasa.sa.operator")
local shape = require("lunasa.sa.shape")

local compound = {}

local Expression = element.Expression
local BOOLEAN = generic.Boolean()

--- `left op right`. `modifiers` are what the operator needs to know besides, such as ESCAPE.
---@class lunasa.sa.Binary: lunasa.sa.Expression
---@field left lunasa.sa.Expression
---@field right lunasa.sa.Expression
---@field modifiers? table<string, any>
local Binary = class("Binary", Expression)
Binary.kind = "binary"
Binary.type = BOOLEAN -- of comparisons, which most are and which have no other
compound.Binary = Binary

--- A list in the order of its names, so that equal ones have equal shapes.
local function shape_of_modifiers(sh, modifiers)
  local names = {}
  for name in pairs(modifiers) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = modifiers[name]
    local part = type(value) == "table" and value.sh or tostring(value)
    sh = shape.of("modifier", sh, part and name .. "=" .. part)
  end
  return sh
end

local function operator_shape(op)
  return op.shape or op.name
end

--- `NOT a op b`, of a comparison that has no opposite.
function compound.opposed(inner)
  return setmetatable({
    element = inner,
    operator = operator.inv,
    type = BOOLEAN,
    is_behind = false,
    sh = shape.of("opposed", inner.sh, false),
  }, compound.Unary)
end

--- Makes `left op right`, its operands in parentheses where they need them.
---@param left lunasa.sa.Expression
---@param op lunasa.sa.Operator
---@param right lunasa.sa.Expression
---@param type? lunasa.sa.Type
---@param modifiers? table
---@return lunasa.sa.Binary
function compound.binary(left, op, right, type, modifiers)
  left, right = left:self_group(op), right:self_group(op)
  local sh = shape.of(operator_shape(op), left.sh, right.sh)
  if op.is_comparison and not type and not modifiers then
    return setmetatable({ left = left, right = right, operator = op, sh = sh }, Binary)
  elseif modifiers then
    sh = shape_of_modifiers(sh, modifiers)
  end
  return setmetatable({
    left = left,
    right = right,
    operator = op,
    type = type or (op.is_comparison and BOOLEAN or left.type:type_of_result(op, right.type)),
    modifiers = modifiers,
    sh = sh,
  }, Binary)
end

function Binary:collect_froms(found)
  self.left:collect_froms(found)
  self.right:collect_froms(found)
end

--- The opposite: by the operator's own negation where it has one.
function Binary:negate()
  local negation = self.operator.negation
  if not negation then
    local is_comparison = self.operator.is_comparison
    return is_comparison and compound.opposed(self) or compound.unary(operator.inv, self)
  end
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  copy.operator = negation
  copy.sh = shape.of("negated", self.sh, false)
  return setmetatable(copy, Binary)
end

--- An operator before or behind its only operand.
---@class lunasa.sa.Unary: lunasa.sa.Expression
---@field element lunasa.sa.Expression
---@field is_behind boolean
local Unary = class("Unary", Expression)
Unary.kind = "unary"
compound.Unary = Unary

---@param op lunasa.sa.Operator
---@param inner lunasa.sa.Expression
---@param type? lunasa.sa.Type
---@param is_behind? boolean
---@return lunasa.sa.Unary
function compound.unary(op, inner, type, is_behind)
  inner = inner:self_group(op)
  return setmetatable({
    element = inner,
    operator = op,
    type = type or (op.is_comparison and BOOLEAN or inner.type),
    is_behind = is_behind or false,
    sh = shape.of("unary", op.name, inner.sh),
  }, Unary)
end

function Unary:collect_froms(found)
  self.element:collect_froms(found)
end

--- A boolean column on its own: databases without booleans need it compared with 1 or 0.
local AsBoolean = class("AsBoolean", Expression)
AsBoolean.kind = "as_boolean"

local function as_boolean(inner, op)
  return setmetatable({
    element = inner,
    operator = op,
    type = BOOLEAN,
    sh = shape.of("as_boolean", op.name, inner.sh),
  }, AsBoolean)
end

function AsBoolean:result_name()
  return self.element:result_name()
end

function AsBoolean:collect_froms(found)
  self.element:collect_froms(found)
end

--- It binds as tightly as what it asks about.
function AsBoolean:self_group()
  return self
end

function AsBoolean:negate()
  return as_boolean(self.element, self.operator.negation)
end

local SETTLED = { text = true, grouping = true, type_coerce = true }

--- Where a condition stands, a boolean that is no comparison is asked whether it is true.
---@param value lunasa.sa.Expression
---@return lunasa.sa.Expression
function compound.as_condition(value)
  local is_settled = value.operator or SETTLED[value.kind]
  if not is_settled and value.type.affinity == "boolean" then
    return as_boolean(value, operator.is_true)
  end
  local grouped = value:self_group(operator.condition)
  return grouped -- no tail call: LuaJIT would not compile the loop around it
end

--- Several conditions with one operator between them all.
---@class lunasa.sa.List: lunasa.sa.Expression
---@field clauses lunasa.sa.Expression[]
local List = class("List", Expression)
List.kind = "list"
compound.List = List

--- Conditions, whose list may grow by one: the shape of those before is kept for that.
local function conditions_of(op, clauses, open_sh)
  return setmetatable({
    clauses = clauses,
    operator = op,
    type = BOOLEAN,
    open_sh = open_sh,
    sh = shape.of("all", open_sh, false),
  }, List)
end

local function conditions(op, clauses)
  local grouped, sh = {}, shape.of(op.name, "conditions", false)
  for i, clause in ipairs(clauses) do
    grouped[i] = clause:self_group(op)
    sh = shape.of("part", sh, grouped[i].sh)
  end
  return conditions_of(op, grouped, sh)
end

--- One more: `a:or_(b):or_(c) …` is a list that has been looked at already.
local function extended(list, given)
  local longer, one = {}, given:self_group(list.operator)
  for i = 1, #list.clauses do
    longer[i] = list.clauses[i]
  end
  longer[#longer + 1] = one
  return conditions_of(list.operator, longer, shape.of("part", list.open_sh, one.sh))
end

function List:collect_froms(found)
  for _, clause in ipairs(self.clauses) do
    clause:collect_froms(found)
  end
end

local function is_constant(clause, name)
  local inner = clause.kind == "as_boolean" and clause.element or clause
  return inner.kind == "constant" and inner.name == name
end

local function with_one_more(op, list, given)
  local one = list.operator == op and list.open_sh and compound.as_condition(given)
  return one and one.kind == "binary" and extended(list, one)
end

--- Joins conditions: nested lists of the same operator are opened, what changes nothing is left
--- out, and what decides alone stands alone.
---@param op lunasa.sa.Operator `and_` or `or_`
---@param given_ones lunasa.sa.Expression[]
---@return lunasa.sa.Expression? nil for none
function compound.conjunction(op, given_ones)
  local longer = #given_ones == 2 and with_one_more(op, given_ones[1], given_ones[2])
  if longer then
    return longer
  end
  local neutral, absorbing = "true", "false"
  if op == operator.or_ then
    neutral, absorbing = absorbing, neutral
  end
  local clauses, last_neutral = {}, nil
  for _, given in ipairs(given_ones) do
    local clause = compound.as_condition(given)
    if is_constant(clause, absorbing) then
      return clause
    elseif is_constant(clause, neutral) then
      last_neutral = clause
    elseif clause.kind == "list" and clause.operator == op then
      for _, inner in ipairs(clause.clauses) do
        clauses[#clauses + 1] = inner
      end
    else
      clauses[#clauses + 1] = clause
    end
  end
  if #clauses <= 1 then
    return clauses[1] or last_neutral
  end
  return conditions(op, clauses)
end

--- `(a, b)`.
local Tuple = class("Tuple", Expression)
Tuple.kind = "tuple"
Tuple.type = generic.NullType()

---@param items lunasa.sa.Expression[]
---@return lunasa.sa.Expression
function compound.tuple(items)
  return setmetatable({ clauses = items, sh = shape.of_list("tuple", items) }, Tuple)
end

function Tuple:self_group()
  return self
end
Tuple.collect_froms = List.collect_froms

--- The opposite of any expression.
---@param value lunasa.sa.Expression
---@return lunasa.sa.Expression
function compound.negated(value)
  if value.kind == "grouping" then
    return compound.unary(operator.inv, value)
  elseif value.kind == "constant" and value.name ~= "null" then
    return compound.opposite[value.name]
  end
  if not value.operator then
    value = compound.as_condition(value)
  elseif value.kind == "json_get" and value.type.affinity == "boolean" then
    value = as_boolean(value, operator.is_true)
  end
  if value.negate then
    return value:negate()
  end
  return compound.unary(operator.inv, value)
end

return compound
