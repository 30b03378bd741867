--- Rarer things of FROM: functions that give rows, samples of tables, VALUES.
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local column = require("lunasa.sa.schema.column")
local element = require("lunasa.sa.expression.element")
local from = require("lunasa.sa.selectable.from")
local functions = require("lunasa.sa.expression.func")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local text = require("lunasa.sa.expression.text")

local special = {}

--- A function in FROM: `func.json_each(x):table_valued("key", "value")`.
local TableFunction = from.class("TableFunction")
TableFunction.kind = "table_function"

local function proxies_of(self)
  local made = {}
  for i, name in ipairs(self.names) do
    local origin = type(name) == "table" and name or text.column(name)
    made[i] = column.proxy(self, origin, origin.name)
  end
  return made
end
TableFunction.make_columns = proxies_of

--- What a function gives when it stands in FROM under a name is a column of that name.
local WholeColumn = class("WholeColumn", element.Expression)
WholeColumn.kind = "whole_column"

function WholeColumn:collect_froms(found)
  found[#found + 1] = self.table
end

function WholeColumn:result_name()
  return self.table.name
end

local function table_function(func, name, names)
  local sh = name and shape.of("table_function", shape.name(name), func.sh)
  for _, one in ipairs(names) do
    sh = shape.of("column", sh, type(one) == "table" and one.sh or one)
  end
  local self = setmetatable({ element = func, name = name, names = names, sh = sh }, TableFunction)
  self.column = setmetatable({ table = self, type = func.type, sh = sh }, WholeColumn)
  return self
end

local read_name = options_of("table_valued", "name")

function functions.Function:alias(name)
  return table_function(self, name, {})
end

function functions.Function:table_valued(...)
  local names, options = { ... }, {}
  if type(names[#names]) == "table" and not names[#names].is_element then
    options = read_name(table.remove(names))
  end
  return table_function(self, options.name, names)
end

function TableFunction:collect_froms(found)
  found[#found + 1] = self
  self.element:collect_froms(found)
end

--- `users AS ts TABLESAMPLE bernoulli(5)`, PostgreSQL only.
local TableSample = from.class("TableSample")
TableSample.kind = "tablesample"

function TableSample:make_columns()
  return from.proxies(self, self.element.c)
end

local read_sample = options_of("tablesample", "name seed")

---@param one lunasa.sa.From
---@param sampling lunasa.sa.Function|number a method, or a percentage
---@param options? { name?: string, seed?: any }
function special.tablesample(one, sampling, options)
  options = read_sample(options)
  if type(one) ~= "table" or not one.is_from then
    mistake.raise("ArgumentError", "tablesample needs a table or an alias")
  elseif
    type(sampling) ~= "number" and (type(sampling) ~= "table" or not sampling.is_expression)
  then
    mistake.raise("ArgumentError", "tablesample needs a percentage, or func.bernoulli(5)")
  end
  local method = type(sampling) == "number" and functions.func.system(sampling) or sampling
  local seed = options.seed and coerce.argument(options.seed)
  local sh = options.name and shape.of("tablesample", shape.name(options.name), one.sh)
  sh = shape.of("seed", sh, not seed and 0 or seed.sh)
  return setmetatable({
    element = one,
    method = method,
    seed = seed,
    name = options.name,
    sh = shape.of("method", sh, method.sh),
  }, TableSample)
end

--- `(VALUES (…), (…)) AS v (a, b)`.
local Values = from.class("Values")
Values.kind = "values"
Values.make_columns = proxies_of

local read_values = options_of("values", "name")

--- `values(column("id", Integer), …, { name = "v" }):data{ { 1, "a" }, … }`.
function special.values(...)
  local names, options = { ... }, {}
  local last = names[#names]
  if type(last) == "table" and not last.is_element then
    options = read_values(table.remove(names))
  end
  for i = 1, math.max(table.maxn(names), 1) do
    if type(names[i]) ~= "table" or not names[i].is_expression or not names[i].name then
      mistake.raise("ArgumentError", "values needs columns, sa.column('id', sa.Integer)")
    end
  end
  return setmetatable({
    names = names,
    name = options.name,
    rows = {},
    sh = options.name
      and shape.of("values", shape.name(options.name), shape.of_list("columns", names)),
  }, Values)
end

local function row_of(names, row, number)
  local made = {}
  for i, one in ipairs(names) do
    if type(row) ~= "table" or row[i] == nil or table.maxn(row) ~= #names then
      local message = "row %d of values must have %d values, sa.NULL for NULL"
      mistake.raise("ArgumentError", message:format(number, #names))
    end
    made[i] = bind.of_value(row[i], one.type)
  end
  return made
end

function Values:data(rows)
  local made = { names = self.names, name = self.name, rows = {} }
  if type(rows) ~= "table" then
    mistake.raise("ArgumentError", "data needs a list of rows, { { 1, 'a' }, … }")
  end
  for i = 1, table.maxn(rows) do
    made.rows[i] = row_of(self.names, rows[i], i)
  end
  made.sh = shape.of("rows", self.sh, #rows)
  return setmetatable(made, Values)
end

return special
