--- What is done to a connection rather than with its session: looking whether it is there, making
--- it anew, ending statements and connections.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local format = require("lunasa.format")
local reconnect = require("lunasa.reconnect")
local trying = require("lunasa.trying")

local connection_control = {}

--- The most that KILL takes.
local MOST_ID = 2 ^ 53

---@param id any
---@param name string of the method
local function check_id(id, name)
  if type(id) ~= "number" or id < 0 or id > MOST_ID or id ~= math.floor(id) then
    local message = ("%s needs the number of a connection, as conn:thread_id() gives it"):format(
      name
    )
    errors.raise("ArgumentError", message, nil, 3)
  end
  return ("%.0f"):format(id)
end

--- Reads what ping was given.
---@return boolean reconnects
---@return number? timeout
local function ping_options(first, timeout)
  local reconnects = first
  if type(first) == "table" then
    for name in pairs(first) do
      if name ~= "reconnect" and name ~= "timeout" then
        local message = ("ping has the options reconnect and timeout, not '%s'"):format(name)
        errors.raise("ArgumentError", message, nil, 3)
      end
    end
    reconnects, timeout = first.reconnect, first.timeout
  elseif type(first) == "number" then
    reconnects, timeout = false, first
  end
  local is_time = timeout == nil or type(timeout) == "number" and timeout >= 0
  if not is_time or reconnects ~= nil and type(reconnects) ~= "boolean" then
    local message = "ping takes whether to reconnect, a boolean, and a number of seconds"
    errors.raise("ArgumentError", message, nil, 3)
  end
  return reconnects or false, timeout
end

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param use fun(self: lunasa.Connection): lunasa.Channel the channel; raises without one
---@param run function as in lunasa.connection
---@param run_command function as in lunasa.connection
function connection_control.add(Connection, use, run, run_command)
  --- Asks the server whether it is there; raises when it is not. With `reconnect`, a connection
  --- that is lost or closed is made anew: with all that its options say, autocommit and character
  --- set as they were set last, and nothing else of the old session. One that was lost inside a
  --- transaction raises first, since its work is undone.
  ---@async
  ---@param reconnects? boolean|number|{ reconnect?: boolean, timeout?: number } false
  ---@param timeout? number seconds; also what a number as the first argument is
  function Connection:ping(reconnects, timeout)
    reconnects, timeout = ping_options(reconnects, timeout)
    if not reconnects then
      run_command(self, timeout, command.run, "ping")
      return
    end
    local channel = self.channel
    if channel and not channel.closed then
      local ok, err = pcall(run_command, self, timeout, command.run, "ping")
      if ok then
        return
      elseif not channel.closed or errors.is_interruption(err) then
        errors.throw(err)
      end
    end
    reconnect.run(self, timeout)
  end

  --- Ends a connection on the server, whatever it is doing.
  ---@async
  ---@param id integer
  function Connection:kill(id)
    use(self)
    run(self, "KILL " .. check_id(id, "kill"), nil, format.TEXT_OPTIONS)
  end

  --- Ends the statement of a connection on the server, which stays.
  ---@async
  ---@param id integer
  function Connection:kill_query(id)
    use(self)
    run(self, "KILL QUERY " .. check_id(id, "kill_query"), nil, format.TEXT_OPTIONS)
  end

  --- Cancels the task that waits for an answer on this connection, as `task:cancel` does: its
  --- statement is ended on the server.
  ---@param reason? string
  ---@return boolean was_cancelled false when nobody waits
  function Connection:cancel(reason)
    local channel = use(self)
    local task = not channel.fence and channel:waiter()
    return task and task:cancel(reason) or false
  end

  --- Gives a proxy whose methods are those of the connection, but return nil and the error where
  --- those raise it: `local rows, err = conn:try():query(sql)`.
  ---@return lunasa.Connection
  function Connection:try()
    use(self)
    return trying.of(self)
  end

  --- Closes once the statements of other tasks are over. A connection that is closed stays so.
  ---@async
  function Connection:ensure_closed()
    local channel = self.channel
    if channel and not channel.closed then
      local ok, err = pcall(command.hold, channel, self.runtime, nil, function() end)
      if not ok and errors.is_interruption(err) then
        error(err, 0)
      end
    end
    self:close()
  end
end

return connection_control
