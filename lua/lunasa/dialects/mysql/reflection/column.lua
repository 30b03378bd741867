--- Columns as SHOW CREATE TABLE defines them.
local read_type = require("lunasa.dialects.mysql.reflection.type")

--- What ends the expression of a default.
local ENDS = {}
for word in
  ([[ ON COMMENT CHECK INVISIBLE VISIBLE WITHOUT COLUMN_FORMAT STORAGE AUTO_INCREMENT GENERATED
      ENGINE_ATTRIBUTE SECONDARY_ENGINE_ATTRIBUTE NOT SRID ]]):gmatch("%S+")
do
  ENDS[word] = true
end

--- What a definition may say, by its first word; each tells whether it was that.
local READERS = {}

function READERS.NOT(scanner, column)
  if scanner:accept("NOT", "NULL") then
    column.nullable = false
    return true
  end
end

function READERS.NULL(scanner)
  return scanner:accept("NULL")
end

function READERS.AUTO_INCREMENT(scanner, column)
  column.autoincrement = true
  return scanner:accept("AUTO_INCREMENT")
end

function READERS.DEFAULT(scanner, column)
  scanner:accept("DEFAULT")
  local text = scanner:expression(ENDS)
  column.default = text:upper() ~= "NULL" and text or nil
  return true
end

function READERS.ON(scanner, column)
  if scanner:accept("ON", "UPDATE") then
    column.onupdate = scanner:expression(ENDS)
    return true
  end
end

function READERS.COMMENT(scanner, column)
  scanner:accept("COMMENT")
  column.comment = scanner:string()
  return true
end

function READERS.GENERATED(scanner, column)
  if scanner:accept("GENERATED", "ALWAYS", "AS", "ROW") then
    column.dialect_options.mysql_row = scanner:word()
    return true
  elseif scanner:accept("GENERATED", "ALWAYS", "AS") then
    local text = scanner:group()
    local is_stored = scanner:accept("STORED") or scanner:accept("PERSISTENT")
    column.computed = { sqltext = text, persisted = is_stored }
    return is_stored or scanner:accept("VIRTUAL") or true
  end
end

function READERS.INVISIBLE(scanner, column)
  column.dialect_options.mysql_invisible = true
  return scanner:accept("INVISIBLE")
end

function READERS.CHECK(scanner, column)
  scanner:accept("CHECK")
  column.checks[#column.checks + 1] = scanner:group()
  return true
end

function READERS.COMPRESSED(scanner, column)
  column.dialect_options.mysql_compressed = true
  return scanner:accept("COMPRESSED")
end

function READERS.WITHOUT(scanner, column)
  if scanner:accept("WITHOUT", "SYSTEM", "VERSIONING") then
    column.dialect_options.mysql_without_system_versioning = true
    return true
  end
end

function READERS.SRID(scanner, column)
  scanner:accept("SRID")
  local srid = tonumber(scanner:word())
  if column.type.kind ~= "mysql_geometry" then
    scanner:fail("a type with an SRID")
  end
  column.type = getmetatable(column.type)({ srid = srid })
  return true
end

--- A word and its value.
local function with_word(name)
  READERS[name:upper()] = function(scanner, column)
    scanner:accept(name:upper())
    column.dialect_options["mysql_" .. name] = scanner:word()
    return true
  end
end
with_word("column_format")
with_word("storage")

--- Reads a column's name, type and the rest.
---@param scanner lunasa.sa.mysql.Scanner
---@return table description
return function(scanner)
  local column = { name = scanner:name(), nullable = true, autoincrement = false }
  column.dialect_options, column.checks = {}, {}
  column.type = read_type(scanner, column.name)
  while not scanner:is_over() do
    local token = scanner.tokens[scanner.at]
    local reader = token.kind == "word" and READERS[token.value]
    if not (reader and reader(scanner, column)) then
      local first = scanner.at
      scanner:step()
      local text = scanner:text(first, scanner.at - 1)
      scanner:warn("column '%s' has '%s', which lunasa does not know", column.name, text)
    end
  end
  return column
end
