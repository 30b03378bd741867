--- Inspectors: what is in a database.
local bound = require("lunasa.engine.bound")
local class = require("lunasa.sa.class")
local log = require("lunasa.log")
local mistake = require("lunasa.sa.mistake")

local inspect = {}

---@class lunasa.ReflectedColumn
---@field name string
---@field type lunasa.sa.Type
---@field nullable boolean
---@field default? string SQL; nil for none and for NULL
---@field onupdate? string SQL
---@field autoincrement boolean
---@field comment? string
---@field computed? { sqltext: string, persisted: boolean }
---@field dialect_options table<string, any> such as mysql_invisible

---@class lunasa.ReflectedIndex
---@field name string
---@field column_names (string|userdata)[] NULL where an expression stands
---@field expressions? string[] names of columns and SQL, where not all are columns
---@field column_sorting? table<string, string[]> `{ a = { "desc" } }`
---@field unique boolean
---@field dialect_options table<string, any> such as mysql_length

---@class lunasa.ReflectedForeignKey
---@field name string
---@field constrained_columns string[]
---@field referred_schema? string nil for the selected one
---@field referred_table string
---@field referred_columns string[]
---@field options { ondelete?: string, onupdate?: string, match?: string }

---@class lunasa.Inspector
---@field bind lunasa.SAConnection|lunasa.Engine
---@field private known table<string, lunasa.sa.TableDescription|false> what was asked already
local Inspector = class("Inspector")

--- Makes an inspector. It asks the server once about each table: `clear_cache` forgets.
---@param bind lunasa.SAConnection|lunasa.Engine
---@return lunasa.Inspector
function inspect.inspect(bind)
  local is_bind = type(bind) == "table" and (rawget(bind, "engine") or rawget(bind, "pool"))
  if not is_bind then
    local message = "sa.inspect needs an engine, or a connection of one, got %s"
    mistake.raise("ArgumentError", message:format(bound.called(bind)))
  end
  return setmetatable({ bind = bind, known = {} }, Inspector)
end

--- A schema, given by itself or as `{ schema = "name" }`.
local function read_schema(given)
  if given == nil or type(given) == "string" then
    return given
  elseif type(given) == "table" then
    for name in pairs(given) do
      if name ~= "schema" then
        mistake.raise("ArgumentError", ("there is no option '%s', only schema"):format(name))
      end
    end
    return read_schema(given.schema)
  end
  mistake.raise("ArgumentError", ("a schema must be a string, got %s"):format(type(given)))
end

local function check_name(name)
  if type(name) ~= "string" then
    mistake.raise("ArgumentError", ("a table's name must be a string, got %s"):format(type(name)))
  end
  return name
end

--- Asks what does not belong to one table.
local function ask(self, name, ...)
  local count, arguments = select("#", ...), { ... }
  return bound.with(self.bind, "an inspector", function(conn)
    local reflection, run = bound.reflection(conn), bound.run(conn)
    return reflection[name](run, unpack(arguments, 1, count))
  end)
end

---@async
---@return string? schema nil when none is selected
function Inspector:get_default_schema_name()
  return ask(self, "default_schema")
end

--- The schemas, without the server's own.
---@async
---@return string[]
function Inspector:get_schema_names()
  return ask(self, "schema_names")
end

---@async
---@param schema? string|{ schema?: string }
---@return string[] in their order
function Inspector:get_table_names(schema)
  return ask(self, "table_names", read_schema(schema))
end

---@async
---@param schema? string|{ schema?: string }
---@return string[] in their order
function Inspector:get_view_names(schema)
  return ask(self, "view_names", read_schema(schema))
end

--- Sequences, which not every database has.
---@async
---@param schema? string|{ schema?: string }
---@return string[] in their order
function Inspector:get_sequence_names(schema)
  return ask(self, "sequence_names", read_schema(schema))
end

---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return boolean
function Inspector:has_sequence(name, schema)
  for _, one in ipairs(self:get_sequence_names(schema)) do
    if one == check_name(name) then
      return true
    end
  end
  return false
end

--- Asks about one table or view, by its name in quotes.
local function ask_about(self, question, name, schema)
  check_name(name)
  schema = read_schema(schema)
  return bound.with(self.bind, "an inspector", function(conn)
    local reflection = bound.reflection(conn)
    return reflection[question](bound.run(conn), bound.dialect(conn), name, schema)
  end)
end

local function raise_missing(name, schema)
  local full = schema and schema .. "." .. name or name
  mistake.raise("NoSuchTableError", ("there is no table '%s'"):format(full))
end

--- The SELECT of a view.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return string
function Inspector:get_view_definition(name, schema)
  local text = ask_about(self, "view_definition", name, schema)
  return text or raise_missing(name, read_schema(schema))
end

--- Tells whether there is a table or a view of this name, a temporary table too.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return boolean
function Inspector:has_table(name, schema)
  return ask_about(self, "has_table", name, schema)
end

--- Forgets what the server said.
function Inspector:clear_cache()
  self.known = {}
end

--- Describes a table or a view; nil when there is none.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return lunasa.sa.TableDescription?
function Inspector:describe(name, schema)
  schema = read_schema(schema)
  local key = (schema or "") .. "\0" .. check_name(name)
  if self.known[key] == nil then
    local found = ask_about(self, "describe", name, schema)
    for _, warning in ipairs(found and found.warnings or {}) do
      log.warn(("table '%s': %s"):format(name, warning))
    end
    self.known[key] = found or false
  end
  return self.known[key] or nil
end

--- What is told of a table is the caller's own.
local function copy(value)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    return value
  end
  local made = {}
  for key, one in pairs(value) do
    made[key] = copy(one)
  end
  return made
end

local function described(self, name, schema)
  return self:describe(name, schema) or raise_missing(name, read_schema(schema))
end

--- The columns, in their order.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return lunasa.ReflectedColumn[]
function Inspector:get_columns(name, schema)
  return copy(described(self, name, schema).columns)
end

--- The primary key; without columns where there is none.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return { constrained_columns: string[], column_sorting?: table, dialect_options: table }
function Inspector:get_pk_constraint(name, schema)
  return copy(described(self, name, schema).primary_key)
end

--- The indexes, unique ones among them, by name.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return lunasa.ReflectedIndex[]
function Inspector:get_indexes(name, schema)
  return copy(described(self, name, schema).indexes)
end

--- Tells whether a table has an index of this name.
---@async
---@param name string
---@param index string
---@param schema? string|{ schema?: string }
---@return boolean
function Inspector:has_index(name, index, schema)
  local found = self:describe(name, schema)
  for _, one in ipairs(found and found.indexes or {}) do
    if one.name:lower() == index:lower() then
      return true
    end
  end
  return false
end

--- The unique indexes of columns once more, as constraints.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return { name: string, column_names: string[], duplicates_index: string }[]
function Inspector:get_unique_constraints(name, schema)
  local list = {}
  for _, index in ipairs(described(self, name, schema).indexes) do
    if index.unique and not index.expressions then
      list[#list + 1] = {
        name = index.name,
        column_names = copy(index.column_names),
        duplicates_index = index.name,
      }
    end
  end
  return list
end

--- The foreign keys, by name.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return lunasa.ReflectedForeignKey[]
function Inspector:get_foreign_keys(name, schema)
  return copy(described(self, name, schema).foreign_keys)
end

--- The checks. Those that stand with a column of MariaDB have no name, but the column's.
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return { name?: string, sqltext: string, column?: string, dialect_options: table }[]
function Inspector:get_check_constraints(name, schema)
  return copy(described(self, name, schema).checks)
end

---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return { text?: string }
function Inspector:get_table_comment(name, schema)
  return { text = described(self, name, schema).comment }
end

--- What stands behind the columns, as options of a Table: `mysql_engine`, `mysql_collate` …
---@async
---@param name string
---@param schema? string|{ schema?: string }
---@return table<string, any>
function Inspector:get_table_options(name, schema)
  return copy(described(self, name, schema).options)
end

return inspect
