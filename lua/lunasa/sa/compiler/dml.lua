--- How INSERT, UPDATE and DELETE are written.
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local element = require("lunasa.sa.expression.element")
local mistake = require("lunasa.sa.mistake")
local values = require("lunasa.sa.dml.values")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- The value that a column has when nobody gives one. A function is called for each row, at
  --- execution.
  local function as_written(column, given, index)
    if type(given) == "function" then
      local made = bind.of_value(given, column.type)
      made.row = index
      return made
    end
    return values.expression(column, given)
  end

  --- A parameter that the execution must bring.
  local function required(column)
    return bind.bindparam(column.key, { type_ = column.type })
  end

  --- The next number of a sequence: in the text, or, where only a value that was asked for before
  --- is known afterwards as the key, a parameter that the execution fills.
  local function sequence_of(self, column)
    if self.dialect.has_sequences then
      local value = bind.of_value(NULL, column.type)
      value.sequence = column.sequence
      return value
    end
    local made = { kind = "sequence_next", sequence = column.sequence, type = column.type }
    return setmetatable(made, element.Expression)
  end

  function Compiler:sequence_next(node)
    return self:sequence_value(node.sequence)
  end

  --- Tells whether a column has its value from a sequence that the database knows.
  local function is_numbered(self, column, default_name)
    return column.sequence
      and default_name == "default"
      and (self.sequence_value or self.dialect.has_sequences)
  end

  --- What a column is set to; nil when it is not. What the execution brings goes over plain values.
  local function setting(self, column, value, is_brought, default_name, index)
    local is_plain = value and value.kind == "bind" and not value.key
    if value ~= nil and not (is_plain and is_brought) then
      return values.expression(column, value)
    elseif is_numbered(self, column, default_name) then
      return sequence_of(self, column)
    elseif is_brought then
      return required(column)
    elseif column[default_name] ~= nil then
      return as_written(column, column[default_name], index)
    end
  end

  --- What is set: pairs of column and expression in the order of the table.
  local function row_pairs(self, target, row, keys, default_name, index)
    local found = {}
    for _, column in ipairs(target.c) do
      local is_brought = keys and keys[column.key] or false
      local set = setting(self, column, row and row[column], is_brought, default_name, index)
      if set then
        found[#found + 1] = { column, set }
      end
    end
    return found
  end

  --- The keys that the execution brings; without values and without keys, all of the table.
  local function keys_of(self, statement, row)
    local keys = {}
    if self.column_keys then
      for _, key in ipairs(self.column_keys) do
        keys[key] = true
      end
    elseif not row and not statement.order then
      for _, column in ipairs(statement.target.c) do
        keys[column.key] = true
      end
    end
    return keys
  end

  local function value_text(self, expression)
    return self:process(expression:self_group())
  end

  local function column_names(self, list)
    local names = {}
    for i, pair in ipairs(list) do
      names[i] = self:quote(pair[1].name, pair[1].quote)
    end
    return table.concat(names, ", ")
  end

  local function values_text(self, list)
    local parts = {}
    for i, pair in ipairs(list) do
      parts[i] = value_text(self, pair[2])
    end
    return "(" .. table.concat(parts, ", ") .. ")"
  end

  --- Nothing given at all.
  function Compiler:empty_values()
    return " DEFAULT VALUES"
  end

  local function insert_rows(self, statement)
    local rows = statement.rows
    local first = rows and rows[1]
    local keys = keys_of(self, statement, first)
    local list = row_pairs(self, statement.target, first, keys, "default")
    if #list == 0 then
      return self:empty_values()
    end
    self.single_row = not (rows and #rows > 1) and list or nil
    local parts = { values_text(self, list) }
    for i = 2, rows and #rows or 1 do
      parts[i] = values_text(self, row_pairs(self, statement.target, rows[i], keys, "default", i))
    end
    return (" (%s) VALUES %s"):format(column_names(self, list), table.concat(parts, ", "))
  end

  --- Defaults that the SELECT does not give are selected too.
  local function with_defaults(statement)
    local names, source, is_given = {}, statement.source, {}
    for i, column in ipairs(statement.names) do
      names[i] = { column }
      is_given[column] = true
    end
    if statement.includes_defaults and source.kind == "select" then
      for _, column in ipairs(statement.target.c) do
        if column.default ~= nil and not is_given[column] then
          names[#names + 1] = { column }
          source = source:add_columns(as_written(column, column.default))
        end
      end
    end
    return names, source
  end

  local function insert_select(self, statement)
    local names, source = with_defaults(statement)
    local text = self:process(source)
    return (" (%s) "):format(column_names(self, names)), text
  end

  --- Where the CTEs of INSERT … SELECT stand.
  function Compiler:insert_source(head, names, text)
    return self:with_clause() .. head .. names .. text
  end

  function Compiler:insert(statement)
    self:push({})
    self:define_ctes(statement)
    self.result = statement:result_columns()
    local head = "INSERT "
      .. self:prefixes(statement.prefixes)
      .. "INTO "
      .. self:table_name(statement.target)
    local text
    if statement.source then
      text = self:insert_source(head, insert_select(self, statement))
    else
      text = head .. insert_rows(self, statement)
    end
    text = text .. self:upsert(statement) .. self:returning(statement)
    self:pop()
    return text
  end

  --- What RETURNING leaves as it is.
  local UNNAMED = { text = true, unary = true, literal_column = true }

  --- RETURNING; a database without it raises.
  function Compiler:returning(statement)
    if #statement.returned == 0 then
      return ""
    end
    self:check_returning(statement)
    local parts = {}
    for i, one in ipairs(statement.returned) do
      local name = one.kind == "label" and one.name or nil
      if not name and not one:result_name() and not UNNAMED[one.kind] then
        name = self:number_name({ base = one.kind == "function" and one.name or "anon", of = one })
      end
      local text = self:returned_column(one)
      parts[i] = name and text .. " AS " .. self:quote(name) or text
    end
    return " RETURNING " .. table.concat(parts, ", ")
  end

  --- What an INSERT does with a row that is there already, in the words of the dialects that
  --- `mysql.insert`, `sqlite.insert` and `pg.insert` are of.
  function Compiler:upsert(statement)
    if statement.conflict then
      self:refuse("ON CONFLICT; use sa.mysql.insert")
    elseif statement.updates then
      self:refuse("ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or sa.pg.insert")
    end
    return ""
  end

  function Compiler:check_returning() -- luacheck: no self
  end

  function Compiler:returned_column(one)
    return self:process(one)
  end

  --- What else than the target an UPDATE or DELETE names.
  local function other_tables(statement)
    local found, seen, others = {}, { [statement.target] = true }, {}
    for _, one in ipairs(statement.criteria) do
      one:collect_froms(found)
    end
    for column, value in pairs(statement.row or {}) do
      if column.table then
        found[#found + 1] = column.table
      end
      value:collect_froms(found)
    end
    for _, one in ipairs(found) do
      if not seen[one] then
        seen[one] = true
        others[#others + 1] = one
      end
    end
    return others
  end

  --- The columns of other tables that are set, after the target's own.
  local function set_pairs(self, statement)
    local target, row = statement.target, statement.row
    local found = {}
    if statement.order then
      for i, column in ipairs(statement.order) do
        found[i] = { column, row[column] }
      end
      for _, column in ipairs(target.c) do
        if row[column] == nil and column.onupdate ~= nil then
          found[#found + 1] = { column, as_written(column, column.onupdate) }
        end
      end
      return found
    end
    local keys = keys_of(self, statement, row)
    for column, value in pairs(row or {}) do
      if column.table ~= target then
        found[#found + 1] = { column, value }
      end
    end
    table.sort(found, function(a, b)
      local one, other = a[1].table.full_name or "", b[1].table.full_name or ""
      return one < other or one == other and a[1].key < b[1].key
    end)
    for _, pair in ipairs(row_pairs(self, target, row, keys, "onupdate")) do
      found[#found + 1] = pair
    end
    return found
  end

  --- A column on the left of SET.
  function Compiler:set_column(column, is_qualified)
    local name = self:quote(column.name, column.quote)
    return is_qualified and self:table_name(column.table) .. "." .. name or name
  end

  local function set_text(self, statement, is_qualified)
    local parts = {}
    for i, pair in ipairs(set_pairs(self, statement)) do
      local name = self:set_column(pair[1], is_qualified)
      parts[i] = name .. "=" .. value_text(self, pair[2])
    end
    return table.concat(parts, ", ")
  end

  local function table_list(self, tables)
    local parts = {}
    for i, one in ipairs(tables) do
      parts[i] = self:process(one, { in_from = true })
    end
    return table.concat(parts, ", ")
  end
  Compiler.table_list = function(self, tables)
    return table_list(self, tables)
  end

  --- A named parameter of a condition cannot be called like a column that is set: the value for the
  --- column goes by that name.
  local function check_names(self, statement)
    local row = statement.row or {}
    for _, bind_of in ipairs(self.binds) do
      for column, value in pairs(row) do
        local is_other = value ~= bind_of and value.kind == "bind" and value.key == nil
        if bind_of.key == column.key and not bind_of.is_unique and is_other then
          local message = (
            "bindparam('%s') is also the name of a column that is set: give it "
            .. "another name"
          ):format(bind_of.key)
          mistake.raise("CompileError", message)
        end
      end
    end
  end

  function Compiler:update(statement)
    local others = other_tables(statement)
    self.result = statement:result_columns()
    self:push({ statement.target, unpack(others) })
    self:define_ctes(statement)
    if statement.row and next(statement.row) == nil then
      mistake.raise("CompileError", "this UPDATE sets nothing: give values{ column = value }")
    end
    local text = self:update_text(statement, others, set_text)
    check_names(self, statement)
    text = text .. self:returning(statement)
    self:pop()
    return text
  end

  --- Other tables stand in FROM.
  function Compiler:update_text(statement, others, write_set)
    local text = ("UPDATE %s%s SET %s"):format(
      self:prefixes(statement.prefixes),
      self:process(statement.target, { hints = statement.hints }),
      write_set(self, statement, false)
    )
    if #others > 0 then
      text = text .. " FROM " .. table_list(self, others)
    end
    return text .. self:criteria("WHERE", statement.criteria)
  end

  function Compiler:delete(statement)
    local others = other_tables(statement)
    self.result = statement:result_columns()
    self:push({ statement.target, unpack(others) })
    self:define_ctes(statement)
    local text = self:delete_text(statement, others)
    text = text .. self:returning(statement)
    self:pop()
    return text
  end

  function Compiler:delete_text(statement, others)
    local text = "DELETE "
      .. self:prefixes(statement.prefixes)
      .. "FROM "
      .. self:process(statement.target, { hints = statement.hints })
    if #others > 0 then
      text = text .. " USING " .. table_list(self, others)
    end
    return text .. self:criteria("WHERE", statement.criteria)
  end
end
