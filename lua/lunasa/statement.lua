--- A prepared statement: a text that the server has checked, to be run again and again.
---
--- Its text is its handle. The session keeps what the server prepared, a bounded number of them per
--- connection, and prepares again what was evicted or lost: a statement does not go stale.
local errors = require("lunasa.error")
local format = require("lunasa.format")

local statement = {}

---@class lunasa.Statement
---@field sql string
---@field parameter_count integer placeholders, as the server counts them
---@field names? string[] of the columns, as prepared; nil for a statement without rows
---@field closed boolean
---@field private connection lunasa.Connection
local Statement = {}
Statement.__index = Statement
Statement.__name = "lunasa.Statement"

--- How many texts a channel remembers to be right.
local MOST_KNOWN = 256

--- Options of a call with the binary protocol, whatever they say.
local function binary(options)
  if not options then
    return format.BINARY_OPTIONS
  elseif type(options) ~= "table" then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.protocol = "binary"
  return copy
end

--- Defines a method that runs the statement as the connection's method of that name does.
local function define(method)
  Statement[method] = function(self, args, options)
    if self.closed then
      errors.raise("InterfaceError", "the statement is closed", nil, 2)
    end
    local conn = self.connection
    return conn[method](conn, self.sql, args, binary(options))
  end
end

for _, method in ipairs({ "query", "execute", "first", "scalar", "stream", "executemany" }) do
  define(method)
end

--- Gives the statement back to the server, with the next command. Closing twice is no mistake.
function Statement:close()
  local channel = self.connection.channel
  if not self.closed and channel and not channel.closed then
    channel.session:command("forget", self.sql)
    channel.statements[self.sql] = nil
  end
  self.closed = true
end

function Statement:__tostring()
  return ("%s(%d parameters)"):format(Statement.__name, self.parameter_count)
end

--- What is known of a text on this channel, nil when the server has not been asked.
---@param channel lunasa.Channel
---@param sql string
---@return { parameter_count: integer, names?: string[] }?
function statement.known(channel, sql)
  return channel.statements and channel.statements[sql]
end

--- Remembers what the server said of a text.
---@param channel lunasa.Channel
---@param sql string
---@param answer lunasa.Result
---@return { parameter_count: integer, names?: string[] }
function statement.remember(channel, sql, answer)
  if not channel.statements or channel.statement_count >= MOST_KNOWN then
    channel.statements, channel.statement_count = {}, 0
  end
  local known = { parameter_count = answer.affected_rows, names = answer.names }
  channel.statements[sql] = known
  channel.statement_count = channel.statement_count + 1
  return known
end

--- Makes a statement of what is known.
---@param connection lunasa.Connection
---@param sql string
---@param known { parameter_count: integer, names?: string[] }
---@return lunasa.Statement
function statement.new(connection, sql, known)
  return setmetatable({
    connection = connection,
    sql = sql,
    parameter_count = known.parameter_count,
    names = known.names,
    closed = false,
  }, Statement)
end

return statement
