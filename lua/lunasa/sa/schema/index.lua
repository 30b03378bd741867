--- Indexes.
local NULL = require("lunasa.null")
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

local index = {}

---@class lunasa.sa.Index
---@field name? string
---@field expressions lunasa.sa.Expression[]
---@field unique boolean
---@field table? lunasa.sa.Table
---@field options table such as mysql_length, sqlite_where
local Index = class("Index")
index.Index = Index
Index.kind = "index"

local OPTIONS = { unique = true, info = true, quote = true }

--- The table of the first column in an expression.
local function table_of(expression)
  local found = {}
  expression:collect_froms(found)
  return found[1]
end

local function check_given(self, count)
  if count < 1 then
    mistake.raise("ArgumentError", "an index needs columns or expressions")
  end
  for i = 1, count do
    local one = self.given[i]
    if type(one) ~= "string" and not (type(one) == "table" and one.is_expression) then
      local message = "an index needs columns or expressions: %d is none"
      mistake.raise("ArgumentError", message:format(i))
    end
  end
  if self.name ~= nil then
    shape.name(self.name)
  end
end

--- `Index("ix", users.c.name, …, { unique = true })`; in a Table, names of columns will do.
---@return lunasa.sa.Index
function index.new(...)
  local given, options = arguments.read(...)
  arguments.check("Index", options, OPTIONS)
  local self = setmetatable({
    name = given[1] ~= NULL and given[1] or nil,
    given = { unpack(given, 2, given.n) },
    unique = options.unique or false,
    options = options,
  }, Index)
  check_given(self, given.n - 1)
  for _, one in ipairs(self.given) do
    local owner = type(one) == "table" and table_of(one)
    if owner then
      self:attach(owner)
      break
    end
  end
  return self
end

--- Makes the index one of a table.
---@param owner lunasa.sa.Table
function Index:attach(owner)
  self.table = owner
  self.expressions = {}
  for i, given in ipairs(self.given) do
    self.expressions[i] = type(given) == "string" and owner.c[given] or given
  end
  table.insert(owner.indexes, self)
end

--- The index that `Column(…, { index = true })` asks for.
---@param owner lunasa.sa.Table
---@param column lunasa.sa.Column
function index.of_column(owner, column)
  local self = setmetatable({
    given = { column },
    unique = column.unique or false,
    options = {},
  }, Index)
  self:attach(owner)
end

return index
