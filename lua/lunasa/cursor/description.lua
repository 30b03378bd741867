--- What the server says of the columns of a result, in the form of DB-API: `description[2].name`,
--- `description[2][1]`. Nothing is made before somebody asks.
local field_type = require("lunasa.field_type")
local null = require("lunasa.null")

local FIELD_TYPE, FLAG = field_type.FIELD_TYPE, field_type.FLAG

local description = {}

---@class lunasa.Column
---@field [1] string name
---@field [2] integer type_code
---@field [3] any lunasa.null, for display_size
---@field [4] integer internal_size
---@field [5] integer precision
---@field [6] integer scale
---@field [7] boolean null_ok
---@field name string as the statement calls it
---@field type_code integer see lunasa.FIELD_TYPE
---@field internal_size integer the longest value in bytes, as the server prints it
---@field display_size nil
---@field precision integer digits of a DECIMAL, else `internal_size`
---@field scale integer decimals; 31 where they vary
---@field null_ok boolean
---@field table? string as the statement calls it; nil for an expression
---@field org_table? string
---@field org_name? string as the table calls it
---@field database? string
---@field flags integer see lunasa.FLAG
---@field is_unsigned boolean
---@field charset integer number of its collation; 63 for bytes
---@field type_name? string where MariaDB knows better than `type_code`: "uuid", "inet6" …
---@field format? string of MariaDB: "json"

--- Lists of columns by the names of a result, which results with the same columns share.
local known = setmetatable({}, { __mode = "k" })

local function has_flag(flags, flag)
  return flags % (2 * flag) >= flag
end

local function precision_of(column)
  local length = column.internal_size
  if column.type_code ~= FIELD_TYPE.NEWDECIMAL and column.type_code ~= FIELD_TYPE.DECIMAL then
    return length
  end
  -- The length counts the sign and the point.
  return length - (column.is_unsigned and 0 or 1) - (column.scale > 0 and 1 or 0)
end

local function complete(column)
  column.internal_size, column.length = column.length, nil
  column.is_unsigned = has_flag(column.flags, FLAG.UNSIGNED)
  column.null_ok = not has_flag(column.flags, FLAG.NOT_NULL)
  column.precision = precision_of(column)
  column[1], column[2], column[3] = column.name, column.type_code, null
  column[4], column[5] = column.internal_size, column.precision
  column[6], column[7] = column.scale, column.null_ok
  return column
end

--- Tells whether two columns of a result have one name.
---@param names string[] of the result
---@return boolean
function description.has_duplicates(names)
  local facts = getmetatable(names)
  return facts.has_duplicates
end

--- Gives the columns of a result.
---@param names? string[] of the result, as it was made with them
---@return lunasa.Column[]? columns nil for a statement without rows
function description.of(names)
  local columns = names and known[names]
  if names and not columns then
    columns = getmetatable(names).metadata:columns()
    for _, column in ipairs(columns) do
      complete(column)
    end
    known[names] = columns
  end
  return columns
end

return description
