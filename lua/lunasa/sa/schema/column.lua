--- Columns of tables.
local NULL = require("lunasa.null")
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")
local suggest = require("lunasa.suggest")
local types = require("lunasa.sa.type")

local column = {}

---@class lunasa.sa.Column: lunasa.sa.Expression
---@field name string in the database
---@field key string in Lua
---@field table? table the table or other thing of FROM that has it
---@field origin? lunasa.sa.Column the column of the table below, for one of an alias or a subquery
---@field foreign_keys lunasa.sa.ForeignKey[]
---@field primary_key boolean
---@field nullable boolean
---@field default? any value, function or expression for an INSERT that does not give it
---@field onupdate? any the same for UPDATE
---@field server_default? any
---@field autoincrement boolean|"auto"
local Column = class("Column", element.Expression)
Column.kind = "column"
Column.is_column = true
column.Column = Column

-- stylua: ignore
local OPTIONS = {
  primary_key = true, nullable = true, unique = true, index = true, default = true,
  onupdate = true, server_default = true, server_onupdate = true, autoincrement = true,
  key = true, comment = true, quote = true, info = true, doc = true, system = true,
}

--- Puts what follows the type where it belongs.
local function adopt_part(self, part)
  if type(part) ~= "table" then
    mistake.raise("ArgumentError", "a column takes a type, keys, constraints and options")
  elseif part.kind == "foreign_key" then
    part.parent = self
    self.foreign_keys[#self.foreign_keys + 1] = part
  elseif part.kind == "computed" or part.kind == "identity" then
    self[part.kind] = part
  elseif part.kind == "sequence" then
    self.sequence = part
  elseif part.is_constraint then
    self.constraints[#self.constraints + 1] = part
  else
    mistake.raise("ArgumentError", "a column takes a type, keys, constraints and options")
  end
end

--- NULL stands for the type of the column that a foreign key refers to.
local function has_type(given)
  return given == NULL or types.instance(given) ~= nil
end

local function adopt_parts(self, given, first)
  for i = first, given.n do
    adopt_part(self, given[i])
  end
end

--- `Column("name", Integer, ForeignKey("other.id"), { primary_key = true })`.
---@return lunasa.sa.Column
function column.new(...)
  local given, options = arguments.read(...)
  arguments.check("Column", options, OPTIONS)
  local name = given[1]
  if type(name) ~= "string" and not (type(name) == "table" and name.is_quoted_name) then
    mistake.raise("ArgumentError", "a column needs a name")
  end
  local self = setmetatable({
    name = name,
    key = options.key or tostring(name),
    foreign_keys = {},
    constraints = {},
    options = options,
    primary_key = options.primary_key or false,
    default = options.default,
    onupdate = options.onupdate,
    server_default = options.server_default,
    unique = options.unique,
    index = options.index,
    comment = options.comment,
    quote = options.quote,
    sh = shape.unique(),
  }, Column)
  self.autoincrement = options.autoincrement == nil and "auto" or options.autoincrement
  self.type = types.instance(given[2])
  local first = has_type(given[2]) and 3 or 2
  adopt_parts(self, given, first)
  self.type = self.type or generic.NullType()
  self.nullable = options.nullable
  if self.nullable == nil then
    self.nullable = not self.primary_key
  end
  return self
end

--- Makes the column that an alias or a subquery has for one below it.
---@param table table
---@param origin lunasa.sa.Expression
---@param name string
---@param key? string
---@return lunasa.sa.Column
function column.proxy(table, origin, name, key)
  return setmetatable({
    name = name,
    key = key or tostring(name),
    table = table,
    origin = origin,
    type = origin.type,
    foreign_keys = origin.foreign_keys or {},
    primary_key = origin.primary_key or false,
    nullable = origin.nullable ~= false,
    quote = origin.quote,
    sh = shape.of("proxy", table.sh, tostring(key or name)),
  }, Column)
end

--- Raises when a column is not one of a table.
---@param given any
---@param table lunasa.sa.Table
function column.check_owner(given, table)
  local owner = type(given) == "table" and given.is_column and given.table
  if owner and owner ~= table then
    local message = "column '%s' belongs to '%s', not to '%s'"
    message = message:format(given.key, tostring(owner.name or "a subquery"), tostring(table.name))
    mistake.raise("ArgumentError", message)
  end
end

function Column:result_name()
  return tostring(self.name)
end

function Column:collect_froms(found)
  if self.table then
    found[#found + 1] = self.table
  end
end

--- Tells whether this column stands for another one, directly or through aliases.
---@param other lunasa.sa.Column
---@return boolean
function Column:stands_for(other)
  local one = self
  while one do
    if one == other then
      return true
    end
    one = one.origin
  end
  return false
end

local Collection = {}

--- The columns of something under their keys and under 1 to n. It has no methods, which a column
--- could hide.
---@param columns lunasa.sa.Column[]
---@param owner string how messages call it
---@return table
function column.collection(columns, owner)
  local self = {}
  for i, one in ipairs(columns) do
    self[i] = one
    self[one.key] = one
  end
  return setmetatable(self, { __index = Collection.missing, owner = owner })
end

function Collection.missing(self, key)
  local owner = getmetatable(self).owner
  if type(key) == "number" then
    return nil -- the end, for ipairs
  end
  local keys = {}
  for _, one in ipairs(self) do
    keys[#keys + 1] = one.key
  end
  local word = tostring(key):match("^(.+)_$")
  local hint = word and rawget(self, word) and (': write c["%s"]'):format(word)
    or suggest.phrase(key, keys)
  local message = ("no column '%s' in %s%s"):format(tostring(key), owner, hint)
  mistake.raise("ArgumentError", message)
end

return column
