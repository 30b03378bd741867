--- How the rarer things of FROM are written.

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  function Compiler:table_function(one)
    return self:process(one.element) .. " AS " .. self:quote(self:name_of(one))
  end

  function Compiler:whole_column(node)
    return self:quote(self:name_of(node.table))
  end

  function Compiler:tablesample(one)
    local text = ("%s AS %s TABLESAMPLE %s"):format(
      self:process(one.element),
      self:quote(self:name_of(one)),
      self:process(one.method)
    )
    return one.seed and ("%s REPEATABLE (%s)"):format(text, self:process(one.seed)) or text
  end

  function Compiler:values(one)
    local rows, names = {}, {}
    for i, row in ipairs(one.rows) do
      rows[i] = "(" .. self:join_all(row, ", ") .. ")"
    end
    for i, name in ipairs(one.names) do
      names[i] = self:quote(name.name)
    end
    return ("(VALUES %s) AS %s (%s)"):format(
      table.concat(rows, ", "),
      self:quote(self:name_of(one)),
      table.concat(names, ", ")
    )
  end

  --- `value = ANY (array)`.
  function Compiler:array_any(node)
    return ("%s%s%s (%s)"):format(
      self:process(node.value),
      node.operator.text,
      node.word,
      self:process(node.element)
    )
  end

  --- Functions of GROUP BY, in capitals.
  for _, name in ipairs({ "rollup", "cube", "grouping_sets" }) do
    Compiler["function_" .. name] = function(self, node)
      local word = name:upper():gsub("_", " ")
      return word .. "(" .. self:join_all(node.arguments, ", ") .. ")"
    end
  end
end
