--- The dialect of MariaDB: MySQL's, but for what the two have each on their own.
local Compiler = require("lunasa.dialects.mysql.compiler")
local Dialect = require("lunasa.sa.compiler.dialect")
local class = require("lunasa.sa.class")
local mysql = require("lunasa.dialects.mysql")
local operator = require("lunasa.sa.operator")
local types = require("lunasa.dialects.mysql.types")

local MariaDBCompiler = class("MariaDBCompiler", Compiler)

--- The flags are part of the pattern.
function MariaDBCompiler:binary_regexp_match(node)
  local flags = node.modifiers and node.modifiers.flags
  if not flags then
    return self:process(node.left) .. node.operator.text .. self:process(node.right)
  end
  local word = node.operator == operator.regexp_match and " REGEXP " or " NOT REGEXP "
  return ("%s%sCONCAT('(?', %s, ')', %s)"):format(
    self:process(node.left),
    word,
    self:process(flags),
    self:process(node.right)
  )
end

--- The flags are part of the pattern here too.
function MariaDBCompiler:binary_regexp_replace(node)
  local with = node.modifiers
  if not with.flags then
    return Compiler.binary_regexp_replace(self, node)
  end
  return ("REGEXP_REPLACE(%s, CONCAT('(?', %s, ')', %s), %s)"):format(
    self:process(node.left),
    self:process(with.flags),
    self:process(node.right),
    self:process(with.replacement)
  )
end

return Dialect.new({
  name = "mariadb",
  family = "mysql",
  title = "MariaDB",
  quote_character = "`",
  reserved = require("lunasa.dialects.mariadb.reserved"),
  types = types,
  Compiler = MariaDBCompiler,
  cast_type = types.for_cast,
  string = mysql.string,
  has_enum = mysql.has_enum,
  has_sequences = true,
  check_word = "CONSTRAINT",
  returning = { insert = true, delete = true },
})
