--- The values that INSERT and UPDATE are given, by column.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")
local suggest = require("lunasa.suggest")

local values = {}

--- Tells whether a table is a list of values rather than a map.
local function is_list(given)
  return table.maxn(given) > 0 or next(given) == nil
end

local function is_plain(value)
  return type(value) == "table" and getmetatable(value) == nil
end

--- Finds the column that a key names.
local function column_of(target, key)
  if type(key) == "table" and key.is_column then
    return key
  end
  for _, one in ipairs(target.c) do
    if one.key == key then
      return one
    end
  end
  local keys = {}
  for i, one in ipairs(target.c) do
    keys[i] = one.key
  end
  local message = ("Unconsumed column names: %s%s"):format(tostring(key), suggest.phrase(key, keys))
  mistake.raise("CompileError", message)
end

--- A value as it is written: an expression, or a parameter of the column's type.
---@param column lunasa.sa.Column
---@param value any
---@return lunasa.sa.Expression
function values.expression(column, value)
  if type(value) == "table" then
    if value.is_expression then
      return value.kind == "bind" and value:with_type(column.type) or value
    elseif value.as_operand then
      return value:as_operand()
    end
  end
  return bind.of_value(value == nil and NULL or value, column.type)
end

--- Reads a pair of a column, or its key, and a value.
---@param target lunasa.sa.Table
---@param pair any
---@param where string the method
---@return lunasa.sa.Column column
---@return lunasa.sa.Expression value
function values.pair(target, pair, where)
  if not is_plain(pair) or table.maxn(pair) ~= 2 or pair[1] == nil then
    local message = "%s needs pairs of a column and a value, { 'name', 5 }; write sa.NULL for NULL"
    mistake.raise("ArgumentError", message:format(where))
  end
  local is_column = type(pair[1]) == "table" and pair[1].is_column
  local column = is_column and pair[1] or target.c[pair[1]]
  return column, values.expression(column, pair[2])
end

local function check_list(target, given)
  local count = table.maxn(given)
  if count > #target.c then
    local message = "%d values for the %d columns of '%s'"
    mistake.raise("ArgumentError", message:format(count, #target.c, target.full_name))
  end
  for i = 1, count do
    if given[i] == nil then
      local message = "values got nil for '%s': write sa.NULL for NULL"
      mistake.raise("ArgumentError", message:format(target.c[i].key))
    end
  end
  for name in pairs(given) do
    if type(name) ~= "number" then
      local message = "values got a list with the name '%s' in it: give all by name or none"
      mistake.raise("ArgumentError", message:format(tostring(name)))
    end
  end
  return count
end

--- Reads one row: a map by key or column, or a list in the order of the table.
---@param target lunasa.sa.Table
---@param given table
---@return table<lunasa.sa.Column, any>
function values.row(target, given)
  local row = {}
  if is_list(given) then
    for i = 1, check_list(target, given) do
      row[target.c[i]] = values.expression(target.c[i], given[i])
    end
    return row
  end
  for key, value in pairs(given) do
    local column = column_of(target, key)
    row[column] = values.expression(column, value)
  end
  return row
end

--- Tells whether what was given to `values` is many rows.
---@param given table
---@return boolean
function values.are_rows(given)
  return #given > 0 and is_plain(given[1])
end

--- The shape of a row: which columns, in the order of the table, and what they are set to. A row
--- that sets columns of something else than a table has none.
---@param sh? integer
---@param target lunasa.sa.Table
---@param row table<lunasa.sa.Column, lunasa.sa.Expression>
---@return integer?
function values.shape(sh, target, row)
  local count, found = 0, 0
  for i, one in ipairs(target.c) do
    local value = row[one]
    if value then
      found = found + 1
      sh = shape.of("value", shape.of("at", sh, i), value.sh)
    end
  end
  for _ in pairs(row) do
    count = count + 1
  end
  return count == found and sh or nil
end

return values
