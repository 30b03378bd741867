--- Logging in as somebody else on a connection that is open.
local errors = require("lunasa.error")
local options_of = require("lunasa.options")

local another_login = {}

--- Notes what a login decides, where all connections over the channel see it.
---@param shared table the `__index` of their metatable
---@param config table
function another_login.note(shared, config)
  shared.user, shared.config, shared.collation = config.user, config, config.collation
  shared.auth_plugin = nil -- asked for again
end

--- Makes the configuration of another login. Raises at the level of the caller's caller.
---@param conn lunasa.Connection
---@param options table
---@return table
function another_login.config(conn, options)
  if conn.transaction_depth > 0 then
    local message = "the user cannot be changed inside a transaction block"
    errors.raise("InterfaceError", message, nil, 3)
  end
  return options_of.login(conn.config, options, 3)
end

--- Takes over another login, and marks the channel: it is no longer what a pool opened.
---@param channel lunasa.Channel
---@param config table
function another_login.adopt(channel, config)
  channel.is_changed, channel.max_allowed_packet = true, nil
  another_login.note(channel.connection_metatable.__index, config)
end

return another_login
