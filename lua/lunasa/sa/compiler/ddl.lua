--- How CREATE, DROP and ALTER are written.
local mistake = require("lunasa.sa.mistake")
local naming = require("lunasa.sa.compiler.naming")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- Values and columns stand in definitions as text, without their table.
  local function plain(self, write, ...)
    local was_literal, had_names = self.is_literal, self.has_table_names
    self.is_literal, self.has_table_names = true, false
    local text = write(self, ...)
    self.is_literal, self.has_table_names = was_literal, had_names
    return text
  end

  --- Text in which nothing looks like the mark of a parameter.
  local function unmarked(text)
    return (text:gsub("\1", "\1\2"))
  end

  --- An expression in a definition.
  function Compiler:definition(expression)
    if type(expression) == "string" then
      return unmarked(expression)
    end
    return plain(self, self.process, expression)
  end

  --- A string in a definition.
  function Compiler:string(value)
    return unmarked(self.dialect:string(value))
  end

  function Compiler:type_text(type_)
    return unmarked(self.dialect:type_text(type_))
  end

  --- Tells whether a column that says nothing about it is counted: an integer without a value of
  --- its own, and without a sequence where the database has them.
  function Compiler:can_count(column)
    local counts = column.autoincrement
    if column.type.affinity ~= "integer" or counts ~= "auto" and counts ~= "ignore_fk" then
      return false
    elseif column.default ~= nil or column.server_default ~= nil then
      return false
    elseif column.sequence and self:uses_sequence(column.sequence) then
      return false
    end
    return #column.foreign_keys == 0 or counts == "ignore_fk"
  end

  function Compiler:uses_sequence(sequence)
    return not sequence.optional
      and (self.sequence_value ~= nil or self.dialect.has_sequences == true)
  end

  --- The column whose values the database counts: the only integer of the key, unless said.
  function Compiler:counted_column(one)
    local columns = one.primary_key.columns or {}
    for _, column in ipairs(columns) do
      if column.autoincrement == true then
        return column
      end
    end
    local column = columns[1]
    return #columns == 1 and self:can_count(column) and column or nil
  end

  function Compiler:default_text(column)
    local default = column.server_default
    if type(default) == "string" then
      return self:string(default)
    elseif default.kind == "text" then
      return self:definition(default)
    end
    return self:default_expression(self:definition(default))
  end

  function Compiler.default_expression(_, text)
    return text
  end

  function Compiler:computed_text(computed)
    local text = (" GENERATED ALWAYS AS (%s)"):format(self:definition(computed.expression))
    if computed.persisted == true then
      return text .. " STORED"
    end
    return computed.persisted == false and text .. " VIRTUAL" or text
  end

  --- A column of CREATE TABLE.
  function Compiler:column_definition(column, is_counted)
    local text = self:quote(column.name, column.quote)
      .. " "
      .. self:column_type(column, is_counted)
    if column.server_default ~= nil then
      text = text .. " DEFAULT " .. self:default_text(column)
    end
    if column.computed then
      text = text .. self:computed_text(column.computed)
    end
    if not column.nullable then
      text = text .. " NOT NULL"
    end
    return text
  end

  function Compiler:create_type()
    self:refuse("named types; an Enum is part of its column")
  end
  Compiler.drop_type = Compiler.create_type

  --- The type, or that of the column which a foreign key refers to.
  function Compiler:column_type(column)
    local key = column.type.kind == "null" and column.foreign_keys[1]
    return self:type_text(key and key:column().type or column.type)
  end

  --- Checks that a column was given stand behind it.
  local function column_checks(self, column)
    local parts = {}
    for _, one in ipairs(column.constraints) do
      if one.kind == "check_constraint" then
        parts[#parts + 1] = " " .. self:constraint_text(one)
        one.is_inline = true
      end
    end
    return table.concat(parts)
  end

  --- Tells whether ALTER TABLE adds the foreign key later.
  local function is_left_out(self, constraint, included)
    if constraint.kind ~= "foreign_key_constraint" or not self.dialect.has_alter then
      return false
    end
    for _, one in ipairs(included or {}) do
      if one == constraint then
        return false
      end
    end
    return included ~= nil or constraint.use_alter == true
  end

  local function add_constraints(self, parts, one, included)
    for _, constraint in ipairs(one.constraints) do
      local is_out = constraint.is_inline or is_left_out(self, constraint, included)
      if not is_out and self:can_have(constraint) then
        parts[#parts + 1] = self:constraint_text(constraint)
      end
    end
  end

  function Compiler.can_have()
    return true
  end

  --- Indexes that CREATE TABLE must have, where the database wants that.
  function Compiler.inline_indexes()
    return {}
  end

  local function table_parts(self, one, included)
    local parts, counted = {}, self:counted_column(one)
    for _, column in ipairs(one.c) do
      local text = self:column_definition(column, column == counted)
      parts[#parts + 1] = text .. column_checks(self, column)
    end
    if #one.primary_key.columns > 0 and not self:has_inline_key(one) then
      parts[#parts + 1] = self:constraint_text(one.primary_key)
    end
    for _, index in ipairs(self:inline_indexes(one)) do
      parts[#parts + 1] = self:inline_index(index)
    end
    add_constraints(self, parts, one, included)
    for _, texts in ipairs({ self:type_checks(one), self:table_periods(one) }) do
      for _, text in ipairs(texts) do
        parts[#parts + 1] = text
      end
    end
    return parts
  end

  --- What else stands in the parentheses.
  function Compiler.table_periods()
    return {}
  end

  --- What a type that asks for a CHECK allows, where the database does not know it by itself.
  local function allowed_values(self, type_)
    local values = {}
    if type_.kind == "enum" and not self.dialect:has_enum(type_) then
      for i = 1, type_.values.n do
        values[i] = self:string(type_.values[i])
      end
    elseif type_.kind == "boolean" and not self.dialect.has_native_boolean then
      values = { "0", "1" }
    end
    return #values > 0 and table.concat(values, ", ") or nil
  end

  --- Enums and booleans that ask for a CHECK.
  function Compiler:type_checks(one)
    local parts = {}
    for _, column in ipairs(one.c) do
      local type_ = column.type
      local values = type_.create_constraint and allowed_values(self, type_)
      if values then
        local check = ("CHECK (%s IN (%s))"):format(self:quote(column.name, column.quote), values)
        local name = naming.of({ kind = "check_constraint", name = type_.name }, one)
        parts[#parts + 1] = name and ("CONSTRAINT %s %s"):format(self:quote(name), check) or check
      end
    end
    return parts
  end

  function Compiler.has_inline_key()
    return false
  end

  local function exists_words(options, name)
    return options[name] and (name == "if_exists" and "IF EXISTS " or "IF NOT EXISTS ") or ""
  end

  function Compiler:create_table(node)
    local one = node.subject
    local prefixes = one.options.prefixes
    local words = prefixes and table.concat(prefixes, " ") .. " " or ""
    return ("CREATE %sTABLE %s%s (%s)%s"):format(
      words,
      exists_words(node.options, "if_not_exists"),
      self:table_name(one),
      table.concat(table_parts(self, one, node.options.include_foreign_key_constraints), ", "),
      self:table_options(one)
    )
  end

  function Compiler.table_options()
    return ""
  end

  function Compiler:drop_table(node)
    return "DROP TABLE " .. exists_words(node.options, "if_exists") .. self:table_name(node.subject)
  end

  --- An expression of an index, in parentheses where the database wants them.
  function Compiler:index_expression(expression)
    return self:definition(expression)
  end

  function Compiler:index_expressions(index)
    local parts = {}
    for i, expression in ipairs(index.expressions) do
      parts[i] = self:index_expression(expression, index)
    end
    return table.concat(parts, ", ")
  end

  --- The parts of CREATE INDEX that dialects have: before INDEX, before and behind the columns.
  function Compiler.index_words()
    return "", "", ""
  end

  function Compiler:index_table(one)
    return self:table_name(one)
  end

  --- Raises for an index that no table has.
  function Compiler:check_index(index) -- luacheck: no self
    if not index.table then
      local message = "index '%s' is of no table: give it columns of one, or to the Table"
      mistake.raise("CompileError", message:format(tostring(index.name)))
    end
  end

  function Compiler:create_index(node)
    local index = node.subject
    self:check_index(index)
    local prefix, before, behind = self:index_words(index)
    return ("CREATE %s%sINDEX %s%s%s ON %s%s (%s)%s"):format(
      index.unique and "UNIQUE " or "",
      prefix,
      self:index_verb(index),
      exists_words(node.options, "if_not_exists"),
      self:index_name(index),
      self:index_table(index.table),
      before,
      self:index_expressions(index),
      behind
    )
  end

  --- A word behind INDEX.
  function Compiler.index_verb()
    return ""
  end

  --- The name of an index, behind the schema of its table where that is its own.
  function Compiler:index_name(index, has_schema)
    local name, owner = self:quote(naming.of(index, index.table)), index.table
    return has_schema
        and owner.schema
        and self:quote(owner.schema, owner.quote_schema) .. "." .. name
      or name
  end

  function Compiler:drop_index(node)
    self:check_index(node.subject)
    return "DROP INDEX "
      .. self:index_verb(node.subject)
      .. exists_words(node.options, "if_exists")
      .. self:index_name(node.subject, true)
  end

  function Compiler.ddl_text(_, node)
    return (node.subject:gsub("%%%%", "%%"))
  end
end
