--- The parameters of an INSERT, UPDATE or DELETE by name: which of them are columns.
local NULL = require("lunasa.null")
local mistake = require("lunasa.sa.mistake")
local parameters = require("lunasa.engine.parameters")
local suggest = require("lunasa.suggest")
local values = require("lunasa.values")

local named = {}

local NONE = {}

--- Raises for what a list has besides the items up to its end, which would be lost.
local function check_list(set, count)
  for key in pairs(set) do
    if type(key) ~= "number" then
      local message = "a set of parameters has both positions and names, such as '%s'"
      mistake.raise("ArgumentError", message:format(tostring(key)))
    elseif key > count or key < 1 or key % 1 ~= 0 then
      parameters.raise_hole()
    end
  end
  for i = 1, count do
    if set[i] == nil then
      parameters.raise_hole()
    end
  end
end

--- A list of values, in the order of the table.
local function by_position(target, set)
  local columns, given = target.c, {}
  local is_pack = values.kind(set) == "pack"
  local count = is_pack and set.n or #set
  if not is_pack then
    check_list(set, count)
  end
  if count > #columns then
    local message = "%d values for the %d columns of '%s'"
    mistake.raise("ArgumentError", message:format(count, #columns, tostring(target.name)))
  end
  for i = 1, count do
    local value = set[i]
    if value == nil then
      value = NULL
    end
    given[columns[i].key] = value
  end
  return given
end

--- A map, of whose keys some are columns themselves.
local function by_column(set)
  local given = {}
  for key, value in pairs(set) do
    given[type(key) == "table" and key.key or key] = value
  end
  return given
end

--- Gives a set of parameters by name.
---@param statement table
---@param set table
---@return table<string, any>
function named.set(statement, set)
  if parameters.is_positional(set) then
    return by_position(statement.target, set)
  end
  for key in pairs(set) do
    if type(key) == "table" then
      return by_column(set)
    end
  end
  return set
end

--- Tells whether a statement says by itself what it sets.
local function says_all(statement)
  return statement.rows
    or statement.row
    or statement.source
    or statement.order
    or statement.kind == "delete"
end

--- Tells whether parameters of an execution can set no columns of a statement.
local function sets_nothing(statement)
  return statement.kind == "delete" or statement.source or statement.is_multiple
end

--- The columns that are given, by their keys.
local function column_keys(columns, given)
  local keys, count = {}, 0
  for i = 1, #columns do
    local key = columns[i].key
    if given[key] ~= nil then
      count = count + 1
      keys[count] = key
    end
  end
  return keys
end

--- Gives the parameters of an execution by name, and those of them that are columns to be set, in
--- the order of the table.
---@param statement table
---@param one? table
---@return table<string, any>? given
---@return string[]? keys nil where the statement says by itself what it sets
function named.read(statement, one)
  if not one then
    return nil, not says_all(statement) and NONE or nil
  end
  local given = named.set(statement, one)
  if sets_nothing(statement) then
    return given, nil
  end
  local keys = column_keys(statement.target.c, given)
  return given, (keys[1] or not says_all(statement)) and keys or nil
end

local function is_bind(compiled, key)
  for _, bind in ipairs(compiled.binds) do
    if bind.key == key then
      return true
    end
  end
  return false
end

--- Raises for a name that is neither a column nor a parameter of the statement.
---@param statement table
---@param compiled lunasa.sa.Compiled
---@param given table<string, any>
function named.check(statement, compiled, given)
  local columns = statement.target.c
  local is_useless = sets_nothing(statement)
  for key in pairs(given) do
    if (is_useless or not rawget(columns, key)) and not is_bind(compiled, key) then
      if is_useless and rawget(columns, key) then
        local message = "Unconsumed column names: %s: the parameters of this %s set no columns"
        mistake.raise("CompileError", message:format(key, statement.kind:upper()))
      end
      local keys = {}
      for i, one in ipairs(columns) do
        keys[i] = one.key
      end
      local hint = suggest.phrase(key, keys)
      local message = ("Unconsumed column names: %s%s"):format(tostring(key), hint)
      mistake.raise("CompileError", message)
    end
  end
end

return named
