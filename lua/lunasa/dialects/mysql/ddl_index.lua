--- Indexes and keys: prefixes of columns, expressions, what stands behind them.
local naming = require("lunasa.sa.compiler.naming")
local option_of = require("lunasa.dialects.mysql.option")

---@param Compiler lunasa.sa.mysql.Compiler
return function(Compiler)
  --- How much of a column is in an index; nil for all of it.
  local function length_of(self, column, options)
    local lengths = option_of(self.dialect, options, "length")
    return type(lengths) == "table" and lengths[column.key] or type(lengths) == "number" and lengths
  end

  local function column_text(self, column, options)
    local text, length = self:definition(column), length_of(self, column, options)
    return length and ("%s(%d)"):format(text, length) or text
  end

  --- Tells whether the first parenthesis of a text is closed by its last.
  local function is_grouped(text)
    local inner = text:match("^%((.*)%)$")
    if not inner then
      return false
    end
    local depth = 0
    for sign in inner:gsub("'[^']*'", ""):gmatch("[()]") do
      depth = depth + (sign == "(" and 1 or -1)
      if depth < 0 then
        return false
      end
    end
    return depth == 0
  end

  --- An expression in an index stands in parentheses of its own.
  function Compiler:index_expression(expression, index)
    if expression.kind == "column" then
      return column_text(self, expression, index.options)
    elseif expression.kind == "unary" and expression.is_behind then
      local inner = self:index_expression(expression.element, index)
      return inner .. expression.operator.text
    end
    local text = self:definition(expression)
    return is_grouped(text) and text or "(" .. text .. ")"
  end

  --- What MySQL hides, MariaDB ignores.
  local function hidden(self, options)
    local is_hidden = option_of(self.dialect, options, "visible") == false
    return is_hidden and (self.dialect.name == "mariadb" and " IGNORED" or " INVISIBLE") or ""
  end

  --- What stands behind the columns of a key, in the order in which servers write it.
  local WRITERS = {
    { "using", " USING %s" },
    { "key_block_size", " KEY_BLOCK_SIZE=%d" },
    { "with_parser", " WITH PARSER %s", "quote" },
    { "comment", " COMMENT %s", "string" },
    { "m", " M=%d" },
    { "distance", " DISTANCE=%s" },
  }

  local function key_words(self, options)
    local parts = {}
    for _, writer in ipairs(WRITERS) do
      local value, method = option_of(self.dialect, options, writer[1]), writer[3]
      if value ~= nil then
        parts[#parts + 1] = writer[2]:format(method and self[method](self, value) or value)
      end
    end
    return table.concat(parts) .. hidden(self, options)
  end

  function Compiler:index_words(index)
    local prefix = option_of(self.dialect, index.options, "prefix")
    return prefix and prefix .. " " or "", "", key_words(self, index.options)
  end

  --- MariaDB's period, which ends a key.
  local function period_text(self, options)
    local period = option_of(self.dialect, options, "without_overlaps")
    return period and (", %s WITHOUT OVERLAPS"):format(self:quote(period)) or ""
  end

  local index_expressions = Compiler.index_expressions

  function Compiler:index_expressions(index)
    return index_expressions(self, index) .. period_text(self, index.options)
  end

  --- The columns of a primary key.
  function Compiler:key_columns(one)
    local parts, options = {}, one.options or {}
    local sorting = option_of(self.dialect, options, "sorting") or {}
    for i, column in ipairs(self:key_order(one)) do
      local is_desc = sorting[column.key] == "desc"
      parts[i] = column_text(self, column, options) .. (is_desc and " DESC" or "")
    end
    return table.concat(parts, ", ") .. period_text(self, options)
  end

  function Compiler:primary_key_text(one)
    return ("PRIMARY KEY (%s)%s"):format(self:key_columns(one), key_words(self, one.options or {}))
  end

  --- Tells whether an index begins with columns.
  local function begins_with(expressions, columns)
    for i, column in ipairs(columns) do
      if expressions[i] ~= column then
        return false
      end
    end
    return true
  end

  local function is_keyed(one, columns)
    if begins_with(one.primary_key.columns, columns) then
      return true
    end
    for _, constraint in ipairs(one.constraints) do
      local is_unique = constraint.kind == "unique_constraint"
      if is_unique and begins_with(constraint.columns, columns) then
        return true
      end
    end
    return false
  end

  --- The columns that must have a key when the table is made: the one that is counted, and those
  --- that the table itself refers to.
  local function needed(self, one)
    local counted = self:counted_column(one)
    local found = { counted and { counted } or nil }
    for _, constraint in ipairs(one.constraints) do
      local targets = {}
      for i, key in ipairs(constraint.elements or {}) do
        local target = key:column(true)
        targets[i] = target and target.table == one and target or nil
      end
      found[#found + 1] = #targets > 0 and targets or nil
    end
    return found
  end

  --- MariaDB forgets USING HASH of an index that is not made with its table.
  local function is_hash(self, index)
    local using = option_of(self.dialect, index.options, "using")
    return self.dialect.name == "mariadb" and index.unique and using == "HASH"
  end

  function Compiler:inline_indexes(one)
    local found, is_found = {}, {}
    for _, index in ipairs(one.indexes) do
      if is_hash(self, index) then
        found[#found + 1], is_found[index] = index, true
      end
    end
    for _, columns in ipairs(needed(self, one)) do
      for _, index in ipairs(is_keyed(one, columns) and {} or one.indexes) do
        if begins_with(index.expressions, columns) then
          found[#found + 1] = not is_found[index] and index or nil
          is_found[index] = true
          break
        end
      end
    end
    return found
  end

  --- An index as CREATE TABLE has it.
  function Compiler:inline_index(index)
    local prefix, _, behind = self:index_words(index)
    return ("%s%sKEY %s (%s)%s"):format(
      index.unique and "UNIQUE " or "",
      prefix,
      self:quote(naming.of(index, index.table)),
      self:index_expressions(index),
      behind
    )
  end

  function Compiler:drop_index(node)
    local index = node.subject
    self:check_index(index)
    local words = node.options.if_exists and "IF EXISTS " or ""
    if words ~= "" and self.dialect.name ~= "mariadb" then
      self:refuse("DROP INDEX IF EXISTS: look with inspect, or drop it without")
    end
    return ("DROP INDEX %s%s ON %s"):format(
      words,
      self:index_name(index),
      self:table_name(index.table)
    )
  end
end
