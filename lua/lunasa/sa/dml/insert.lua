--- INSERT.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local column = require("lunasa.sa.schema.column")
local element = require("lunasa.sa.expression.element")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local subquery = require("lunasa.sa.selectable.subquery")
local values = require("lunasa.sa.dml.values")
local words = require("lunasa.sa.selectable.words")

local insert = {}

---@class lunasa.sa.Insert: lunasa.sa.Element
---@field target lunasa.sa.Table
---@field rows? table<lunasa.sa.Column, any>[] nil: as the parameters of the execution say
---@field is_multiple boolean written as several rows
---@field names? lunasa.sa.Column[] of `from_select`
---@field source? lunasa.sa.Query
---@field returned lunasa.sa.Expression[]
local Insert = class("Insert", element.Element)
Insert.kind = "insert"
Insert.is_dml = true
insert.Insert = Insert

local NONE = {}

local function copy(self)
  local made = {}
  for name, value in pairs(self) do
    made[name] = value
  end
  made.compiled_by = nil -- what it was compiled to, if it was executed already, is not the copy's
  return setmetatable(made, getmetatable(self))
end
insert.copy = copy

---@param target lunasa.sa.Table
---@param metatable? table a dialect's own class
---@return lunasa.sa.Insert
function insert.new(target, metatable)
  if type(target) ~= "table" or not target.is_table then
    mistake.raise("ArgumentError", "insert needs a table")
  end
  return setmetatable({
    target = target,
    prefixes = NONE,
    returned = NONE,
    sh = shape.of("insert", target.sh, (metatable or Insert).kind),
  }, metatable or Insert)
end

--- Reads a row, of this table only.
local function read_row(self, given)
  for key in pairs(given) do
    column.check_owner(key, self.target)
  end
  return values.row(self.target, given)
end

local function merged(self, given)
  local row = {}
  for own, value in pairs(self.rows and self.rows[1] or NONE) do
    row[own] = value
  end
  for own, value in pairs(read_row(self, given)) do
    row[own] = value
  end
  return row
end

local function check_rows(given)
  for key in pairs(given) do
    if type(key) ~= "number" then
      local message = "values got rows and the name '%s': rows are tables, one after another"
      mistake.raise("ArgumentError", message:format(tostring(key)))
    end
  end
  for i = 1, table.maxn(given) do
    if type(given[i]) ~= "table" or getmetatable(given[i]) ~= nil then
      mistake.raise("ArgumentError", ("values got rows, but number %d is no table"):format(i))
    end
  end
end

local function check_same_columns(rows)
  for i = 2, #rows do
    for own in pairs(rows[1]) do
      if rows[i][own] == nil then
        local message = (
          "row %d has no value for '%s': all rows of an INSERT have the columns of "
          .. "the first"
        ):format(i, own.key)
        mistake.raise("CompileError", message)
      end
    end
    for own in pairs(rows[i]) do
      if rows[1][own] == nil then
        local message = ("row %d has '%s', which the first row has not"):format(i, own.key)
        mistake.raise("CompileError", message)
      end
    end
  end
end

--- `values{ name = "x" }`, `values{ 1, "x" }` in the order of the table, `values{ {…}, {…} }`.
---@param given table
function Insert:values(given)
  local made = copy(self)
  if self.source then
    mistake.raise("InvalidRequestError", "from_select has its values from the SELECT")
  elseif type(given) ~= "table" then
    mistake.raise("ArgumentError", "values needs a table")
  elseif self.rows and (self.is_multiple or false) ~= values.are_rows(given) then
    local message = "values with one row and values with many do not go together"
    mistake.raise("InvalidRequestError", message)
  elseif values.are_rows(given) then
    check_rows(given)
    made.rows, made.is_multiple = {}, true
    for i, row in ipairs(self.rows or NONE) do
      made.rows[i] = row
    end
    for _, row in ipairs(given) do
      made.rows[#made.rows + 1] = read_row(self, row)
    end
    check_same_columns(made.rows)
    made.sh = shape.of("rows", self.sh, #given)
    for i = #made.rows - #given + 1, #made.rows do
      made.sh = values.shape(made.sh, self.target, made.rows[i])
    end
    return made
  end
  made.rows = { merged(self, given) }
  made.sh = values.shape(shape.of("row", self.sh, false), self.target, made.rows[1])
  return made
end

local read_from_select = options_of("from_select", "include_defaults")

--- `INSERT INTO … SELECT`.
---@param names (string|lunasa.sa.Column)[]
---@param source lunasa.sa.Query
---@param options? { include_defaults?: boolean }
function Insert:from_select(names, source, options)
  if self.rows then
    mistake.raise("InvalidRequestError", "this INSERT has values already")
  end
  if type(names) ~= "table" or type(source) ~= "table" or not source.is_query then
    mistake.raise("ArgumentError", "from_select needs a list of names and a SELECT")
  end
  options = read_from_select(options)
  local made = copy(self)
  made.names, made.source = {}, source
  made.sh = shape.of("from_select", self.sh, source.sh)
  for i, name in ipairs(names) do
    if type(name) ~= "string" and not (type(name) == "table" and name.is_column) then
      mistake.raise("ArgumentError", "from_select needs a list of names and a SELECT")
    end
    column.check_owner(name, self.target)
    made.names[i] = type(name) == "table" and name or self.target.c[name]
    made.sh = shape.of("name", made.sh, made.names[i].key)
  end
  made.includes_defaults = options.include_defaults ~= false
  made.sh = shape.of("defaults", made.sh, tostring(made.includes_defaults))
  return made
end

--- `INSERT IGNORE`: words behind INSERT, for one dialect or all.
function Insert:prefix_with(...)
  local made = words.add(copy(self), "prefixes", ...)
  return made
end

--- Without asking for a generated key.
function Insert:inline()
  local made = copy(self)
  made.is_inline, made.sh = true, shape.of("inline", self.sh, false)
  return made
end

--- RETURNING.
---@param self table
---@param ... table
function insert.returning(self, ...)
  local made = copy(self)
  made.returned = { unpack(self.returned) }
  for i = 1, select("#", ...) do
    for _, one in ipairs(coerce.column((select(i, ...)), "returning"):select_columns()) do
      made.returned[#made.returned + 1] = one
      made.sh = shape.of("returning", made.sh, one.sh)
    end
  end
  return made
end

--- RETURNING, of the columns of this table.
function Insert:returning(...)
  for i = 1, select("#", ...) do
    column.check_owner((select(i, ...)), self.target)
  end
  return insert.returning(self, ...)
end

--- What RETURNING gives, as the columns of a CTE.
function insert.result_columns(self)
  local columns = {}
  for i, one in ipairs(self.returned) do
    local name = one:result_name()
    columns[i] = { expression = one, name = name, key = one.key or name }
  end
  return columns
end
Insert.result_columns = insert.result_columns

--- A CTE that nothing in the statement names.
function insert.add_cte(self, one)
  local made = words.add_cte(copy(self), one)
  return made
end
Insert.add_cte = insert.add_cte

function insert.cte(self, name, options)
  return subquery.cte(self, name, options)
end
Insert.cte = insert.cte

return insert
