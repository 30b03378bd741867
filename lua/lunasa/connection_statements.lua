--- The methods of a connection that run statements in a way of their own: prepared by hand, for
--- many rows of parameters, or with the rows as they come.
local call = require("lunasa.call")
local command = require("lunasa.command")
local errors = require("lunasa.error")
local executemany = require("lunasa.executemany")
local query_attributes = require("lunasa.query_attributes")
local statement = require("lunasa.statement")
local statement_limit = require("lunasa.statement_limit")
local stream = require("lunasa.stream")

local connection_statements = {}

--- Adds `prepare`, `executemany` and `stream`.
---@param Connection lunasa.Connection the class
---@param channel_of fun(conn: lunasa.Connection): lunasa.Channel raises where there is none
function connection_statements.add(Connection, channel_of)
  --- Has the server check a statement, and keeps it prepared. A text that this connection knows
  --- already costs nothing.
  ---@async
  ---@param sql string with `?` for its parameters
  ---@return lunasa.Statement
  function Connection:prepare(sql)
    local channel = channel_of(self)
    local _, timeout = call.settings(self, sql, nil, nil, 4)
    local known = statement.known(channel, sql)
    if not known then
      local runtime = self.runtime
      local deadline = timeout and runtime.now() + timeout
      local protected = self.observer and self.observer:calling(self, "prepare", sql) or pcall
      local ok, answer = protected(command.prepare, channel, runtime, sql, deadline)
      if not ok then
        self.closed = channel.closed
        errors.throw(answer, self.config.errors)
      end
      known = statement.remember(channel, sql, answer)
    end
    return statement.new(self, sql, known)
  end

  --- Runs a statement for each of many rows of parameters, as a prepared statement.
  ---@async
  ---@param sql string
  ---@param rows table[] each a list for `?` or a map for `:name`
  ---@param options? table
  ---@return integer affected_rows of all
  function Connection:executemany(sql, rows, options)
    local channel = channel_of(self)
    local _, timeout, is_pyformat = call.settings(self, sql, rows, options, 4)
    if options and options.attributes then
      local message = "option 'attributes' is for single statements, not executemany"
      errors.raise("ArgumentError", message, nil, 2)
    elseif type(rows) ~= "table" or #rows == 0 then
      errors.raise("ArgumentError", "executemany needs a list of rows with at least one", nil, 2)
    end
    local deadline = timeout and self.runtime.now() + timeout
    local protected = self.observer and self.observer:calling(self, "executemany", sql, nil, rows)
      or pcall
    local ok, answer = protected(executemany.run, self, channel, sql, rows, is_pyformat, deadline)
    if ok then
      return answer
    end
    self.closed = channel.closed
    errors.throw(answer, self.config.errors)
  end

  --- Runs a statement and gives its rows as they come.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table of a call; `timeout` is of each wait for rows, `fetch_size` of a cursor
  ---@return lunasa.Stream
  function Connection:stream(sql, args, options)
    local channel = channel_of(self)
    local others, size = call.of_stream(options, 3)
    local how, timeout, is_pyformat, keeper = call.settings(self, sql, args, others, 4)
    local text = statement_limit.of_call(sql, options, self.is_mariadb)
    local attributes = query_attributes.list(options)
    local protected = self.observer and self.observer:calling(self, "stream", sql, how) or pcall
    -- stylua: ignore
    local ok, answer = protected(
      stream.open, self, channel, text, args, is_pyformat, how, timeout, attributes, size, keeper
    )
    if ok then
      return answer
    end
    self.closed = channel.closed
    errors.throw(answer, self.config.errors)
  end
end

return connection_statements
