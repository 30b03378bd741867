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
