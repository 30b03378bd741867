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

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param channel_of fun(conn: lunasa.Connection): lunasa.Channel raises where there is none
---@param run function as in lunasa.connection
function connection_statements.add(Connection, channel_of, run)
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
      local protected = channel.observer and channel.observer:calling(self, "prepare", sql) or pcall
      local ok, answer = protected(command.prepare, channel, runtime, sql, deadline)
      if not ok then
        errors.throw(answer, self.config.errors)
      end
      known = statement.remember(channel, sql, answer)
    end
    return statement.new(self, sql, known)
  end

  --- Runs a statement for each of many rows of parameters. An INSERT is sent for many rows at once.
  ---@async
  ---@param sql string
  ---@param rows lunasa.Rows each a list for `?` or a map for `:name`
  ---@param options? table
  ---@return integer affected_rows of all
  ---@return integer insert_id of the last statement sent, the first one of it
  function Connection:executemany(sql, rows, options)
    local channel = channel_of(self)
    local how = executemany.settings(self, sql, rows, options, 3)
    local ok, answer = executemany.run(self, channel, rows, how)
    if ok then
      return answer.affected_rows, answer.insert_id
    end
    errors.throw(answer, self.config.errors)
  end

  --- Opens a stream, for a function that the user called.
  ---@async
  ---@return lunasa.Stream
  local function open(self, channel, sql, args, options)
    local others, size = call.of_stream(options, 4)
    local how, timeout, is_pyformat, keeper = call.settings(self, sql, args, others)
    local text = statement_limit.of_call(sql, options, self.is_mariadb)
    local attributes = query_attributes.list(options)
    local protected = channel.observer and channel.observer:calling(self, "stream", sql, how)
      or pcall
    -- stylua: ignore
    local ok, answer = protected(
      stream.open, self, channel, text, args, is_pyformat, how, timeout, attributes, size, keeper
    )
    if ok then
      return answer
    end
    errors.throw(answer, self.config.errors)
  end

  --- Runs a statement and gives its rows as they come.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table of a call; `timeout` is of each wait for rows, `fetch_size` of a cursor
  ---@return lunasa.Stream
  function Connection:stream(sql, args, options)
    return (open(self, channel_of(self), sql, args, options))
  end

  --- Runs a statement and iterates over its rows as they come: `for row in conn:rows(sql) do`.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table as of `stream`
  ---@return fun(stream: lunasa.Stream): table?
  ---@return lunasa.Stream
  function Connection:rows(sql, args, options)
    local opened = open(self, channel_of(self), sql, args, options)
    return opened:rows()
  end

  --- Runs a statement and calls a function with each of its rows as they come, until it returns
  --- false. However that ends, the statement is over then.
  ---@async
  ---@param sql string
  ---@param args? table
  ---@param options? table as of `stream`
  ---@param work fun(row: table): boolean?
  ---@return integer count of the rows that the function was given
  ---@overload fun(self: lunasa.Connection, sql: string, work: function): integer
  ---@overload fun(self: lunasa.Connection, sql: string, args: table, work: function): integer
  function Connection:each(sql, args, options, work)
    if work == nil and type(options) == "function" then
      options, work = nil, options
    elseif work == nil and type(args) == "function" then
      args, work = nil, args
    end
    if type(work) ~= "function" then
      local message = ("each needs a function, got %s"):format(type(work))
      errors.raise("ArgumentError", message, nil, 2)
    end
    local opened, count = open(self, channel_of(self), sql, args, options), 0
    local ok, err = pcall(function()
      for row in opened:rows() do
        count = count + 1
        if work(row) == false then
          return
        end
      end
    end)
    local is_closed, failure = pcall(opened.close, opened)
    if not ok then
      error(is_closed and err or errors.suppress(err, failure), 0)
    elseif not is_closed then
      error(failure, 0)
    end
    return count
  end

  --- Runs LOAD DATA LOCAL INFILE.
  ---@async
  ---@param sql string
  ---@param source any the option `infile` of a call: what is sent
  ---@param args? table
  ---@param options? table of a call
  ---@return lunasa.Result `affected_rows`, `warning_count`, `info`
  function Connection:load_data(sql, source, args, options)
    local given = { infile = source }
    for name, value in pairs(options or {}) do
      given[name] = value
    end
    if source == nil then
      local message = "load_data needs what is sent: { file = path }, { data = string }, a "
        .. "function or true"
      errors.raise("ArgumentError", message, nil, 2)
    end
    return (run(self, sql, args, given))
  end
end

return connection_statements
