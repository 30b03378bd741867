--- The fields of a connection: what all connections over one channel share, and what is asked of
--- the session when somebody looks.
local another_login = require("lunasa.another_login")
local encoders = require("lunasa.encoders")
local format = require("lunasa.format")

local connection_fields = {}

--- Always 10: servers that speak another one are refused.
local PROTOCOL_VERSION = 10

--- What other libraries call the encoding of a character set, where that is not its name.
local ENCODINGS = {
  koi8r = "koi8_r",
  koi8u = "koi8_u",
  latin1 = "cp1252",
  utf8mb3 = "utf8",
  utf8mb4 = "utf8",
}

--- What is asked when somebody looks. A method of the same name would hide it.
---@type table<string, fun(channel: lunasa.Channel, shared: table): any>
local COMPUTED = {}

--- What the login said; kept once somebody has looked.
-- stylua: ignore
for _, name in ipairs({
  "auth_plugin", "compression", "connection_id", "is_encrypted", "is_mariadb", "is_verified",
  "server_version",
}) do
  COMPUTED[name] = function(channel, shared)
    local fact = channel.session:facts()[name]
    rawset(shared, name, fact)
    return fact
  end
end

function COMPUTED.tls_resumed(channel)
  return channel.session:facts().is_tls_resumed
end

for _, name in ipairs({ "tls_version", "tls_cipher" }) do
  COMPUTED[name] = function(channel)
    local facts = channel.session:facts()
    return facts.is_encrypted and facts[name] or nil
  end
end

for _, name in ipairs({ "host", "port", "unix_socket" }) do
  COMPUTED[name] = function(_, shared)
    return shared.config[name]
  end
end

function COMPUTED.closed(channel)
  return channel.closed
end

function COMPUTED.busy(channel)
  return channel.is_busy or false
end

function COMPUTED.database(channel)
  local name = channel.session:database()
  return name ~= "" and name or nil
end

COMPUTED.db = COMPUTED.database

function COMPUTED.charset(channel)
  return channel.session:charset():match("^%w+$")
end

function COMPUTED.encoding(channel)
  local charset = COMPUTED.charset(channel)
  return ENCODINGS[charset] or charset
end

function COMPUTED.in_transaction(channel)
  return not channel.closed and (channel.session:in_transaction())
end

function COMPUTED.server_status(channel)
  return channel.session:server_status()
end

function COMPUTED.server_capabilities(channel)
  return channel.session:facts().capabilities
end

function COMPUTED.server_vendor(_, shared)
  return shared.is_mariadb and "mariadb" or "mysql"
end

function COMPUTED.protocol_version()
  return PROTOCOL_VERSION
end

function COMPUTED.warning_count(channel)
  local _, _, count = channel.session:last_outcome()
  return count
end

function COMPUTED.info(channel)
  local _, _, _, info = channel.session:last_outcome()
  return info
end

function COMPUTED.last_usage(channel)
  return channel:last_usage()
end

function COMPUTED.host_info(_, shared)
  return shared.unix_socket and "Localhost via UNIX socket: " .. shared.unix_socket
    or ("socket %s:%d"):format(shared.host, shared.port)
end

--- "10.11.6-MariaDB-log" is 101106.
function COMPUTED.server_version_number(_, shared)
  local major, minor, patch = shared.server_version:match("^(%d+)%.(%d+)%.?(%d*)")
  return major and major * 10000 + minor * 100 + (tonumber(patch) or 0) or 0
end

function COMPUTED.ssl_cipher(_, shared)
  return shared.tls_cipher
end

--- The metatable of what connections share: it finds a method, which is kept where the next look
--- finds it at once, or something computed.
---@param Connection table
---@return table
function connection_fields.finder(Connection)
  return {
    __index = function(shared, name)
      local method = Connection[name]
      if method ~= nil then
        rawset(shared, name, method)
        return method
      end
      local compute = COMPUTED[name]
      return compute and compute(shared.channel_of_fields, shared)
    end,
  }
end

--- Makes what all connections over one channel share, as the `__index` of their metatable.
---@param Connection table
---@param finder table
---@param channel lunasa.Channel
---@param config table
---@param runtime lunasa.Runtime
---@return table metatable
function connection_fields.metatable(Connection, finder, channel, config, runtime)
  local shared = setmetatable({
    channel_of_fields = channel,
    runtime = runtime,
    connected_time = runtime.now(),
    autocommit_mode = config.autocommit,
    echo = config.echo,
    format = format.of(config),
    timeout = config.timeout or false, -- a field that is nil is looked for in vain each time
    is_pyformat = config.paramstyle == "pyformat",
    observer = channel.observer,
  }, finder)
  another_login.note(shared, config)
  encoders.note(channel)
  if config.conv then
    require("lunasa.conv").note(channel, config.conv)
  end
  return { __index = shared, __name = Connection.__name, __tostring = Connection.__tostring }
end

return connection_fields
