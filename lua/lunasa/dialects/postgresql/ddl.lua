--- What PostgreSQL defines in another way.
local Base = require("lunasa.sa.compiler.default")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  local SERIALS = { integer = "SERIAL", small_integer = "SMALLSERIAL", big_integer = "BIGSERIAL" }

  --- `GENERATED ALWAYS AS IDENTITY (START WITH 5)`, which is never NULL unless it says so.
  function Compiler:column_definition(column, is_counted)
    local identity = column.identity
    if not identity then
      return Base.column_definition(self, column, is_counted)
    end
    local options = self:sequence_options(identity)
    return ("%s %s GENERATED %s AS IDENTITY%s%s"):format(
      self:quote(column.name, column.quote),
      self:type_text(column.type),
      identity.always and "ALWAYS" or "BY DEFAULT",
      options ~= "" and " (" .. options .. ")" or "",
      column.nullable and " NULL" or ""
    )
  end

  function Compiler:column_type(column, is_counted)
    local serial = is_counted and SERIALS[column.type.kind]
    return serial or Base.column_type(self, column)
  end

  function Compiler:computed_text(computed)
    if computed.persisted == false then
      self:refuse("virtual columns: leave persisted out, or say true")
    end
    return (" GENERATED ALWAYS AS (%s) STORED"):format(self:definition(computed.expression))
  end

  --- The type that an Enum with a name is.
  function Compiler:create_type(node)
    local type_, parts = node.subject, {}
    for i = 1, type_.values.n do
      parts[i] = self.dialect:string(type_.values[i])
    end
    local name = self:quote(type_.name)
    return ("CREATE TYPE %s AS ENUM (%s)"):format(name, table.concat(parts, ", "))
  end

  function Compiler:drop_type(node)
    return "DROP TYPE " .. self:quote(node.subject.name)
  end

  --- An operator in an index stands in parentheses; a function does not. `postgresql_ops` are
  --- classes of operators by the key of the column.
  function Compiler:index_expression(expression, index)
    local text = self:definition(expression)
    text = expression.kind == "binary" and "(" .. text .. ")" or text
    local classes = index.options.postgresql_ops
    local class = classes and expression.key and classes[expression.key]
    return class and text .. " " .. class or text
  end

  --- `WITH (fillfactor = 50)`, in the order of the names.
  local function storage_text(options)
    local names, parts = {}, {}
    for name in pairs(options) do
      names[#names + 1] = name
    end
    table.sort(names)
    for i, name in ipairs(names) do
      parts[i] = ("%s = %s"):format(name, tostring(options[name]))
    end
    return (" WITH (%s)"):format(table.concat(parts, ", "))
  end

  local function behind_columns(self, options)
    local text = ""
    if options.postgresql_include then
      local names = {}
      for i, name in ipairs(options.postgresql_include) do
        names[i] = self:quote(type(name) == "table" and name.name or name)
      end
      text = (" INCLUDE (%s)"):format(table.concat(names, ", "))
    end
    if options.postgresql_with then
      text = text .. storage_text(options.postgresql_with)
    end
    if options.postgresql_tablespace then
      text = text .. " TABLESPACE " .. self:quote(options.postgresql_tablespace)
    end
    local where = options.postgresql_where
    return where and text .. " WHERE " .. self:definition(where) or text
  end

  function Compiler:index_words(index)
    local using = index.options.postgresql_using
    return "", using and " USING " .. using or "", behind_columns(self, index.options)
  end

  function Compiler.index_verb(_, index)
    return index.options.postgresql_concurrently and "CONCURRENTLY " or ""
  end

  --- What stands behind the columns of a table.
  function Compiler:table_options(one)
    local options, parts = one.options, {}
    local parents = options.postgresql_inherits
    if parents then
      local names = {}
      for i, name in ipairs(type(parents) == "table" and parents or { parents }) do
        names[i] = self:quote(name)
      end
      parts[#parts + 1] = (" INHERITS (%s)"):format(table.concat(names, ", "))
    end
    if options.postgresql_partition_by then
      parts[#parts + 1] = " PARTITION BY " .. options.postgresql_partition_by
    end
    if options.postgresql_with_oids ~= nil then
      parts[#parts + 1] = options.postgresql_with_oids and " WITH OIDS" or " WITHOUT OIDS"
    end
    if options.postgresql_on_commit then
      parts[#parts + 1] = " ON COMMIT " .. options.postgresql_on_commit:upper():gsub("_", " ")
    end
    if options.postgresql_tablespace then
      parts[#parts + 1] = " TABLESPACE " .. self:quote(options.postgresql_tablespace)
    end
    return table.concat(parts)
  end

  function Compiler:sequence_type(type_)
    return " AS " .. self:type_text(type_)
  end
end
