--- The primary key of a row that was inserted.
local NULL = require("lunasa.null")

local inserted = {}

--- The value that a column was given; nil when the database made it.
local function given_value(compiled, collected, column)
  for _, pair in ipairs(compiled.single_row) do
    if pair[1] == column then
      return pair[2] and collected[pair[2]]
    end
  end
  return nil
end

--- The column whose value the database numbers.
local function numbered(columns)
  for _, column in ipairs(columns) do
    if column.autoincrement == true then
      return column
    end
  end
  return #columns == 1 and columns[1] or nil
end

--- Gives the key of the row that an INSERT has made, as a list and by name.
---@param result lunasa.ResultProxy
---@return table? key nil for an INSERT of several rows
function inserted.key(result)
  local compiled, collected = result.compiled, result.collected
  if not compiled.single_row then
    return nil
  end
  local columns = compiled.target.primary_key.columns
  local auto, key = numbered(columns), {}
  for i, column in ipairs(columns) do
    local value = given_value(compiled, collected, column)
    if value == nil or value == NULL then
      local made = column == auto and result.lastrowid or 0
      value = made ~= 0 and made or nil
    end
    key[i], key[column.key] = value, value
  end
  return key
end

return inserted
