--- What MySQL and MariaDB write in another way.
local Compiler = require("lunasa.sa.compiler.default")
local class = require("lunasa.sa.class")
local operator = require("lunasa.sa.operator")

---@class lunasa.sa.mysql.Compiler: lunasa.sa.Compiler
local MySQLCompiler = class("MySQLCompiler", Compiler)

require("lunasa.dialects.mysql.ddl")(MySQLCompiler)

--- Operands of one CONCAT, however they were nested.
local function operands(node, found)
  if node.kind == "binary" and node.operator == operator.concat then
    operands(node.left, found)
    operands(node.right, found)
  else
    found[#found + 1] = node
  end
  return found
end

function MySQLCompiler:binary_concat(node)
  return "concat(" .. self:join_all(operands(node, {}), ", ") .. ")"
end

function MySQLCompiler:binary_is_distinct_from(node)
  return ("NOT (%s <=> %s)"):format(self:process(node.left), self:process(node.right))
end

function MySQLCompiler:binary_is_not_distinct_from(node)
  return self:process(node.left) .. " <=> " .. self:process(node.right)
end

--- `REGEXP_LIKE(x, pattern, flags)`, since MySQL 8.
function MySQLCompiler:binary_regexp_match(node)
  local left, right = self:process(node.left), self:process(node.right)
  local flags = node.modifiers and node.modifiers.flags
  local is_negated = node.operator == operator.not_regexp_match
  if not flags then
    return left .. node.operator.text .. right
  end
  local call = ("REGEXP_LIKE(%s, %s, %s)"):format(left, right, self:process(flags))
  return is_negated and "NOT " .. call or call
end

function MySQLCompiler:binary_not_regexp_match(node)
  return self:binary_regexp_match(node)
end

function MySQLCompiler:binary_match(node)
  return ("MATCH (%s) AGAINST (%s IN BOOLEAN MODE)"):format(
    self:process(node.left),
    self:process(node.right)
  )
end

function MySQLCompiler:fulltext_match(node)
  return ("MATCH (%s) AGAINST (%s%s)"):format(
    self:join_all(node.columns, ", "),
    self:process(node.against),
    node.mode
  )
end

function MySQLCompiler:function_sysdate()
  return "SYSDATE()"
end

function MySQLCompiler:function_random(node)
  return "rand(" .. self:join_all(node.arguments, ", ") .. ")"
end

function MySQLCompiler:no_from(statement)
  return #statement.criteria > 0 and " FROM DUAL" or ""
end

local ALL_ROWS = "18446744073709551615"

--- The offset comes first, and cannot stand alone.
function MySQLCompiler:limit(statement)
  local limit, offset = statement.limit_, statement.offset_
  if offset then
    local count = limit and self:process(limit) or ALL_ROWS
    return (" LIMIT %s, %s"):format(self:process(offset), count)
  end
  return limit and " LIMIT " .. self:process(limit) or ""
end

function MySQLCompiler:join_word(one)
  if one.is_full then
    return " FULL OUTER JOIN "
  end
  return one.is_outer and " LEFT OUTER JOIN " or " INNER JOIN "
end

--- An index hint stands behind the name.
function MySQLCompiler.with_hint(_, text, hint)
  return text .. " " .. hint
end

--- A name in OF has no schema.
function MySQLCompiler:locked_name(owner)
  return self:quote(owner.is_table and owner.name or self:name_of(owner))
end

--- Neither has the table of a column that is set.
function MySQLCompiler:set_column(column, is_qualified)
  local name = self:quote(column.name, column.quote)
  local owner = column.table
  return is_qualified and self:quote(owner.name, owner.quote) .. "." .. name or name
end

function MySQLCompiler.lock_words(_, lock)
  return lock.read and " LOCK IN SHARE MODE" or " FOR UPDATE"
end

--- In the text, because MariaDB cannot prepare a parameter here. It is an integer.
function MySQLCompiler:frame_number(bind)
  return self:literal(bind)
end

function MySQLCompiler:unary_nulls_first()
  self:refuse("NULLS FIRST; order by column:is_null() before the column")
end

function MySQLCompiler:unary_nulls_last()
  self:refuse("NULLS LAST; order by column:is_null() before the column")
end

function MySQLCompiler:filter()
  self:refuse("FILTER for aggregates; use a CASE inside the function")
end

function MySQLCompiler:empty_values() -- luacheck: no self
  return " () VALUES ()"
end

--- WITH belongs to the SELECT of an INSERT.
function MySQLCompiler:insert_source(head, names, text)
  return head .. names .. self:with_clause() .. text
end

--- LIMIT of UPDATE and DELETE: `mysql_limit`, or `mariadb_limit` for that one.
local function limit_text(self, statement)
  local options = statement.dialect_options or {}
  local limit = options[self.dialect.name .. "_limit"] or options.mysql_limit
  return limit and (" LIMIT %d"):format(limit) or ""
end

--- Several tables stand side by side, and what is set says whose it is.
function MySQLCompiler:update_text(statement, others, write_set)
  local tables = self:process(statement.target, { hints = statement.hints })
  if #others > 0 then
    tables = tables .. ", " .. self:table_list(others)
  end
  local text = ("UPDATE %s%s SET %s%s"):format(
    self:prefixes(statement.prefixes),
    tables,
    write_set(self, statement, #others > 0),
    self:criteria("WHERE", statement.criteria)
  )
  return text .. limit_text(self, statement)
end

function MySQLCompiler:delete_text(statement, others)
  local head = "DELETE " .. self:prefixes(statement.prefixes) .. "FROM "
  local target = self:process(statement.target, { hints = statement.hints })
  if #others > 0 then
    head = head .. target .. " USING " .. target .. ", " .. self:table_list(others)
  else
    head = head .. target
  end
  return head .. self:criteria("WHERE", statement.criteria) .. limit_text(self, statement)
end

function MySQLCompiler:check_returning(statement)
  if not self.dialect.returning or not self.dialect.returning[statement.kind] then
    self:refuse("RETURNING for " .. statement.kind:upper())
  end
end

--- One field is called otherwise.
function MySQLCompiler:extract(node)
  local field = node.field == "milliseconds" and "millisecond" or node.field
  return ("EXTRACT(%s FROM %s)"):format(field, self:process(node.element))
end

--- Types that CAST knows; to others nothing is converted.
function MySQLCompiler:cast(node)
  local type_ = self.dialect:cast_type(node.type)
  if not type_ then
    return self:process(node.element:self_group())
  end
  return ("CAST(%s AS %s)"):format(self:process(node.element), type_)
end

return MySQLCompiler
