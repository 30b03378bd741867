--- How SELECT is written, and what stands in its FROM.
local compound = require("lunasa.sa.expression.compound")
local from_list = require("lunasa.sa.compiler.from_list")
local labels_module = require("lunasa.sa.selectable.labels")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- What the SELECTs around have in FROM.
  local function enclosing(self, how)
    local top = self.stack[#self.stack]
    if not top then
      return {}, {}
    elseif how.in_from and not how.is_lateral then
      local explicit = {}
      for one in pairs(top.visible) do
        explicit[one] = not top.own[one] or nil
      end
      return explicit, {}
    end
    return top.visible, top.own
  end

  --- Opens the level of a statement: what its parts may correlate to.
  function Compiler:push(froms, labels, columns_of, position)
    local top = self.stack[#self.stack]
    local own, visible = {}, {}
    for _, one in ipairs(from_list.objects_of(froms)) do
      own[one], visible[one] = true, true
    end
    for one in pairs(top and top.visible or {}) do
      visible[one] = true
    end
    self.stack[#self.stack + 1] = {
      own = own,
      visible = visible,
      labels = labels or {},
      froms = columns_of or {},
      position = position,
    }
  end

  function Compiler:pop()
    self.stack[#self.stack] = nil
  end

  --- One column of the list, with its name where it needs one.
  local function write_column(self, entry, is_in_from)
    local expression = entry.expression
    if entry.is_plain then
      return self:process(expression)
    end
    local is_named = entry.is_labelled or expression.kind == "label" or is_in_from
    if expression.kind == "column" and entry.anonymous and expression.name_of then
      is_named = is_in_from
    end
    if not is_named then
      return self:select_column(expression)
    end
    local name = entry.anonymous and self:number_name(entry.anonymous) or entry.name
    local written = self:select_column(expression)
    return written .. " AS " .. self:quote(name, expression.quote)
  end

  --- An expression as a column of SELECT.
  function Compiler:select_column(expression)
    return self:process(expression)
  end

  local function write_columns(self, entries, how)
    local parts = {}
    for i, entry in ipairs(entries) do
      parts[i] = write_column(self, entry, how.in_from)
    end
    return table.concat(parts, ", ")
  end

  --- Words that the statement was given, for this dialect.
  function Compiler:words(list)
    local parts = {}
    for _, word in ipairs(list or {}) do
      if self.dialect:is_named(word.dialect) then
        parts[#parts + 1] = word.text
      end
    end
    return table.concat(parts, " ")
  end

  function Compiler:prefixes(list)
    local words = self:words(list)
    return words == "" and "" or words .. " "
  end

  local OUTSIDE = { labels = {}, froms = {} }

  --- The last column of that name among those of what stands in FROM.
  local function column_by_name(level, name)
    local column
    for _, one in ipairs(level.froms) do
      column = rawget(one.c, name) or column
    end
    if not column then
      local message = "no label or column '%s' to order or group by: write sa.text('%s') for text"
      mistake.raise("CompileError", message:format(name, name), level.position)
    end
    return column
  end

  --- A name in ORDER BY or GROUP BY: that of a label, of a column that is selected, or of one of
  --- what stands in FROM.
  function Compiler:label_by_name(name)
    local top = self.stack[#self.stack] or OUTSIDE
    local entry = top.labels[name]
    if entry and (entry.expression.kind == "label" or not self.has_table_names) then
      return self:quote(name)
    end
    return self:process(entry and entry.expression or column_by_name(top, name))
  end

  --- A label that the statement selects stands for itself in ORDER BY.
  function Compiler:label_in_order(label)
    local top = self.stack[#self.stack]
    for _, entry in pairs(top and top.labels or {}) do
      if entry.expression == label then
        local name = entry.anonymous and self:number_name(entry.anonymous) or entry.name
        return self:quote(name)
      end
    end
    return self:process(label.element)
  end

  local function write_order(self, items)
    local parts = {}
    for i, item in ipairs(items) do
      parts[i] = item.kind == "label" and self:label_in_order(item) or self:process(item)
    end
    return table.concat(parts, ", ")
  end

  function Compiler:order_by(statement)
    local items = statement.order_by_
    return #items > 0 and " ORDER BY " .. write_order(self, items) or ""
  end

  function Compiler:group_by(statement)
    local items = statement.group_by_
    return #items > 0 and " GROUP BY " .. self:join_all(items, ", ") or ""
  end

  function Compiler:distinct_words(statement)
    local on = statement.distinct_
    return on and "DISTINCT " or ""
  end

  --- WHERE and HAVING.
  function Compiler:criteria(word, criteria)
    local criterion = compound.conjunction(operator.and_, criteria)
    return criterion and (" %s %s"):format(word, self:process(criterion)) or ""
  end

  local function write_froms(self, froms, statement)
    if #froms == 0 then
      return self:no_from(statement)
    end
    local parts = {}
    for i, one in ipairs(froms) do
      parts[i] = self:process(one, { in_from = true, hints = statement.hints })
    end
    return " FROM " .. table.concat(parts, ", ")
  end

  function Compiler:no_from()
    return ""
  end

  local function labels_by_name(entries)
    local labels = {}
    for _, entry in ipairs(entries) do
      local name = labels_module.reference(entry)
      labels[name] = labels[name] or entry
    end
    return labels
  end

  local function statement_hints(self, statement)
    local parts = {}
    for _, hint in ipairs(statement.hints) do
      if not hint.from and self.dialect:is_named(hint.dialect) then
        parts[#parts + 1] = " " .. hint.text
      end
    end
    return table.concat(parts)
  end

  function Compiler:select(statement, how)
    how = how or {}
    local froms = from_list.displayed(statement, enclosing(self, how))
    local entries = statement:result_columns()
    if not self.result and #self.stack == 0 then
      self.result = entries
    end
    self:push(froms, labels_by_name(entries), froms, statement.ordered_at)
    self.stack[#self.stack].is_nested = how.is_nested
    self:define_ctes(statement)
    local text = table.concat({
      "SELECT ",
      self:prefixes(statement.prefixes),
      self:distinct_words(statement),
      write_columns(self, entries, how),
      write_froms(self, froms, statement),
      self:criteria("WHERE", statement.criteria),
      self:group_by(statement),
      self:criteria("HAVING", statement.having_),
      self:order_by(statement),
      self:limit(statement),
      self:lock(statement),
      statement_hints(self, statement),
    })
    local suffixes = self:words(statement.suffixes)
    text = self:nested_with_clause() .. text
    self:pop()
    return suffixes == "" and text or text .. " " .. suffixes
  end

  --- LIMIT and OFFSET in the way of most databases.
  function Compiler:limit(statement)
    local text = ""
    if statement.limit_ then
      text = " LIMIT " .. self:process(statement.limit_)
    end
    if statement.offset_ then
      text = text .. " OFFSET " .. self:process(statement.offset_)
    end
    return text
  end

  --- The names of the tables that are locked.
  function Compiler:locked_tables(lock)
    local names, seen = {}, {}
    for _, one in ipairs(lock.of) do
      local owner = one.is_from and one or one.table
      if not seen[owner] then
        seen[owner] = true
        names[#names + 1] = self:locked_name(owner)
      end
    end
    return " OF " .. table.concat(names, ", ")
  end

  function Compiler:locked_name(owner)
    return self:table_name(owner)
  end

  --- FOR UPDATE, in the words of the dialect's `lock_words`.
  function Compiler:lock(statement)
    local lock = statement.lock
    if not lock then
      return ""
    end
    local text = self:lock_words(lock)
    if lock.of and self.dialect.has_lock_of then
      text = text .. self:locked_tables(lock)
    end
    if lock.nowait then
      text = text .. " NOWAIT"
    end
    return lock.skip_locked and text .. " SKIP LOCKED" or text
  end

  function Compiler.lock_words(_, lock)
    return lock.read and " FOR SHARE" or " FOR UPDATE"
  end

  --- A thing of FROM with the last hint that it was given.
  local function hinted(self, text, one, how)
    local found
    for _, hint in ipairs(how and how.hints or {}) do
      if hint.from == one and self.dialect:is_named(hint.dialect) then
        found = hint.text
      end
    end
    if not found then
      return text
    end
    local name = one.is_table and self:quote(one.name, one.quote) or self:quote(self:name_of(one))
    return self:with_hint(text, (found:gsub("%%%(name%)s", (name:gsub("%%", "%%%%")))))
  end

  --- Most databases have no hints: what is not for them is left out.
  function Compiler.with_hint(_, text)
    return text
  end

  function Compiler:table(one, how)
    return hinted(self, self:table_name(one), one, how)
  end

  function Compiler:alias(one, how)
    local name = self:quote(self:name_of(one))
    return hinted(self, self:process(one.element) .. " AS " .. name, one, how)
  end

  function Compiler:subquery(one, how)
    local inner = self:process(one.element, { in_from = true, is_nested = true })
    local text = ("(%s) AS %s"):format(inner, self:quote(self:name_of(one)))
    return hinted(self, text, one, how)
  end

  function Compiler:lateral(one)
    local how = { in_from = true, is_lateral = true, is_nested = true }
    local inner = self:process(one.element, how)
    return ("LATERAL (%s) AS %s"):format(inner, self:quote(self:name_of(one)))
  end

  function Compiler.excluded(_, one)
    return one.name
  end

  function Compiler:text_from(one)
    return self:process(one.element)
  end

  function Compiler:join_word(one)
    if one.is_full then
      return " FULL OUTER JOIN "
    end
    return one.is_outer and " LEFT OUTER JOIN " or " JOIN "
  end

  function Compiler:join(one, how)
    local left, right = self:process(one.left, how), self:process(one.right, how)
    if one.right.kind == "join" then
      right = "(" .. right .. ")"
    end
    return left .. self:join_word(one) .. right .. " ON " .. self:process(one.onclause)
  end
end
