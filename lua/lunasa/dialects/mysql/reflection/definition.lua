--- The text of SHOW CREATE TABLE as a description of the table.
local key = require("lunasa.dialects.mysql.reflection.key")
local read_column = require("lunasa.dialects.mysql.reflection.column")
local read_options = require("lunasa.dialects.mysql.reflection.option")
local scan = require("lunasa.dialects.mysql.reflection.scan")
local types = require("lunasa.dialects.mysql.types")

local definition = {}

---@class lunasa.sa.TableDescription
---@field columns table[]
---@field primary_key table
---@field indexes table[]
---@field foreign_keys table[]
---@field checks table[]
---@field periods table[]
---@field options table<string, any>
---@field comment? string
---@field warnings string[]

local JSON_CHECK = "json_valid(`%s`)"

--- MariaDB's JSON is a LONGTEXT of this collation with this check.
local function recognize_json(column, default_collation)
  local type_ = column.type
  local is_text = type_.kind == "mysql_text" and type_.word == "LONGTEXT"
  local is_plain = (type_.collation or default_collation) == "utf8mb4_bin"
  local check = JSON_CHECK:format((column.name:gsub("`", "``")))
  if is_text and is_plain and #column.checks == 1 and column.checks[1] == check then
    column.type, column.checks = types.own.JSON(), {}
  end
end

--- Orders by name: the order of the servers is that in which things were made.
local function sort_by_name(list)
  table.sort(list, function(a, b)
    return (a.name or "") < (b.name or "")
  end)
  return list
end

--- Checks that stand with a column are the table's, and say whose they are.
local function take_column_checks(description)
  for _, column in ipairs(description.columns) do
    recognize_json(column, description.options.mysql_collate)
    for _, text in ipairs(column.checks) do
      local check = { sqltext = text, column = column.name, dialect_options = {} }
      table.insert(description.checks, check)
    end
    column.checks = nil
  end
end

local function read_constraint(scanner, description)
  local name = scanner:name()
  if scanner:accept("FOREIGN", "KEY") then
    table.insert(description.foreign_keys, key.foreign(scanner, name))
  elseif scanner:accept("CHECK") then
    table.insert(description.checks, key.check(scanner, name))
  else
    scanner:fail("FOREIGN KEY or CHECK")
  end
end

local function read_period(scanner, description)
  local period = { name = scanner:name() }
  scanner:expect("(")
  period.first = scanner:name()
  scanner:expect(",")
  period.last = scanner:name()
  scanner:expect(")")
  table.insert(description.periods, period)
end

--- One of the things in the parentheses. A column whose name is bare may be called KEY, so that
--- what is none stands first.
local function read_item(scanner, description)
  if scanner:accept("PRIMARY", "KEY") then
    description.primary_key = key.primary(scanner)
  elseif scanner:accept("CONSTRAINT") then
    read_constraint(scanner, description)
  elseif scanner:accept("PERIOD", "FOR") then
    read_period(scanner, description)
  elseif scanner:accept("KEY") then
    table.insert(description.indexes, key.index(scanner))
  elseif scanner:accept("FOREIGN", "KEY") then
    table.insert(description.foreign_keys, key.foreign(scanner))
  else
    for _, prefix in ipairs({ "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR" }) do
      if scanner:accept(prefix, "KEY") then
        table.insert(description.indexes, key.index(scanner, prefix))
        return
      end
    end
    table.insert(description.columns, read_column(scanner))
  end
end

local function read(text)
  local scanner = scan.new(text)
  local description = { columns = {}, indexes = {}, foreign_keys = {}, checks = {}, periods = {} }
  description.primary_key = { constrained_columns = {}, dialect_options = {} }
  if
    not scanner:accept("CREATE", "TABLE") and not scanner:accept("CREATE", "TEMPORARY", "TABLE")
  then
    scanner:fail("CREATE TABLE")
  end
  scanner:name()
  scanner:expect("(")
  repeat
    read_item(scanner, description)
  until not scanner:accept(",")
  scanner:expect(")")
  local options = read_options(scanner)
  description.comment, options.mysql_comment = options.mysql_comment, nil
  description.options, description.warnings = options, scanner.warnings
  take_column_checks(description)
  sort_by_name(description.indexes)
  sort_by_name(description.foreign_keys)
  return description
end

--- `a`, `b`
local function doubled(names)
  return (
    names:gsub("[^,]+", function(name)
      local inner = name:match("^%s*`(.*)`$")
      return inner and "`" .. inner:gsub("`", "``") .. "`" or nil
    end)
  )
end

--- MariaDB 11.8 doesn't double the backticks in names of foreign keys and of their columns.
local function repair(line)
  local name, own, target, theirs, rest =
    line:match("^  CONSTRAINT `(.*)` FOREIGN KEY %((.-)%) REFERENCES (.-) %((`.-`)%)(.*)$")
  if not name then
    return nil
  end
  return ("  CONSTRAINT `%s` FOREIGN KEY (%s) REFERENCES %s (%s)%s"):format(
    name:gsub("`", "``"),
    doubled(own),
    target,
    doubled(theirs),
    rest
  )
end

--- Reads what SHOW CREATE TABLE says.
---@param text string
---@return lunasa.sa.TableDescription
function definition.read(text)
  local ok, found = pcall(read, text)
  if ok then
    return found
  end
  local repaired = text:gsub("[^\n]+", repair)
  if repaired == text then
    error(found, 0)
  end
  return read(repaired)
end

return definition
