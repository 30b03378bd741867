--- Turns what a user writes, a URL or a table, into one configuration with everything filled in.
local connect_options = require("lunasa.connect_options")
local errors = require("lunasa.error")
local option_specs = require("lunasa.option_specs")
local shared_config = require("lunasa.shared_config")
local suggest = require("lunasa.suggest")
local url = require("lunasa.url")

local options = {}

local SCHEMES = { "mysql", "mariadb" }

--- Giving one of these says which server is meant, so that the default URL does not count.
local ADDRESS = { "host", "hosts", "port", "unix_socket", "user", "password", "database" }

local SSL_PARTS = require("lunasa.ssl_option").PARTS

local HOW_TO_NAME_ONE = "no database is named: give a URL such as "
  .. "mysql://user:password@host/database, or a table with host, user …, or set LUNASA_URL"

local CALL = option_specs.by_name(option_specs.call, option_specs.query)
CALL.query_timeout = nil -- that of a call is its timeout
local CONNECT = option_specs.by_name(option_specs.connect, option_specs.call)
local POOL = option_specs.by_name(option_specs.connect, option_specs.call, option_specs.pool)

local FILL_CONNECT = option_specs.filler(option_specs.connect, option_specs.call)
local FILL_POOL = option_specs.filler(option_specs.pool)

local default_url

--- Sets the URL for whoever names no database; the runner does, for --url and --server.
---@param text? string
function options.set_default_url(text)
  default_url = text
end

--- Gives the URL for whoever names no database: the one that was set, else LUNASA_URL.
---@return string?
function options.default_url()
  local from_environment = os.getenv("LUNASA_URL")
  return default_url or from_environment ~= "" and from_environment or nil
end

local read_option_file

--- Sets what reads option files: it looks at the file system, which nothing here does.
---@param reader fun(path: string, group?: string): lunasa.FileOption[]?, string?
function options.set_option_file_reader(reader)
  read_option_file = reader
end

--- Says that an option is unknown, and which one was probably meant.
local function unknown(name, specs)
  if POOL[name] and specs ~= POOL then
    local owner = CONNECT[name] and "lunasa.connect" or "lunasa.create_pool"
    return ("option '%s' belongs to %s"):format(name, owner)
  end
  local names = {}
  for known in pairs(specs) do
    table.insert(names, known)
  end
  table.sort(names)
  local meant = option_specs.foreign_names[name]
  local phrase = specs[meant] and (" — did you mean '%s'?"):format(meant)
    or suggest.phrase(name, names)
  return ("unknown option '%s'%s"):format(tostring(name), phrase)
end

--- Drops what an earlier source gave and `names` replace under another name: a host replaces a
--- socket, ssl replaces ssl_mode and its like.
local function forget_replaced(given, names)
  if (names.host or names.hosts) and not names.unix_socket then
    given.unix_socket = nil
  end
  for _, part in ipairs(names.ssl and SSL_PARTS or {}) do
    given["ssl_" .. part] = names["ssl_" .. part] and given["ssl_" .. part] or nil
  end
end

--- Adds the options of a table to those given so far, over which they win.
---@return string? problem
local function add_table(given, source, specs)
  local names = {}
  for name, value in pairs(source) do
    local spec = specs[name]
    if spec then
      local key = spec[1]
      if names[key] then
        return ("options '%s' and '%s' are the same"):format(names[key], name)
      end
      local problem, kept = option_specs.check(name, value, spec)
      if problem then
        return problem
      end
      names[key], given[key] = name, kept
    elseif name ~= "url" then
      return unknown(name, specs)
    end
  end
  forget_replaced(given, names)
  return nil
end

--- Reads the options of a URL, and its parts as options.
---@return table? source
---@return string? problem
local function options_of(parts, specs)
  local source = {}
  for name, text in pairs(parts.options) do
    local spec = specs[name]
    if spec and parts[spec[1]] then
      return nil, ("option '%s' is in the URL already"):format(name)
    end
    source[name] = text
    if spec then
      source[name] = option_specs.from_text(text, spec)
    end
  end
  for _, name in ipairs(ADDRESS) do
    source[name] = source[name] or parts[name]
  end
  return source
end

--- Adds what a URL says to those given so far.
---@return string? problem
local function add_url(given, text, specs)
  local ok, parts = pcall(url.parse, text)
  if not ok then
    return parts.message
  elseif parts.scheme ~= SCHEMES[1] and parts.scheme ~= SCHEMES[2] then
    local phrase = suggest.phrase(parts.scheme, SCHEMES)
    return ("unknown scheme '%s'%s"):format(parts.scheme, phrase)
  end
  given.dialect = parts.scheme
  local source, problem = options_of(parts, specs)
  return problem or add_table(given, source, specs)
end

local function names_a_server(source)
  for _, name in ipairs(ADDRESS) do
    if source[name] ~= nil then
      return true
    end
  end
  return source.read_default_file ~= nil
    or source.db ~= nil
    or source.passwd ~= nil
    or source.socket ~= nil
end

--- Finds the URL that the tables of options name, or the default one.
---@return string? text nil when the tables name a server themselves
---@return string? problem
local function url_of(tables)
  local text, is_named
  for _, source in ipairs(tables) do
    text = source.url or text
    is_named = is_named or names_a_server(source)
  end
  if not text and not is_named then
    text = options.default_url()
    return text, not text and HOW_TO_NAME_ONE or nil
  end
  return text
end

--- The options of a file, of which later ones win.
---@return table found
---@return string? problem
local function options_of_file(path, group, specs)
  local found = {}
  local entries, problem = read_option_file(path, group)
  for _, entry in ipairs(entries or {}) do
    local spec = specs[entry.name]
    if spec then
      local value = entry.value
      if type(value) == "string" then
        value = option_specs.from_text(value, spec)
      end
      problem, found[spec[1]] = option_specs.check(entry.name, value, spec)
      if problem then
        return found, ("option file %s: %s"):format(entry.place, problem)
      end
    end
  end
  if found.host and found.host ~= "localhost" then
    found.unix_socket = nil -- as programs of MySQL choose between the two
  end
  return found, problem
end

--- Adds what an option file says and nobody else did.
---@return string? problem
local function add_file(given, specs)
  local path, group = given.read_default_file, given.read_default_group
  given.read_default_file, given.read_default_group = nil, nil
  if not path then
    return group and "option 'read_default_group' needs read_default_file" or nil
  end
  local found, problem = options_of_file(path, group, specs)
  forget_replaced(found, given)
  for name, value in pairs(found) do
    if given[name] == nil then
      given[name] = value
    end
  end
  return problem
end

--- Collects the options that were given, in the form in which they are kept.
---@return table given
---@return string? problem
local function gather(first, extra, specs)
  if type(first) == "string" then
    first = { url = first }
  elseif first ~= nil and type(first) ~= "table" then
    return {}, "a URL or a table of options is needed, got " .. type(first)
  end
  local given, tables = {}, { first or {}, extra }
  local text, unnamed = url_of(tables)
  local problem = text and add_url(given, text, specs)
  for _, source in ipairs(tables) do
    problem = problem or add_table(given, source, specs)
  end
  return given, problem or unnamed or add_file(given, specs)
end

--- Gathers ssl and ssl_mode, ssl_ca … into one value.
local function gathered_ssl(config)
  local ssl = config.ssl
  for _, part in ipairs(SSL_PARTS) do
    local value = config["ssl_" .. part]
    if value ~= nil then
      ssl = ssl or {}
      ssl[part], config["ssl_" .. part] = value, nil
    end
  end
  return ssl or { mode = config.unix_socket and "disabled" or "preferred" }
end

--- Makes `config.ssl` a table with a mode.
---@return string? problem
local function finish_ssl(config)
  local problem, ssl = option_specs.check("ssl", gathered_ssl(config), CONNECT.ssl)
  config.ssl = ssl
  if
    not problem
    and config.unix_socket
    and ssl.mode == "verify-identity"
    and not ssl.server_name
  then
    return "option 'ssl' needs a server_name to verify over a unix socket"
  end
  return problem
end

--- Makes the configuration of a connection.
local function connection_config(given)
  local config = FILL_CONNECT(given)
  config.dialect = given.dialect or SCHEMES[1]
  config.user = config.user or os.getenv("USER") or os.getenv("LOGNAME") or "root"
  config.connect_attrs = config.connect_attrs or {}
  local problem = connect_options.finish(config)
  if problem then
    return config, problem
  end
  return config, finish_ssl(config)
end

--- Raises what is wrong, if anything is, as the mistake of the caller's caller.
local function refuse(problem, level)
  if problem then
    errors.raise("ArgumentError", problem, nil, (level or 2) + 2)
  end
end

--- Makes the configuration of a connection. Of options given twice, `extra` wins over `first`, and
--- a table over a URL.
---@param first? string|table URL or options; nil for the default URL
---@param extra? table more options
---@param level? integer whose mistake it is, counted as by `error`; 2, the caller's caller
---@return table config equal ones may be the same table
function options.connect(first, extra, level)
  local known = shared_config.recall(first, extra)
  if known then
    return known
  end
  local given, problem = gather(first, extra, CONNECT)
  local config
  if not problem then
    config, problem = connection_config(given)
  end
  refuse(problem, level)
  return shared_config.of(config, first, extra)
end

--- Makes the configuration of a pool's connections, and that of the pool.
---@param first? string|table
---@param extra? table
---@param level? integer
---@return table config
---@return table pool_config
function options.pool(first, extra, level)
  local given, problem = gather(first, extra, POOL)
  local config, pool_config
  if not problem then
    pool_config = FILL_POOL(given)
    config, problem = connection_config(given)
    if pool_config.maxsize > 0 and pool_config.maxsize < pool_config.minsize then
      problem = "maxsize should be not less than minsize"
    end
  end
  refuse(problem, level)
  return config, pool_config
end

--- What another login on the same connection may change.
local LOGIN = option_specs.by_name({
  CONNECT.user,
  CONNECT.password,
  CONNECT.password2,
  CONNECT.password3,
  CONNECT.auth_answers,
  CONNECT.database,
  CONNECT.charset,
  CONNECT.collation,
})

--- Makes the configuration of another login on a connection. Who names a user gives its password.
---@param config table of the connection
---@param given table
---@param level? integer
---@return table config a new one
function options.login(config, given, level)
  if type(given) ~= "table" then
    refuse("options must be a table, got " .. type(given), level)
  end
  local changes = {}
  local problem = add_table(changes, given, LOGIN)
  refuse(problem, level)
  local changed = {}
  for name, value in pairs(config) do
    changed[name] = value
  end
  changed.origin = nil -- which is of somebody else
  if changes.user then
    changed.password, changed.auth_answers = "", nil
    changed.password2, changed.password3 = nil, nil
  end
  if changes.charset and changes.charset ~= config.charset then
    changed.collation = nil
  end
  for name, value in pairs(changes) do
    changed[name] = value
  end
  return changed
end

--- Checks the options of one call, and gives them back. Nothing is copied: a call without options
--- does not come here, and one with a few should cost little.
---@param given table
---@param level? integer
---@return table given
function options.call(given, level)
  if type(given) ~= "table" then
    refuse("options must be a table, got " .. type(given), level)
  end
  for name, value in pairs(given) do
    local spec = CALL[name]
    local problem = not spec and unknown(name, CALL)
      or spec and option_specs.check(name, value, spec)
    if problem then
      refuse(problem, level)
    end
  end
  return given
end

return options
