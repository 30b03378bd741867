--- How UNION and WITH are written.

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- A part with an order or a limit of its own, or another UNION, stands in parentheses.
  local function needs_parentheses(part)
    return part.kind == "compound_select" or part.limit_ or part.offset_ or #part.order_by_ > 0
  end

  function Compiler:compound_select(statement, how)
    how = how or {}
    if not self.result and #self.stack == 0 then
      self.result = statement:result_columns()
    end
    local labels = {}
    for _, entry in ipairs(statement:result_columns()) do
      labels[entry.name or entry] = entry
    end
    local parts = {}
    self:push({}, labels, nil, statement.ordered_at)
    self:define_ctes(statement)
    for i, part in ipairs(statement.parts) do
      local text = self:process(part, { in_from = how.in_from, is_nested = true })
      parts[i] = needs_parentheses(part) and "(" .. text .. ")" or text
    end
    local text = table.concat(parts, " " .. statement.keyword .. " ")
    text = text .. self:order_by_names(statement) .. self:limit(statement) .. self:lock(statement)
    self:pop()
    return text
  end

  --- The result of a UNION has names only: no tables.
  function Compiler:order_by_names(statement)
    local had_names = self.has_table_names
    self.has_table_names = false
    local text = self:group_by(statement) .. self:order_by(statement)
    self.has_table_names = had_names
    return text
  end

  function Compiler:text_select(statement)
    self.result = self.result or statement:result_columns()
    return self:process(statement.text)
  end

  --- What a CTE was before it grew is the same one.
  local function first_of(one)
    while one.restates do
      one = one.restates
    end
    return one
  end

  local function columns_text(self, one)
    if not one.is_recursive then
      return ""
    end
    local names = {}
    for i, column in ipairs(one.c) do
      local name = column.name_of and self:number_name(column.name_of) or column.name
      names[i] = self:quote(name)
    end
    return "(" .. table.concat(names, ", ") .. ")"
  end

  --- Where a CTE is defined: before the whole statement, or a nesting one before the SELECT inside
  --- which it is named.
  local function place_of(self, one)
    local top = self.stack[#self.stack]
    if not one.is_nesting or not top or not top.is_nested then
      return self.ctes
    end
    top.ctes = top.ctes or {}
    return top.ctes
  end

  --- Writes the definition of a CTE where it is met first, and gives its name.
  function Compiler:define_cte(one)
    local first, name = first_of(one), self:name_of(first_of(one))
    local place = place_of(self, one)
    if not place[first] then
      local known = {}
      place[first] = known
      local stack = self.stack
      self.stack = {}
      self.result = self.result or {}
      local inner = self:process(one.element, { in_from = true, is_nested = true })
      self.stack = stack
      local suffixes = self:words(one.suffixes)
      known.text = ("%s%s AS %s(%s)%s"):format(
        self:quote(name),
        columns_text(self, one),
        self:prefixes(one.prefixes),
        inner,
        suffixes ~= "" and " " .. suffixes or ""
      )
      place[#place + 1] = known
      place.is_recursive = place.is_recursive or one.is_recursive
    end
    return self:quote(name)
  end

  --- Those that a statement has without naming them.
  function Compiler:define_ctes(statement)
    for _, one in ipairs(statement.ctes or {}) do
      self:define_cte(one)
    end
  end

  function Compiler:cte(one)
    if not one.alias_of then
      return self:define_cte(one)
    end
    return self:define_cte(one.alias_of) .. " AS " .. self:quote(self:name_of(one))
  end

  --- `WITH a AS (…), b AS (…) `; empty without any.
  local function clause(ctes)
    if not ctes or #ctes == 0 then
      return ""
    end
    local parts = {}
    for i, known in ipairs(ctes) do
      parts[i] = known.text
    end
    local word = ctes.is_recursive and "WITH RECURSIVE " or "WITH "
    return word .. table.concat(parts, ", ") .. " "
  end

  function Compiler:with_clause()
    local text = clause(self.ctes)
    self.ctes = {}
    return text
  end

  --- What nesting CTEs a SELECT inside another has.
  function Compiler:nested_with_clause()
    return clause(self.stack[#self.stack].ctes)
  end

  --- The CTEs that were met while the rest was written, before it.
  function Compiler:with_ctes(text)
    return self:with_clause() .. text
  end
end
