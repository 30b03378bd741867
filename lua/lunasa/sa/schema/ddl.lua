--- Statements that define things: CREATE, DROP, ALTER.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

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
  include_foreign_key_constraints = true,
}

--- What each is about, and how to tell.
local SUBJECTS = {
  { "table", "a table", "is_table" },
  { "column", "a column", "is_column" },
  { "type", "a type", "is_type" },
  { "index", "an index", "kind" },
  { "sequence", "a sequence", "kind" },
  { "constraint", "a constraint", "is_constraint" },
}

local function check_subject(kind, subject)
  for _, entry in ipairs(SUBJECTS) do
    local word, called, mark = unpack(entry)
    if kind:find("_" .. word) then
      local found = type(subject) == "table" and subject[mark]
      if not found or mark == "kind" and found ~= word then
        mistake.raise("ArgumentError", ("%s needs %s"):format(kind:gsub("_", " "), called))
      end
      return
    end
  end
  if type(subject) ~= "string" and not (type(subject) == "table" and subject.is_quoted_name) then
    mistake.raise("ArgumentError", ("%s needs a name"):format(kind:gsub("_", " ")))
  end
end

local function statement(kind)
  return function(subject, options)
    options = options or {}
    check_subject(kind, subject)
    arguments.check(kind, options, OPTIONS)
    return setmetatable({ kind = kind, subject = subject, options = options }, DDLElement)
  end
end

ddl.CreateTable, ddl.DropTable = statement("create_table"), statement("drop_table")
ddl.CreateIndex, ddl.DropIndex = statement("create_index"), statement("drop_index")
ddl.AddConstraint, ddl.DropConstraint = statement("add_constraint"), statement("drop_constraint")
ddl.CreateSequence, ddl.DropSequence = statement("create_sequence"), statement("drop_sequence")
ddl.CreateSchema, ddl.DropSchema = statement("create_schema"), statement("drop_schema")
ddl.SetTableComment, ddl.DropTableComment =
  statement("set_table_comment"), statement("drop_table_comment")
ddl.SetColumnComment, ddl.DropColumnComment =
  statement("set_column_comment"), statement("drop_column_comment")
ddl.CreateType, ddl.DropType = statement("create_type"), statement("drop_type")

--- Text as it is; `%%` is one percent sign.
function ddl.DDL(text)
  if type(text) ~= "string" then
    mistake.raise("ArgumentError", "DDL needs a string")
  end
  return setmetatable({ kind = "ddl_text", subject = text }, DDLElement)
end

-- stylua: ignore
local SEQUENCE = {
  start = true, increment = true, minvalue = true, maxvalue = true, nominvalue = true,
  nomaxvalue = true, cache = true, cycle = true, schema = true, data_type = true, optional = true,
  metadata = true,
}

-- stylua: ignore
local IDENTITY = {
  start = true, increment = true, minvalue = true, maxvalue = true, nominvalue = true,
  nomaxvalue = true, cache = true, cycle = true, always = true, on_null = true,
}

local function check_numbers(what, options)
  for _, name in ipairs({ "start", "increment", "minvalue", "maxvalue", "cache" }) do
    local value = options[name]
    if value ~= nil and (type(value) ~= "number" or value % 1 ~= 0) then
      local message = "%s of %s is an integer, got %s"
      mistake.raise("ArgumentError", message:format(name, what, tostring(value)))
    end
  end
end

--- `Sequence("name", { start = 1 })`.
function ddl.Sequence(...)
  local given, options = arguments.read(...)
  arguments.check("Sequence", options, SEQUENCE)
  check_numbers("Sequence", options)
  shape.name(given[1])
  return setmetatable({
    kind = "sequence",
    name = given[1],
    start = options.start or 1,
    schema = options.schema,
    data_type = types.instance(options.data_type),
    optional = options.optional,
    increment = options.increment,
    minvalue = options.minvalue,
    maxvalue = options.maxvalue,
    nominvalue = options.nominvalue,
    nomaxvalue = options.nomaxvalue,
    cache = options.cache,
    cycle = options.cycle,
  }, Sequence)
end

local COMPUTED = { persisted = true }

--- `Computed("a * 2", { persisted = true })`.
function ddl.Computed(...)
  local given, options = arguments.read(...)
  arguments.check("Computed", options, COMPUTED)
  if type(given[1]) ~= "string" and not (type(given[1]) == "table" and given[1].is_expression) then
    mistake.raise("ArgumentError", "Computed needs text or an expression")
  end
  return setmetatable(
    { kind = "computed", expression = given[1], persisted = options.persisted },
    Computed
  )
end

--- `Identity{ start = 1, always = true }`.
function ddl.Identity(...)
  local _, options = arguments.read(...)
  arguments.check("Identity", options, IDENTITY)
  check_numbers("Identity", options)
  local made = { kind = "identity" }
  for name, value in pairs(options) do
    made[name] = value
  end
  return setmetatable(made, Identity)
end

return ddl
