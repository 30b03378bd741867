--- A connection: what one task asks of one database session.
---
--- The channel is the physical thing. A pool keeps channels and gives every borrower a new
--- Connection over one, so that a connection used after its release raises instead of reaching a
--- session that belongs to somebody else.
local another_login = require("lunasa.another_login")
local bit = require("bit")
local call = require("lunasa.call")
local command = require("lunasa.command")
local connecting = require("lunasa.connecting")
local connection_control = require("lunasa.connection_control")
local connection_cursors = require("lunasa.connection_cursors")
local connection_escaping = require("lunasa.connection_escaping")
local connection_fields = require("lunasa.connection_fields")
local connection_info = require("lunasa.connection_info")
local connection_procedures = require("lunasa.connection_procedures")
local connection_release = require("lunasa.connection_release")
local connection_session = require("lunasa.connection_session")
local connection_statements = require("lunasa.connection_statements")
local connection_transactions = require("lunasa.connection_transactions")
local errors = require("lunasa.error")
local format = require("lunasa.format")
local login = require("lunasa.login")
local misuse = require("lunasa.misuse")
local null = require("lunasa.null")
local pipeline = require("lunasa.pipeline")
local plain = require("lunasa.plain")
local query_attributes = require("lunasa.query_attributes")
local statement_limit = require("lunasa.statement_limit")

local bor = bit.bor

--- The value of a field that gets one later: with it in the constructor, there is room for it.
local NOTHING = nil

local connection = {}

---@class lunasa.Connection
---@field closed boolean
---@field host? string
---@field port? integer
---@field unix_socket? string
---@field user string
---@field host_info string
---@field database? string the default one, kept current; nil for none
---@field db? string the same
---@field charset? string kept current; nil when it was changed unseen
---@field encoding? string what others call it
---@field collation? string that was asked for
---@field autocommit_mode? boolean as it was set last; nil: the server's
---@field in_transaction boolean as of the last answer
---@field server_status integer flags of lunasa.SERVER_STATUS, of the last answer
---@field server_capabilities integer flags of lunasa.CLIENT that were agreed on
---@field server_vendor "mariadb"|"mysql"
---@field server_version_number integer 101106 for 10.11.6
---@field protocol_version integer
---@field auth_plugin string that logged in
---@field warning_count integer of the last statement
---@field info string of the last statement
---@field busy boolean a statement runs, or a stream is open
---@field echo boolean statements are logged; may be written
---@field connected_time number seconds, as lunasa.now() counts
---@field last_usage number when bytes went or came last, in seconds
---@field ssl_cipher? string tls_cipher
---@field server_version string
---@field is_mariadb boolean
---@field compression? "zlib"|"zstd"
---@field is_encrypted boolean
---@field is_verified boolean the server is who it should be: by an authority, a pin or a proof
---@field tls_version? string such as "TLSv1.3"
---@field tls_cipher? string such as "TLS_AES_256_GCM_SHA384"
---@field tls_resumed boolean
---@field transaction_depth integer blocks of `transaction`, and what was begun by hand, open now
---@field private begun_at? integer the depth at which `begin` was called first
---@field private has_committed? boolean the work of such a block has, by itself
---@field pool? lunasa.Pool that lent it
---@field private channel? lunasa.Channel nil once closed or released
---@field private config table
---@field private runtime lunasa.Runtime
---@field private format integer
---@field private timeout? number
---@field private is_pyformat boolean
---@field pool_wait? number seconds that its user waited for it, until a command is told of
local Connection = { transaction_depth = 0 }
Connection.__index = Connection
Connection.__name = "lunasa.Connection"

local finder = connection_fields.finder(Connection)

--- Makes a connection over an open channel.
---@param channel lunasa.Channel
---@param config table
---@param runtime lunasa.Runtime
---@return lunasa.Connection
function connection.wrap(channel, config, runtime)
  local metatable = channel.connection_metatable
  if not metatable then
    metatable = connection_fields.metatable(Connection, finder, channel, config, runtime)
    channel.connection_metatable = metatable
  end
  -- With room for what a pool adds: it lends a new one each time. Seven fields: a ninth would cost
  -- as much as all of them.
  return setmetatable({
    channel = channel,
    closed = NOTHING,
    pool = false,
    pool_slot = false,
    pool_turn = false,
    lease = false,
    released_to = false,
  }, metatable)
end

--- Puts another channel under a connection, in place of one that is closed.
---@param conn lunasa.Connection
---@param channel lunasa.Channel
function connection.adopt(conn, channel)
  local fresh = connection.wrap(channel, channel.config, conn.runtime)
  conn.channel, conn.closed, conn.transaction_depth, conn.begun_at = channel, nil, 0, nil
  setmetatable(conn, getmetatable(fresh))
end

--- Connects and logs in. Raises when that fails.
---@async
---@param config table as `lunasa.options` makes it
---@param runtime lunasa.Runtime
---@param key? string names the slot of a pool to the runtime
---@param deadline? number absolute, in seconds
---@return lunasa.Connection
function connection.open(config, runtime, key, deadline)
  local channel = connecting.open(config, runtime, key, deadline)
  return connection.wrap(channel, channel.config, runtime)
end

--- Raises why the connection can no longer be used.
---@param level? integer whose misuse it is, counted as by `error` in the caller
local function unusable(self, level)
  if type(self) ~= "table" then
    misuse.dot("conn", (level or 2) + 1)
  end
  local message = self.released_to and "the connection was released to its pool"
    or "the connection is closed"
  errors.raise("InterfaceError", message, nil, (level or 2) + 1)
end

--- Raises what ended a statement, which was sent as `text`.
local function fail(self, err, sql, text)
  if errors.is_error(err) and err.sql == text then
    err.sql = sql
  end
  errors.throw(err, self.config.errors)
end

--- Where the caller of the connection's method is, counted from `call.settings`.
local CALLER = 6

---@async
local function run_in_full(self, channel, sql, args, options, more_format, kind)
  local how, timeout, is_pyformat, keeper = call.settings(self, sql, args, options, CALLER)
  local text = statement_limit.of_call(sql, options, self.is_mariadb)
  how = bor(how, more_format or 0)
  local runtime = self.runtime
  local deadline = timeout and runtime.now() + timeout
  local given = options and options.infile
  local operation = given and command.load or command.query
  local attributes = options and query_attributes.list(options)
  local protected = channel.observer and channel.observer:calling(self, kind, sql, how) or pcall
  -- stylua: ignore
  local ok, answer = protected(
    operation, channel, runtime, text, args, is_pyformat, how, deadline, attributes, keeper, given
  )
  if ok then
    return answer
  end
  fail(self, answer, sql, text)
end

---@async
---@param kind? string what those who watch are told that it is; nil for "query"
local function run(self, sql, args, options, more_format, kind)
  local channel = self and self.channel or unusable(self, 3)
  local how, is_pyformat = call.plain(self, options)
  if how and plain.is_for(self, channel, sql, args) then
    how = bor(how, more_format or 0)
    local answer, err = plain.query(self, channel, sql, args, how, is_pyformat)
    if answer then
      return answer
    elseif err then
      fail(self, err, sql, sql)
    end
  end
  local answer = run_in_full(self, channel, sql, args, options, more_format, kind)
  return answer -- no tail call, which would change the level
end

--- What those who watch are told that a command is; others say so themselves.
local KINDS = { [command.reset] = "reset", [command.change_user] = "change_user" }

--- Runs a command that is not SQL.
---@async
---@param timeout? number seconds; nil for the connection's own
local function run_command(self, timeout, operation, ...)
  local channel = self and self.channel or unusable(self, 3)
  timeout = timeout or self.timeout
  local deadline = timeout and self.runtime.now() + timeout
  local protected = channel.observer and channel.observer:calling(self, KINDS[operation] or ...)
    or pcall
  local ok, err = protected(operation, channel, self.runtime, deadline, ...)
  if not ok then
    errors.throw(err, self.config.errors)
  end
end

--- Runs a statement and gives its result.
---@async
---@param sql string
---@param args? table a list for `?`, a map for `:name`; nil sends the text untouched
---@param options? table of a call, see docs/options.md
---@return lunasa.Result
function Connection:query(sql, args, options)
  return (run(self, sql, args, options))
end

--- Runs a statement for its effect.
---@async
---@return integer affected_rows
---@return integer insert_id
function Connection:execute(sql, args, options)
  local channel = self and self.channel or unusable(self)
  local how, is_pyformat = call.plain(self, options)
  if how and plain.is_for(self, channel, sql, args) then
    local affected_rows, insert_id = plain.execute(self, channel, sql, args, how, is_pyformat)
    if affected_rows then
      return affected_rows, insert_id
    elseif insert_id then
      fail(self, insert_id, sql, sql) -- which is an error
    end
  end
  local answer = run(self, sql, args, options, nil, "execute")
  return answer.affected_rows, answer.insert_id
end

--- Gives the first row, nil when there is none.
---@async
---@return table? row
function Connection:first(sql, args, options)
  return run(self, sql, args, options)[1]
end

--- Gives the first column of the first row: nil for NULL, and when there is no row.
---@async
---@return any
function Connection:scalar(sql, args, options)
  local answer = run(self, sql, args, options, format.ARRAY)
  local row = answer[1]
  local value = row and row[1]
  if value == null then
    return nil
  end
  return value
end

--- Makes another database the default one.
---@async
---@param name string
function Connection:select_db(name)
  local channel = self and self.channel or unusable(self)
  if type(name) ~= "string" or name == "" then
    errors.raise("ArgumentError", "select_db needs the name of a database", nil, 2)
  end
  channel.has_other_database = true
  run_command(self, nil, command.run, "select_database", name)
end

--- Brings the session back to where the login left it: transaction, variables, temporary tables,
--- and the default database, where the login named one.
---@async
function Connection:reset()
  run_command(self, nil, command.reset, login.of(self.config).reset)
  local channel = self.channel
  channel.other_charset, channel.other_autocommit = nil, nil
  channel.connection_metatable.__index.autocommit_mode = self.config.autocommit
  if self.config.database then
    channel.has_other_database = nil
  end
end

--- Logs in as somebody else, or again, on this connection: the session begins anew. A failure
--- closes the connection. A pool replaces the connection when it is released.
---@async
---@param options table user, password (and its like), database, charset, collation
function Connection:change_user(options)
  local channel = self and self.channel or unusable(self)
  local config = another_login.config(self, options)
  run_command(self, nil, command.change_user, login.session(login.of(config)))
  another_login.adopt(channel, config)
end

local function use(self)
  return self and self.channel or unusable(self, 3)
end

connection_escaping.add(Connection, use)
connection_procedures.add(Connection, use, run)
connection_session.add(Connection, use, run)
connection_info.add(Connection, use, run)
connection_control.add(Connection, use, run, run_command)
pipeline.add(Connection, use)
connection_statements.add(Connection, use, run)
connection_cursors.add(Connection, use)
connection_transactions.add(Connection, use, run)
connection_release.add(Connection, run, run_command)

--- Tells whether statements can be sent.
---@return boolean
function Connection:is_usable()
  return self.channel ~= nil and not self.channel.closed
end

--- The classes of errors, as in `err:is(conn.IntegrityError)`.
for name in pairs(errors.classes) do
  Connection[name] = name
end

function Connection:__tostring()
  local where = self.unix_socket or ("%s:%s"):format(self.host, self.port)
  local state = self.closed and "closed" or "open"
  return ("%s(%s@%s, %s)"):format(Connection.__name, self.user, where, state)
end

return connection
