--- Constraints of tables: keys, uniqueness, checks.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local column = require("lunasa.sa.schema.column")
local metadata = require("lunasa.sa.schema.metadata")
local mistake = require("lunasa.sa.mistake")

local constraint = {}

---@class lunasa.sa.Constraint
---@field kind string
---@field name? string
---@field table? lunasa.sa.Table
---@field columns lunasa.sa.Column[]
local Constraint = class("Constraint")
Constraint.is_constraint = true

local KEYS = { name = true, deferrable = true, initially = true, info = true, comment = true }

--- Options of a constraint: the common ones and its own.
local function known(...)
  local set = {}
  for name in pairs(KEYS) do
    set[name] = true
  end
  for _, name in ipairs({ ... }) do
    set[name] = true
  end
  return set
end

local function make(kind, fields, options)
  fields.kind = kind
  fields.name = options.name
  fields.options = options
  return setmetatable(fields, Constraint)
end

--- A column given by itself or by its key.
local function column_of(table, given)
  if type(given) ~= "string" and not (type(given) == "table" and given.is_column) then
    mistake.raise("ArgumentError", "a constraint is of columns, by themselves or by their keys")
  elseif type(given) == "table" then
    column.check_owner(given, table)
    return given
  end
  return table.c[given]
end

local function resolve(self, table)
  self.columns = {}
  for i = 1, self.given.n or #self.given do
    self.columns[i] = column_of(table, self.given[i])
  end
end

local function check_part(part)
  if type(part) ~= "table" or not part.is_constraint then
    mistake.raise("ArgumentError", "a table takes columns, constraints and indexes")
  end
end

--- Makes a constraint or an index part of a table.
---@param table lunasa.sa.Table
---@param part table
function constraint.attach(table, part)
  if type(part) == "table" and part.kind == "index" then
    part:attach(table)
    return
  end
  check_part(part)
  if part.table == table then
    return -- its columns have brought it
  end
  part.table = table
  if part.given then
    resolve(part, table)
  end
  if part.kind == "foreign_key_constraint" then
    constraint.attach_foreign_keys(part, table)
  elseif part.kind == "primary_key_constraint" then
    table.primary_key = part
    for _, one in ipairs(part.columns) do
      one.primary_key, one.nullable = true, one.options.nullable or false
    end
    return
  end
  local at = #table.constraints + 1
  table.constraints[at] = part
end

--- A column that knows its table already brings the constraint to it.
local function attach_by_columns(part)
  local first = part.given[1]
  if type(first) == "table" and first.table then
    constraint.attach(first.table, part)
  end
  return part
end

function constraint.unique(given, options)
  return make("unique_constraint", { given = given }, options or {})
end

--- `UniqueConstraint("a", "b", { name = "uq" })`.
function constraint.UniqueConstraint(...)
  local given, options = arguments.read(...)
  arguments.check("UniqueConstraint", options, known())
  return attach_by_columns(constraint.unique(given, options))
end

function constraint.primary_key(given, options)
  return make("primary_key_constraint", { given = given, columns = {} }, options or {})
end

function constraint.PrimaryKeyConstraint(...)
  local given, options = arguments.read(...)
  arguments.check("PrimaryKeyConstraint", options, known())
  return attach_by_columns(constraint.primary_key(given, options))
end

--- `CheckConstraint("a > 1", { name = "positive" })`: text, or an expression.
function constraint.CheckConstraint(...)
  local given, options = arguments.read(...)
  arguments.check("CheckConstraint", options, known())
  if type(given[1]) ~= "string" and not (type(given[1]) == "table" and given[1].is_expression) then
    mistake.raise("ArgumentError", "CheckConstraint needs text or a condition")
  end
  local made, found = make("check_constraint", { criterion = given[1] }, options), {}
  if type(given[1]) == "table" then
    given[1]:collect_froms(found)
  end
  if found[1] and found[1].is_table then
    constraint.attach(found[1], made)
  end
  return made
end

--- Gives a table without a key of its own the one that its columns say.
---@param table lunasa.sa.Table
function constraint.finish_primary_key(table)
  if table.primary_key then
    return
  end
  local columns = {}
  for _, one in ipairs(table.c) do
    if one.primary_key then
      columns[#columns + 1] = one
    end
  end
  local key = constraint.primary_key(columns)
  key.table, key.columns, key.is_implied = table, columns, true
  table.primary_key = key
end

---@class lunasa.sa.ForeignKey
---@field parent lunasa.sa.Column
---@field constraint? lunasa.sa.Constraint
local ForeignKey = class("ForeignKey")
ForeignKey.kind = "foreign_key"

local FOREIGN_KEY = known("onupdate", "ondelete", "use_alter", "match", "link_to_name")

--- Words of options are written as they are: those that SQL has, and no others.
local ACTIONS = {
  CASCADE = true,
  RESTRICT = true,
  ["SET NULL"] = true,
  ["SET DEFAULT"] = true,
  ["NO ACTION"] = true,
}
local WORDS = {
  ondelete = ACTIONS,
  onupdate = ACTIONS,
  initially = { DEFERRED = true, IMMEDIATE = true },
  match = { FULL = true, PARTIAL = true, SIMPLE = true },
}

local function check_actions(options)
  for name, words in pairs(WORDS) do
    local word = options[name]
    if word ~= nil and not words[tostring(word):upper()] then
      local message = "%s of a foreign key cannot be '%s'"
      mistake.raise("ArgumentError", message:format(name, tostring(word)))
    end
  end
end

--- `ForeignKey("other.id", { ondelete = "CASCADE" })`: a column, or its table's name and its own.
function constraint.ForeignKey(...)
  local given, options = arguments.read(...)
  arguments.check("ForeignKey", options, FOREIGN_KEY)
  check_actions(options)
  if type(given[1]) ~= "string" and type(given[1]) ~= "table" then
    mistake.raise("ArgumentError", "ForeignKey needs a column, or 'table.column'")
  end
  return setmetatable({
    target = given[1],
    options = options,
    ondelete = options.ondelete,
    onupdate = options.onupdate,
    use_alter = options.use_alter,
  }, ForeignKey)
end

--- A column of a table by their names, whatever signs are in them.
local Reference = class("Reference")

---@param name string of the column
---@param table_name string
---@param schema? string
---@return table for the targets of ForeignKeyConstraint
function constraint.reference(name, table_name, schema)
  local full = metadata.full_name(table_name, schema)
  return setmetatable({
    column = name,
    table_name = table_name,
    schema = schema,
    full_name = full,
    is_reference = true,
  }, Reference)
end

function Reference:__tostring()
  return self.full_name .. "." .. self.column
end

function Reference:find(meta)
  local found = meta and meta.tables[self.full_name]
  for _, one in ipairs(found and found.c or {}) do
    if tostring(one.name) == self.column then
      return one
    end
  end
  return found and found.c[self.column]
end

--- The column of a text such as "table.column".
local function find_text(target, meta, own_schema)
  local table_name, key = target:match("^(.*)%.([^.]+)$")
  local found = meta and meta.tables[table_name]
    or meta and table_name and meta.tables[metadata.full_name(table_name, own_schema)]
  return found and found.c[key], table_name
end

local function find_target(self, is_lenient)
  local target, owner = self.target, self.parent.table
  local meta = owner and owner.metadata
  local found, table_name
  if type(target) == "table" then
    found, table_name = target:find(meta), target.full_name
  else
    found, table_name = find_text(target, meta, owner and owner.schema)
  end
  if found or is_lenient then
    return found
  end
  local message = ("foreign key of column '%s' refers to '%s', but there is no table '%s'"):format(
    self.parent.key,
    tostring(target),
    tostring(table_name)
  )
  mistake.raise("NoReferencedTableError", message)
end

--- Gives the column that is referred to.
---@param is_lenient? boolean nil for a table that is not there, instead of an error
---@return lunasa.sa.Column?
function ForeignKey:column(is_lenient)
  if type(self.target) == "table" and not self.target.is_reference then
    return self.target
  end
  local found = find_target(self, is_lenient)
  return found
end

--- A key that a column gives becomes a constraint of its table.
function constraint.adopt_foreign_key(table, own, key)
  if key.constraint then
    return
  end
  local made = make(
    "foreign_key_constraint",
    { columns = { own }, elements = { key }, ondelete = key.ondelete, onupdate = key.onupdate },
    key.options
  )
  made.use_alter = key.use_alter
  key.constraint, made.table = made, table
  local at = #table.constraints + 1
  table.constraints[at] = made
end

--- `ForeignKeyConstraint({"a", "b"}, {"t.a", "t.b"}, { name = "fk" })`.
function constraint.ForeignKeyConstraint(columns, targets, options)
  options = options or {}
  arguments.check("ForeignKeyConstraint", options, FOREIGN_KEY)
  check_actions(options)
  if type(columns) ~= "table" or type(targets) ~= "table" or #columns ~= #targets then
    local message = "ForeignKeyConstraint needs two lists of the same length"
    mistake.raise("ArgumentError", message)
  end
  local made = make("foreign_key_constraint", {
    given = columns,
    targets = targets,
    ondelete = options.ondelete,
    onupdate = options.onupdate,
    use_alter = options.use_alter,
  }, options)
  return attach_by_columns(made)
end

function constraint.attach_foreign_keys(part)
  part.elements = {}
  for i, target in ipairs(part.targets) do
    local key = constraint.ForeignKey(target)
    local own = part.columns[i]
    key.parent, key.constraint = own, part
    key.ondelete, key.onupdate = part.ondelete, part.onupdate
    key.use_alter = part.use_alter
    part.elements[i] = key
    table.insert(own.foreign_keys, key)
  end
end

return constraint
