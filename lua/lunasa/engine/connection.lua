--- A connection of an engine: statements of the SQL language, and text, on a driver's connection.
local class = require("lunasa.sa.class")
local connection_options = require("lunasa.engine.connection_options")
local errors = require("lunasa.error")
local events = require("lunasa.engine.events")
local execute = require("lunasa.engine.execute")
local mistake = require("lunasa.sa.mistake")
local misuse = require("lunasa.misuse")
local transactions = require("lunasa.engine.transaction")
local watched = require("lunasa.engine.watched")

local connection = {}

---@class lunasa.SAConnection
---@field engine lunasa.Engine
---@field connection? lunasa.Connection the driver's, lent by the engine's pool; nil once closed
---@field dialect lunasa.sa.Dialect of the server
---@field closed boolean
---@field in_transaction boolean
---@field in_nested_transaction boolean
---@field package how lunasa.EngineHow
---@field package is_streaming boolean the execution option `stream`
---@field package kept lunasa.CompiledCache|false
---@field package to_restore? table what the execution options have changed on the server
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
    how = engine.how,
    closed = false,
    in_transaction = false,
    in_nested_transaction = false,
    is_streaming = false,
    kept = engine.kept,
    to_restore = false,
    _transaction = false,
    _doomed = false,
    _is_closing = false,
  }, SAConnection)
end

--- Raises where there is no connection of the driver any more.
local function check_open(self)
  if type(self) ~= "table" then
    misuse.dot("conn", 3)
  elseif not self.connection then
    mistake.raise("ResourceClosedError", "This Connection is closed")
  end
end

--- Runs a statement: text, or one of the SQL language.
---
--- What follows are its parameters: a map by name, a list, single values; a list of maps or lists,
--- or several of them, run it for each.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any
---@return lunasa.ResultProxy
function SAConnection:execute(statement, ...)
  check_open(self)
  local count, first = select("#", ...), ...
  local kind = count < 2 and type(statement) == "table" and getmetatable(statement)
  if kind and kind.is_query and not self.is_streaming then
    if count == 0 then
      return execute.query(self, statement)
    elseif type(first) == "table" and not getmetatable(first) and first[1] == nil then
      if first[2] == nil then -- else a list with a hole
        return execute.query(self, statement, first)
      end
    end
  end
  return execute.run(self, statement, self.is_streaming, count, ...)
end

--- Runs a statement, and gives its rows as they come: they are never all in memory. Until the last
--- one was fetched, or `close`, the connection is the result's.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any as for `execute`
---@return lunasa.ResultProxy
function SAConnection:stream(statement, ...)
  check_open(self)
  return execute.run(self, statement, true, select("#", ...), ...)
end

--- Gives the first value of the first row: nil for NULL, and when there is no row.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any as for `execute`
---@return any
function SAConnection:scalar(statement, ...)
  return self:execute(statement, ...):scalar()
end

--- Gives the first row, nil when there is none.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any as for `execute`
---@return lunasa.RowProxy?
function SAConnection:first(statement, ...)
  return self:execute(statement, ...):first()
end

--- Gives all rows.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any as for `execute`
---@return lunasa.RowProxy[]
function SAConnection:all(statement, ...)
  return self:execute(statement, ...):fetchall()
end

--- Iterates over the rows: `for row in conn:rows(statement) do`.
---@async
---@param statement string|lunasa.sa.Element
---@param ... any as for `execute`
---@return fun(res: lunasa.ResultProxy): lunasa.RowProxy?
---@return lunasa.ResultProxy
function SAConnection:rows(statement, ...)
  return self:execute(statement, ...):rows()
end

--- Rolls back what is open, and undoes what execution options have changed.
---@async
local function settle(self)
  transactions.finish(self)
  if self.to_restore then
    connection_options.restore(self)
    self.to_restore = false
  end
end

--- Gives the connection back to its engine. What is open is rolled back, and what execution options
--- have changed is undone. Closing twice is no mistake.
---@async
function SAConnection:close()
  local lent = self.connection
  if not lent or self._is_closing then
    return
  end
  self._is_closing = true
  local ok, err = pcall(settle, self)
  local is_told, failure = true, nil
  if ok and self.engine.events then
    is_told, failure = pcall(events.tell, self, "checkin")
    ok, err = pcall(settle, self) -- what a listener has left open
  end
  if not ok and lent:is_usable() then
    lent:close() -- nobody is to get it as it is
  end
  self.connection, self.closed = nil, true
  if lent.pool_slot then
    self.engine.pool:release(lent)
  end
  if not ok or not is_told then
    errors.throw(err or failure)
  end
end

function SAConnection:__tostring()
  return ("lunasa.SAConnection(%s)"):format(self.closed and "closed" or self.dialect.name)
end

connection_options.add(SAConnection, check_open)
transactions.add(SAConnection)
watched.add(SAConnection)

return connection
