--- How expressions are written.
local bind_of = require("lunasa.sa.expression.bind")
local compound = require("lunasa.sa.expression.compound")
local operator = require("lunasa.sa.operator")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  function Compiler:grouping(node)
    return "(" .. self:process(node.element) .. ")"
  end

  function Compiler:bind(node)
    if self.is_literal or node.is_literal then
      return self:literal(node)
    end
    return self:mark(node)
  end

  function Compiler:constant(node)
    return self.dialect.constants[node.name]
  end

  function Compiler.literal_column(_, node)
    return node.text
  end

  --- A list in text brings its parentheses.
  local function parameter_of_text(self, bind)
    if not bind.is_expanding then
      return self:process(bind)
    end
    local alone = setmetatable({ is_alone = true, stands_for = bind }, { __index = bind })
    return "(" .. self:process(alone) .. ")"
  end

  function Compiler:text(node)
    local parts = {}
    for i, part in ipairs(node.parts) do
      parts[i] = type(part) == "table" and parameter_of_text(self, part) or part:gsub("\1", "\1\2")
    end
    return table.concat(parts)
  end

  function Compiler:collation(node)
    return self:quote(node.name)
  end

  --- `table.column`; the table's own name, or its alias's.
  function Compiler:column(node)
    local name = node.name_of and self:number_name(node.name_of) or node.name
    local written = self:quote(name, node.quote)
    local owner = node.table
    if not owner or not self.has_table_names then
      return written
    end
    return self:table_name(owner) .. "." .. written
  end

  --- How a column says whose it is.
  function Compiler:table_name(owner)
    if owner.is_table then
      local name = self:quote(owner.name, owner.quote)
      return owner.schema and self:quote(owner.schema, owner.quote_schema) .. "." .. name or name
    end
    return self:quote(self:name_of(owner))
  end

  function Compiler:label_reference(node)
    return self:label_by_name(node.name)
  end

  --- An operator between operands; the dialect may have a method for it.
  function Compiler:binary(node)
    local own = self["binary_" .. node.operator.name]
    if own then
      return own(self, node)
    end
    return self:process(node.left) .. node.operator.text .. self:process(node.right)
  end

  function Compiler:unary(node)
    local own = self["unary_" .. node.operator.name]
    if own then
      return own(self, node)
    elseif node.is_behind then
      return self:process(node.element) .. node.operator.text
    end
    return node.operator.text .. self:process(node.element)
  end

  --- The name of a label stands for it in ORDER BY.
  function Compiler:ordered(node)
    local inner = node.element
    if inner.kind == "label" then
      return self:label_in_order(inner) .. node.operator.text
    end
    return self:process(inner) .. node.operator.text
  end
  Compiler.unary_desc, Compiler.unary_asc = Compiler.ordered, Compiler.ordered

  function Compiler:as_boolean(node)
    local inner = self:process(node.element)
    if self.dialect.has_native_boolean then
      return node.operator == operator.is_true and inner or "NOT " .. inner
    end
    return inner .. (node.operator == operator.is_true and " = 1" or " = 0")
  end

  function Compiler:list(node)
    return self:join_all(node.clauses, node.operator.text)
  end

  function Compiler:tuple(node)
    return "(" .. self:join_all(node.clauses, ", ") .. ")"
  end

  function Compiler:range(node)
    return self:process(node.low) .. " AND " .. self:process(node.high)
  end

  function Compiler:binary_between(node)
    local word = node.operator.text
    if node.modifiers and node.modifiers.symmetric then
      word = word .. "SYMMETRIC "
    end
    return self:process(node.left) .. word .. self:process(node.right)
  end
  Compiler.binary_not_between = Compiler.binary_between

  function Compiler:binary_not_match(node)
    return "NOT " .. self:binary_match(node)
  end

  function Compiler:binary_match(node)
    return self:process(node.left) .. " MATCH " .. self:process(node.right)
  end

  --- The list behind IN; what an empty one becomes depends on the operator.
  local function list_text(self, right, is_negated)
    if right.kind == "bind" then
      local bind = is_negated
          and setmetatable({ is_negated = true, stands_for = right }, { __index = right })
        or right
      return "(" .. self:process(bind) .. ")"
    end
    return self:process(right)
  end

  function Compiler:binary_in_(node)
    return self:process(node.left) .. " IN " .. list_text(self, node.right)
  end

  --- In parentheses, because the empty list adds an OR.
  function Compiler:binary_not_in(node)
    return "(" .. self:process(node.left) .. " NOT IN " .. list_text(self, node.right, true) .. ")"
  end

  function Compiler:select_list(node)
    return "(" .. self:process(node.element, { is_nested = true }) .. ")"
  end

  local function escape_of(self, node)
    local escape = node.modifiers and node.modifiers.escape
    return escape and " ESCAPE " .. self.dialect:string(escape) or ""
  end
  Compiler.escape_of = escape_of

  function Compiler:binary_like(node)
    return self:process(node.left)
      .. node.operator.text
      .. self:process(node.right)
      .. escape_of(self, node)
  end
  Compiler.binary_not_like = Compiler.binary_like

  --- Without an ILIKE, both sides in small letters.
  function Compiler:binary_ilike(node)
    local word = node.operator == operator.ilike and " LIKE " or " NOT LIKE "
    return ("lower(%s)%slower(%s)%s"):format(
      self:process(node.left),
      word,
      self:process(node.right),
      escape_of(self, node)
    )
  end
  Compiler.binary_not_ilike = Compiler.binary_ilike

  local PERCENT = require("lunasa.sa.expression.text").literal_column("'%'")

  local function concatenated(left, right)
    return compound.binary(left, operator.concat, right)
  end

  local function regexp_replace(self, node)
    local with = node.modifiers
    local parts = { node.left, node.right, with.replacement, with.flags }
    return "REGEXP_REPLACE(" .. self:join_all(parts, ", ") .. ")"
  end
  Compiler.binary_regexp_replace = regexp_replace

  --- What LIKE is given for a part of a string.
  local PATTERNS = {
    startswith = function(value)
      return concatenated(value, PERCENT)
    end,
    endswith = function(value)
      return concatenated(PERCENT, value)
    end,
    contains = function(value)
      return concatenated(concatenated(PERCENT, value), PERCENT)
    end,
  }

  for name, pattern in pairs(PATTERNS) do
    local function write(self, node)
      return self:process(node.left)
        .. node.operator.text
        .. self:process(pattern(node.right))
        .. escape_of(self, node)
    end
    Compiler["binary_" .. name], Compiler["binary_not_" .. name] = write, write
  end

  --- `name ORDER BY id`, inside an aggregate.
  function Compiler:aggregate_order_by(node)
    return self:process(node.element) .. " ORDER BY " .. self:join_all(node.order_by, ", ")
  end

  Compiler["function"] = function(self, node)
    local own = self["function_" .. node.name:lower()]
    if own and #node.packages == 0 then
      return own(self, node)
    end
    local name = self:function_name(node)
    return name .. "(" .. self:join_all(node.arguments, ", ") .. ")"
  end

  --- Functions that the standard writes without parentheses.
  for _, name in ipairs({
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
    "user",
  }) do
    Compiler["function_" .. name] = function(self, node)
      local arguments = #node.arguments > 0 and "(" .. self:join_all(node.arguments, ", ") .. ")"
        or ""
      return (name == "sysdate" and name or name:upper()) .. arguments
    end
  end

  function Compiler:function_name(node)
    local parts = {}
    for _, package in ipairs(node.packages) do
      parts[#parts + 1] = self:quote(package)
    end
    parts[#parts + 1] = self.dialect:quote_function(node.name)
    return table.concat(parts, ".")
  end

  function Compiler:filter(node)
    return ("%s FILTER (WHERE %s)"):format(self:process(node.func), self:process(node.criterion))
  end

  function Compiler:within_group(node)
    return ("%s WITHIN GROUP (ORDER BY %s)"):format(
      self:process(node.func),
      self:join_all(node.order_by, ", ")
    )
  end

  local INTEGER = require("lunasa.sa.type.generic").Integer()

  --- One bound of a frame: nil none, 0 the row itself, else rows before or after it.
  local function frame_bound(self, value, unbounded)
    if value == false then
      return unbounded
    elseif value == 0 then
      return "CURRENT ROW"
    end
    local word = value < 0 and " PRECEDING" or " FOLLOWING"
    return self:frame_number(bind_of.of_value(math.abs(value), INTEGER)) .. word
  end

  function Compiler:frame_number(bind)
    return self:process(bind)
  end

  function Compiler:over(node)
    local parts = {}
    if #node.partition_by > 0 then
      parts[#parts + 1] = "PARTITION BY " .. self:join_all(node.partition_by, ", ")
    end
    if #node.order_by > 0 then
      parts[#parts + 1] = "ORDER BY " .. self:join_all(node.order_by, ", ")
    end
    local frame = node.frame
    if frame then
      parts[#parts + 1] = ("%s BETWEEN %s AND %s"):format(
        frame.unit,
        frame_bound(self, frame.from, "UNBOUNDED PRECEDING"),
        frame_bound(self, frame.to, "UNBOUNDED FOLLOWING")
      )
    end
    return ("%s OVER (%s)"):format(self:process(node.func), table.concat(parts, " "))
  end

  --- Inside an expression a label is what it names.
  function Compiler:label(node)
    return self:process(node.element)
  end

  function Compiler:cast(node)
    local type = self.dialect:type_text(node.type)
    return ("CAST(%s AS %s)"):format(self:process(node.element), type)
  end

  function Compiler:type_coerce(node)
    return self:process(node.element)
  end

  function Compiler:extract(node)
    return ("EXTRACT(%s FROM %s)"):format(node.field, self:process(node.element))
  end

  function Compiler:case(node)
    local parts = { "CASE" }
    if node.value then
      parts[#parts + 1] = self:process(node.value)
    end
    for _, when in ipairs(node.whens) do
      local condition, result = self:process(when[1]), self:process(when[2])
      parts[#parts + 1] = ("WHEN %s THEN %s"):format(condition, result)
    end
    if node.else_ then
      parts[#parts + 1] = "ELSE " .. self:process(node.else_)
    end
    parts[#parts + 1] = "END"
    return table.concat(parts, " ")
  end

  function Compiler:scalar_select(node)
    return "(" .. self:process(node.element, { is_nested = true }) .. ")"
  end

  function Compiler:exists(node)
    return "EXISTS (" .. self:process(node.element, { is_nested = true }) .. ")"
  end

  function Compiler:quantified(node)
    return node.word .. " " .. self:process(node.element)
  end
end
