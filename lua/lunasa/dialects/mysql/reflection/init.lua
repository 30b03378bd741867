--- What MySQL and MariaDB say about schemas, tables and views. It does no I/O: `run` is given,
--- which sends SQL with its parameters and gives the rows, each an array.
---
--- Tables are described from SHOW CREATE TABLE: one question, whose answer has everything as it can
--- be written again; information_schema has expressions that are escaped twice (MySQL) and neither
--- generated columns' nor partitions' own text. The server writes names and comments in utf8mb3:
--- of a character outside of it both say a question mark.
local definition = require("lunasa.dialects.mysql.reflection.definition")
local describe_view = require("lunasa.dialects.mysql.reflection.view")

local reflection = {}

---@alias lunasa.sa.Run fun(sql: string, parameters?: any[]): any[][]

--- What is part of every server.
local OF_SERVER = "SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"

--- The session's own ways to write names and to leave things out. MySQL leaves nothing out.
local PLAIN = "SET STATEMENT sql_mode = '', sql_quote_show_create = 1 FOR "

local NO_SUCH_TABLE = { [1146] = true, [1049] = true, [1051] = true }

--- A view of what is not there any more is there.
local INVALID_VIEW = 1356

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

--- Tells whether there is a table or a view, a temporary table too.
---@param run lunasa.sa.Run
---@param dialect lunasa.sa.Dialect
---@param name string
---@param schema? string
---@return boolean
function reflection.has_table(run, dialect, name, schema)
  local ok, rows = pcall(ask, run, "DESCRIBE " .. full_name(dialect, name, schema))
  if not ok and not (type(rows) == "table" and rows.errno == INVALID_VIEW) then
    error(rows, 0)
  end
  return rows ~= nil
end

--- Describes a table or a view; nil when there is none.
---@param run lunasa.sa.Run
---@param dialect lunasa.sa.Dialect
---@param name string
---@param schema? string
---@return lunasa.sa.TableDescription?
function reflection.describe(run, dialect, name, schema)
  local full = full_name(dialect, name, schema)
  local rows = ask(run, (dialect.name == "mariadb" and PLAIN or "") .. "SHOW CREATE TABLE " .. full)
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
  return describe_view(run("SHOW FULL COLUMNS FROM " .. full))
end

return reflection
