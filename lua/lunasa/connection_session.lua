--- What a connection knows and sets about its session.
local errors = require("lunasa.error")
local format = require("lunasa.format")
local login = require("lunasa.login")
local session_options = require("lunasa.session_options")

local connection_session = {}

---@class (exact) lunasa.SessionState
---@field database? string nil for none
---@field variables table<string, string> system variables, as they were last told
---@field gtid? string of the last transaction
---@field transaction_state? string
---@field transaction_characteristics? string statements that begin a transaction like this one
---@field state_changed boolean something changed that only this session has

local function check_name(name, what)
  if type(name) ~= "string" or not name:find("^[%w_]+$") then
    local message = ("set_charset needs a %s such as '%s'"):format(
      what,
      what == "charset" and "utf8mb4" or "utf8mb4_bin"
    )
    errors.raise("ArgumentError", message, nil, 3)
  end
end

--- Undoes what methods set that a connection's next user should not find.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param run function as in lunasa.connection
function connection_session.set_back(conn, channel, run)
  if channel.other_charset then
    run(conn, login.of(conn.config).reset[1], nil, format.TEXT_OPTIONS)
    channel.other_charset = nil
  end
  local autocommit = channel.other_autocommit
  if autocommit ~= nil then
    channel.other_autocommit = nil
    if (channel.session:is_autocommit()) ~= autocommit then
      local sql = "SET autocommit = " .. (autocommit and "1" or "0")
      run(conn, sql, nil, format.TEXT_OPTIONS)
    end
    channel.connection_metatable.__index.autocommit_mode = conn.config.autocommit
  end
end

--- Adds its methods to the class of connections.
---@param Connection table
---@param use fun(self: lunasa.Connection): lunasa.Channel the channel; raises without one
---@param run fun(self: lunasa.Connection, sql: string)
function connection_session.add(Connection, use, run)
  --- Makes another character set that of the statements, the results, and of escaping.
  ---@async
  ---@param charset string
  ---@param collation? string by default the character set's
  function Connection:set_charset(charset, collation)
    local channel = use(self)
    charset = type(charset) == "string" and session_options.charset_name(charset)
    check_name(charset, "charset")
    local sql = "SET NAMES " .. charset
    if collation ~= nil then
      check_name(collation, "collation")
      sql = sql .. " COLLATE " .. collation
    end
    channel.other_charset = channel.other_charset or {}
    run(self, sql, nil, format.TEXT_OPTIONS)
    channel.other_charset = { name = charset, collation = collation }
    channel.connection_metatable.__index.collation = collation
  end

  --- Has the server commit every statement, or not. Nothing is sent when that is so already.
  ---@async
  ---@param value boolean
  function Connection:autocommit(value)
    local channel = use(self)
    if type(value) ~= "boolean" then
      local message = ("autocommit must be true or false, got %s"):format(type(value))
      errors.raise("ArgumentError", message, nil, 2)
    end
    local is_on, is_certain = channel.session:is_autocommit()
    if is_on ~= value or not is_certain then
      run(self, "SET autocommit = " .. (value and "1" or "0"), nil, format.TEXT_OPTIONS)
      if channel.other_autocommit == nil then
        channel.other_autocommit = is_on
      end
    end
    channel.connection_metatable.__index.autocommit_mode = value
  end

  --- Tells whether a transaction is open on the server, as of the last answer.
  ---@return boolean
  function Connection:get_transaction_status()
    local channel = use(self)
    return (channel.session:in_transaction())
  end

  --- Tells whether the session commits every statement, as of the last answer.
  ---@return boolean
  function Connection:get_autocommit()
    local channel = use(self)
    return (channel.session:is_autocommit())
  end

  --- Gives what the server has told about the session. Which variables, and whether identifiers
  --- and transactions, says the option `session_track`.
  ---@return lunasa.SessionState
  function Connection:session_state()
    local session = use(self).session
    local state = session:session_state()
    local database = session:database()
    state.database = database ~= "" and database or nil
    state.gtid = state.gtid or state.variables.last_gtid
    return state
  end
end

return connection_session
