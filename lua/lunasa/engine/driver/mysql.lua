--- How an engine reaches MySQL and MariaDB: options, pool, and the dialect of who answers.
local dialects = require("lunasa.engine.driver.mysql_dialects")
local errors = require("lunasa.error")
local format = require("lunasa.format")
local options = require("lunasa.options")
local pool = require("lunasa.pool")
local runtime = require("lunasa.runtime")
local url = require("lunasa.url")
local xa = require("lunasa.engine.driver.mysql_xa")

local driver = { name = "mysql", xa = xa }

--- The dialect until a server has answered.
driver.dialect = dialects.mysql

--- Tells whether an option was given, in a table or behind the question mark of a URL.
local function is_given(name, ...)
  for i = 1, select("#", ...) do
    local source = select(i, ...)
    local text = type(source) == "string" and source or type(source) == "table" and source.url
    if type(source) == "table" and source[name] ~= nil then
      return true
    elseif type(text) == "string" and url.parse(text).options[name] then
      return true
    end
  end
  return false
end

--- Raises for rows of another shape: the engine's have one of their own.
local function check_cursor(class, level)
  if class and (class.dict or class.unbuffered or class.json or class.dict_type) then
    local message = "SQLAlchemy engine does not support this cursor class"
    errors.raise("ArgumentError", message, nil, level + 1)
  end
end

--- Makes the pool of an engine. Nothing is opened.
---@param target? string|table as of lunasa.create_pool
---@param more? table
---@param level integer whose mistake it is, counted as by `error`
---@return lunasa.Pool
function driver.create_pool(target, more, level)
  local config, pool_config = options.pool(target, more, level)
  check_cursor(config.cursorclass, level)
  if config.autocommit == nil then
    config.autocommit = false
  end
  if not is_given("found_rows", target or options.default_url(), more) then
    config.found_rows = true -- rowcount is of the rows that matched
  end
  return pool.create(config, pool_config, runtime)
end

--- Gives the dialect of the server that a connection is to.
---@param connection lunasa.Connection
---@return lunasa.sa.Dialect
function driver.dialect_of(connection)
  return connection.is_mariadb and dialects.mariadb or dialects.mysql
end

--- Gives the isolation level of the transactions of a session, in the words of SQL.
---@async
---@param connection lunasa.Connection
---@return string
function driver.isolation_level(connection)
  local sql = "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')"
  return (connection:query(sql, nil, format.TEXT_OPTIONS)[1].Value:gsub("-", " "))
end

--- Sets the isolation level of the next transactions of a session.
---@async
---@param connection lunasa.Connection
---@param level string in the words of SQL
function driver.set_isolation_level(connection, level)
  local sql = "SET SESSION TRANSACTION ISOLATION LEVEL " .. level
  connection:execute(sql, nil, format.TEXT_OPTIONS)
end

return driver
