--- Columns of views, which SHOW CREATE TABLE does not define: rows of information_schema.COLUMNS.
local NULL = require("lunasa.null")
local read_type = require("lunasa.dialects.mysql.reflection.type")
local scan = require("lunasa.dialects.mysql.reflection.scan")

local NAME, TYPE, COLLATION, NULLABLE, COMMENT = 1, 2, 3, 4, 5

--- The collation stands apart from the type here.
local function with_collation(type_, collation)
  if collation == NULL or collation == nil or type_.kind ~= "mysql_text" then
    return type_
  end
  return getmetatable(type_)(type_.length, { collation = collation })
end

--- Describes a view.
---@param rows any[][] name, type, collation, whether it may be NULL, comment
---@return lunasa.sa.TableDescription
return function(rows)
  local columns, warnings = {}, {}
  for i, row in ipairs(rows) do
    local scanner = scan.new(row[TYPE])
    local type_ = read_type(scanner, row[NAME])
    for _, warning in ipairs(scanner.warnings) do
      warnings[#warnings + 1] = warning
    end
    columns[i] = {
      name = row[NAME],
      type = with_collation(type_, row[COLLATION]),
      nullable = row[NULLABLE] == "YES",
      autoincrement = false,
      comment = row[COMMENT] ~= "" and row[COMMENT] or nil,
      dialect_options = {},
    }
  end
  return {
    columns = columns,
    primary_key = { constrained_columns = {}, dialect_options = {} },
    indexes = {},
    foreign_keys = {},
    checks = {},
    periods = {},
    options = {},
    warnings = warnings,
    is_view = true,
  }
end
