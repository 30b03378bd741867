--- What every part of a statement is, and what every expression is.
---
--- A node is never changed once it was made. `kind` names the compiler's method for it, `sh` is its
--- shape (see `lunasa.sa.shape`), nil where it has none.
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local shape = require("lunasa.sa.shape")

local element = {}

---@class lunasa.sa.Element
---@field kind string
---@field sh? integer
local Element = class("Element")
Element.is_element = true
element.Element = Element

---@class lunasa.sa.Expression: lunasa.sa.Element
---@field type lunasa.sa.Type
---@field operator? lunasa.sa.Operator the outermost one, which decides about parentheses
local Expression = class("Expression", Element)
Expression.is_expression = true
element.Expression = Expression

local function refuse_order(_, _)
  local message = "'<' and '>' compare in Lua, not in SQL: write a:lt(b), a:le(b), a:gt(b), a:ge(b)"
  mistake.raise("ArgumentError", message)
end

-- There is no such guard for `==`, which Lua never asks about a number; what takes criteria refuses
-- the boolean instead.
Element.__lt, Element.__le = refuse_order, refuse_order
Expression.__lt, Expression.__le = refuse_order, refuse_order

--- Lua's operators, which the classes below inherit; `lunasa.sa.expression.operations` says what
--- they do.
for metamethod, name in pairs({
  __add = "add",
  __sub = "sub",
  __mul = "mul",
  __div = "div",
  __mod = "mod",
  __concat = "concat",
}) do
  Expression[metamethod] = function(left, right)
    local made = element.combine(left, name, right)
    return made
  end
end

function Expression:__unm()
  return element.negative(self)
end

--- An expression in parentheses.
local Grouping = class("Grouping", Expression)
Grouping.kind = "grouping"
element.Grouping = Grouping

--- Puts an expression in parentheses.
---@param inner lunasa.sa.Expression
---@return lunasa.sa.Expression
function element.group(inner)
  return setmetatable({
    element = inner,
    type = inner.type,
    sh = shape.of("grouping", inner.sh, false),
  }, Grouping)
end

--- Gives the expression as it stands beside an operator: in parentheses when it needs them.
---@param against? lunasa.sa.Operator
---@return lunasa.sa.Expression
function Expression:self_group(against)
  local op = self.operator
  if op and operator.needs_group(op, against) then
    return element.group(self)
  end
  return self
end

--- Gives the columns that a `select` of this has.
---@return lunasa.sa.Expression[]
function Expression:select_columns()
  return { self }
end

--- Adds the things of FROM that this needs.
---@param found table[] in the order of their appearance
function Expression:collect_froms(found) -- luacheck: no unused args
end

function Grouping:collect_froms(found)
  self.element:collect_froms(found)
end

--- What an expression without a label is called in a result.
---@return string? nil: by a number
function Expression:result_name()
  return nil
end

Element.bound, Expression.bound = false, false

--- Gives parameters with names their values: `params{ id = 5 }`. An execution may give others.
---@param values table<string, any>
---@return self
function Element:params(values)
  if type(values) ~= "table" then
    mistake.raise("ArgumentError", "params needs the values by name, params{ id = 5 }")
  end
  local made = {}
  for name, value in pairs(self) do
    made[name] = value
  end
  made.compiled_by, made.sh = false, shape.of("bound", self.sh, false)
  made.bound = {}
  for _, map in ipairs({ self.bound or {}, values }) do
    for name, value in pairs(map) do
      made.bound[name] = value
    end
  end
  return setmetatable(made, getmetatable(self))
end
Expression.params = Element.params

function Element:__tostring()
  return self:compile().string
end
Expression.__tostring = Element.__tostring

return element
