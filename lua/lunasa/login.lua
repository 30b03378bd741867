--- From a configuration to what a session and its stream need: made once per configuration.
local errors = require("lunasa.error")
local log = require("lunasa.log")
local option_specs = require("lunasa.option_specs")
local session_options = require("lunasa.session_options")
local session_track = require("lunasa.session_track")
local statement_limit = require("lunasa.statement_limit")

local login = {}

local VERSION = "0.1.0"

--- Which TLS certificate checks a mode asks for; the modes not listed ask for none.
local VERIFY = { ["verify-ca"] = "ca", ["verify-identity"] = "identity" }

--- What the session is told: whether to encrypt. How to verify is the stream's business.
local TLS = { disabled = "disabled", preferred = "preferred" }

---@class lunasa.Login
---@field driver lightuserdata the driver's table of functions
---@field session table what `lunasa.core.session` takes, but for secrets that a function knows
---@field private options? userdata what `session` says, once that was read
---@field private asked? string[] names of those
---@field private config? table where the functions are
---@field stream table what `lunasa.uv.open` takes: host, port, path, connect_timeout, server_name
---@field reset string[] statements that bring a session back to where the login left it
---@field private ssl table
---@field private context? lunasa.tls.Context
---@field private tls_checked? integer when its files were looked at
---@field private tls_problem? string why it could not be made anew

--- Drivers whose name is not the scheme's.
local DRIVERS = { mariadb = "mysql" }

local known = setmetatable({}, { __mode = "k" })

--- Reads a key given as PEM text or as a path.
local function public_key(given)
  if not given or given:find("-----BEGIN", 1, true) then
    return given
  end
  local file, problem = io.open(given, "rb")
  if not file then
    errors.raise("ArgumentError", "option 'server_public_key' cannot be read: " .. problem)
  end
  local text = file:read("*a")
  file:close()
  return text
end

local function init_commands(config)
  local commands = {}
  if config.session_track then
    table.insert(commands, session_track.statement(config.session_track))
  end
  if config.sql_mode then
    table.insert(commands, ("SET SESSION sql_mode = '%s'"):format(config.sql_mode))
  end
  if config.session then
    table.insert(commands, session_options.variables_statement(config.session))
  end
  if config.isolation_level then
    local sql = "SET SESSION TRANSACTION ISOLATION LEVEL " .. config.isolation_level
    table.insert(commands, sql)
  end
  if config.max_statement_time then
    table.insert(commands, statement_limit.session_statement(config.max_statement_time))
  end
  if config.init_command then
    table.insert(commands, config.init_command)
    table.insert(commands, "COMMIT")
  end
  -- Last, and even where the login's answer says that it is so: init_connect comes behind that.
  if config.autocommit ~= nil then
    table.insert(commands, "SET autocommit = " .. (config.autocommit and "1" or "0"))
  end
  return commands
end

--- The flags of the option `client_flag` that are asked for.
local function client_flags(config)
  local sum = 0
  if not config.client_flag then
    return nil
  end
  for _, flag in pairs(config.client_flag) do
    sum = sum + flag
  end
  return sum
end

local function connect_attributes(config)
  local attributes = {
    _client_name = "lunasa",
    _client_version = VERSION,
    _os = jit.os,
    _platform = jit.arch,
    program_name = config.program_name,
  }
  for name, value in pairs(config.connect_attrs or {}) do
    attributes[name] = value
  end
  return attributes
end

--- COM_RESET_CONNECTION leaves the server's own character set, not the handshake's, and whatever
--- database was chosen last.
local function reset_commands(config, commands)
  local names = "SET NAMES " .. config.charset
  if config.collation then
    names = names .. " COLLATE " .. config.collation
  end
  if config.database then
    local use = ("USE `%s`"):format((config.database:gsub("`", "``")))
    return { names, use, unpack(commands) }
  end
  return { names, unpack(commands) }
end

--- Options that may be a function, called for each login. What it gives is kept nowhere.
local SECRETS = { "password", "password2", "password3", "auth_answers" }

--- Takes the secrets that are known now; gives the names of those that a function knows.
local function static_secrets(config, session)
  local asked = {}
  for _, name in ipairs(SECRETS) do
    if type(config[name]) == "function" then
      table.insert(asked, name)
    else
      session[name] = config[name]
    end
  end
  return #asked > 0 and asked or nil
end

--- Asks the user's function for a secret.
---@async
local function ask(config, name)
  local info = { user = config.user, host = config.host, unix_socket = config.unix_socket }
  local ok, value = pcall(config[name], info)
  if not ok then
    if errors.is_error(value, "CancelledError") then
      error(value, 0)
    end
    local message = ("the function of option '%s' failed: %s"):format(name, tostring(value))
    errors.raise("OperationalError", message, { cause = value })
  end
  local kind = name == "auth_answers" and "answers" or "secret"
  local problem = type(value) == "function" and ("option '%s' gave a function"):format(name)
    or option_specs.check(name, value, { name, kind })
  if problem then
    errors.raise("InterfaceError", problem .. " (from its function)")
  end
  return value
end

--- Gives what a session logs in with. Calls the functions that know a secret, which may wait.
---@async
---@param self lunasa.Login
---@return table session what `lunasa.core.session` takes
function login.session(self)
  if not self.asked then
    return self.session
  end
  local session = setmetatable({}, { __index = self.session })
  for _, name in ipairs(self.asked) do
    session[name] = ask(self.config, name)
  end
  return session
end

--- The same for a session that is to be opened: read once, unless a function knows a part of it.
---@async
---@param self lunasa.Login
---@return table|userdata options what `lunasa.core.session` takes
function login.options(self)
  if self.asked then
    local session = login.session(self)
    return session
  end
  local options = self.options
  if not options then
    options = require("lunasa.core").options(self.session)
    self.options = options
  end
  return options
end

local function new_login(config)
  local commands = init_commands(config)
  local driver = DRIVERS[config.dialect] or config.dialect
  local session = {
    user = config.user,
    database = config.database,
    charset = config.charset,
    collation = config.collation,
    auth_plugin = config.auth_plugin,
    auth_plugins = config.auth_plugins,
    session_track = config.session_track and commands[1],
    server_public_key = public_key(config.server_public_key),
    get_server_public_key = config.get_server_public_key,
    multi_statements = config.multi_statements,
    found_rows = config.found_rows,
    client_flags = client_flags(config),
    local_infile = config.local_infile,
    limits = config.limits,
    max_allowed_packet = config.max_allowed_packet,
    compress = config.compress,
    compression_level = config.compression_level,
    compress_threshold = config.compress_threshold,
    statement_cache_size = config.statement_cache_size,
    tls = TLS[config.ssl.mode] or "required",
    init_commands = commands,
    connect_attrs = connect_attributes(config),
  }
  local asked = static_secrets(config, session)
  return {
    driver = require("lunasa.driver." .. driver),
    session = session,
    asked = asked,
    config = asked and config or nil,
    stream = {
      host = config.host,
      port = config.port and tostring(config.port),
      path = config.unix_socket,
      bind_address = config.bind_address,
      connect_timeout = config.connect_timeout or 0,
      read_timeout = config.read_timeout or 0,
      write_timeout = config.write_timeout or 0,
      server_name = config.ssl.server_name or config.host,
    },
    reset = reset_commands(config, commands),
    ssl = config.ssl,
  }
end

--- Gives what a configuration needs to log in.
---@param config table as `lunasa.options` makes it
---@return lunasa.Login
function login.of(config)
  local found = known[config]
  if not found then
    found = new_login(config)
    known[config] = found
  end
  return found
end

--- What the fields of `ssl` are called by lunasa.tls, where it is something else.
local TLS_NAMES = { ca = "ca_file", crl = "crl_file", cert = "cert_file", key = "key_file" }

--- Whether an authority, a list of theirs or a pin says who the server is.
local function names_somebody(ssl)
  local has_authority = ssl.ca or ssl.ca_pem or ssl.ca_path or ssl.crl or ssl.crl_path
  return (has_authority or ssl.fingerprint or ssl.public_key_pin) ~= nil
end

local function tls_options(ssl)
  local named = {
    verify = VERIFY[ssl.mode] or "none",
    resumes = ssl.resume ~= false,
    -- MariaDB 11.4 proves who it is with the password, where nobody is named to vouch for it.
    accepts_proof = VERIFY[ssl.mode] ~= nil and not names_somebody(ssl),
  }
  for name, value in pairs(ssl) do
    if name ~= "mode" and name ~= "server_name" and name ~= "resume" then
      named[TLS_NAMES[name] or name] = value
    end
  end
  return named
end

--- Makes a context anew where its files changed. One that cannot be made leaves the old one in use:
--- somebody may be writing the files at this moment.
local function renewed(self)
  local context, raw = require("lunasa.tls").context(tls_options(self.ssl))
  if context then
    self.tls_problem = nil
    return context
  elseif raw.message ~= self.tls_problem then
    self.tls_problem = raw.message
    log.error("TLS goes on with the old certificates: " .. raw.message)
  end
  return self.context
end

local function copy(original)
  local copied = {}
  for name, value in pairs(original) do
    copied[name] = value
  end
  return copied
end

---@class lunasa.Address
---@field host string numeric
---@field port integer
---@field local_port integer of our end

--- Gives what a second connection to the same server needs to log in: the same account and TLS, and
--- nothing that a user of the session wants.
---@param config table as `lunasa.options` makes it
---@param address? lunasa.Address where the first one is connected to
---@return lunasa.Login
function login.side(config, address)
  local first = login.of(config)
  login.tls_context(first) -- with its TLS sessions, for both
  local second = copy(first)
  second.session, second.stream, second.reset = copy(first.session), copy(first.stream), {}
  second.session.database, second.session.init_commands, second.options = nil, {}, nil
  if address then
    second.stream.host, second.stream.port = address.host, tostring(address.port)
  end
  return second
end

--- Gives the TLS context, nil when TLS is disabled. Raises when a file cannot be read. Files are
--- looked at again, at most once a second.
---@param self lunasa.Login
---@return userdata?
function login.tls_context(self)
  if self.session.tls == "disabled" then
    return nil
  end
  local now = os.time()
  if not self.context then
    local context, raw = require("lunasa.tls").context(tls_options(self.ssl))
    if not context then
      errors.throw(errors.from_core(raw))
    end
    self.context = context
  elseif now ~= self.tls_checked and self.context:is_stale() then
    self.context = renewed(self)
  end
  self.tls_checked = now
  return self.context
end

login.VERSION = VERSION

return login
