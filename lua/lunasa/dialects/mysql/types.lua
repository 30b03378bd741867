--- The types of MySQL and MariaDB: as classes for columns, as text in DDL and in CAST.
local arguments = require("lunasa.sa.schema.arguments")
local common = require("lunasa.sa.compiler.types")
local generic = require("lunasa.sa.type.generic")
local json = require("lunasa.sa.type.json")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local sa_types = require("lunasa.sa.type")

local types = setmetatable({}, { __index = common })

local function word(text)
  return function()
    return text
  end
end

types.boolean = word("BOOL")

function types.float(_, type_)
  return type_.precision and ("FLOAT(%d)"):format(type_.precision) or "FLOAT"
end

function types.large_binary(_, type_)
  return type_.length and ("BLOB(%d)"):format(type_.length) or "BLOB"
end

local function collated(dialect, type_, text)
  local charset, collation = "", ""
  if type_.charset then
    charset = " CHARACTER SET " .. dialect:quote_function(type_.charset)
  elseif type_.ascii or type_.unicode then
    charset = type_.ascii and " ASCII" or " UNICODE"
  end
  if type_.collation then
    collation = " COLLATE " .. dialect:quote_collation(type_.collation)
  elseif type_.binary then
    collation = " BINARY"
  end
  if type_.national then
    return "NATIONAL " .. text .. collation
  end
  return text .. charset .. collation
end

local function string_type(name, needs_length)
  return function(dialect, type_)
    if needs_length and not type_.length then
      local message = ("%s needs a length on %s: String(50)"):format(name, dialect.title)
      mistake.raise("CompileError", message)
    end
    local text = type_.length and ("%s(%d)"):format(name, type_.length) or name
    return collated(dialect, type_, text)
  end
end

types.string, types.unicode = string_type("VARCHAR", true), string_type("VARCHAR", true)
types.char, types.nchar = string_type("CHAR"), string_type("NATIONAL CHAR")
types.nvarchar = string_type("NATIONAL VARCHAR", true)
types.text, types.unicode_text = string_type("TEXT"), string_type("TEXT")
types.varbinary = string_type("VARBINARY", true)

--- A TIMESTAMP that may be NULL says so: by itself it would not.
function types.timestamp(_, type_)
  return type_.fsp and ("TIMESTAMP(%d)"):format(type_.fsp) or "TIMESTAMP"
end

local function quoted_values(dialect, type_)
  local parts = {}
  for i = 1, type_.values.n do
    parts[i] = dialect:string(type_.values[i])
  end
  return table.concat(parts, ",")
end

function types.enum(dialect, type_)
  if type_.native_enum == false then
    return common.enum(dialect, type_)
  end
  return collated(dialect, type_, ("ENUM(%s)"):format(quoted_values(dialect, type_)))
end

function types.set(dialect, type_)
  return collated(dialect, type_, ("SET(%s)"):format(quoted_values(dialect, type_)))
end

--- A number with its width and its words.
function types.mysql_number(_, type_)
  local text = type_.word
  if type_.precision and type_.scale then
    text = ("%s(%d, %d)"):format(text, type_.precision, type_.scale)
  elseif type_.precision then
    text = ("%s(%d)"):format(text, type_.precision)
  end
  if type_.unsigned then
    text = text .. " UNSIGNED"
  end
  return type_.zerofill and text .. " ZEROFILL" or text
end

function types.mysql_text(dialect, type_)
  local text = type_.length and ("%s(%d)"):format(type_.word, type_.length) or type_.word
  return collated(dialect, type_, text)
end

function types.mysql_time(_, type_)
  return type_.fsp and ("%s(%d)"):format(type_.word, type_.fsp) or type_.word
end

function types.mysql_geometry(_, type_)
  return type_.srid and ("%s SRID %d"):format(type_.word, type_.srid) or type_.word
end

--- Where MySQL's own names are.
local own = {}
types.own = own

local read_number_options =
  options_of("a number type", "display_width precision scale unsigned zerofill asdecimal")

local function read_number(self, precision, scale, options)
  if type(precision) == "table" then
    precision, options = nil, precision
  elseif type(scale) == "table" then
    scale, options = nil, scale
  end
  options = read_number_options(options)
  precision = precision or options.display_width or options.precision
  scale = scale or options.scale
  sa_types.check_number(precision)
  sa_types.check_number(scale)
  self.precision, self.scale = precision, scale
  self.unsigned, self.zerofill = options.unsigned, options.zerofill
  return precision, scale, options.unsigned, options.zerofill
end

for name, parent in pairs({
  TINYINT = "Integer",
  SMALLINT = "Integer",
  MEDIUMINT = "Integer",
  INTEGER = "Integer",
  BIGINT = "Integer",
  BIT = "Integer",
  YEAR = "Integer",
  DOUBLE = "Float",
  FLOAT = "Float",
  REAL = "Float",
  DECIMAL = "Numeric",
  NUMERIC = "Numeric",
}) do
  local fields = { kind = "mysql_number", word = name }
  own[name] = sa_types.define("mysql." .. name, generic[parent], fields, read_number)
end
own.INT = own.INTEGER

local read_text_options =
  options_of("a string type", "charset collation ascii unicode binary national")

local function read_text(self, length, options)
  if type(length) == "table" then
    length, options = nil, length
  end
  options = read_text_options(options)
  sa_types.check_number(length)
  self.length, self.charset, self.collation = length, options.charset, options.collation
  local flags = ""
  for _, name in ipairs({ "ascii", "unicode", "binary", "national" }) do
    self[name] = options[name]
    flags = options[name] and flags .. name or flags
  end
  return length, options.charset, options.collation, flags
end

for _, name in ipairs({ "VARCHAR", "CHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT" }) do
  local fields = { kind = "mysql_text", word = name }
  own[name] = sa_types.define("mysql." .. name, generic.String, fields, read_text)
end

for name, plain in pairs({ NVARCHAR = "VARCHAR", NCHAR = "CHAR" }) do
  local fields = { kind = "mysql_text", word = plain }
  own[name] = sa_types.define("mysql." .. name, generic.String, fields, function(self, ...)
    local length, _, collation = read_text(self, ...)
    self.national = true
    return length, collation, "national"
  end)
end

for _, name in ipairs({
  "TINYBLOB",
  "BLOB",
  "MEDIUMBLOB",
  "LONGBLOB",
  "BINARY",
  "VARBINARY",
  "VECTOR",
}) do
  local fields = { kind = "mysql_text", word = name }
  own[name] = sa_types.define("mysql." .. name, generic.LargeBinary, fields, read_text)
end

local read_srid_options = options_of("a geometry", "srid")

local function read_srid(self, options)
  if type(options) == "table" then
    options = read_srid_options(options).srid
  end
  sa_types.check_number(options)
  self.srid = options
  return self.srid
end

for name in
  ([[ GEOMETRY POINT LINESTRING POLYGON MULTIPOINT MULTILINESTRING MULTIPOLYGON
      GEOMETRYCOLLECTION ]]):gmatch("%S+")
do
  local fields = { kind = "mysql_geometry", word = name }
  own[name] = sa_types.define("mysql." .. name, generic.LargeBinary, fields, read_srid)
end

--- Types of MariaDB that travel as text.
for _, name in ipairs({ "UUID", "INET4", "INET6" }) do
  own[name] = sa_types.define("mysql." .. name, generic.String, { kind = "named", word = name })
end

local read_fsp_options = options_of("fsp", "fsp timezone")

local function read_fsp(self, options)
  if type(options) == "table" then
    options = read_fsp_options(options).fsp
  end
  sa_types.check_number(options)
  self.fsp = options
  return self.fsp
end

own.DATETIME = sa_types.define(
  "mysql.DATETIME",
  generic.DateTime,
  { kind = "mysql_time", word = "DATETIME" },
  read_fsp
)
own.TIME =
  sa_types.define("mysql.TIME", generic.Time, { kind = "mysql_time", word = "TIME" }, read_fsp)
own.TIMESTAMP = sa_types.define(
  "mysql.TIMESTAMP",
  generic.DateTime,
  { kind = "timestamp", word = "TIMESTAMP" },
  read_fsp
)

local function read_values(self, ...)
  local values, options = arguments.read(...)
  sa_types.check_strings(values)
  self.values, self.name = values, options.name
  self.charset, self.collation = options.charset, options.collation
  return table.concat(values, "\0", 1, values.n), self.charset, self.collation
end

own.JSON, own.DATE = json, require("lunasa.sa.type.upper").DATE

own.ENUM =
  sa_types.define("mysql.ENUM", generic.String, { kind = "enum", word = "ENUM" }, read_values)
own.SET = sa_types.define("mysql.SET", generic.String, { kind = "set", word = "SET" }, read_values)

types.for_cast = require("lunasa.dialects.mysql.cast")

return types
