--- IN: a list of values or of rows, a SELECT, text, a parameter that expands.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local element = require("lunasa.sa.expression.element")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local types = require("lunasa.sa.type")

local Expression = element.Expression
local binary = compound.binary

local function check_rows(list, width)
  for i = 1, #list do
    local row = list[i]
    if type(row) ~= "table" or getmetatable(row) ~= nil or #row ~= width then
      local message =
        "a tuple is compared with rows of as many values, {{1, 'a'}, …}: row %d is not"
      mistake.raise("ArgumentError", message:format(i))
    end
  end
end

--- A list of the statement's own: the caller may change theirs.
local function copied(list)
  local own = {}
  for i = 1, #list do
    own[i] = list[i]
  end
  return own
end

local function copied_rows(list)
  local own = {}
  for i = 1, #list do
    own[i] = copied(list[i])
  end
  return own
end

--- Tables are values of documents and arrays only.
local TAKES_TABLES = { json = true, array = true, null = true }

local function check_values(self, list)
  for i = 1, #list do
    local item = list[i]
    local kind = type(item)
    local is_table = kind == "table" and not types.is_value(item)
    if
      kind == "function"
      or kind == "thread"
      or is_table and not TAKES_TABLES[self.type.affinity] and self.type.kind ~= "decorated"
    then
      local message = "a %s is no value for a list: item %d"
      mistake.raise("ArgumentError", message:format(kind, i))
    end
  end
end

--- A list with an expression or NULL in it is written out; plain values are one parameter.
local function list_operand(self, list, op)
  local is_plain = true
  for i = 1, #list do
    local item = list[i]
    if item == NULL or type(item) == "table" and (item.is_expression or item.as_operand) then
      is_plain = false
    end
  end
  if self.kind == "tuple" then
    check_rows(list, #self.clauses)
    return bind.of_list(copied_rows(list), self.type):of_rows(self.clauses)
  elseif is_plain then
    check_values(self, list)
    local type_ = #list > 0 and self.type:type_beside(op, list[1]) or self.type
    return bind.of_list(copied(list), type_)
  end
  local items = {}
  for i = 1, #list do
    items[i] = coerce.operand(list[i], op, self):self_group(operator.comma)
  end
  return compound.tuple(items)
end

local function check_list(list, op)
  if type(list) ~= "table" or list.is_element or types.is_value(list) then
    local message = ("%s needs a list or a SELECT, got a %s"):format(op.name, type(list))
    mistake.raise("ArgumentError", message)
  elseif table.maxn(list) ~= #list then
    mistake.raise("ArgumentError", op.name .. " got a list with nil in it: write sa.NULL for NULL")
  elseif type(next(list, #list > 0 and #list or nil)) == "string" then
    mistake.raise("ArgumentError", op.name .. " got a table with names: it needs a list of values")
  end
end

--- What stands behind IN, of an element.
local function element_operand(self, list)
  if list.kind == "bind" then
    local one = list:with_type(self.type):expanding()
    return self.kind == "tuple" and one:of_rows(self.clauses) or one
  elseif list.kind == "text" then
    return element.group(list)
  end
  return list.as_list and list:as_list() or list
end

local function member(self, op, list)
  if type(list) == "table" and (list.is_expression or list.as_list) then
    return binary(self, op, element_operand(self, list))
  end
  check_list(list, op)
  return binary(self, op, list_operand(self, list, op))
end

--- One of a list, or of the rows of a SELECT. An empty list is allowed and never true.
function Expression:in_(list)
  local made = member(self, operator.in_, list)
  return made
end

function Expression:not_in(list)
  local made = member(self, operator.not_in, list)
  return made
end
Expression.notin_ = Expression.not_in
