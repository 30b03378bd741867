--- What a cursor's rows are: arrays, dicts, or what its `dict_type` makes of them.
---
--- C makes arrays, and dicts where no two columns have one name. Everything else is made of arrays
--- here.
local description = require("lunasa.cursor.description")
local errors = require("lunasa.error")

local shape = {}

--- Gives each column a name of its own. One that is taken gets its table in front, and one that is
--- still taken a number behind: a, t.a, t.a.2, t.a.3.
---@param names string[]
---@return string[]
function shape.keys(names)
  local keys, is_taken = {}, {}
  for i, column in ipairs(description.of(names)) do
    local key = column.name
    if is_taken[key] then
      local qualified, count = (column.table or "") .. "." .. key, 1
      key = qualified
      while is_taken[key] do
        count = count + 1
        key = qualified .. "." .. count
      end
    end
    keys[i], is_taken[key] = key, true
  end
  return keys
end

local function dict_of(keys, row)
  local dict = {}
  for i = 1, #keys do
    dict[keys[i]] = row[i]
  end
  return dict
end

--- Gives what makes a row of an array, nil where C makes it.
---@param names string[] of the result
---@param is_dict boolean
---@param dict_type? function|table
---@return nil|fun(row: any[]): any
function shape.maker(names, is_dict, dict_type)
  if not is_dict or not dict_type and not description.has_duplicates(names) then
    return nil
  end
  local keys = shape.keys(names)
  if type(dict_type) == "function" then
    return function(row)
      local made = dict_type(keys, row)
      if made == nil then -- which would look like the end of the rows
        errors.raise("ProgrammingError", "dict_type made nil of a row")
      end
      return made
    end
  end
  return function(row)
    return setmetatable(dict_of(keys, row), dict_type)
  end
end

return shape
