--- Which options there are, and what each allows.
local option_kinds = require("lunasa.option_kinds")
local ssl_option = require("lunasa.ssl_option")

local option_specs = {}

---@class lunasa.OptionSpec
---@field [1] string name
---@field [2] string kind, a key of lunasa.option_kinds
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
  { "hosts", "hosts", doc = "servers that are tried in turn, instead of host and port" },
  { "host_policy", "choice", values = { "order", "random" }, default = "order",
    doc = "which of the hosts is tried first" },
  { "bind_address", "address", doc = "local address to connect from" },
  { "user", "string", doc = "account; by default $USER or $LOGNAME, else root" },
  { "password", "secret", default = "", doc = "password, UTF-8, or a function that gives it" },
  { "password2", "secret", doc = "second password of the account" },
  { "password3", "secret", doc = "third password of the account" },
  { "auth_answers", "answers", doc = "answers to what PAM asks beside the password" },
  { "database", "string", doc = "default database" },
  { "unix_socket", "string", doc = "path of a socket, instead of host and port" },
  { "read_default_file", "string", doc = "option file, as my.cnf, for what is not given" },
  { "read_default_group", "string", doc = "group to read there besides [client]" },
  { "charset", "charset", default = "utf8mb4", doc = "character set of the connection" },
  { "collation", "word", doc = "collation; by default the character set's" },
  { "sql_mode", "modes", doc = "session SQL mode; by default the server's" },
  { "session", "variables", doc = "session variables by name" },
  { "isolation_level", "isolation", doc = "of the session's transactions" },
  { "init_command", "string", doc = "statement run after each login" },
  { "autocommit", "boolean", doc = "true or false sets it; by default the server's" },
  { "connect_timeout", "seconds", off = true, default = 10, doc = "DNS, TCP, TLS, login together" },
  { "read_timeout", "seconds", off = true, doc = "longest silence of the server that is awaited" },
  { "write_timeout", "seconds", off = true, doc = "longest time that it takes nothing we send" },
  { "cancel", "choice", values = { "kill", "close" }, default = "kill",
    doc = "what ends a statement that was given up" },
  { "cancel_timeout", "seconds", default = 2, doc = "time for a cancelled statement to end" },
  { "ssl", "ssl", doc = "TLS: false, true, a mode or a table" },
  { "server_public_key", "string", doc = "the server's RSA key: path or PEM text" },
  { "get_server_public_key", "boolean", default = false, doc = "ask the server for that key" },
  { "auth_plugin", "word", doc = "authentication plugin to begin with" },
  { "auth_plugins", "words", doc = "the authentication plugins that may be used" },
  { "allow_cleartext", "cleartext", doc = "cannot be true" },
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
  { "found_rows", "boolean", default = false, doc = "affected rows are those found, not changed" },
  { "client_flag", "flags", doc = "more capabilities to ask for: a number, or names" },
  { "multi_statements", "boolean", default = false, doc = "several statements in one text" },
  { "session_track", "session_track", doc = "what the server tells about the session" },
  { "cursorclass", "cursorclass", doc = "class or options of cursors; by default lunasa.Cursor" },
  { "serialize", "ignored", doc = "no effect: tasks on one connection always take turns" },
  { "use_unicode", "ignored", doc = "no effect: strings of Lua are bytes" },
  { "loop", "ignored", doc = "no effect" },
  { "conv", "conv", doc = "functions that make the values of columns, by their type" },
  { "encoders", "encoders", doc = "what is sent for values with a metatable of their own" },
  { "echo", "boolean", default = false, doc = "log every statement" },
  { "metrics", "metrics", doc = "a registry of lunasa.metrics() that counts what is done" },
  { "on_query", "callback", doc = "called with an event after each command" },
  { "on_warning", "callback", doc = "called with an event when there are warnings" },
  { "redact", "boolean", doc = "statements are shown without their literals" },
  { "warnings", "choice", values = { "count", "fetch" }, doc = "count them only, or fetch them" },
  { "slow_query_time", "seconds", doc = "log what takes as long or longer" },
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
  { "max_stmt_length", "integer", min = 1, max = 2 ^ 30, default = 1024000,
    doc = "bytes of a statement that executemany makes of many rows" },
  { "rows", "choice", values = { "dict", "array" }, doc = "shape of a row; a cursor's is array" },
  { "null", "choice", values = { "null", "nil" }, default = "null", doc = "what NULL becomes" },
  { "bigint", "choice", values = { "auto", "int64", "string", "number" }, default = "auto",
    doc = "integers beyond 2^53; auto is cdata for these only" },
  { "decimal", "choice", values = { "string", "number" }, default = "string", doc = "DECIMAL" },
  { "datetime", "choice", values = { "string", "table" }, default = "string", doc = "temporals" },
  { "json", "choice", values = { "string", "decode" }, default = "string", doc = "JSON columns" },
  { "bit", "choice", values = { "string", "number" }, default = "string", doc = "BIT columns" },
  { "tinyint1", "choice", values = { "number", "boolean" }, default = "number",
    doc = "TINYINT(1) columns" },
}

--- Options of a single call that have no default.
option_specs.query = {
  { "infile", "infile", doc = "what LOAD DATA LOCAL INFILE is sent" },
  { "attributes", "query_attributes", doc = "query attributes: values by name, for MySQL" },
  { "fetch_size", "integer", min = 1, max = 2 ^ 32 - 1, doc = "rows of a stream at a time" },
}

--- Options of a cursor, besides those of a call, which it takes as defaults.
-- stylua: ignore
option_specs.cursor = {
  { "dict", "boolean", doc = "rows by name" },
  { "dict_type", "dict_type", doc = "what makes a row: a function or a metatable" },
  { "unbuffered", "boolean", doc = "rows as they come" },
  { "arraysize", "integer", min = 0, doc = "rows that fetchmany gives" },
}

--- Options of a pool, besides those of its connections.
-- stylua: ignore
option_specs.pool = {
  { "name", "string", doc = "what the pool is called in metrics and logs" },
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
  { "order", "choice", values = { "lifo", "fifo" }, default = "lifo",
    doc = "lend the connection used last, or the one idle for longest" },
  { "on_connect", "callback", doc = "called with each new connection" },
  { "on_acquire", "callback", doc = "called with each connection that is lent" },
  { "on_release", "callback", doc = "called with each connection that comes back" },
}

--- Other names of options.
option_specs.aliases = {
  db = "database",
  passwd = "password",
  query_timeout = "timeout",
  pool_recycle = "max_lifetime",
  socket = "unix_socket",
  stmt_cache = "statement_cache_size",
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

local has_room, new_table = pcall(require, "table.new")
if not has_room then
  new_table = function()
    return {}
  end
end

--- Makes the function that fills a fresh table from options that were given, and from the defaults.
--- Connecting does that each time.
---@param ... lunasa.OptionSpec[]
---@return fun(given: table): table
function option_specs.filler(...)
  local names, defaults = {}, {}
  for _, list in ipairs({ ... }) do
    for _, spec in ipairs(list) do
      table.insert(names, spec[1])
      defaults[spec[1]] = spec.default
    end
  end
  return function(given)
    local config = new_table(0, #names)
    for i = 1, #names do
      local name = names[i]
      local value = given[name]
      if value == nil then
        value = defaults[name]
      end
      config[name] = value
    end
    return config
  end
end

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
  local allowed, kept, problem = option_kinds[spec[2]](value, spec)
  if not allowed then
    return problem, kept
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
