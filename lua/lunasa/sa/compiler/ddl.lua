--- How CREATE, DROP and ALTER are written.
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

  --- The column whose values the database counts: the only integer of the key, unless said.
  function Compiler.counted_column(_, one)
    local columns = one.primary_key.columns or {}
    for _, column in ipairs(columns) do
      if column.autoincrement == true then
        return column
      end
    end
    local column = columns[1]
    local is_fit = #columns == 1
      and column.type.affinity == "integer"
      and column.autoincrement == "auto"
      and #column.foreign_keys == 0
      and column.server_default == nil
    return is_fit and column or nil
  end

  function Compiler:default_text(column)
    local default = column.server_default
    if type(default) == "string" then
      return self:string(default)
    elseif default.kind == "text" or default.kind == "literal_column" then
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

  function Compiler:column_type(column)
    return self:type_text(column.type)
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

  local function names_of(self, columns)
    local names = {}
    for i, column in ipairs(columns) do
      names[i] = self:quote(column.name, column.quote)
    end
    return table.concat(names, ", ")
  end

  local function deferral(one)
    local options, text = one.options or {}, ""
    if options.deferrable ~= nil then
      text = options.deferrable and " DEFERRABLE" or " NOT DEFERRABLE"
    end
    return options.initially and text .. " INITIALLY " .. options.initially or text
  end

  local WRITERS = {}

  function WRITERS.primary_key_constraint(self, one)
    return self:primary_key_text(one)
  end

  function WRITERS.unique_constraint(self, one)
    return ("UNIQUE (%s)"):format(names_of(self, one.columns)) .. deferral(one)
  end

  function WRITERS.check_constraint(self, one)
    local text = ("CHECK (%s)"):format(self:definition(one.criterion))
    return text .. self:check_words(one) .. deferral(one)
  end

  function WRITERS.foreign_key_constraint(self, one)
    local targets = {}
    for i, key in ipairs(one.elements) do
      targets[i] = key:column()
    end
    local text = ("FOREIGN KEY(%s) REFERENCES %s (%s)"):format(
      names_of(self, one.columns),
      self:table_name(targets[1].table),
      names_of(self, targets)
    )
    if one.ondelete then
      text = text .. " ON DELETE " .. one.ondelete
    end
    if one.onupdate then
      text = text .. " ON UPDATE " .. one.onupdate
    end
    return text .. self:deferral(one, deferral(one))
  end

  function Compiler.deferral(_, _, text)
    return text
  end

  function Compiler:primary_key_text(one)
    return ("PRIMARY KEY (%s)"):format(names_of(self, one.columns))
  end

  --- What stands behind a check.
  function Compiler.check_words()
    return ""
  end

  --- A constraint with its name.
  function Compiler:constraint_text(one)
    local name = naming.of(one, one.table)
    local text = WRITERS[one.kind](self, one)
    return name and ("CONSTRAINT %s %s"):format(self:quote(name), text) or text
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
      if not constraint.is_inline and not is_left_out(self, constraint, included) then
        parts[#parts + 1] = self:constraint_text(constraint)
      end
    end
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

  --- Enums that ask for a CHECK, where they are strings.
  function Compiler:type_checks(one)
    local parts = {}
    for _, column in ipairs(one.c) do
      local type_ = column.type
      if type_.kind == "enum" and type_.create_constraint and not self.dialect:has_enum(type_) then
        local values = {}
        for i = 1, type_.values.n do
          values[i] = self:string(type_.values[i])
        end
        local check = ("CHECK (%s IN (%s))"):format(
          self:quote(column.name, column.quote),
          table.concat(values, ", ")
        )
        parts[#parts + 1] = type_.name and "CONSTRAINT " .. self:quote(type_.name) .. " " .. check
          or check
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

  function Compiler:create_index(node)
    local index = node.subject
    local prefix, before, behind = self:index_words(index)
    return ("CREATE %s%sINDEX %s%s ON %s%s (%s)%s"):format(
      index.unique and "UNIQUE " or "",
      prefix,
      exists_words(node.options, "if_not_exists"),
      self:quote(naming.of(index, index.table)),
      self:table_name(index.table),
      before,
      self:index_expressions(index),
      behind
    )
  end

  function Compiler:drop_index(node)
    local name = naming.of(node.subject, node.subject.table)
    return "DROP INDEX " .. exists_words(node.options, "if_exists") .. self:quote(name)
  end

  function Compiler:add_constraint(node)
    local one = node.subject
    return ("ALTER TABLE %s ADD %s"):format(self:table_name(one.table), self:constraint_text(one))
  end

  function Compiler.constraint_word()
    return "CONSTRAINT"
  end

  function Compiler:drop_constraint(node)
    local one = node.subject
    return ("ALTER TABLE %s DROP %s %s"):format(
      self:table_name(one.table),
      self:constraint_word(one),
      self:quote(naming.of(one, one.table))
    )
  end

  function Compiler:create_sequence(node)
    local sequence = node.subject
    self:check_sequences()
    local text = "CREATE SEQUENCE " .. self:quote(sequence.name)
    if sequence.start then
      text = ("%s START WITH %d"):format(text, sequence.start)
    end
    return sequence.increment and ("%s INCREMENT BY %d"):format(text, sequence.increment) or text
  end

  function Compiler:drop_sequence(node)
    self:check_sequences()
    return "DROP SEQUENCE " .. self:quote(node.subject.name)
  end

  function Compiler:check_sequences() -- luacheck: no self
  end

  function Compiler:create_schema(node)
    return "CREATE SCHEMA " .. self:quote(node.subject)
  end

  function Compiler:drop_schema(node)
    local cascade = node.options.cascade and " CASCADE" or ""
    return "DROP SCHEMA " .. self:quote(node.subject) .. cascade
  end

  function Compiler.ddl_text(_, node)
    return (node.subject:gsub("%%%%", "%%"))
  end
end
