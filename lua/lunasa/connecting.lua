--- Opening a channel to a server: what connecting and logging in raise, and who is told.
local errors = require("lunasa.error")
local hosts = require("lunasa.hosts")
local login = require("lunasa.login")
local observer = require("lunasa.observer")

local connecting = {}

--- What is wrong with a server rather than with what was asked of it.
local IS_OF_SERVER = { IO = true, TIMEOUT = true, TLS = true, PROTOCOL = true, TRUNCATED = true }

--- Puts the address in front of what is wrong with the server, unless it is there already.
local function name_server(config, raw)
  local where = config.unix_socket or ("%s:%s"):format(config.host, config.port)
  if IS_OF_SERVER[raw.code] and not raw.message:find(where, 1, true) then
    raw.message = ("%s: %s"):format(where, raw.message)
  end
end

---@async
local function open(config, runtime, key, deadline)
  local channel, raw = runtime.open(login.of(config), deadline, key)
  if channel then
    channel.config, channel.observer = config, observer.of(config)
    return channel
  elseif not errors.is_error(raw) then
    raw.phase = "connect"
    name_server(config, raw)
  end
  errors.throw(errors.from_core(raw))
end

--- Connects and logs in. Raises when that fails.
---@async
---@param config table as `lunasa.options` makes it
---@param runtime lunasa.Runtime
---@param key? string names the slot of a pool to the runtime
---@param deadline? number absolute, in seconds
---@return lunasa.Channel
function connecting.open(config, runtime, key, deadline)
  local watching = observer.of(config)
  if config.hosts then
    return hosts.open(config, runtime, deadline, function(single, limit)
      return connecting.open(single, runtime, key, limit)
    end)
  end
  local protected = watching and watching:opening(config, runtime) or pcall
  local ok, answer = protected(open, config, runtime, key, deadline)
  if not ok then
    errors.throw(answer, config.errors)
  end
  return answer
end

return connecting
