--- The options that say where a connection goes to and what it agrees on with the server.
local connect_options = {}

--- An address in numbers, or an IPv6 one with the name of an interface.
---@return string? allowed
---@return string? kept
function connect_options.check_address(value)
  local is_address = type(value) == "string"
    and (value:find("^%d+%.%d+%.%d+%.%d+$") or value:find("^[%x:.]*:[%x:.]*%%?[%w_.-]*$"))
  return not is_address and "an address in numbers, such as '192.0.2.1'" or nil, value
end

local HOSTS = "a list of 'host', 'host:port' or { host = …, port = … }, with at least one"

--- Reads "host", "host:port" or "[address]:port".
local function read_host(text)
  local host, port = text:match("^%[([%x:.%%%w]+)%]:?(%d*)$")
  if not host then
    host, port = text:match("^([^:/%s%z]+):?(%d*)$")
  end
  if not host and text:find("^[%x:.]+$") then
    host, port = text, "" -- IPv6 without a port
  end
  return host, port ~= "" and tonumber(port) or nil
end

local function is_port(port)
  return type(port) == "number" and port % 1 == 0 and port > 0 and port < 65536
end

local function parts_of(value)
  if type(value) == "string" then
    return read_host(value)
  end
  for name in pairs(value) do
    if name ~= "host" and name ~= "port" then
      return nil
    end
  end
  return value.host, value.port
end

local function checked_host(value)
  if type(value) ~= "string" and type(value) ~= "table" then
    return nil
  end
  local host, port = parts_of(value)
  local is_host = type(host) == "string" and host ~= "" and not host:find("%z")
  return is_host and (port == nil or is_port(port)) and { host = host, port = port } or nil
end

--- Checks the option `hosts`; in a URL it has commas.
---@return string? allowed
---@return { host: string, port?: integer }[]? kept
function connect_options.check_hosts(value)
  if type(value) == "string" then
    local names = {}
    for name in (value .. ","):gmatch("%s*(.-)%s*,") do
      table.insert(names, name)
    end
    value = names
  end
  if type(value) ~= "table" or #value == 0 then
    return HOSTS
  end
  local hosts = {}
  for i, entry in ipairs(value) do
    hosts[i] = checked_host(entry)
    if not hosts[i] then
      return HOSTS
    end
  end
  return nil, hosts
end

--- Flags that change what the driver must do, and what to say instead.
local INSTEAD = {
  COMPRESS = "option 'client_flag' cannot have COMPRESS: use compress = true",
  LOCAL_FILES = "option 'client_flag' cannot have LOCAL_FILES: use local_infile = true, and name "
    .. "what is sent in the option infile of the call",
  SSL = "option 'client_flag' cannot have SSL: use the option ssl",
  ZSTD_COMPRESSION_ALGORITHM = "option 'client_flag' cannot have ZSTD_COMPRESSION_ALGORITHM: use "
    .. "compress = 'zstd'",
  OPTIONAL_RESULTSET_METADATA = "option 'client_flag' cannot have OPTIONAL_RESULTSET_METADATA: "
    .. "lunasa reads rows by their metadata",
  SSL_VERIFY_SERVER_CERT = "option 'client_flag' cannot have SSL_VERIFY_SERVER_CERT: use "
    .. "ssl = true",
}

--- Those that are asked for when the user wants them. The rest of what exists is agreed on anyway,
--- or means nothing on the wire.
local TAKEN = {
  CAN_HANDLE_EXPIRED_PASSWORDS = true,
  FOUND_ROWS = true,
  IGNORE_SPACE = true,
  INTERACTIVE = true,
  MULTI_STATEMENTS = true,
  NO_SCHEMA = true,
  ODBC = true,
}

local FLAGS = "a number, or names of client flags such as 'FOUND_ROWS'"

--- The names in a number.
local function names_in(number, flags)
  local names = {}
  for name, flag in pairs(flags) do
    if math.floor(number / flag) % 2 == 1 then
      table.insert(names, name)
    end
  end
  table.sort(names)
  return names
end

--- The names that the option gives, nil when it is none of its kinds.
local function flag_names(value, flags)
  value = tonumber(value) or value
  if type(value) == "number" then
    local is_set = value >= 0 and value < 2 ^ 32 and value % 1 == 0
    return is_set and names_in(value, flags) or nil
  elseif type(value) == "string" then
    local names = {}
    for name in value:gmatch("[^,|%s]+") do
      table.insert(names, name)
    end
    return names
  end
  return type(value) == "table" and value or nil
end

--- Checks the option `client_flag`; keeps the flags that are asked for, by name.
---@return string? allowed
---@return table<string, integer>? kept
---@return string? problem
function connect_options.check_flags(value)
  local flags = require("lunasa.constants").CLIENT
  local kept = {}
  for _, name in ipairs(flag_names(value, flags) or { "" }) do
    name = type(name) == "string" and name:upper():gsub("^CLIENT_", "") or ""
    if not flags[name] then
      return FLAGS
    elseif INSTEAD[name] then
      return nil, nil, INSTEAD[name]
    end
    kept[name] = TAKEN[name] and flags[name] or nil
  end
  return nil, kept
end

--- Explains why nobody can allow it.
---@return string? allowed
---@return false? kept
---@return string? problem
function connect_options.check_cleartext(value)
  if value == false then
    return nil, false
  elseif value ~= true then
    return "a boolean"
  end
  return nil,
    nil,
    "option 'allow_cleartext' cannot be true: a password in clear leaves over TLS with a verified "
      .. "certificate (ssl = true) or a unix socket, where no option is needed, and nowhere else"
end

--- Makes clear what several options say together. With several hosts, the first is shown.
---@param config table
---@return string? problem
function connect_options.finish(config)
  local flags, first = config.client_flag or {}, config.hosts and config.hosts[1]
  config.found_rows = config.found_rows or flags.FOUND_ROWS ~= nil
  config.multi_statements = config.multi_statements or flags.MULTI_STATEMENTS ~= nil
  config.cancel_timeout = config.cancel == "close" and 0 or config.cancel_timeout
  if config.unix_socket and first then
    return "options 'hosts' and 'unix_socket' exclude each other"
  elseif config.unix_socket then
    config.host, config.port = nil, nil
  elseif first then
    config.host, config.port = first.host, first.port or config.port
  end
end

return connect_options
