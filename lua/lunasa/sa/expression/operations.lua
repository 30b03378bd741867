--- The operators as methods of every expression: `column:eq(5)`, `column:like("a%")`, `a + b`.
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
local text = require("lunasa.sa.expression.text")
local types = require("lunasa.sa.type")

local Expression = element.Expression
local binary = compound.binary

--- What `=` and `!=` are for NULL.
local WITH_NULL = { [operator.eq] = operator.is_, [operator.ne] = operator.is_not }

local MIRRORED = { eq = "eq", ne = "ne", lt = "gt", le = "ge", gt = "lt", ge = "le" }

--- NULL is compared by IS, a boolean with the word.
local function compare(self, op, value)
  if self.kind == "quantified" then -- ANY and ALL stand behind their operator
    return binary(coerce.operand(value, op, self), operator[MIRRORED[op.name]], self)
  end
  local with_null = WITH_NULL[op]
  if with_null then
    if value == NULL or value == text.null() then
      return binary(self, with_null, text.null())
    elseif type(value) == "boolean" then
      return binary(self, op, value and text.true_() or text.false_())
    end
  end
  return binary(self, op, coerce.operand(value, op, self))
end

for _, name in ipairs({ "eq", "ne", "lt", "le", "gt", "ge" }) do
  local op = operator[name]
  Expression[name] = function(self, value)
    local made = compare(self, op, value)
    return made
  end
end

local function is(self, op, value)
  if types.is_null(value) then
    return binary(self, op, text.null())
  elseif type(value) == "boolean" then
    return binary(self, op, value and text.true_() or text.false_())
  end
  return binary(self, op, coerce.operand(value, op, self))
end

--- `IS NULL`, `IS true`: nil is NULL here.
function Expression:is_(value)
  local made = is(self, operator.is_, value)
  return made
end

function Expression:is_not(value)
  local made = is(self, operator.is_not, value)
  return made
end
Expression.isnot = Expression.is_not

function Expression:is_null()
  return binary(self, operator.is_, text.null())
end

function Expression:is_not_null()
  return binary(self, operator.is_not, text.null())
end

for _, name in ipairs({ "is_distinct_from", "is_not_distinct_from" }) do
  local op = operator[name]
  Expression[name] = function(self, value)
    local made = binary(self, op, coerce.operand(value, op, self))
    return made
  end
end

--- Arithmetic: either operand may be the plain value.
function element.combine(left, name, right)
  local op = operator[name]
  if type(left) == "table" and left.is_expression then
    return binary(left, op, coerce.operand(right, op, left))
  end
  return binary(coerce.operand(left, op, right), op, right)
end

function element.negative(value)
  return compound.unary(operator.neg, value)
end

--- `||`, or CONCAT where a database has no operator for it.
function Expression:concat(value)
  return binary(self, operator.concat, coerce.operand(value, operator.concat, self))
end

local function check_escape(escape)
  if escape == nil then
    return
  elseif type(escape) ~= "string" or not escape:find("^[%z\1-\127\194-\244][\128-\191]*$") then
    mistake.raise("ArgumentError", "escape is a character, { escape = '!' }")
  end
end

local function like(name)
  local op, read = operator[name], options_of(name, "escape")
  return function(self, pattern, options)
    if options ~= nil then
      check_escape(read(options).escape)
    end
    local modifiers = options and options.escape and { escape = options.escape } or nil
    return binary(self, op, coerce.operand(pattern, op, self), nil, modifiers)
  end
end

for _, name in ipairs({ "like", "not_like", "ilike", "not_ilike" }) do
  Expression[name] = like(name)
end
Expression.notlike, Expression.notilike = Expression.not_like, Expression.not_ilike

--- A part of a string, with LIKE. `autoescape` makes `%` and `_` in a plain value mean themselves.
local function part_of(name)
  local op, read = operator[name], options_of(name, "escape autoescape")
  return function(self, value, options)
    options = read(options)
    local escape = options.escape
    check_escape(escape)
    if options.autoescape then
      if type(value) ~= "string" then
        mistake.raise("ArgumentError", "autoescape needs a plain string")
      end
      escape = escape or "/"
      local sign = escape:gsub("%%", "%%%%")
      if escape ~= "%" and escape ~= "_" then
        value = value:gsub(escape:gsub("%W", "%%%0"), sign .. "%0")
      end
      value = value:gsub("[%%_]", sign .. "%0")
    end
    local modifiers = escape and { escape = escape } or nil
    return binary(self, op, coerce.operand(value, op, self), nil, modifiers)
  end
end

for _, name in ipairs({ "startswith", "endswith", "contains" }) do
  Expression[name] = part_of(name)
end

--- What stands behind BETWEEN.
local Range = class("Range", Expression)
Range.kind = "range"

function Range:collect_froms(found)
  self.low:collect_froms(found)
  self.high:collect_froms(found)
end

local read_between = options_of("between", "symmetric")

--- Both ends belong to it. `symmetric`: in either order, PostgreSQL only.
function Expression:between(low, high, options)
  local op = operator.between
  options = options and read_between(options)
  local low_operand = coerce.operand(low, op, self):self_group(op)
  local high_operand = coerce.operand(high, op, self):self_group(op)
  local range = setmetatable({
    low = low_operand,
    high = high_operand,
    type = low_operand.type,
    sh = shape.of("range", low_operand.sh, high_operand.sh),
  }, Range)
  return binary(self, op, range, nil, options and options.symmetric and { symmetric = true } or nil)
end

local function check_flags(flags)
  if flags ~= nil and type(flags) ~= "string" then
    mistake.raise("ArgumentError", "flags are letters, { flags = 'i' }")
  end
  return flags
end

local function regexp(name)
  local op, read = operator[name], options_of(name, "flags")
  return function(self, pattern, options)
    local flags = check_flags(read(options).flags)
    -- Some dialects write the flags in another way for another value.
    local word = flags and bind.of_value(flags, generic.String())
    local modifiers = word and { flags = word, value_of_flags = flags } or nil
    return binary(self, op, coerce.operand(pattern, op, self), nil, modifiers)
  end
end
Expression.regexp_match = regexp("regexp_match")

local read_replace = options_of("regexp_replace", "flags")

--- `REGEXP_REPLACE(x, pattern, replacement)`; `flags` such as "g", MySQL 8 and PostgreSQL only.
function Expression:regexp_replace(pattern, replacement, options)
  local op = operator.regexp_replace
  local flags = check_flags(read_replace(options).flags)
  local with = coerce.operand(replacement, op, self)
  local modifiers = { replacement = with, flags = flags and bind.of_value(flags, generic.String()) }
  return binary(self, op, coerce.operand(pattern, op, self), self.type, modifiers)
end

local read_match = options_of("match", "postgresql_regconfig")

--- Full text search, each database's own.
function Expression:match(pattern, options)
  local op, modifiers = operator.match, nil
  local config = read_match(options).postgresql_regconfig
  if config then
    modifiers = { postgresql_regconfig = config }
  end
  return binary(self, op, coerce.operand(pattern, op, self), nil, modifiers)
end

local read_op = options_of("op", "precedence is_comparison return_type")

local function custom(is_comparison)
  return function(self, sign, ...)
    local options = ...
    if options ~= nil and type(options) ~= "table" then
      mistake.raise("ArgumentError", "op makes an operator: column:op('&')(value)")
    end
    options = read_op(options)
    local is_boolean = is_comparison or options.is_comparison
    local precedence = options.precedence or 0
    if type(sign) ~= "string" then
      mistake.raise("ArgumentError", "an operator is text: column:op('&')(value)")
    elseif type(precedence) ~= "number" then
      mistake.raise("ArgumentError", "precedence is a number")
    end
    local type_ = types.option(options.return_type, "return_type")
    local op = operator.custom(sign, precedence, is_boolean, type_)
    return function(value)
      return binary(self, op, coerce.operand(value, op, self), type_)
    end
  end
end

--- Any operator: `column:op("&", { precedence = 10 })(4)`.
Expression.op = custom(false)
Expression.bool_op = custom(true)

function Expression:collate(name)
  if type(name) ~= "string" then
    mistake.raise("ArgumentError", "collate needs the name of a collation")
  end
  local word = setmetatable({
    kind = "collation",
    name = name,
    type = generic.NullType(),
    sh = shape.of("collation", name, false),
  }, Expression)
  return binary(self, operator.collate, word, self.type)
end

for _, name in ipairs({ "desc", "asc", "nulls_first", "nulls_last" }) do
  local op = operator[name]
  Expression[name] = function(self)
    local made = compound.unary(op, self, self.type, true)
    return made
  end
end
Expression.nullsfirst, Expression.nullslast = Expression.nulls_first, Expression.nulls_last

function Expression:distinct()
  return compound.unary(operator.distinct, self, self.type)
end

local function conjunction(name)
  return function(self, ...)
    local conditions = { self }
    for i = 1, select("#", ...) do
      conditions[i + 1] = coerce.criterion((select(i, ...)), name)
    end
    return compound.conjunction(operator[name], conditions)
  end
end
Expression.and_, Expression.or_ = conjunction("and_"), conjunction("or_")

function Expression:not_()
  return compound.negated(self)
end

return Expression
