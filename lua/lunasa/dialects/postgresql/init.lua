--- The dialect of PostgreSQL.
local Compiler = require("lunasa.sa.compiler.default")
local Dialect = require("lunasa.sa.compiler.dialect")
local class = require("lunasa.sa.class")
local conflict = require("lunasa.dialects.conflict")
local operator = require("lunasa.sa.operator")

local PostgreSQLCompiler = class("PostgreSQLCompiler", Compiler)

conflict.add(PostgreSQLCompiler)
require("lunasa.dialects.postgresql.ddl")(PostgreSQLCompiler)

function PostgreSQLCompiler:binary_ilike(node)
  return self:process(node.left)
    .. node.operator.text
    .. self:process(node.right)
    .. self:escape_of(node)
end
PostgreSQLCompiler.binary_not_ilike = PostgreSQLCompiler.binary_ilike

function PostgreSQLCompiler:binary_regexp_match(node)
  local flags = node.modifiers and node.modifiers.flags
  local is_negated = node.operator == operator.not_regexp_match
  local sign = is_negated and "!~" or "~"
  local left, right = self:process(node.left), self:process(node.right)
  if not flags then
    return ("%s %s %s"):format(left, sign, right)
  elseif flags.value == "i" then
    return ("%s %s* %s"):format(left, sign, right)
  end
  return ("%s %s CONCAT('(?', %s, ')', %s)"):format(left, sign, self:process(flags), right)
end
PostgreSQLCompiler.binary_not_regexp_match = PostgreSQLCompiler.binary_regexp_match

function PostgreSQLCompiler:binary_match(node)
  local config = node.modifiers and node.modifiers.postgresql_regconfig
  return ("%s @@ to_tsquery(%s%s)"):format(
    self:process(node.left),
    config and self.dialect:string(config) .. ", " or "",
    self:process(node.right)
  )
end

function PostgreSQLCompiler:distinct_words(statement)
  local on = statement.distinct_
  if on and #on > 0 then
    return ("DISTINCT ON (%s) "):format(self:join_all(on, ", "))
  end
  return on and "DISTINCT " or ""
end

function PostgreSQLCompiler:limit(statement)
  local text = ""
  if statement.limit_ then
    text = " LIMIT " .. self:process(statement.limit_)
  elseif statement.offset_ then
    text = " LIMIT ALL"
  end
  if statement.offset_ then
    text = text .. " OFFSET " .. self:process(statement.offset_)
  end
  return text
end

function PostgreSQLCompiler.lock_words(_, lock)
  if lock.key_share then
    return lock.read and " FOR KEY SHARE" or " FOR NO KEY UPDATE"
  end
  return lock.read and " FOR SHARE" or " FOR UPDATE"
end

function PostgreSQLCompiler:function_substring(node)
  local text, from, count = unpack(node.arguments)
  if not from or #node.arguments > 3 then
    return "substring(" .. self:join_all(node.arguments, ", ") .. ")"
  end
  local head = ("SUBSTRING(%s FROM %s"):format(self:process(text), self:process(from))
  return (count and head .. " FOR " .. self:process(count) or head) .. ")"
end

--- A name in OF has no schema.
function PostgreSQLCompiler:locked_name(owner)
  return self:quote(owner.is_table and owner.name or self:name_of(owner))
end

--- One row of values has one key.
function PostgreSQLCompiler:asks_for_key(statement)
  if statement.kind ~= "insert" or statement.is_inline or statement.is_multiple then
    return false
  end
  return not statement.source and (statement.rows or self.column_keys) and true or false
end

--- The generated key is asked for, unless something else is.
function PostgreSQLCompiler:returning(statement)
  local text = Compiler.returning(self, statement)
  if text ~= "" or not self:asks_for_key(statement) then
    return text
  end
  local row, names = statement.rows and statement.rows[1] or {}, {}
  for _, column in ipairs(statement.target.primary_key.columns) do
    if self:is_made_by_server(column, row[column]) then
      names[#names + 1] = self:process(column)
    end
  end
  return #names > 0 and " RETURNING " .. table.concat(names, ", ") or text
end

--- Tells whether only the server knows the value that a column of the key will have.
function PostgreSQLCompiler:is_made_by_server(column, given)
  local value = given == nil and column.default or given
  if value ~= nil then
    return type(value) == "table" and value.is_expression and value.kind ~= "bind" or false
  end
  return column.sequence ~= nil
    or column.server_default ~= nil
    or column == self:counted_column(column.table)
end

--- `FROM ONLY users`: without the tables that inherit from it.
function PostgreSQLCompiler:with_hint(text, hint)
  if hint:upper() ~= "ONLY" then
    self:refuse(
      ("hint '%s'; give the hint for one dialect, with_hint(t, hint, 'mysql')"):format(hint)
    )
  end
  return "ONLY " .. text
end

function PostgreSQLCompiler:sequence_value(sequence)
  return ("nextval(%s)"):format(self.dialect:string(self:sequence_name(sequence)))
end

--- Operators beside which an arrow needs no parentheses.
local LOOSE = {
  like = true,
  not_like = true,
  ilike = true,
  not_ilike = true,
  startswith = true,
  not_startswith = true,
  endswith = true,
  not_endswith = true,
  contains = true,
  not_contains = true,
  match = true,
  not_match = true,
}

function PostgreSQLCompiler:binary(node)
  local was_beside = self.is_beside
  self.is_beside = was_beside or not LOOSE[node.operator.name]
  local text = Compiler.binary(self, node)
  self.is_beside = was_beside
  return text
end

--- `->` gives JSON, `->>` text; `#>` and `#>>` take paths. In parentheses beside an operator.
function PostgreSQLCompiler:json_get(node)
  local sign = node.is_path and "#>" or "->"
  if node.as then
    sign = sign .. ">"
  end
  local was_beside = self.is_beside
  self.is_beside = true
  local text = ("%s %s %s"):format(self:process(node.element), sign, self:process(node.path))
  self.is_beside = was_beside
  text = was_beside and "(" .. text .. ")" or text
  if node.as then
    return ("CAST(%s AS %s)"):format(text, self.dialect:type_text(node.as))
  end
  return text
end

local postgresql = Dialect.new({
  name = "postgresql",
  family = "postgresql",
  title = "PostgreSQL",
  reserved = require("lunasa.dialects.postgresql.reserved"),
  types = require("lunasa.dialects.postgresql.types"),
  Compiler = PostgreSQLCompiler,
  has_native_boolean = true,
  has_named_types = true,
  has_lock_of = true,
})

function postgresql.has_enum(_, type_)
  return type_.native_enum ~= false and type_.name ~= nil
end

function postgresql.empty_set()
  return "SELECT CAST(NULL AS INTEGER) WHERE 1!=1"
end

--- Small letters would be another collation.
function postgresql:quote_collation(name)
  return self:quote(name, true)
end

--- A path is an array of text; a single step is itself.
function postgresql.json_path(_, value)
  if type(value) ~= "table" then
    return value
  end
  local parts = {}
  for i, step in ipairs(value) do
    local text = tostring(step)
    local is_plain = text:find("^[%w_ -]*%S$") and not text:find("^%s") and text:lower() ~= "null"
    parts[i] = is_plain and text or '"' .. text:gsub('[\\"]', "\\%0") .. '"'
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function postgresql.placeholder(_, number)
  return "$" .. number
end

return postgresql
