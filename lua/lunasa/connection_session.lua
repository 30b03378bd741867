--- What a connection knows and sets about its session.
local errors = require("lunasa.error")

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
    check_name(charset, "charset")
    local sql = "SET NAMES " .. charset
    if collation ~= nil then
      check_name(collation, "collation")
      sql = sql .. " COLLATE " .. collation
    end
    channel.has_other_charset = true
    run(self, sql)
    self.charset = charset
  end

  --- Gives the default database, as far as the server tells; nil for none.
  ---@return string?
  function Connection:database()
    local channel = use(self)
    local name = channel.session:facts().database
    return name ~= "" and name or nil
  end

  --- Tells whether a transaction is open on the server, as of the last answer.
  ---@return boolean
  function Connection:get_transaction_status()
    local channel = use(self)
    return channel.session:in_transaction()
  end

  --- Tells whether the session commits every statement, as of the last answer.
  ---@return boolean
  function Connection:get_autocommit()
    local channel = use(self)
    return channel.session:facts().is_autocommit
  end

  --- Gives what the server has told about the session. Which variables, and whether identifiers
  --- and transactions, says the option `session_track`.
  ---@return lunasa.SessionState
  function Connection:session_state()
    local session = use(self).session
    local state = session:session_state()
    local database = session:facts().database
    state.database = database ~= "" and database or nil
    state.gtid = state.gtid or state.variables.last_gtid
    return state
  end
end

return connection_session
