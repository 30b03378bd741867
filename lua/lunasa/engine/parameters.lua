--- What `execute(statement, ...)` was given behind the statement: one set of parameters, or many.
---
--- A plain table is a set: a list, or a map by name. A list whose first item is a set, or several
--- arguments the first of which is one, are many sets. All else are values, which make one set.
local NULL = require("lunasa.null")
local mistake = require("lunasa.sa.mistake")
local values = require("lunasa.values")

local parameters = {}

--- Tells whether something is a set of parameters rather than one value, such as a date.
---@param given any
---@return boolean
local function is_set(given)
  if type(given) ~= "table" then
    return false
  end
  return getmetatable(given) == nil or values.kind(given) == "pack"
end

--- Raises for a list of which nobody can tell where it ends.
function parameters.raise_hole()
  local message = "a list of parameters has a nil in it: write sa.NULL, or use lunasa.pack"
  mistake.raise("ArgumentError", message)
end

--- Raises for a list that begins with nil, which would be taken for an empty one.
local function check_hole(given)
  for key in pairs(given) do
    if type(key) == "number" then
      parameters.raise_hole()
    end
  end
end

--- Reads one table.
---@return table? one
---@return table[]? many
local function read_table(given)
  if values.kind(given) == "pack" then
    return given.n > 0 and given or nil
  elseif next(given) == nil then
    return nil
  elseif given[1] == nil then
    check_hole(given)
    return given
  elseif not is_set(given[1]) then
    return given
  elseif given[2] == nil then
    return given[1]
  end
  for i = 1, #given do
    if not is_set(given[i]) then
      local message = "parameter set %d is a %s: all of them must be tables"
      mistake.raise("ArgumentError", message:format(i, type(given[i])))
    end
  end
  return nil, given
end

--- Gives the sets of parameters of a call.
---@param count integer of the arguments
---@param ... any
---@return table? one a list or a map; nil for none, and for many
---@return table[]? many two or more sets
function parameters.distill(count, ...)
  local first = ...
  if count == 0 or count == 1 and first == nil then
    return nil
  elseif count == 1 and is_set(first) then
    return read_table(first)
  end
  local list = { ... }
  for i = 1, count do
    if list[i] == nil then
      list[i] = NULL
    end
  end
  if is_set(first) then
    return read_table(list)
  end
  return list
end

--- Tells whether a set is a list rather than a map.
---@param set table
---@return boolean
function parameters.is_positional(set)
  return set[1] ~= nil or values.kind(set) == "pack"
end

return parameters
