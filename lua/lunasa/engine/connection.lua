--- A connection of an engine: statements of the SQL language, and text, on a driver's connection.
local class = require("lunasa.sa.class")
local errors = require("lunasa.error")
local transactions = require("lunasa.engine.transaction")

local connection = {}

---@class lunasa.SAConnection
---@field engine lunasa.Engine
---@field connection? lunasa.Connection the driver's, lent by the engine's pool; nil once closed
---@field dialect lunasa.sa.Dialect of the server
---@field closed boolean
---@field in_transaction boolean
---@field in_nested_transaction boolean
local SAConnection = class("SAConnection")

--- Makes a connection over one of the driver.
---@param engine lunasa.Engine
---@param driver_connection lunasa.Connection
---@param dialect lunasa.sa.Dialect
---@return lunasa.SAConnection
function connection.new(engine, driver_connection, dialect)
  return setmetatable({
    engine = engine,
    connection = driver_connection,
    dialect = dialect,
    closed = false,
    in_transaction = false,
    in_nested_transaction = false,
    _transaction = false,
  }, SAConnection)
end

--- Gives the driver's connection; raises without one.
---@return lunasa.Connection
local function use(self)
  if not self.connection then
    errors.raise("ResourceClosedError", "This Connection is closed", nil, 3)
  end
  return self.connection
end

--- Runs a statement.
---@async
---@param statement string
---@param parameters? table
---@return lunasa.Result
function SAConnection:execute(statement, parameters)
  return use(self):query(statement, parameters)
end

--- Gives the connection back to its engine; what is open is rolled back. Closing twice is no
--- mistake.
---@async
function SAConnection:close()
  local lent = self.connection
  if not lent then
    return
  end
  local ok, err = pcall(transactions.finish, self)
  self.connection, self.closed = nil, true
  self.engine.pool:release(lent)
  if not ok then
    errors.throw(err)
  end
end

function SAConnection:__tostring()
  return ("lunasa.SAConnection(%s)"):format(self.closed and "closed" or self.dialect.name)
end

transactions.add(SAConnection)

return connection
