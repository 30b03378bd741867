--- What a connection tells about its server, and about the statement that it ran last.
local format = require("lunasa.format")
local result_sequence = require("lunasa.result_sequence")

local connection_info = {}

---@class lunasa.Warning a row of SHOW WARNINGS; `[1]` to `[3]` are the same
---@field level "Note"|"Warning"|"Error"
---@field code integer
---@field message string

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param use fun(self: lunasa.Connection): lunasa.Channel the channel; raises without one
---@param run function as in lunasa.connection
function connection_info.add(Connection, use, run)
  --- Gives the number under which the server lists this connection.
  ---@return integer
  function Connection:thread_id()
    return self.connection_id
  end

  --- Gives the character set of the connection, nil when it was changed in a way that the server
  --- does not tell.
  ---@return string?
  function Connection:character_set_name()
    return self.charset
  end

  --- Gives where the connection goes to, in words.
  ---@return string
  function Connection:get_host_info()
    return self.host_info
  end

  --- Gives the version of the protocol: 10.
  ---@return integer
  function Connection:get_proto_info()
    return self.protocol_version
  end

  --- Gives the version of the server, such as "10.11.6-MariaDB".
  ---@return string
  function Connection:get_server_info()
    return self.server_version
  end

  --- Gives how many rows the last statement changed, or gave; -1 when its rows were streamed.
  ---@return integer
  function Connection:affected_rows()
    local session = use(self).session
    local now = result_sequence.current(session)
    return now and now.rowcount or (session:last_outcome())
  end

  --- Gives the id that the last statement generated, 0 when it did not.
  ---@return integer
  function Connection:insert_id()
    local session = use(self).session
    local now = result_sequence.current(session)
    if now then
      return now.insert_id
    end
    local _, insert_id = session:last_outcome()
    return insert_id
  end

  --- Gives the next result of the last statement, nil behind the last one. Raises when the
  --- statement failed there.
  ---@return lunasa.Result?
  function Connection:next_result()
    return result_sequence.advance(use(self).session)
  end

  --- Gives what the server has to say about the last statement.
  ---@async
  ---@return lunasa.Warning[]
  function Connection:show_warnings()
    local answer = run(self, "SHOW WARNINGS", nil, format.TEXT_OPTIONS, format.ARRAY)
    local warnings = {}
    for level, code, message in answer:values() do
      code = tonumber(code)
      local warning = { level, code, message, level = level, code = code, message = message }
      table.insert(warnings, warning)
    end
    return warnings
  end
end

return connection_info
