--- Rows of an engine's results: `row[1]`, `row.name`, `row[users.c.name]`.
---
--- A row is the list of its values, with a metatable that all rows of a result share; NULL is nil,
--- and a name that is not there raises. It has no methods, which a column could hide: those are
--- functions, `sa.row.keys(row)`.
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local row = {}

---@class lunasa.RowProxy
---@field [integer|string|lunasa.sa.Expression] any

--- How a key that was looked for is called in a message.
local function name_of(key)
  if type(key) ~= "table" then
    return tostring(key)
  end
  local name = key.is_expression and (key.name or key:result_name())
  local owner = name and key.table and key.table.name
  return owner and ("%s.%s"):format(tostring(owner), tostring(name)) or tostring(name or key)
end

local function raise_missing(plan, key)
  local hint = type(key) == "string" and suggest.phrase(key, plan.keys) or ""
  local message = "Could not locate column in row for column '%s'%s"
  mistake.raise("NoSuchColumnError", message:format(name_of(key), hint))
end

local function raise_ambiguous(name)
  local message = "Ambiguous column name '%s' in result set! try 'use_labels' option on select "
    .. "statement."
  mistake.raise("InvalidRequestError", message:format(name))
end

--- Finds the column that a key means; nil for none, false for several.
local function find(plan, key)
  local kind = type(key)
  if kind == "string" then
    return plan.positions[key]
  elseif kind == "number" then
    return plan.keys[key] and key or nil
  elseif kind == "table" and key.is_expression then
    local objects = plan.objects
    if objects then
      local at = objects[key]
      if at == nil and key.sh then
        return objects[key.sh]
      end
      return at
    end
    return plan.positions[tostring(key.name or key:result_name())]
  end
  return nil
end

--- Gives the column that a key means; raises when it is none, or several.
local function position(plan, key)
  local found = find(plan, key)
  if found == nil then
    raise_missing(plan, key)
  elseif found == false then
    raise_ambiguous(name_of(key))
  end
  return found
end

local function plan_of(given)
  local metatable = type(given) == "table" and getmetatable(given)
  local plan = type(metatable) == "table" and rawget(metatable, "plan")
  if not plan then
    mistake.raise("ArgumentError", ("a row is needed, got a %s"):format(type(given)))
  end
  return plan
end

local function refuse_change()
  mistake.raise("InvalidRequestError", "a row cannot be changed: sa.row.as_dict(row) can")
end

local function same(a, b)
  return a == b or a ~= a and b ~= b
end

--- Tells whether two rows, or a row and a list, have the same values.
local function equal(a, b)
  local plan, other = plan_of(a), rawget(getmetatable(b) or {}, "plan")
  local count = #plan.keys
  if count ~= (other and #other.keys or b.n or #b) then
    return false
  end
  for i = 1, count do
    if not same(rawget(a, i), rawget(b, i)) then
      return false
    end
  end
  return true
end

local function text_of(value)
  return type(value) == "string" and ("'%s'"):format(value) or tostring(value)
end

local function to_text(self)
  local plan, parts = plan_of(self), {}
  for i = 1, #plan.keys do
    parts[i] = text_of(rawget(self, i))
  end
  return "(" .. table.concat(parts, ", ") .. ")"
end

--- Makes the metatable of the rows of a plan.
---@param plan lunasa.EnginePlan
---@return table
function row.metatable(plan)
  local positions = plan.positions
  return {
    __name = "lunasa.RowProxy",
    __index = function(self, key)
      local at = positions[key]
      return rawget(self, at or position(plan, key))
    end,
    __newindex = refuse_change,
    __eq = equal,
    __tostring = to_text,
    plan = plan,
  }
end

--- What may be asked of a row: `sa.row.keys(row)`.
local functions = {}
row.functions = mistake.names(functions, "sa.row")

--- Gives the names of the columns, in their order.
---@param given lunasa.RowProxy
---@return string[]
function functions.keys(given)
  local keys, copy = plan_of(given).keys, {}
  for i = 1, #keys do
    copy[i] = keys[i]
  end
  return copy
end

--- Gives the values, with their number in `n`.
---@param given lunasa.RowProxy
---@return { n: integer, [integer]: any }
function functions.values(given)
  local found = { n = #plan_of(given).keys }
  for i = 1, found.n do
    found[i] = rawget(given, i)
  end
  return found
end
functions.as_tuple = functions.values

--- Gives pairs of name and value, in their order.
---@param given lunasa.RowProxy
---@return { [1]: string, [2]: any }[]
function functions.items(given)
  local found = {}
  for i, key in ipairs(plan_of(given).keys) do
    found[i] = { key, rawget(given, i) }
  end
  return found
end

--- Gives a value, or another one where there is no such column. A name that several columns have
--- raises.
---@param given lunasa.RowProxy
---@param key integer|string|lunasa.sa.Expression
---@param default? any
---@return any
function functions.get(given, key, default)
  local at = find(plan_of(given), key)
  if at == false then
    raise_ambiguous(name_of(key))
  elseif at == nil then
    return default
  end
  return rawget(given, at)
end

--- Tells whether there is such a column.
---@param given lunasa.RowProxy
---@param key integer|string|lunasa.sa.Expression
---@return boolean
function functions.has(given, key)
  return find(plan_of(given), key) ~= nil
end

--- Gives the values by name, without those that are NULL. Of columns with one name, the first.
---@param given lunasa.RowProxy
---@return table<string, any>
function functions.as_dict(given)
  local keys, found = plan_of(given).keys, {}
  for i = #keys, 1, -1 do
    found[keys[i]] = rawget(given, i)
  end
  return found
end

--- Tells whether a row has the values of another row, or of a list.
---@param given lunasa.RowProxy
---@param other lunasa.RowProxy|any[] a list with nils has their number in `n`
---@return boolean
function functions.eq(given, other)
  plan_of(given)
  return type(other) == "table" and equal(given, other)
end

return row
