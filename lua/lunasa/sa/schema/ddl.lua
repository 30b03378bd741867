--- Statements that define things: CREATE, DROP, ALTER.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local metadata = require("lunasa.sa.schema.metadata")
local mistake = require("lunasa.sa.mistake")

local ddl = {}

--- Takes no parameters, and has no shape: it is seldom the same twice.
local DDLElement = class("DDLElement", element.Element)
DDLElement.is_ddl = true
ddl.DDLElement = DDLElement

local Sequence, Computed, Identity = class("Sequence"), class("Computed"), class("Identity")

local OPTIONS = {
  if_not_exists = true,
  if_exists = true,
  cascade = true,
  checkfirst = true,
}

local function statement(kind)
  return function(subject, options)
    options = options or {}
    if type(subject) ~= "table" and type(subject) ~= "string" then
      mistake.raise("ArgumentError", "nothing was given to create or drop")
    end
    arguments.check(kind, options, OPTIONS)
    return setmetatable({ kind = kind, subject = subject, options = options }, DDLElement)
  end
end

ddl.CreateTable, ddl.DropTable = statement("create_table"), statement("drop_table")
ddl.CreateIndex, ddl.DropIndex = statement("create_index"), statement("drop_index")
ddl.AddConstraint, ddl.DropConstraint = statement("add_constraint"), statement("drop_constraint")
ddl.CreateSequence, ddl.DropSequence = statement("create_sequence"), statement("drop_sequence")
ddl.CreateSchema, ddl.DropSchema = statement("create_schema"), statement("drop_schema")
ddl.CreateType, ddl.DropType = statement("create_type"), statement("drop_type")

--- Text as it is; `%%` is one percent sign.
function ddl.DDL(text)
  if type(text) ~= "string" then
    mistake.raise("ArgumentError", "DDL needs a string")
  end
  return setmetatable({ kind = "ddl_text", subject = text }, DDLElement)
end

--- `Sequence("name", { start = 1 })`.
function ddl.Sequence(...)
  local given, options = arguments.read(...)
  return setmetatable({
    kind = "sequence",
    name = given[1],
    start = options.start,
    increment = options.increment,
  }, Sequence)
end

--- `Computed("a * 2", { persisted = true })`.
function ddl.Computed(...)
  local given, options = arguments.read(...)
  return setmetatable(
    { kind = "computed", expression = given[1], persisted = options.persisted },
    Computed
  )
end

--- `Identity{ start = 1, always = true }`.
function ddl.Identity(...)
  local _, options = arguments.read(...)
  return setmetatable({
    kind = "identity",
    start = options.start,
    increment = options.increment,
    always = options.always,
  }, Identity)
end

local function chosen(self, options)
  local wanted = options and options.tables
  if not wanted then
    return self.sorted_tables
  end
  return metadata.sort(wanted)
end

--- The named types that tables need where a database has types of that kind.
local function enums_of(tables)
  local found, seen = {}, {}
  for _, one in ipairs(tables) do
    for _, column in ipairs(one.c) do
      local type_ = column.type
      if type_.kind == "enum" and type_.name and not seen[type_.name] then
        seen[type_.name] = true
        found[#found + 1] = type_
      end
    end
  end
  return found
end

--- Gives the statements that create the tables, each after those it refers to.
---@param options? { tables?: lunasa.sa.Table[], dialect?: string|lunasa.sa.Dialect }
---@return lunasa.sa.Element[]
function metadata.MetaData:create_statements(options)
  local tables, list = chosen(self, options), {}
  list.enums = enums_of(tables)
  for _, one in ipairs(tables) do
    list[#list + 1] = ddl.CreateTable(one)
    for _, index in ipairs(one.indexes) do
      list[#list + 1] = ddl.CreateIndex(index)
    end
  end
  return list
end

--- Gives the statements that drop them, in the opposite order.
function metadata.MetaData:drop_statements(options)
  local tables, list = chosen(self, options), {}
  for i = #tables, 1, -1 do
    list[#list + 1] = ddl.DropTable(tables[i])
  end
  return list
end

return ddl
