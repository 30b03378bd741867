--- What MySQL and MariaDB define in another way.
local Base = require("lunasa.sa.compiler.default")
local option_of = require("lunasa.dialects.mysql.option")

local DUPLICATE = " ON DUPLICATE KEY UPDATE "

---@param Compiler lunasa.sa.mysql.Compiler
return function(Compiler)
  require("lunasa.dialects.mysql.ddl_column")(Compiler)
  require("lunasa.dialects.mysql.ddl_index")(Compiler)
  require("lunasa.dialects.mysql.ddl_table")(Compiler)

  --- DEFERRABLE does not exist here.
  function Compiler:deferral(_, text)
    if text ~= "" then
      self:refuse("DEFERRABLE foreign keys")
    end
    return text
  end

  --- A check that only says what should be so.
  function Compiler:check_words(one)
    local is_enforced = option_of(self.dialect, one.options or {}, "enforced") ~= false
    return is_enforced and "" or " NOT ENFORCED"
  end

  local DROPS = {
    unique_constraint = "INDEX",
    foreign_key_constraint = "FOREIGN KEY",
    primary_key_constraint = "PRIMARY KEY",
  }

  --- The key of a table has no name here.
  function Compiler:dropped_constraint(one, name)
    local word = DROPS[one.kind] or self.dialect.check_word
    return one.kind == "primary_key_constraint" and word or word .. " " .. name
  end

  function Compiler.cascade_word()
    return ""
  end

  --- MATCH is read over, and what is to happen with it.
  function Compiler:match_text(match)
    if match then
      self:refuse("MATCH of foreign keys")
    end
    return ""
  end

  function Compiler:set_table_comment(node)
    local one = node.subject
    local comment = node.kind == "set_table_comment" and one.comment or ""
    return ("ALTER TABLE %s COMMENT %s"):format(self:table_name(one), self:string(comment))
  end

  --- The column is defined anew, with its comment or without.
  function Compiler:set_column_comment(node)
    local column = node.subject
    local written = setmetatable({}, { __index = column })
    written.comment = node.kind == "set_column_comment" and column.comment or false
    return ("ALTER TABLE %s CHANGE %s %s"):format(
      self:table_name(column.table),
      self:quote(column.name, column.quote),
      self:column_definition(written, column == self:counted_column(column.table))
    )
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
