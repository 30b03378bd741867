--- Types as the servers write them, `decimal(10,2) unsigned`, as types of lunasa.sa.
local generic = require("lunasa.sa.type.generic")
local types = require("lunasa.dialects.mysql.types")
local upper = require("lunasa.sa.type.upper")

local own = types.own

--- Numbers in parentheses.
local function numbers(scanner)
  if not scanner:accept("(") then
    return nil, nil
  end
  local first, second = tonumber(scanner:word()), nil
  if scanner:accept(",") then
    second = tonumber(scanner:word())
  end
  scanner:expect(")")
  return first, second
end

local function number(class)
  return function(scanner)
    local precision, scale = numbers(scanner)
    local options = {}
    options.unsigned = scanner:accept("UNSIGNED") or nil
    options.zerofill = scanner:accept("ZEROFILL") or nil
    return class(precision, scale, options)
  end
end

--- The words behind a string type.
local function collated(scanner)
  local options = {}
  if scanner:accept("CHARACTER", "SET") or scanner:accept("CHARSET") then
    options.charset = scanner:name()
  end
  if scanner:accept("COLLATE") then
    options.collation = scanner:name()
  end
  return options
end

local function text(class)
  return function(scanner)
    local length = numbers(scanner)
    return class(length, collated(scanner))
  end
end

local function binary(class)
  return function(scanner)
    local length = numbers(scanner)
    return class(length)
  end
end

local function listed(class)
  return function(scanner)
    local values = {}
    scanner:expect("(")
    repeat
      values[#values + 1] = scanner:string()
    until not scanner:accept(",")
    scanner:expect(")")
    for name, value in pairs(collated(scanner)) do
      values[name] = value
    end
    return class(values)
  end
end

local function plain(class)
  return function()
    return class()
  end
end

local READERS = {
  INT = number(own.INTEGER),
  GEOMCOLLECTION = binary(own.GEOMETRYCOLLECTION),
  DATE = plain(upper.DATE),
  JSON = plain(own.JSON),
}
for names, reader in pairs({
  ["TINYINT SMALLINT MEDIUMINT INTEGER BIGINT BIT YEAR DOUBLE FLOAT REAL DECIMAL NUMERIC"] = number,
  ["VARCHAR CHAR TINYTEXT TEXT MEDIUMTEXT LONGTEXT"] = text,
  ["TINYBLOB BLOB MEDIUMBLOB LONGBLOB BINARY VARBINARY VECTOR DATETIME TIME TIMESTAMP"] = binary,
  ["ENUM SET"] = listed,
  ["UUID INET4 INET6"] = plain,
  ["GEOMETRY POINT LINESTRING POLYGON MULTIPOINT MULTILINESTRING MULTIPOLYGON"] = plain,
  ["GEOMETRYCOLLECTION"] = plain,
}) do
  for name in names:gmatch("%S+") do
    READERS[name] = reader(own[name])
  end
end

--- Reads the type of a column.
---@param scanner lunasa.sa.mysql.Scanner
---@param column string its name, for what is said of a type that nobody knows
---@return lunasa.sa.Type
return function(scanner, column)
  local first = scanner.at
  local name = scanner:word()
  if READERS[name] then
    return READERS[name](scanner)
  end
  if scanner:sees("(") then
    scanner:group()
  end
  local written = scanner:text(first, scanner.at - 1)
  local message = "column '%s' has the type '%s', which lunasa does not know: it is a NullType"
  scanner:warn(message, column, written)
  return generic.NullType()
end
