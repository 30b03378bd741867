--- The dialect of SQLite.
local Compiler = require("lunasa.sa.compiler.default")
local Dialect = require("lunasa.sa.compiler.dialect")
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local conflict = require("lunasa.dialects.conflict")
local generic = require("lunasa.sa.type.generic")

local SQLiteCompiler = class("SQLiteCompiler", Compiler)

conflict.add(SQLiteCompiler)

function SQLiteCompiler:binary_is_distinct_from(node)
  return self:process(node.left) .. " IS NOT " .. self:process(node.right)
end

function SQLiteCompiler:binary_is_not_distinct_from(node)
  return self:process(node.left) .. " IS " .. self:process(node.right)
end

function SQLiteCompiler:binary_regexp_replace()
  self:refuse("REGEXP_REPLACE")
end

function SQLiteCompiler:function_now() -- luacheck: no self
  return "CURRENT_TIMESTAMP"
end

function SQLiteCompiler:function_localtimestamp() -- luacheck: no self
  return 'DATETIME(CURRENT_TIMESTAMP, "localtime")'
end

--- An offset needs a limit; -1 is none.
function SQLiteCompiler:limit(statement)
  local text = ""
  if statement.limit_ then
    text = " LIMIT " .. self:process(statement.limit_)
  end
  if statement.offset_ then
    if not statement.limit_ then
      text = " LIMIT " .. self:process(bind.of_value(-1, generic.Integer()))
    end
    text = text .. " OFFSET " .. self:process(statement.offset_)
  elseif statement.limit_ then
    text = text .. " OFFSET " .. self:process(bind.of_value(0, generic.Integer()))
  end
  return text
end

--- SQLite compares the condition with that of the index, as text.
function SQLiteCompiler:conflict_where(condition)
  local was_literal = self.is_literal
  self.is_literal = true
  local text = self:process(condition)
  self.is_literal = was_literal
  return text
end

--- The whole database is locked, always.
function SQLiteCompiler.lock()
  return ""
end

local FIELDS = {
  month = "%m",
  day = "%d",
  year = "%Y",
  second = "%S",
  hour = "%H",
  doy = "%j",
  minute = "%M",
  epoch = "%s",
  dow = "%w",
  week = "%W",
}

function SQLiteCompiler:extract(node)
  local field = FIELDS[node.field:lower()]
  if not field then
    self:refuse(("field '%s' in EXTRACT"):format(node.field))
  end
  return ("CAST(STRFTIME('%s', %s) AS INTEGER)"):format(field, self:process(node.element))
end

function SQLiteCompiler:function_char_length(node)
  return "length(" .. self:join_all(node.arguments, ", ") .. ")"
end

function SQLiteCompiler:delete_text(statement, others)
  if #others > 0 then
    self:refuse("DELETE with a second table; use a subquery")
  end
  return Compiler.delete_text(self, statement, others)
end

--- Columns of RETURNING stand without their table.
function SQLiteCompiler:returned_column(one)
  self.has_table_names = false
  local text = self:process(one)
  self.has_table_names = true
  return text
end

--- A whole document in quotes, so that a string is JSON too.
function SQLiteCompiler:json_get(node)
  local extract = self:json_extract(node)
  return node.as and extract or ("JSON_QUOTE(%s)"):format(extract)
end

function SQLiteCompiler.default_expression(_, text)
  return "(" .. text .. ")"
end

--- The schema stands before the name of an index, and before no table of its own schema.
function SQLiteCompiler:index_name(index)
  return Compiler.index_name(self, index, true)
end

function SQLiteCompiler:index_table(one)
  return self:quote(one.name, one.quote)
end
SQLiteCompiler.referred_table = SQLiteCompiler.index_table

--- A foreign key cannot refer to another schema.
function SQLiteCompiler.can_have(_, constraint)
  local target = constraint.elements and constraint.elements[1]:column()
  return not target or target.table.schema == constraint.table.schema
end

function SQLiteCompiler.table_options(_, one)
  return one.options.sqlite_with_rowid == false and " WITHOUT ROWID" or ""
end

--- AUTOINCREMENT belongs to the column, which is then the key.
function SQLiteCompiler.has_inline_key(_, one)
  return one.options.sqlite_autoincrement or false
end

function SQLiteCompiler:column_definition(column, is_counted)
  local plain = column
  if column.computed then
    plain = setmetatable({ computed = false }, { __index = column })
  end
  local text = Compiler.column_definition(self, plain)
  text = column.computed and text .. self:computed_text(column.computed) or text
  if is_counted and column.table.options.sqlite_autoincrement then
    return text .. " PRIMARY KEY AUTOINCREMENT"
  elseif column.autoincrement == true and #column.table.primary_key.columns > 1 then
    self:refuse("autoincrement for a key of several columns")
  end
  return text
end

function SQLiteCompiler:create_index(node)
  local text = Compiler.create_index(self, node)
  local where = node.subject.options.sqlite_where
  return where and text .. " WHERE " .. self:definition(where) or text
end

function SQLiteCompiler:check_sequences()
  self:refuse("sequences")
end

local sqlite = Dialect.new({
  name = "sqlite",
  family = "sqlite",
  title = "SQLite",
  has_alter = false,
  reserved = require("lunasa.dialects.sqlite.reserved"),
  types = require("lunasa.sa.compiler.types"),
  Compiler = SQLiteCompiler,
  constants = { null = "NULL", ["true"] = "1", ["false"] = "0" },
})

function sqlite.empty_list(_, list)
  local ones = "1" .. (", 1"):rep((list.width or 1) - 1)
  return ("SELECT %s FROM (SELECT %s) WHERE 1!=1"):format(ones, ones)
end

function sqlite:quote_collation(name)
  return self:quote(name, true)
end

--- Rows of values in IN are a VALUES of their own.
sqlite.tuple_list_head = "VALUES "

--- Dates and times are text, with microseconds always, so that text compares as they do.
sqlite.bind_processors = {
  numeric = function(value)
    return type(value) == "table" and tonumber(tostring(value)) or value
  end,
  datetime = function(value)
    if type(value) ~= "table" then
      return value
    end
    return ("%04d-%02d-%02d %02d:%02d:%02d.%06d"):format(
      value.year,
      value.month,
      value.day,
      value.hour or 0,
      value.min or 0,
      value.sec or 0,
      value.usec or 0
    )
  end,
  date = function(value)
    return type(value) == "table" and tostring(value) or value
  end,
  time = function(value)
    if type(value) ~= "table" then
      return value
    end
    return ("%02d:%02d:%02d.%06d"):format(value.hour, value.min, value.sec, value.usec)
  end,
}

return sqlite
