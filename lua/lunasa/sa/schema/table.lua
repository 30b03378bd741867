--- Tables.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local column = require("lunasa.sa.schema.column")
local constraint = require("lunasa.sa.schema.constraint")
local door = require("lunasa.sa.door")
local from = require("lunasa.sa.selectable.from")
local index = require("lunasa.sa.schema.index")
local metadata = require("lunasa.sa.schema.metadata")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

local schema_table = {}

---@class lunasa.sa.Table: lunasa.sa.From
---@field name string
---@field schema? string
---@field metadata lunasa.sa.MetaData
---@field primary_key lunasa.sa.PrimaryKeyConstraint
---@field constraints lunasa.sa.Constraint[]
---@field indexes lunasa.sa.Index[]
---@field options table<string, any> such as mysql_engine
---@field package selected? lunasa.sa.Select of all its columns
local Table = class("Table", from.From)
Table.kind = "table"
Table.is_table = true
schema_table.Table = Table

local OPTIONS = {
  schema = true,
  quote = true,
  comment = true,
  prefixes = true,
  info = true,
  keep_existing = true,
  extend_existing = true,
  autoload_with = true,
  include_columns = true,
  resolve_fks = true,
  quote_schema = true,
}

--- Gives the table of this name that is to be kept; raises about one that is not.
local function find_existing(meta, full_name, options)
  local existing = meta.tables[full_name]
  if existing and not (options.keep_existing or options.extend_existing) then
    local message = ("table '%s' is in this MetaData already"):format(full_name)
    mistake.raise("InvalidRequestError", message)
  end
  return options.keep_existing and existing
end

local function add_column(self, columns, one)
  if one.table then
    local message = ("column '%s' belongs to table '%s' already"):format(
      one.key,
      tostring(one.table.name)
    )
    mistake.raise("ArgumentError", message)
  end
  for _, other in ipairs(columns) do
    if other.key == one.key then
      local message = "table '%s' has two columns '%s'"
      mistake.raise("ArgumentError", message:format(tostring(self.name), one.key))
    end
  end
  one.table = self
  columns[#columns + 1] = one
end

--- What columns say about themselves becomes constraints and indexes of the table.
local function adopt_column_parts(self, one)
  if one.unique and not one.index then
    constraint.attach(self, constraint.unique({ one }))
  elseif one.index then
    index.of_column(self, one)
  end
  for _, key in ipairs(one.foreign_keys) do
    constraint.adopt_foreign_key(self, one, key)
  end
  for _, part in ipairs(one.constraints) do
    constraint.attach(self, part)
  end
end

--- Loads what a table refers to. Where that fails there is no table.
local function follow(self, loader)
  if self.options.resolve_fks == false then
    return
  end
  local ok, err = pcall(loader.follow, self)
  if not ok then
    self.metadata:remove(self)
    error(err, 0)
  end
end

--- Takes the parts of a table: its columns, and what is said of them.
local function add_parts(self, given)
  local columns, others = {}, {}
  for i = 3, given.n do
    local part = given[i]
    if type(part) == "table" and part.is_column then
      add_column(self, columns, part)
    else
      others[#others + 1] = part
    end
  end
  self.c = column.collection(columns, ("table '%s'"):format(self.full_name))
  self.columns = self.c
  self.metadata.tables[self.full_name] = self
  for _, part in ipairs(others) do
    constraint.attach(self, part)
  end
  constraint.finish_primary_key(self)
  for _, one in ipairs(columns) do
    adopt_column_parts(self, one)
  end
end

--- `Table("name", metadata, Column(…), …, { mysql_engine = "InnoDB" })`.
---@return lunasa.sa.Table
function schema_table.new(...)
  local given, options = arguments.read(...)
  arguments.check("Table", options, OPTIONS)
  local meta = given[2]
  if type(meta) ~= "table" or getmetatable(meta) ~= metadata.MetaData then
    mistake.raise("ArgumentError", "Table needs a name and a MetaData")
  end
  local schema = options.schema or meta.schema
  local full_name = metadata.full_name(given[1], schema)
  local existing = find_existing(meta, full_name, options)
  if existing then
    return existing
  end
  local self = setmetatable({
    name = given[1],
    schema = schema,
    quote = options.quote,
    quote_schema = options.quote_schema,
    metadata = meta,
    full_name = full_name,
    constraints = {},
    indexes = {},
    sh = shape.unique(),
  }, Table)
  local loader = options.autoload_with ~= nil and door.load(".autoload", "autoload_with")
  if loader then
    given, options = loader.read(given, options, schema and tostring(schema))
    existing = find_existing(meta, full_name, options) -- another task may have been faster
  end
  if existing then
    return existing
  end
  self.options, self.comment = options, options.comment
  add_parts(self, given)
  if loader then
    follow(self, loader)
  end
  return self
end

--- Adds a constraint to a table that is there.
---@param part lunasa.sa.Constraint
function Table:append_constraint(part)
  constraint.attach(self, part)
end

--- A table that only a statement knows: `table("t", column("x"), { schema = "s" })`.
function schema_table.lightweight(name, ...)
  local columns, schema = { ... }, nil
  local last = columns[#columns]
  if type(last) == "table" and not last.is_element then
    schema, columns[#columns] = last.schema, nil
  end
  shape.name(name)
  for i = 1, table.maxn(columns) do
    if type(columns[i]) ~= "table" or not columns[i].is_expression or not columns[i].name then
      mistake.raise("ArgumentError", "table needs a name and columns, sa.column('id')")
    end
  end
  local self = setmetatable({
    name = name,
    schema = schema,
    full_name = metadata.full_name(name, schema),
    constraints = {},
    indexes = {},
    options = {},
    sh = shape.unique(),
    is_lightweight = true,
  }, Table)
  local owned = {}
  for i, one in ipairs(columns) do
    owned[i] = column.proxy(self, one, one.name)
    owned[i].origin = nil
  end
  self.c = column.collection(owned, ("table '%s'"):format(tostring(name)))
  self.columns = self.c
  self.primary_key = constraint.primary_key({})
  return self
end

function Table:__tostring()
  return self.full_name
end

return schema_table
