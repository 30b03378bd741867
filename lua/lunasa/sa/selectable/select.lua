--- SELECT. Every method gives a new statement and leaves the old one as it is.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local labels = require("lunasa.sa.selectable.labels")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local query = require("lunasa.sa.selectable.query")
local shape = require("lunasa.sa.shape")
local suggest = require("lunasa.suggest")
local text = require("lunasa.sa.expression.text")

local select_statement = {}

---@class lunasa.sa.Select: lunasa.sa.Query
---@field columns table[] as they were given: expressions, and things of FROM for all their columns
---@field criteria lunasa.sa.Expression[]
---@field froms lunasa.sa.From[] given to select_from
---@field joins table[] given to join
local SelectFields = class("SelectFields", query.Query)
local Select = class("Select", SelectFields)
Select.kind = "select"
select_statement.Select = Select

local NONE = {}

--- What a SELECT has that was not told otherwise: most have few fields of their own.
for name, value in pairs({
  criteria = NONE,
  froms = NONE,
  joins = NONE,
  group_by_ = NONE,
  having_ = NONE,
  order_by_ = NONE,
  prefixes = NONE,
  suffixes = NONE,
  hints = NONE,
  style = "disambiguate",
}) do
  SelectFields[name] = value
end

--- A copy with all fields, made field by field so that the compiler of LuaJIT sees one table with
--- known fields. They are false first: storing into a field that has a value already costs half as
--- much.
local function copy(self)
  local made = {
    given = false,
    criteria = false,
    froms = false,
    joins = false,
    group_by_ = false,
    having_ = false,
    order_by_ = false,
    limit_ = false,
    offset_ = false,
    distinct_ = false,
    lock = false,
    prefixes = false,
    suffixes = false,
    hints = false,
    correlated = false,
    not_correlated = false,
    style = false,
    ctes = false,
    ordered_at = false,
    bound = false,
    sh = false,
    compiled_by = false,
  }
  made.given = self.given
  made.criteria = self.criteria
  made.froms = self.froms
  made.joins = self.joins
  made.group_by_ = self.group_by_
  made.having_ = self.having_
  made.order_by_ = self.order_by_
  made.limit_ = self.limit_
  made.offset_ = self.offset_
  made.distinct_ = self.distinct_
  made.lock = self.lock
  made.prefixes = self.prefixes
  made.suffixes = self.suffixes
  made.hints = self.hints
  made.correlated = self.correlated
  made.not_correlated = self.not_correlated
  made.style = self.style
  made.ctes = self.ctes
  made.ordered_at = self.ordered_at
  made.bound = self.bound
  made.sh = self.sh
  return setmetatable(made, Select)
end
Select.copy = copy

--- A copy for who sets no other field than these, which is a fifth of the size.
local function small_copy(self)
  if rawget(self, "style") or rawget(self, "ordered_at") or rawget(self, "bound") then
    return copy(self)
  end
  local made = {
    given = false,
    criteria = false,
    froms = false,
    order_by_ = false,
    limit_ = false,
    offset_ = false,
    sh = false,
    compiled_by = false,
  }
  made.given = self.given
  made.criteria = self.criteria
  made.froms = self.froms
  made.order_by_ = self.order_by_
  made.limit_ = self.limit_
  made.offset_ = self.offset_
  made.sh = self.sh
  return setmetatable(made, Select)
end
Select.small_copy = small_copy

--- A list with one more. Short ones are written out: a loop of two turns inside a trace costs more
--- than all the rest of building a statement.
local function appended(list, item)
  local count = #list
  if count == 0 then
    return { item }
  elseif count == 1 then
    return { list[1], item }
  elseif count == 2 then
    return { list[1], list[2], item }
  elseif count == 3 then
    return { list[1], list[2], list[3], item }
  end
  local longer = {}
  for i = 1, count do
    longer[i] = list[i]
  end
  longer[count + 1] = item
  return longer
end
Select.appended = appended

local function column_of(given)
  local is_number = type(given) == "number" and given - given == 0
  if is_number or given == "*" then
    return text.literal_column(tostring(given))
  elseif type(given) == "string" then
    local message = "select got the string '%s': write sa.text() or sa.literal_column() for SQL, "
      .. "sa.column() for a name"
    mistake.raise("ArgumentError", message:format(given:sub(1, 40)))
  end
  local column = coerce.column(given, "select")
  return column
end

--- Up to three columns, without a loop: see `appended`.
local function read_few(count, a, b, c)
  a = column_of(a)
  local sh = shape.of("column", shape.of("select", count, false), a.sh)
  if count == 1 then
    return { a }, sh
  end
  b = column_of(b)
  sh = shape.of("column", sh, b.sh)
  if count == 2 then
    return { a, b }, sh
  end
  c = column_of(c)
  return { a, b, c }, shape.of("column", sh, c.sh)
end

local function read_many(given, count)
  local columns, sh = {}, shape.of("select", count, false)
  for i = 1, count do
    columns[i] = column_of(given[i])
    sh = shape.of("column", sh, columns[i].sh)
  end
  return columns, sh
end

local function read_columns(...)
  local count, first = select("#", ...), ...
  if count == 1 and type(first) == "table" and getmetatable(first) == nil then
    return read_many(first, #first)
  elseif count >= 1 and count <= 3 then
    return read_few(count, ...)
  end
  return read_many({ ... }, count)
end

local function new(...)
  local columns, sh = read_columns(...)
  return setmetatable({
    given = columns,
    compiled_by = false,
    sh = sh,
  }, Select)
end

--- `select(users)`, `select(users.c.id, func.count())`, `select({ … })`. That of a whole table is
--- made once, which nobody sees: statements do not change.
---@return lunasa.sa.Select
function select_statement.new(...)
  local first = ...
  if select("#", ...) ~= 1 or type(first) ~= "table" or not first.is_table then
    return (new(...))
  end
  local made = first.selected
  if not made then
    made = new(first)
    first.selected = made
  end
  return made
end

local function with_criterion(self, given)
  local criterion = coerce.criterion(given, "where")
  local criteria = appended(self.criteria, compound.as_condition(criterion))
  local sh = shape.of("where", self.sh, criterion.sh)
  if not (rawget(self, "froms") or rawget(self, "bound")) then -- columns and conditions are all
    local fields = { given = self.given, criteria = criteria, compiled_by = false, sh = sh }
    return setmetatable(fields, Select)
  end
  local made = small_copy(self)
  made.criteria, made.sh = criteria, sh
  return made
end

local function with_criteria(self, ...)
  local made = self
  for i = 1, select("#", ...) do
    made = with_criterion(made, (select(i, ...)))
  end
  return made
end

--- Conditions, with AND between all of them.
---@param ... lunasa.sa.Expression
---@return lunasa.sa.Select
function Select:where(first, ...)
  local made = with_criterion(self, first)
  return select("#", ...) == 0 and made or with_criteria(made, ...)
end
Select.filter = Select.where

--- Equalities with columns of what is selected from: `filter_by{ name = "x" }`.
---@param values table<string, any>
---@return lunasa.sa.Select
function Select:filter_by(values)
  if type(values) ~= "table" then
    mistake.raise("ArgumentError", "filter_by needs columns and values, filter_by{ name = 'x' }")
  end
  local found, keys = {}, {}
  for _, one in ipairs(self:all_froms()) do
    for _, column in ipairs(one.c) do
      keys[#keys + 1] = column.key
      if values[column.key] ~= nil and not found[column.key] then
        found[column.key] = true
        self = self:where(column:eq(values[column.key]))
      end
    end
  end
  for name in pairs(values) do
    if not found[name] then
      local message = "filter_by: no column '%s' in what is selected from%s"
      message = message:format(tostring(name), suggest.phrase(name, keys))
      mistake.raise("InvalidRequestError", message)
    end
  end
  return self
end

--- The things of FROM that the columns, or select_from, name.
function Select:all_froms()
  local found = {}
  for _, one in ipairs(self.froms) do
    one:collect_froms(found)
  end
  for _, one in ipairs(self.given) do
    one:collect_froms(found)
  end
  return found
end

---@param ... lunasa.sa.From
function Select:select_from(...)
  local made = small_copy(self)
  for i = 1, select("#", ...) do
    local one = select(i, ...)
    if type(one) == "table" and one.kind == "text" then
      one = setmetatable({ element = one, c = {}, sh = one.sh }, query.TextFrom)
    elseif type(one) ~= "table" or not one.is_from then
      mistake.raise("ArgumentError", "select_from needs a table, an alias or a join")
    end
    made.froms = appended(made.froms, one)
    made.sh = shape.of("from", made.sh, one.sh)
  end
  return made
end

---@param ... lunasa.sa.Expression
function Select:having(...)
  local made = copy(self)
  for i = 1, select("#", ...) do
    local criterion = coerce.criterion((select(i, ...)), "having")
    made.having_ = appended(made.having_, compound.as_condition(criterion))
    made.sh = shape.of("having", made.sh, criterion.sh)
  end
  return made
end

--- DISTINCT; with columns DISTINCT ON, PostgreSQL only.
function Select:distinct(...)
  local made = copy(self)
  local on = {}
  for i = 1, select("#", ...) do
    on[i] = coerce.expression((select(i, ...)), "distinct"):self_group(operator.comma)
  end
  made.distinct_ = on
  made.sh = shape.of("distinct", made.sh, shape.of_list("on", on))
  return made
end

--- Other columns instead; `maintain_column_froms`: what the old ones stood in stays in FROM.
function Select:with_only_columns(...)
  local made, count = small_copy(self), select("#", ...)
  local last = count > 1 and select(count, ...)
  local sh
  if type(last) == "table" and last.maintain_column_froms ~= nil and not last.is_element then
    if last.maintain_column_froms then
      made = made:select_from(unpack(self:all_froms()))
    end
    made.given, sh = read_columns(unpack({ ... }, 1, count - 1))
  else
    made.given, sh = read_columns(...)
  end
  made.sh = shape.of("only", made.sh, sh)
  return made
end

--- More columns.
function Select:add_columns(...)
  local made = small_copy(self)
  local more, sh = read_columns(...)
  for _, one in ipairs(more) do
    made.given = appended(made.given, one)
  end
  made.sh = shape.of("more", made.sh, sh)
  return made
end
Select.column = Select.add_columns

local STYLES = { disambiguate = true, tablename = true, none = true }

--- How columns are named: "disambiguate", "tablename" or "none".
function Select:set_label_style(style)
  if not STYLES[style] then
    mistake.raise("ArgumentError", "a label style is one of sa.LABEL_STYLE_…")
  end
  local made = copy(self)
  made.style = style
  made.sh = shape.of("style", made.sh, style)
  return made
end

--- `users.id AS users_id`.
function Select:apply_labels()
  return self:set_label_style("tablename")
end

--- Every column that is selected, one by one.
---@return lunasa.sa.Expression[]
function Select:expressions()
  local list = {}
  for _, one in ipairs(self.given) do
    for _, column in ipairs(one:select_columns()) do
      list[#list + 1] = column
    end
  end
  return list
end

---@return lunasa.sa.ResultColumn[]
function Select:result_columns()
  return labels.of(self:expressions(), self.style)
end

require("lunasa.sa.selectable.select_joins")(Select)
require("lunasa.sa.selectable.select_words")(Select)
require("lunasa.sa.selectable.select_correlation")(Select)

return select_statement
