--- Turns what a caller gave into a part of a statement, or says what to write instead.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local compound = require("lunasa.sa.expression.compound")
local mistake = require("lunasa.sa.mistake")
local text = require("lunasa.sa.expression.text")
local types = require("lunasa.sa.type")

local coerce = {}

local ELEMENTS = "sa.text(), sa.literal() or an expression"

--- Raises about what an argument is, at the line of the caller of the public function.
local function refuse(message)
  mistake.raise("ArgumentError", message)
end

--- Tells what a value is, for messages.
local function named(value)
  if type(value) == "string" then
    return ("the string '%s'"):format(value:sub(1, 40))
  end
  return value == NULL and "NULL" or "a " .. type(value)
end

--- Operators beside which NULL is the word; beside others it is a value like any.
local IS_WORD = {
  is_ = true,
  is_not = true,
  is_distinct_from = true,
  is_not_distinct_from = true,
  in_ = true,
  not_in = true,
}

local function plain_operand(value, op, beside)
  if value == nil then
    refuse(
      ("%s(nil): nil is nothing, often a mistyped field; write sa.NULL for NULL"):format(op.name)
    )
  elseif value == NULL then
    return IS_WORD[op.name] and text.null() or bind.of_value(NULL, beside.type)
  elseif beside.kind == "tuple" and type(value) == "table" and getmetatable(value) == nil then
    return coerce.tuple(value)
  elseif type(value) == "function" or type(value) == "thread" then
    refuse(("%s cannot be a value in SQL"):format(named(value)))
  end
  return bind.of_value(value, beside.type:type_beside(op, value))
end

--- Gives an expression for an operand: elements as they are, other values as parameters with the
--- type that stands beside them.
---@param value any
---@param op lunasa.sa.Operator
---@param beside lunasa.sa.Expression
---@return lunasa.sa.Expression
function coerce.operand(value, op, beside)
  if type(value) == "table" then
    if value.is_expression then
      return value.kind == "bind" and value:with_type(beside.type) or value
    elseif value.as_operand then
      return value:as_operand()
    end
  end
  return plain_operand(value, op, beside)
end

--- Gives the expression that a condition is. `==` in Lua has given a boolean already.
---@param value any
---@param where string the method it was given to
---@return lunasa.sa.Expression
function coerce.criterion(value, where)
  if type(value) == "table" then
    if value.is_expression then
      return value
    elseif value.as_operand then
      return value:as_operand()
    end
  end
  if type(value) == "boolean" then
    refuse(
      (
        "%s got a boolean: '==', 'and', 'not' are Lua's; write a:eq(b), sa.and_(a, b), "
        .. "sa.not_(a), or sa.true_() and sa.false_() for SQL's own"
      ):format(where)
    )
  elseif value == nil then
    refuse(("%s got nil where a condition should be"):format(where))
  end
  refuse(("%s needs a condition, got %s; write %s"):format(where, named(value), ELEMENTS))
end

--- Gives the expression for a column of SELECT, ORDER BY and the like. A string is refused: what
--- takes names looks them up before.
---@param value any
---@param where string
---@return table
function coerce.column(value, where)
  if type(value) == "table" and (value.is_expression or value.is_from) then
    return value
  elseif type(value) == "table" and value.as_operand then
    return value:as_operand()
  end
  if value == nil then
    local message =
      "%s got nil where a column should be: a table has its columns in c, users.c.name"
    refuse(message:format(where))
  end
  refuse(("%s needs a column or an expression, got %s"):format(where, named(value)))
end

--- The same where all columns of a table cannot be meant.
---@param value any
---@param where string
---@return lunasa.sa.Expression
function coerce.expression(value, where)
  if type(value) == "table" and value.is_from then
    local message = "%s needs a column, got all of a table: write users.c.name"
    refuse(message:format(where))
  end
  return coerce.column(value, where)
end

--- Gives `(a, b)` for a list of values.
---@param list any[]
---@return lunasa.sa.Expression
function coerce.tuple(list)
  local items = {}
  for i = 1, #list do
    items[i] = coerce.argument(list[i])
  end
  return compound.tuple(items)
end

--- Gives an argument of a function: a parameter typed by itself, or the expression.
---@param value any
---@return lunasa.sa.Expression
function coerce.argument(value)
  if type(value) == "table" then
    if value.is_expression then
      return value
    elseif value.as_operand then
      return value:as_operand()
    end
  end
  if value == nil then
    refuse("an argument is nil, often a mistyped field: write sa.NULL for NULL")
  elseif value == NULL then
    return text.null()
  elseif type(value) == "function" or type(value) == "thread" then
    refuse(("%s cannot be a value in SQL"):format(named(value)))
  end
  return bind.of_value(value, types.of_value(value))
end

return coerce
