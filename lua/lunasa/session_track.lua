--- What a server shall tell about its session: the option `session_track`, and the statement that
--- asks for it.
local session_track = {}

---@class (exact) lunasa.SessionTrack
---@field variables? string[]|"*" system variables, besides those that every session is told
---@field gtid? boolean the transaction identifier of each commit
---@field transaction? "state"|"characteristics"
---@field schema? boolean the default database; on unless false
---@field state_change? boolean whether something else has changed

local FIELDS = {
  variables = true,
  gtid = "boolean",
  transaction = true,
  schema = "boolean",
  state_change = "boolean",
}

local TRANSACTION = { state = "STATE", characteristics = "CHARACTERISTICS" }

--- The servers' own default. The character set is what escaping goes by.
local ALWAYS = {
  "autocommit",
  "character_set_client",
  "character_set_connection",
  "character_set_results",
  "time_zone",
}

local ALLOWED = "a table of variables (names or '*'), gtid, transaction ('state' or "
  .. "'characteristics'), schema and state_change"

local function are_names(variables)
  if type(variables) ~= "table" then
    return variables == nil or variables == "*"
  end
  for _, name in pairs(variables) do
    if type(name) ~= "string" or not name:find("^[%l_%d]+$") then
      return false
    end
  end
  return true
end

--- Checks the option.
---@param value any
---@return string? allowed nil when it is right
---@return lunasa.SessionTrack?
function session_track.check(value)
  if type(value) ~= "table" or not are_names(value.variables) then
    return ALLOWED
  end
  local copy = {}
  for name, field in pairs(value) do
    local kind = FIELDS[name]
    if not kind or kind ~= true and type(field) ~= kind then
      return ALLOWED
    end
    copy[name] = field
  end
  if copy.transaction ~= nil and not TRANSACTION[copy.transaction] then
    return ALLOWED
  end
  return nil, copy
end

local function variable_list(variables)
  if variables == "*" then
    return "*"
  end
  local names, seen = {}, {}
  for _, list in ipairs({ ALWAYS, variables or {} }) do
    for _, name in ipairs(list) do
      if not seen[name] then
        seen[name] = true
        table.insert(names, name)
      end
    end
  end
  return table.concat(names, ",")
end

--- Only MySQL tracks identifiers as such; MariaDB has them in a variable. Each reads the comments
--- that are meant for it.
local WITH_GTID = "/*M! session_track_system_variables = '%s,last_gtid' */"
  .. " /*!50700 session_track_system_variables = '%s', session_track_gtids = 'OWN_GTID' */"

local ALL_WITH_GTID = "session_track_system_variables = '*'"
  .. " /*!50700 , session_track_gtids = 'OWN_GTID' */"

local function on_off(value)
  return value and "ON" or "OFF"
end

--- Makes the statement, which goes out with every login.
---@param wanted lunasa.SessionTrack
---@return string
function session_track.statement(wanted)
  local list = variable_list(wanted.variables)
  local settings = { ("session_track_system_variables = '%s'"):format(list) }
  if wanted.gtid then
    settings[1] = list == "*" and ALL_WITH_GTID or WITH_GTID:format(list, list)
  end
  if wanted.schema ~= nil then
    table.insert(settings, "session_track_schema = " .. on_off(wanted.schema))
  end
  if wanted.state_change ~= nil then
    table.insert(settings, "session_track_state_change = " .. on_off(wanted.state_change))
  end
  if wanted.transaction then
    local value = TRANSACTION[wanted.transaction]
    table.insert(settings, ("session_track_transaction_info = '%s'"):format(value))
  end
  return "SET " .. table.concat(settings, ", ")
end

return session_track
