--- The statements that create and drop the tables of a MetaData, in their order.
local ddl = require("lunasa.sa.schema.ddl")
local dialects = require("lunasa.sa.dialects")
local metadata = require("lunasa.sa.schema.metadata")
local naming = require("lunasa.sa.compiler.naming")
local options_of = require("lunasa.sa.options")
local order = require("lunasa.sa.schema.order")

local statements = {}

--- The tables that are meant: those given, or all, by name.
---@param self lunasa.sa.MetaData
---@param tables? lunasa.sa.Table[]
---@return lunasa.sa.Table[]
function statements.chosen(self, tables)
  if tables then
    return tables
  end
  local names, all = {}, {}
  for name in pairs(self.tables) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    all[i] = self.tables[name]
  end
  return all
end

--- The named types that tables need, where the database has types of that kind.
local function enums_of(tables, dialect)
  local found, seen = {}, {}
  for _, one in ipairs(dialect.has_named_types and tables or {}) do
    for _, column in ipairs(one.c) do
      local type_ = column.type:for_dialect(dialect)
      if type_.kind == "enum" and dialect:has_enum(type_) and not seen[type_.name] then
        seen[type_.name] = true
        found[#found + 1] = type_
      end
    end
  end
  return found
end

--- The sequences that columns take their values from, where the database has sequences.
---@param tables lunasa.sa.Table[]
---@param dialect lunasa.sa.Dialect
---@return table[]
function statements.sequences(tables, dialect)
  local found, seen = {}, {}
  local compiler = dialect.Compiler:new(dialect, {})
  for _, one in ipairs(tables) do
    for _, column in ipairs(one.c) do
      local sequence = column.sequence
      local key = sequence and metadata.full_name(sequence.name, sequence.schema)
      if sequence and not seen[key] and compiler:uses_sequence(sequence) then
        seen[key] = true
        found[#found + 1] = sequence
      end
    end
  end
  return found
end

local function anything()
  return true
end

local function as_set(list)
  local set = {}
  for _, one in ipairs(list) do
    set[one] = true
  end
  return set
end

--- The foreign keys that CREATE TABLE has; nil for all of them.
local function included(one, is_deferred)
  local kept, is_any = {}, false
  for _, constraint in ipairs(one.constraints) do
    if is_deferred[constraint] then
      is_any = true
    elseif constraint.kind == "foreign_key_constraint" then
      kept[#kept + 1] = constraint
    end
  end
  return is_any and kept or nil
end

--- Adds the statements of one table: itself, and the indexes that are not part of its own.
---@param list lunasa.sa.Element[]
---@param one lunasa.sa.Table
---@param dialect lunasa.sa.Dialect
---@param options? table of CreateTable
function statements.add_table(list, one, dialect, options)
  list[#list + 1] = ddl.CreateTable(one, options)
  local is_inline = as_set(dialect.Compiler:new(dialect, {}):inline_indexes(one))
  for _, index in ipairs(one.indexes) do
    if not is_inline[index] then
      list[#list + 1] = ddl.CreateIndex(index)
    end
  end
end

local read_options = options_of("create_statements and drop_statements", "tables dialect")

---@class lunasa.sa.StatementOptions
---@field tables? lunasa.sa.Table[] these only
---@field dialect? string|lunasa.sa.Dialect

--- Gives the statements that create the tables, each after those it refers to; what refers in
--- circles is added when all are there.
---@param options? lunasa.sa.StatementOptions
---@return lunasa.sa.Element[]
function metadata.MetaData:create_statements(options)
  options = read_options(options)
  local dialect = dialects.get(options.dialect)
  local tables, deferred = order(statements.chosen(self, options.tables), anything)
  local list, is_deferred = {}, as_set(dialect.has_alter and deferred or {})
  for _, sequence in ipairs(statements.sequences(tables, dialect)) do
    list[#list + 1] = ddl.CreateSequence(sequence)
  end
  for _, type_ in ipairs(enums_of(tables, dialect)) do
    list[#list + 1] = ddl.CreateType(type_)
  end
  for _, one in ipairs(tables) do
    local kept = included(one, is_deferred)
    local of_table = kept and { include_foreign_key_constraints = kept } or nil
    statements.add_table(list, one, dialect, of_table)
  end
  for _, constraint in ipairs(dialect.has_alter and deferred or {}) do
    list[#list + 1] = ddl.AddConstraint(constraint)
  end
  return list
end

--- Gives the statements that drop them, in the opposite order.
---@param options? lunasa.sa.StatementOptions
---@return lunasa.sa.Element[]
function metadata.MetaData:drop_statements(options)
  options = read_options(options)
  local dialect = dialects.get(options.dialect)
  local tables, deferred = order(statements.chosen(self, options.tables), function(constraint)
    return not dialect.has_alter or naming.of(constraint, constraint.table) ~= nil
  end)
  local list = {}
  for _, constraint in ipairs(dialect.has_alter and deferred or {}) do
    list[#list + 1] = ddl.DropConstraint(constraint)
  end
  for i = #tables, 1, -1 do
    list[#list + 1] = ddl.DropTable(tables[i])
  end
  for _, sequence in ipairs(statements.sequences(tables, dialect)) do
    list[#list + 1] = ddl.DropSequence(sequence)
  end
  for _, type_ in ipairs(enums_of(tables, dialect)) do
    list[#list + 1] = ddl.DropType(type_)
  end
  return list
end

return statements
