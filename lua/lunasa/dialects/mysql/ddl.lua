--- What MySQL and MariaDB define in another way.
local Base = require("lunasa.sa.compiler.default")
local DUPLICATE = " ON DUPLICATE KEY UPDATE "

---@param Compiler lunasa.sa.mysql.Compiler
return function(Compiler)
  --- Options of the engine stand behind the table; the character set before its collation.
  local FIRST = { "engine", "auto_increment", "charset", "default_charset", "collate", "comment" }
  local WORDS = {
    charset = "CHARSET",
    default_charset = "DEFAULT CHARSET",
    engine = "ENGINE",
    auto_increment = "AUTO_INCREMENT",
    collate = "COLLATE",
    comment = "COMMENT",
    character_set = "CHARACTER SET",
    default_character_set = "DEFAULT CHARACTER SET",
    data_directory = "DATA DIRECTORY",
    index_directory = "INDEX DIRECTORY",
    partition_by = "PARTITION BY",
    subpartition_by = "SUBPARTITION BY",
  }

  local function options_of(self, one)
    local found = {}
    for name, value in pairs(one.options) do
      local option = name:match("^" .. self.dialect.name .. "_(.*)$") or name:match("^mysql_(.*)$")
      if option then
        found[option] = value
      end
    end
    if one.comment then
      found.comment = one.comment
    end
    return found
  end

  local function option_text(self, name, value)
    if name == "comment" then
      return "COMMENT=" .. self.dialect:string(value)
    end
    local word = WORDS[name] or name:upper()
    local sign = name:find("partition") and " " or "="
    return word .. sign .. tostring(value)
  end

  function Compiler:table_options(one)
    local found, parts = options_of(self, one), {}
    for _, name in ipairs(FIRST) do
      if found[name] ~= nil then
        parts[#parts + 1] = option_text(self, name, found[name])
        found[name] = nil
      end
    end
    local rest = {}
    for name in pairs(found) do
      rest[#rest + 1] = name
    end
    table.sort(rest)
    for _, name in ipairs(rest) do
      parts[#parts + 1] = option_text(self, name, found[name])
    end
    return #parts > 0 and " " .. table.concat(parts, " ") or ""
  end

  function Compiler:column_definition(column, is_counted)
    local text = self:quote(column.name, column.quote) .. " " .. self.dialect:type_text(column.type)
    if column.computed then
      text = text .. self:computed_text(column.computed)
    end
    local is_timestamp = column.type:for_dialect(self.dialect).kind == "timestamp"
    if not column.nullable then
      text = text .. " NOT NULL"
    elseif is_timestamp then
      text = text .. " NULL"
    end
    if column.comment then
      text = text .. " COMMENT " .. self.dialect:string(column.comment)
    end
    if is_counted then
      return text .. " AUTO_INCREMENT"
    elseif column.server_default ~= nil then
      text = text .. " DEFAULT " .. self:default_text(column)
    end
    return text
  end

  --- DEFERRABLE does not exist here.
  function Compiler:deferral(_, text)
    if text ~= "" then
      self:refuse("DEFERRABLE foreign keys")
    end
    return text
  end

  --- An expression in an index stands in parentheses of its own.
  function Compiler:index_expression(expression, index)
    local text = self:definition(expression)
    if expression.kind == "column" then
      local lengths = index.options.mysql_length
      local length = type(lengths) == "table" and lengths[expression.key]
        or not lengths and nil
        or type(lengths) == "number" and lengths
      return length and ("%s(%d)"):format(text, length) or text
    elseif expression.kind == "unary" and expression.is_behind then
      return text
    end
    return "(" .. text:gsub("^%((.*)%)$", "%1") .. ")"
  end

  function Compiler.index_words(_, index)
    local prefix, using = index.options.mysql_prefix, index.options.mysql_using
    return prefix and prefix .. " " or "", "", using and " USING " .. using or ""
  end

  function Compiler:drop_index(node)
    local index = node.subject
    local name = self:quote(require("lunasa.sa.compiler.naming").of(index, index.table))
    return ("DROP INDEX %s ON %s"):format(name, self:table_name(index.table))
  end

  local DROPS = {
    unique_constraint = "INDEX",
    foreign_key_constraint = "FOREIGN KEY",
    primary_key_constraint = "PRIMARY KEY",
  }

  function Compiler:constraint_word(one)
    return DROPS[one.kind] or self.dialect.check_word
  end

  function Compiler:check_sequences()
    if not self.dialect.has_sequences then
      self:refuse("sequences")
    end
  end

  function Compiler:inserted(node)
    return ("VALUES(%s)"):format(self:quote(node.column.name, node.column.quote))
  end

  --- ON DUPLICATE KEY UPDATE of `mysql.insert`.
  function Compiler:upsert(statement)
    local updates = statement.updates
    if not updates then
      return Base.upsert(self, statement)
    end
    local parts = {}
    for i, pair in ipairs(updates) do
      local name = self:quote(pair[1].name, pair[1].quote)
      parts[i] = name .. " = " .. self:process(pair[2]:self_group())
    end
    return DUPLICATE .. table.concat(parts, ", ")
  end

  --- JSON's null becomes NULL; everything else is turned into the type that was asked for.
  function Compiler:json_get(node)
    local extract = self:json_extract(node)
    if not node.as then
      return extract
    end
    local kind = node.as.affinity
    local value
    if kind == "boolean" then
      return ("CASE %s WHEN 'null' THEN NULL WHEN true THEN true ELSE false END"):format(extract)
    elseif kind == "string" then
      value = ("JSON_UNQUOTE(%s)"):format(self:json_extract(node))
    elseif kind == "float" then
      value = self:json_extract(node) .. "+0.0000000000000000000000"
    else
      local type_ = self.dialect:cast_type(node.as)
      value = ("CAST(%s AS %s)"):format(self:json_extract(node), type_)
    end
    return ("CASE %s WHEN 'null' THEN NULL ELSE %s END"):format(extract, value)
  end
end
