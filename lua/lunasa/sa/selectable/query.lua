--- What SELECT and UNION have in common: order, limits, and being part of another statement.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local element = require("lunasa.sa.expression.element")
local from = require("lunasa.sa.selectable.from")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local shape = require("lunasa.sa.shape")
local subquery = require("lunasa.sa.selectable.subquery")

local query = {}

---@class lunasa.sa.Query: lunasa.sa.Element
local Query = class("Query", element.Element)
Query.is_query = true
query.Query = Query

local INTEGER = generic.Integer()

--- Text in FROM, as it is.
local TextFrom = class("TextFrom", from.From)
TextFrom.kind = "text_from"
query.TextFrom = TextFrom

--- An item of ORDER BY or GROUP BY: an expression, or the name of a label.
local function order_item(given, where)
  if type(given) == "string" then
    return setmetatable({
      kind = "label_reference",
      name = given,
      type = generic.NullType(),
      sh = shape.of("label_reference", given, false),
    }, element.Expression)
  end
  return coerce.expression(given, where):self_group(operator.comma)
end

--- `desc("name")`: the name of a label is looked up when it is written.
---@param given any
---@return lunasa.sa.Expression
function query.order_item(given)
  return order_item(given, "order")
end

--- One expression, the usual case, without a list: see `appended` of SELECT.
local function with_expression(made, field, where, given)
  local item = given:self_group(operator.comma)
  made[field] = made.appended(made[field], item)
  made.sh = shape.of(where, made.sh, item.sh)
  return made
end

local function is_plain(given)
  return type(given) == "table"
    and given.is_expression
    and (given.kind ~= "unary" or given.element.kind ~= "label_reference")
end

local function with_list(self, made, field, where, ...)
  local first = ...
  if select("#", ...) == 1 and first == nil then
    mistake.raise("ArgumentError", where .. "(nil): write sa.NULL to forget what was asked for")
  elseif first == NULL then
    made[field] = {}
    made.sh = shape.of("no " .. where, made.sh, false)
    return made
  end
  local given = { ... }
  if #given == 1 and type(first) == "table" and getmetatable(first) == nil then
    given = first
  end
  for _, one in ipairs(given) do
    local item = order_item(one, where)
    made[field] = self.appended(made[field], item)
    made.sh = shape.of(where, made.sh, item.sh)
    if (item.element or item).kind == "label_reference" then
      made.ordered_at = mistake.position_of(made.sh) -- the name is looked up later
    end
  end
  return made
end

--- Columns, expressions, or names of labels; NULL forgets the order.
function Query:order_by(...)
  local first = ...
  if select("#", ...) == 1 and is_plain(first) then
    local made = with_expression(self:small_copy(), "order_by_", "order_by", first)
    return made
  end
  local made = with_list(self, self:small_copy(), "order_by_", "order_by", ...)
  return made
end

function Query:group_by(...)
  local first = ...
  if select("#", ...) == 1 and is_plain(first) then
    local made = with_expression(self:copy(), "group_by_", "group_by", first)
    return made
  end
  local made = with_list(self, self:copy(), "group_by_", "group_by", ...)
  return made
end

local function limit_operand(value, where)
  if type(value) == "table" and (value.is_expression or value.as_operand) then
    local operand = coerce.argument(value)
    return operand.kind == "bind" and operand:with_type(INTEGER) or operand
  elseif type(value) ~= "number" or value % 1 ~= 0 or value < 0 then
    local message = ("%s needs an integer from 0, or an expression"):format(where)
    mistake.raise("ArgumentError", message)
  end
  return bind.of_value(value, INTEGER)
end

local function with_limit(self, field, where, value)
  local made = self:small_copy()
  if value == nil then
    mistake.raise("ArgumentError", where .. "(nil): write sa.NULL for none")
  elseif value == NULL then
    made[field] = nil
    made.sh = shape.of("no " .. where, made.sh, false)
    return made
  end
  made[field] = limit_operand(value, where)
  made.sh = shape.of(where, made.sh, made[field].sh)
  return made
end

---@param count integer|lunasa.sa.Expression at most so many rows; NULL: all
function Query:limit(count)
  local made = with_limit(self, "limit_", "limit", count)
  return made
end

---@param count integer|lunasa.sa.Expression rows left out at the beginning
function Query:offset(count)
  local made = with_limit(self, "offset_", "offset", count)
  return made
end

local function check_bound(value)
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 then
    local message = "slice needs the integers of its first row and of the row behind its last one, "
      .. "or sa.NULL for no end"
    mistake.raise("ArgumentError", message)
  end
end

--- The rows from `start`, counted from 0, up to but without `stop`; NULL: all from there.
function Query:slice(start, stop)
  check_bound(start)
  if stop == NULL then
    return self:offset(start)
  end
  check_bound(stop)
  if stop < start then
    mistake.raise("ArgumentError", "slice ends before it begins")
  end
  local made = self:limit(stop - start)
  return start > 0 and made:offset(start) or made
end

--- In FROM of another statement.
function Query:subquery(name)
  return subquery.of(self, name)
end
Query.alias = Query.subquery

function Query:lateral(name)
  return subquery.lateral(self, name)
end

--- `cte("name", { recursive = true })`.
function Query:cte(name, options)
  return subquery.cte(self, name, options)
end

--- One value.
function Query:scalar_subquery()
  return subquery.scalar(self)
end
Query.as_scalar = Query.scalar_subquery

function Query:label(name)
  return subquery.scalar(self):label(name)
end

function Query:exists()
  return subquery.exists_of(self)
end

--- Beside an operator it is one value, behind IN a list.
function Query:as_operand()
  return subquery.scalar(self)
end

function Query:as_list()
  return setmetatable({
    kind = "select_list",
    element = self,
    type = generic.NullType(),
    sh = shape.of("select_list", self.sh, false),
  }, element.Expression)
end

--- Columns of the result by name.
function Query:selected_columns()
  local names = {}
  for i, one in ipairs(self:result_columns()) do
    names[i] = one.expression
  end
  return names
end

return query
