--- The dialect of MySQL 8 and later.
local Compiler = require("lunasa.dialects.mysql.compiler")
local Dialect = require("lunasa.sa.compiler.dialect")
local types = require("lunasa.dialects.mysql.types")

local mysql = Dialect.new({
  name = "mysql",
  family = "mysql",
  title = "MySQL",
  quote_character = "`",
  reserved = require("lunasa.dialects.mysql.reserved"),
  types = types,
  Compiler = Compiler,
  has_lock_of = true,
  cast_type = types.for_cast,
  check_word = "CHECK",
  returning = {},
})

--- Enums are a type of their own, unless somebody wants strings.
function mysql.has_enum(_, type_)
  return type_.native_enum ~= false
end

--- A backslash in a string means something unless the SQL mode says NO_BACKSLASH_ESCAPES.
function mysql.string(_, value)
  return "'" .. value:gsub("'", "''"):gsub("\\", "\\\\") .. "'"
end

return mysql
