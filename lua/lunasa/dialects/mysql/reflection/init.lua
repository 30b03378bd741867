--- What MySQL and MariaDB say about schemas, tables and views. It does no I/O: `run` is given,
--- which sends SQL with its parameters and gives the rows, each an array.
---
--- Tables are described from SHOW CREATE TABLE: one question, whose answer has everything as it can
--- be written again; information_schema has expressions that are escaped twice (MySQL) and neither
--- generated columns' nor partitions' own text. The server writes names and comments in utf8mb3:
--- of a character outside of it both say a question mark.
local definition = require("lunasa.dialects.mysql.reflection.definition")
local describe_view = require("lunasa.dialects.mysql.reflection.view")
local errors = require("lunasa.error")

local reflection = {}

---@alias lunasa.sa.Run fun(sql: string, parameters?: any[]): any[][]

--- What is part of every server.
local OF_SERVER = "SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"

--- The session's own ways to write names and to leave things out. MySQL leaves nothing out.
local PLAIN = "SET STATEMENT sql_mode = '', sql_quote_show_create = 1 FOR "

local NO_SUCH_TABLE = { [1146] = true, [1049] = true, [1051] = true }

local OF_VIEW = "SELECT COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, IS_NULLABLE, COLUMN_COMMENT "
  .. "FROM information_schema.COLUMNS WHERE TABLE_NAME = ? AND TABLE_SCHEMA = %s "
  .. "ORDER BY ORDINAL_POSITION"

local function first_of_each(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = row[1]
  end
  return list
end

local function full_name(dialect, name, schema)
  local quoted = dialect:quote(name, true)
  return schema and dialect:quote(schema, true) .. "." .. quoted or quoted
end

--- Calls `run`; nil when the table is not there.
local function ask(run, sql)
  local ok, rows = pcall(run, sql)
  if ok then
    return rows
  elseif type(rows) == "table" and NO_SUCH_TABLE[rows.errno] then
    return nil
  end
  error(rows, 0)
end

---@param run lunasa.sa.Run
---@return string? schema nil when none is selected
function reflection.default_schema(run)
  local name = run("SELECT DATABASE()")[1][1]
  return type(name) == "string" and name or nil
end

---@param run lunasa.sa.Run
---@return string[]
function reflection.schema_names(run)
  local sql = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE %s ORDER BY SCHEMA_NAME"
  return first_of_each(run(sql:format(OF_SERVER)))
end

local function names_of(run, schema, condition)
  local sql = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
    .. (schema and "?" or "DATABASE()")
    .. " AND TABLE_TYPE "
    .. condition
    .. " ORDER BY TABLE_NAME"
  return first_of_each(run(sql, schema and { schema } or nil))
end

---@param run lunasa.sa.Run
---@param schema? string
---@return string[]
function reflection.table_names(run, schema)
  return names_of(run, schema, "IN ('BASE TABLE', 'SYSTEM VERSIONED')")
end

---@param run lunasa.sa.Run
---@param schema? string
---@return string[]
function reflection.view_names(run, schema)
  return names_of(run, schema, "IN ('VIEW', 'SYSTEM VIEW')")
end

--- Sequences, which only MariaDB has.
---@param run lunasa.sa.Run
---@param schema? string
---@return string[]
function reflection.sequence_names(run, schema)
  return names_of(run, schema, "= 'SEQUENCE'")
end

--- The SELECT of a view; nil when there is no such view.
---@param run lunasa.sa.Run
---@param dialect lunasa.sa.Dialect
---@param name string
---@param schema? string
---@return string?
function reflection.view_definition(run, _, name, schema)
  local sql = "SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_NAME = ? AND "
    .. "TABLE_SCHEMA = "
    .. (schema and "?" or "DATABASE()")
  local rows = run(sql, { name, schema })
  return rows[1] and rows[1][1]
end

--- What the server says of a table or a view; nil when there is none. DESCRIBE would hold MySQL's
--- metadata lock until the transaction ends.
local function show(run, dialect, name, schema)
  local words = dialect.name == "mariadb" and PLAIN or ""
  return ask(run, words .. "SHOW CREATE TABLE " .. full_name(dialect, name, schema))
end

--- Tells whether there is a table or a view, a temporary table too.
---@param run lunasa.sa.Run
---@param dialect lunasa.sa.Dialect
---@param name string
---@param schema? string
---@return boolean
function reflection.has_table(run, dialect, name, schema)
  return show(run, dialect, name, schema) ~= nil
end

local function describe_columns(run, name, schema)
  local sql = OF_VIEW:format(schema and "?" or "DATABASE()")
  local rows = run(sql, { name, schema })
  if #rows == 0 then
    local message = "view '%s' refers to tables, columns or functions that are not there any more"
    errors.raise("UnreflectableTableError", message:format(name))
  end
  return describe_view(rows)
end

--- Describes a table or a view; nil when there is none.
---@param run lunasa.sa.Run
---@param dialect lunasa.sa.Dialect
---@param name string
---@param schema? string
---@return lunasa.sa.TableDescription?
function reflection.describe(run, dialect, name, schema)
  local rows = show(run, dialect, name, schema)
  if not rows then
    return nil
  end
  local text = rows[1][2]
  if text:find("^CREATE TABLE") or text:find("^CREATE TEMPORARY TABLE") then
    local description = definition.read(text)
    for _, key in ipairs(description.foreign_keys) do
      key.referred_schema = key.referred_schema or schema
    end
    return description
  end
  return describe_columns(run, name, schema)
end

return reflection
