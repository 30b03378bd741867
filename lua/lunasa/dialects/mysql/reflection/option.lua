--- What SHOW CREATE TABLE says behind the columns: `ENGINE=InnoDB COMMENT='x' PARTITION BY …`.

--- Of the table as it happens to be, not of its definition.
local PASSING = { auto_increment = true, data_directory = true, index_directory = true }

--- Values that are strings; those of other options stay as they were written.
local STRINGS = {}
for name in
  ([[ comment connection password compression encryption engine_attribute
      secondary_engine_attribute ]]):gmatch("%S+")
do
  STRINGS[name] = true
end

--- What begins options of two words.
local FIRST_OF_TWO = { DEFAULT = true, CHARACTER = true, DATA = true, INDEX = true, START = true }

local function read_name(scanner)
  local name = scanner:name():lower()
  while FIRST_OF_TWO[name:match("%a*$"):upper()] and not scanner:sees("=") do
    name = name .. "_" .. scanner:name():lower()
  end
  return name
end

local function read_value(scanner, name)
  if STRINGS[name] then
    return scanner:string()
  end
  local first = scanner.at
  scanner:step()
  local text = scanner:text(first, scanner.at - 1)
  return tonumber(text) or text
end

--- All the rest of the text.
local function read_rest(scanner)
  local first = scanner.at
  scanner.at = #scanner.tokens + 1
  return scanner:text(first, #scanner.tokens)
end

--- Reads the options of a table.
---@param scanner lunasa.sa.mysql.Scanner
---@return table<string, any> options such as mysql_engine
return function(scanner)
  local options = {}
  while scanner.tokens[scanner.at] do
    if scanner:accept("PARTITION", "BY") then
      options.mysql_partition_by = read_rest(scanner)
    elseif scanner:accept("WITH", "SYSTEM", "VERSIONING") then
      options.mysql_with_system_versioning = true
    elseif scanner:accept("TABLESPACE") then
      options.mysql_tablespace = scanner:name()
    elseif not scanner:accept(",") then
      local name = read_name(scanner)
      if not scanner:accept("=") then
        scanner:warn("the table has '%s', which lunasa does not know", name)
      else
        local value = read_value(scanner, name)
        options["mysql_" .. name] = not PASSING[name] and value or nil
      end
    end
  end
  return options
end
