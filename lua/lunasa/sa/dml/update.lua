--- UPDATE and DELETE.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local element = require("lunasa.sa.expression.element")
local insert = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local values = require("lunasa.sa.dml.values")
local words = require("lunasa.sa.selectable.words")

local update = {}

local NONE = {}
local copy = insert.copy

---@class lunasa.sa.Filtered: lunasa.sa.Element
---@field target lunasa.sa.Table
---@field criteria lunasa.sa.Expression[]
local Filtered = class("Filtered", element.Element)
Filtered.is_dml = true
Filtered.returning = insert.returning
Filtered.result_columns = insert.result_columns
Filtered.cte = insert.cte
Filtered.add_cte = insert.add_cte

--- Conditions, with AND between all of them.
function Filtered:where(...)
  local made = copy(self)
  for i = 1, math.max(select("#", ...), 1) do
    local criterion = coerce.criterion((select(i, ...)), "where")
    local longer = {}
    for j, one in ipairs(made.criteria) do
      longer[j] = one
    end
    longer[#longer + 1] = compound.as_condition(criterion)
    made.criteria = longer
    made.sh = shape.of("where", made.sh, criterion.sh)
  end
  return made
end
Filtered.filter = Filtered.where

function Filtered:prefix_with(...)
  local made = words.add(copy(self), "prefixes", ...)
  return made
end

local read_options = options_of("with_dialect_options", "mysql_limit mariadb_limit")

local function check_option(name, value)
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 then
    local message = ("%s is an integer from 0, got %s"):format(name, tostring(value))
    mistake.raise("ArgumentError", message)
  end
end

--- Options of one dialect, such as `mysql_limit`.
function Filtered:with_dialect_options(options)
  local made = copy(self)
  made.dialect_options = {}
  for name, value in pairs(self.dialect_options or NONE) do
    made.dialect_options[name] = value
  end
  local names = {}
  for name, value in pairs(read_options(options)) do
    check_option(name, value)
    made.dialect_options[name] = value
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    made.sh = shape.of("option", made.sh, name .. "=" .. tostring(options[name]))
  end
  return made
end

--- A hint behind the table, for one dialect or all.
function Filtered:with_hint(hint, options)
  local dialect = options
  if type(options) == "table" then
    dialect = options.dialect_name
  end
  if type(hint) ~= "string" or dialect ~= nil and type(dialect) ~= "string" then
    local message = "with_hint needs the text of a hint, and the name of a dialect or none"
    mistake.raise("ArgumentError", message)
  end
  local made = copy(self)
  made.hints = { { from = self.target, text = hint, dialect = dialect } }
  made.sh = shape.of("hint", made.sh, hint .. "|" .. (dialect or "*"))
  return made
end

local function make(metatable, target)
  if type(target) ~= "table" or not target.is_from then
    mistake.raise("ArgumentError", metatable.kind .. " needs a table")
  end
  return setmetatable({
    target = target,
    criteria = NONE,
    prefixes = NONE,
    returned = NONE,
    sh = shape.of(metatable.kind, target.sh, false),
  }, metatable)
end

---@class lunasa.sa.Update: lunasa.sa.Filtered
---@field row? table<lunasa.sa.Column, any>
---@field order? lunasa.sa.Column[] in which `ordered_values` gave them
local Update = class("Update", Filtered)
Update.kind = "update"
update.Update = Update

function update.update(target)
  local made = make(Update, target)
  return made
end

--- `values{ age = 3 }`: set in the order of the table.
function Update:values(given)
  if self.order then
    mistake.raise("ArgumentError", "values and ordered_values do not go together")
  elseif type(given) ~= "table" then
    mistake.raise("ArgumentError", "values needs a table")
  end
  local made = copy(self)
  made.row = {}
  for column, value in pairs(self.row or NONE) do
    made.row[column] = value
  end
  for column, value in pairs(values.row(self.target, given)) do
    made.row[column] = value
  end
  made.sh = values.shape(shape.of("values", self.sh, false), self.target, made.row)
  return made
end

--- As for INSERT: an UPDATE asks for no generated value.
function Update:inline()
  return self
end

--- `ordered_values({ "age", 1 }, { users.c.name, "n" })`: set in this order.
function Update:ordered_values(...)
  if self.row then
    mistake.raise("ArgumentError", "values and ordered_values do not go together")
  end
  local made = copy(self)
  made.row, made.order = {}, {}
  for i = 1, select("#", ...) do
    local column, value = values.pair(self.target, (select(i, ...)), "ordered_values")
    made.row[column], made.order[i] = value, column
    made.sh = shape.of("ordered", shape.of("at", made.sh, column.sh), value.sh)
  end
  return made
end

---@class lunasa.sa.Delete: lunasa.sa.Filtered
local Delete = class("Delete", Filtered)
Delete.kind = "delete"
update.Delete = Delete

function update.delete(target)
  local made = make(Delete, target)
  return made
end

return update
