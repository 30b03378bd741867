--- Rarer things of FROM: functions that give rows, samples of tables, VALUES.
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local column = require("lunasa.sa.schema.column")
local element = require("lunasa.sa.expression.element")
local from = require("lunasa.sa.selectable.from")
local functions = require("lunasa.sa.expression.func")
local mistake = require("lunasa.sa.mistake")
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
  local sh = name and shape.of("table_function", name, func.sh)
  for _, one in ipairs(names) do
    sh = shape.of("column", sh, type(one) == "table" and one.sh or one)
  end
  local self = setmetatable({ element = func, name = name, names = names, sh = sh }, TableFunction)
  self.column = setmetatable({ table = self, type = func.type, sh = sh }, WholeColumn)
  return self
end

function functions.Function:alias(name)
  return table_function(self, name, {})
end

function functions.Function:table_valued(...)
  local names, options = { ... }, {}
  if type(names[#names]) == "table" and not names[#names].is_element then
    options = table.remove(names)
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

---@param one lunasa.sa.From
---@param sampling lunasa.sa.Function|number a method, or a percentage
---@param options? { name?: string, seed?: any }
function special.tablesample(one, sampling, options)
  options = options or {}
  local method = type(sampling) == "number" and functions.func.system(sampling) or sampling
  local seed = options.seed and coerce.argument(options.seed)
  local sh = options.name and shape.of("tablesample", options.name, one.sh)
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

--- `values(column("id", Integer), …, { name = "v" }):data{ { 1, "a" }, … }`.
function special.values(...)
  local names, options = { ... }, {}
  local last = names[#names]
  if type(last) == "table" and not last.is_element then
    options = table.remove(names)
  end
  if #names == 0 then
    mistake.raise("ArgumentError", "values needs columns")
  end
  return setmetatable({
    names = names,
    name = options.name,
    rows = {},
    sh = options.name and shape.of("values", options.name, shape.of_list("columns", names)),
  }, Values)
end

function Values:data(rows)
  local made = { names = self.names, name = self.name, rows = {} }
  for i, row in ipairs(rows) do
    made.rows[i] = {}
    for j, one in ipairs(self.names) do
      made.rows[i][j] = bind.of_value(row[j], one.type)
    end
  end
  made.sh = shape.of("rows", self.sh, #rows)
  return setmetatable(made, Values)
end

return special
