--- Which options there are, and what each allows.
local limits = require("lunasa.limits")
local query_attributes = require("lunasa.query_attributes")
local session_track = require("lunasa.session_track")
local ssl_option = require("lunasa.ssl_option")

local option_specs = {}

---@class lunasa.OptionSpec
---@field [1] string name
---@field [2] string kind, a key of KINDS
---@field default? any
---@field min? integer
---@field max? integer
---@field values? string[]
---@field off? boolean|integer whether false turns it off; a number does so too
---@field complaint? string said about a number out of range
---@field doc string

--- Options of a connection, besides those of a call, which it takes as defaults.
-- stylua: ignore
option_specs.connect = {
  { "host", "string", default = "localhost", doc = "name or address; unused with unix_socket" },
  { "port", "integer", min = 1, max = 65535, default = 3306, doc = "TCP port" },
  { "user", "string", doc = "account; by default $USER or $LOGNAME, else root" },
  { "password", "secret", default = "", doc = "password, UTF-8, or a function that gives it" },
  { "password2", "secret", doc = "second password of the account" },
  { "password3", "secret", doc = "third password of the account" },
  { "auth_answers", "answers", doc = "answers to what PAM asks beside the password" },
  { "database", "string", doc = "default database" },
  { "unix_socket", "string", doc = "path of a socket, instead of host and port" },
  { "read_default_file", "string", doc = "option file, as my.cnf, for what is not given" },
  { "read_default_group", "string", doc = "group to read there besides [client]" },
  { "charset", "word", default = "utf8mb4", doc = "character set of the connection" },
  { "collation", "word", doc = "collation; by default the character set's" },
  { "sql_mode", "string", doc = "session SQL mode; by default the server's" },
  { "init_command", "string", doc = "statement run after each login" },
  { "autocommit", "boolean", doc = "true or false sets it; by default the server's" },
  { "connect_timeout", "seconds", off = true, default = 10, doc = "DNS, TCP, TLS, login together" },
  { "cancel_timeout", "seconds", default = 2, doc = "time for a cancelled statement to end" },
  { "ssl", "ssl", doc = "TLS: false, true, a mode or a table" },
  { "server_public_key", "string", doc = "the server's RSA key: path or PEM text" },
  { "get_server_public_key", "boolean", default = false, doc = "ask the server for that key" },
  { "auth_plugin", "word", doc = "authentication plugin to begin with" },
  { "auth_plugins", "words", doc = "the authentication plugins that may be used" },
  { "program_name", "string", doc = "connection attribute program_name" },
  { "connect_attrs", "attributes", doc = "more connection attributes" },
  { "max_allowed_packet", "integer", min = 1024, max = 2 ^ 30, default = 2 ^ 30,
    doc = "longest packet accepted from the server, in bytes" },
  { "compress", "compress", default = false, doc = "true, or algorithms, the preferred first" },
  { "compression_level", "integer", min = 1, max = 22, doc = "effort; by default the algorithm's" },
  { "compress_threshold", "integer", min = 0, max = 2 ^ 24, default = 150,
    doc = "fewer bytes travel as they are" },
  { "stream_discard_limit", "integer", min = 0, default = 2 ^ 20,
    doc = "bytes read only to be thrown away when a stream is left early, before it is cut" },
  { "local_infile", "boolean", default = false, doc = "calls may send data, see infile" },
  { "limits", "limits", doc = "bounds on what a server can make us do" },
  { "statement_cache_size", "integer", min = 0, max = 65536, default = 256,
    doc = "prepared statements kept per connection; 0 closes each after its use" },
  { "multi_statements", "boolean", default = false, doc = "several statements in one text" },
  { "session_track", "session_track", doc = "what the server tells about the session" },
  { "echo", "boolean", default = false, doc = "log every statement" },
  { "errors", "choice", values = { "object", "string" }, default = "object", doc = "raised form" },
}

for _, part in ipairs(ssl_option.PARTS) do
  local doc = ("ssl.%s, for URLs"):format(part)
  table.insert(option_specs.connect, { "ssl_" .. part, ssl_option.kind(part), doc = doc })
end

--- Options of a single call.
-- stylua: ignore
option_specs.call = {
  { "timeout", "seconds", off = true, doc = "limit of an operation" },
  { "max_statement_time", "seconds", off = true, doc = "limit of the server for a statement" },
  { "paramstyle", "choice", values = { "qmark", "pyformat" }, default = "qmark",
    doc = "? and :name, or %s and %(name)s" },
  { "protocol", "choice", values = { "text", "binary" }, default = "text", doc = "of queries" },
  { "rows", "choice", values = { "dict", "array" }, doc = "shape of a row; a cursor's is array" },
  { "null", "choice", values = { "null", "nil" }, default = "null", doc = "what NULL becomes" },
  { "bigint", "choice", values = { "auto", "int64", "string", "number" }, default = "auto",
    doc = "integers beyond 2^53; auto is cdata for these only" },
  { "decimal", "choice", values = { "string", "number" }, default = "string", doc = "DECIMAL" },
  { "datetime", "choice", values = { "string", "table" }, default = "string", doc = "temporals" },
  { "json", "choice", values = { "string", "decode" }, default = "string", doc = "JSON columns" },
  { "bit", "choice", values = { "string", "number" }, default = "string", doc = "BIT columns" },
}

--- Options of a single call that have no default.
option_specs.query = {
  { "infile", "infile", doc = "what LOAD DATA LOCAL INFILE is sent" },
  { "attributes", "query_attributes", doc = "query attributes: values by name, for MySQL" },
  { "fetch_size", "integer", min = 1, max = 2 ^ 32 - 1, doc = "rows of a stream at a time" },
}

--- Options of a pool, besides those of its connections.
-- stylua: ignore
option_specs.pool = {
  { "minsize", "integer", min = 0, default = 1, doc = "connections kept open",
    complaint = "minsize should be zero or greater" },
  { "maxsize", "integer", min = 0, default = 10, doc = "most connections; 0 is no limit" },
  { "acquire_timeout", "seconds", off = true, default = 30, doc = "longest wait for a connection" },
  { "max_idle", "seconds", off = true, doc = "close a connection that was idle for so long" },
  { "max_lifetime", "seconds", off = -1, doc = "replace a connection of this age" },
  { "max_waiters", "integer", min = 0, doc = "refuse to wait when so many do" },
  { "reset_on_release", "choice", values = { "rollback", "reset", "none" }, default = "rollback",
    doc = "what a released connection goes through" },
  { "pre_ping", "ping", default = false, doc = "ping before lending: true, or after idle seconds" },
  { "on_connect", "callback", doc = "called with each new connection" },
}

--- Other names of options.
option_specs.aliases = {
  db = "database",
  passwd = "password",
  pool_recycle = "max_lifetime",
  socket = "unix_socket",
}

--- What other libraries call things that no edit distance would connect.
option_specs.foreign_names = {
  encoding = "charset",
  hostname = "host",
  pool_size = "maxsize",
  pwd = "password",
  tls = "ssl",
  username = "user",
}

--- Indexes specifications by name and alias.
---@param ... lunasa.OptionSpec[]
---@return table<string, lunasa.OptionSpec>
function option_specs.by_name(...)
  local specs = {}
  for _, list in ipairs({ ... }) do
    for _, spec in ipairs(list) do
      specs[spec[1]] = spec
    end
  end
  for alias, name in pairs(option_specs.aliases) do
    specs[alias] = specs[name]
  end
  return specs
end

local function is_finite_number(value)
  return type(value) == "number" and value == value and value < math.huge
end

local function is_listed(value, values)
  for _, allowed in ipairs(values) do
    if value == allowed then
      return true
    end
  end
  return false
end

local function check_range(value, spec)
  local min, max = spec.min, spec.max or 2 ^ 53
  if is_finite_number(value) and value == math.floor(value) and value >= min and value <= max then
    return nil, value
  end
  return spec.max and ("an integer from %d to %d"):format(min, max)
    or ("an integer from %d"):format(min)
end

local function check_seconds(value, spec)
  if is_finite_number(value) and value >= 0 then
    return nil, value
  elseif spec.off and (value == false or value == spec.off) then
    return nil, false
  end
  return "a number of seconds" .. (spec.off and ", or false" or "")
end

local MOST_ANSWERS = 8

local function check_answers(value)
  local is_usable = type(value) == "function" or type(value) == "table" and #value <= MOST_ANSWERS
  for _, answer in ipairs(is_usable and type(value) == "table" and value or {}) do
    is_usable = is_usable and type(answer) == "string" and not answer:find("%z")
  end
  local allowed = ("a list of at most %d strings, or a function"):format(MOST_ANSWERS)
  return not is_usable and allowed or nil, value
end

local COMPRESSIONS = { "zstd", "zlib" }

--- Reads names with commas between them, or takes a list as it is.
local function listed_names(value)
  if type(value) ~= "string" then
    return type(value) == "table" and value or {}
  end
  local names = {}
  for name in (value .. ","):gmatch("%s*(.-)%s*,") do
    table.insert(names, name)
  end
  return names
end

--- Keeps a list of algorithms, the preferred one first, or false.
local function check_compress(value)
  if type(value) == "boolean" then
    return nil, value and COMPRESSIONS
  end
  local names, count = listed_names(value), 0
  for _, name in pairs(names) do
    count = is_listed(name, COMPRESSIONS) and count + 1 or math.huge
  end
  if count > 0 and count <= #COMPRESSIONS and count == #names and names[1] ~= names[2] then
    return nil, { names[1], names[2] }
  end
  return "a boolean, 'zstd', 'zlib' or a list of these"
end

--- Each returns what is allowed when the value is not, else nil and the value as it is kept.
---@type table<string, fun(value: any, spec: lunasa.OptionSpec): string?, any>
local KINDS = {
  string = function(value)
    local is_usable = type(value) == "string" and not value:find("%z")
    return not is_usable and "a string without NUL bytes" or nil, value
  end,
  word = function(value)
    local is_word = type(value) == "string" and value:find("^[%w_]+$")
    return not is_word and "a name of letters, digits and '_'" or nil, value
  end,
  words = function(value)
    local words = type(value) == "table" and table.concat(value, ",") or value
    local are_words = type(words) == "string" and ("," .. words):find("^[,%w_]+$")
    local is_complete = are_words and not ("," .. words .. ","):find(",,", 1, true)
    return not is_complete and "a list of names of letters, digits and '_'" or nil, words
  end,
  secret = function(value)
    local is_usable = type(value) == "function" or type(value) == "string" and not value:find("%z")
    return not is_usable and "a string without NUL bytes, or a function" or nil, value
  end,
  answers = check_answers,
  boolean = function(value)
    return type(value) ~= "boolean" and "a boolean" or nil, value
  end,
  choice = function(value, spec)
    if is_listed(value, spec.values) then
      return nil, value
    end
    return "one of '" .. table.concat(spec.values, "', '") .. "'"
  end,
  attributes = function(value)
    local copy = {}
    for name, text in pairs(type(value) == "table" and value or { value }) do
      if type(name) ~= "string" or type(text) ~= "string" then
        return "a table of strings by name"
      end
      copy[name] = text
    end
    return nil, copy
  end,
  ping = function(value)
    local is_usable = type(value) == "boolean" or is_finite_number(value) and value >= 0
    return not is_usable and "a boolean or a number of seconds" or nil, value
  end,
  infile = function(value)
    local is_table = type(value) == "table"
    local source = is_table and (value.file or value.data)
    local is_one = is_table and not (value.file and value.data) and type(source) == "string"
    local is_usable = is_one or value == true or type(value) == "function"
    return not is_usable and "{ file = path }, { data = string }, a function or true" or nil, value
  end,
  callback = function(value)
    return type(value) ~= "function" and "a function" or nil, value
  end,
  integer = check_range,
  seconds = check_seconds,
  ssl = ssl_option.check,
  compress = check_compress,
  limits = limits.check,
  query_attributes = query_attributes.check,
  session_track = session_track.check,
}

local WORDS = { ["true"] = true, ["false"] = false, on = true, off = false }

--- Reads an option's text in a URL as the type it should have; what cannot be read stays text.
---@param text string
---@param spec lunasa.OptionSpec
---@return string|number|boolean
function option_specs.from_text(text, spec)
  local kind = spec[2]
  local word = WORDS[text:lower()]
  if
    kind == "boolean"
    or kind == "seconds"
    or kind == "ssl"
    or kind == "ping"
    or kind == "compress"
  then
    if word ~= nil then
      return word
    end
  end
  if kind == "integer" or kind == "seconds" or kind == "ping" then
    return tonumber(text) or text
  end
  return text
end

--- Checks a value. A string is shown only where a fixed few are allowed: another may be a secret.
---@param name string as the user wrote it
---@param value any
---@param spec lunasa.OptionSpec
---@return string? problem nil when the value is right
---@return any kept the value in the form that a configuration holds
function option_specs.check(name, value, spec)
  local allowed, kept = KINDS[spec[2]](value, spec)
  if not allowed then
    return nil, kept
  end
  local got = type(value)
  if got == "number" and spec.complaint then
    return spec.complaint
  elseif got == "string" and spec[2] == "choice" then
    got = ("'%s'"):format(value:sub(1, 40))
  end
  return ("option '%s' must be %s, got %s"):format(name, allowed, got)
end

return option_specs
