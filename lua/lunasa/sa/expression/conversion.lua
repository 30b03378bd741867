--- Expressions that give another one a name or a type: labels, CAST, EXTRACT, CASE.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

local conversion = {}

local Expression = element.Expression

--- `x AS name`. Without a name it is given one by a number.
---@class lunasa.sa.Label: lunasa.sa.Expression
---@field name? string
---@field element lunasa.sa.Expression
local Label = class("Label", Expression)
Label.kind = "label"
conversion.Label = Label

---@param name? string
---@return lunasa.sa.Label
function Expression:label(name)
  local inner = self.kind == "label" and self.element or self
  name = name ~= NULL and name or nil
  return setmetatable({
    name = name,
    element = inner,
    type = inner.type,
    sh = name and shape.of("label", shape.name(name), inner.sh),
  }, Label)
end

function conversion.label(name, value)
  return coerce.argument(value):label(name)
end

function Label:result_name()
  return self.name
end

function Label:self_group(against)
  local inner = self.element:self_group(against)
  if inner == self.element then
    return self
  end
  return inner
end

function Label:collect_froms(found)
  self.element:collect_froms(found)
end

local function type_or_raise(type_, where)
  local instance = types.instance(type_)
  if not instance then
    mistake.raise("ArgumentError", where .. " needs a type such as sa.Integer")
  end
  return instance
end

--- What an expression is called that only converts a column: the column's name.
local function name_of_inner(self)
  return self.element:result_name()
end

--- `CAST(x AS type)`.
local Cast = class("Cast", Expression)
Cast.kind = "cast"
Cast.result_name = name_of_inner

function conversion.cast(value, type_)
  local instance = type_or_raise(type_, "cast")
  local inner
  if type(value) == "table" and (value.is_expression or value.as_operand) then
    inner = coerce.argument(value)
    inner = inner.kind == "bind" and inner:with_type(instance) or inner
  elseif types.is_null(value) then
    inner = coerce.argument(value)
  else
    inner = bind.of_value(value, instance)
  end
  inner = inner:self_group(operator.as_)
  return setmetatable({
    element = inner,
    type = instance,
    sh = shape.of("cast", inner.sh, instance.sh),
  }, Cast)
end

function Expression:cast(type_)
  return conversion.cast(self, type_)
end

function Cast:collect_froms(found)
  self.element:collect_froms(found)
end

--- Another type for Lua's side only: nothing of it is written.
local TypeCoerce = class("TypeCoerce", Expression)
TypeCoerce.kind = "type_coerce"
TypeCoerce.result_name = name_of_inner
TypeCoerce.collect_froms = Cast.collect_froms

function conversion.type_coerce(value, type_)
  local instance = type_or_raise(type_, "type_coerce")
  if not (type(value) == "table" and (value.is_expression or value.as_operand)) then
    return bind.of_value(value, instance)
  end
  local inner = coerce.argument(value)
  return setmetatable({
    element = inner,
    operator = inner.operator,
    type = instance,
    sh = shape.of("type_coerce", inner.sh, instance.sh),
  }, TypeCoerce)
end

--- `EXTRACT(field FROM x)`.
local Extract = class("Extract", Expression)
Extract.kind = "extract"
Extract.type = generic.Integer()
Extract.collect_froms = Cast.collect_froms

function conversion.extract(field, value)
  if type(field) ~= "string" or not field:find("^[%a_]+$") then
    mistake.raise("ArgumentError", "extract needs the name of a field such as 'year'")
  end
  local inner = coerce.argument(value)
  return setmetatable(
    { field = field, element = inner, sh = shape.of("extract", field, inner.sh) },
    Extract
  )
end

--- `CASE WHEN … THEN … ELSE … END`.
---@class lunasa.sa.Case: lunasa.sa.Expression
---@field value? lunasa.sa.Expression
---@field whens { [1]: lunasa.sa.Expression, [2]: lunasa.sa.Expression }[]
---@field else_? lunasa.sa.Expression
local Case = class("Case", Expression)
Case.kind = "case"

local read_names_of_case = options_of("case", "else_ value")

local function is_pair(value)
  return type(value) == "table" and not getmetatable(value) and #value == 2
end

--- The options are the table with names, which a list of pairs may be besides.
local function read_options_of_case(given, options)
  local named = {}
  for name, value in pairs(given) do
    if type(name) ~= "number" then
      named[name] = value
    end
  end
  return next(named) ~= nil and read_names_of_case(named) or options
end

--- Takes pairs as arguments, or one list of pairs, and the options `value` and `else_`.
local function read_case(...)
  local count, pairs_given, options = select("#", ...), {}, {}
  for i = 1, count do
    local given = select(i, ...)
    if is_pair(given) and not is_pair(given[1]) then
      pairs_given[#pairs_given + 1] = given
    elseif type(given) ~= "table" or getmetatable(given) then
      mistake.raise("ArgumentError", "case needs pairs such as {condition, value}")
    else
      for _, inner in ipairs(given) do
        pairs_given[#pairs_given + 1] = inner
      end
      options = read_options_of_case(given, options)
    end
  end
  if #pairs_given == 0 then
    mistake.raise("ArgumentError", "case needs pairs such as {condition, value}")
  end
  return pairs_given, options
end

--- The condition, or the value that is compared, and what it gives.
local function read_when(pair, value)
  local when = value and coerce.operand(pair[1], operator.eq, value)
    or coerce.criterion(pair[1], "case")
  return { when:self_group(), coerce.argument(pair[2]) }
end

--- The first type that one of the results has.
local function type_of_results(whens, otherwise)
  for _, when in ipairs(whens) do
    if when[2].type.affinity ~= "null" then
      return when[2].type
    end
  end
  return otherwise and otherwise.type or generic.NullType()
end

--- `case({ condition, value }, …, { else_ = other })`, `case({ 1, "one" }, …, { value = column })`.
function conversion.case(...)
  local given, options = read_case(...)
  local value = options.value and coerce.argument(options.value) or nil
  local otherwise = not types.is_null(options.else_) and coerce.argument(options.else_) or nil
  local whens, sh = {}, shape.of("case", not value and 0 or value.sh, false)
  for i, pair in ipairs(given) do
    whens[i] = read_when(pair, value)
    sh = shape.of("when", shape.of("when", sh, whens[i][1].sh), whens[i][2].sh)
  end
  return setmetatable({
    value = value,
    whens = whens,
    else_ = otherwise,
    type = type_of_results(whens, otherwise),
    sh = shape.of("else", sh, not otherwise and 0 or otherwise.sh),
  }, Case)
end

function Case:collect_froms(found)
  if self.value then
    self.value:collect_froms(found)
  end
  for _, when in ipairs(self.whens) do
    when[1]:collect_froms(found)
    when[2]:collect_froms(found)
  end
  if self.else_ then
    self.else_:collect_froms(found)
  end
end

--- The functions that stand for methods: `sa.not_(x)`, `sa.desc(x)`.
function conversion.not_(value)
  return compound.negated(coerce.criterion(value, "not_"))
end

return conversion
