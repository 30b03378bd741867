--- What the servers call the types and properties of columns, as numbers. Manual: "Column
--- Definition", enum_field_types.

local field_type = {}

--- Types: `type_code` of a cursor's description. MariaDB's JSON is a BLOB whose `format` is "json".
---@type table<string, integer>
field_type.FIELD_TYPE = {
  DECIMAL = 0,
  TINY = 1,
  SHORT = 2,
  LONG = 3,
  FLOAT = 4,
  DOUBLE = 5,
  NULL = 6,
  TIMESTAMP = 7,
  LONGLONG = 8,
  INT24 = 9,
  DATE = 10,
  TIME = 11,
  DATETIME = 12,
  YEAR = 13,
  NEWDATE = 14,
  VARCHAR = 15,
  BIT = 16,
  VECTOR = 242,
  JSON = 245,
  NEWDECIMAL = 246,
  ENUM = 247,
  SET = 248,
  TINY_BLOB = 249,
  MEDIUM_BLOB = 250,
  LONG_BLOB = 251,
  BLOB = 252,
  VAR_STRING = 253,
  STRING = 254,
  GEOMETRY = 255,
  CHAR = 1, -- as aiomysql names them too
  INTERVAL = 247,
}

--- Properties: bits of `flags` there.
---@type table<string, integer>
field_type.FLAG = {
  NOT_NULL = 1,
  PRI_KEY = 2,
  UNIQUE_KEY = 4,
  MULTIPLE_KEY = 8,
  BLOB = 16,
  UNSIGNED = 32,
  ZEROFILL = 64,
  BINARY = 128,
  ENUM = 256,
  AUTO_INCREMENT = 512,
  TIMESTAMP = 1024,
  SET = 2048,
  NO_DEFAULT_VALUE = 4096,
  ON_UPDATE_NOW = 8192,
  PART_KEY = 16384,
  GROUP = 32768, -- the servers say NUM: any number
  NUM = 32768,
}

return field_type
