--- How the use of a connection ends: it is closed, or made fit for its pool's next user.
local command = require("lunasa.command")
local connection_session = require("lunasa.connection_session")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local format = require("lunasa.format")
local log = require("lunasa.log")
local result_sequence = require("lunasa.result_sequence")
local stream = require("lunasa.stream")

local connection_release = {}

--- Tells whether nothing is done on a channel: what a task does that waited for its turn meanwhile
--- is not undone.
local function is_free(channel)
  return not channel.closed and not channel.is_busy
end

--- Tells whether `undo` has nothing to do on a channel, as far as Lua knows: whether a transaction
--- is open, the session does.
---@param channel lunasa.Channel
---@return boolean
function connection_release.is_untouched(channel)
  return not (
      channel.closed
      or channel.is_busy
      or channel.open_stream
      or channel.fence
      or channel.is_changed
      or channel.has_other_database
      or channel.other_charset
    ) and channel.other_autocommit == nil
end

--- Closes. Where work is undone by that, it says so, unless `is_quiet`.
local function close(conn, is_quiet)
  local channel = conn.channel
  conn.channel, conn.closed = nil, true
  if not channel then
    return
  end
  local in_transaction, has_changes = channel.session:in_transaction()
  if not channel.closed and in_transaction and has_changes and not is_quiet then
    local caller = debug.getinfo(3, "Sl")
    local where = caller and ("%s:%d"):format(caller.short_src, caller.currentline) or "?"
    log.warn(("a connection was closed at %s with a transaction open: undone"):format(where))
  end
  if not fence.close_later(channel) then
    channel:close()
  end
  if channel.observer then
    channel.observer:left(channel)
  end
end

local function leave(conn, ok, ...)
  close(conn, not ok)
  if not ok then
    error((...), 0)
  end
  return ...
end

local function traced(err)
  if errors.is_error(err) and not err.traceback then
    err.traceback = debug.traceback("", 2):sub(2)
  end
  return err
end

--- Runs a function with a connection, and closes that.
---@async
---@param conn lunasa.Connection
---@param work fun(conn: lunasa.Connection): any
---@return any ... what the function returns
function connection_release.with(conn, work)
  return leave(conn, xpcall(work, traced, conn))
end

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param run function as in lunasa.connection
---@param run_command function as in lunasa.connection
function connection_release.add(Connection, run, run_command)
  --- Says good-bye to the server and closes. Uncommitted work is undone, and that is warned about.
  --- A connection of a pool is still to be released, which has the pool open another one.
  function Connection:close()
    close(self, false)
  end

  --- Gives the connection back to the pool that lent it, as `Pool:release` does.
  ---@async
  function Connection:release()
    if not self.pool then
      errors.raise("PoolError", "the connection is not from a pool: close it", nil, 2)
    end
    self.pool:release(self)
  end

  --- Takes the channel away; every later use of this connection raises.
  ---@return lunasa.Channel
  function Connection:detach()
    local channel = self.channel
    self.channel, self.closed, self.released_to = nil, true, self.pool or true
    if channel then
      result_sequence.forget(channel.session)
    end
    return channel
  end

  --- Ways to undo what a user left behind. Each tells whether the next one finds what a login
  --- gives.
  local undo = {}

  function undo.none()
    return true
  end

  ---@async
  function undo.reset(conn)
    conn:reset()
    return conn.config.database ~= nil or conn.database == nil
  end

  ---@async
  function undo.rollback(conn, channel, in_transaction)
    if in_transaction then
      run(conn, "ROLLBACK", nil, format.TEXT_OPTIONS)
    end
    connection_session.set_back(conn, channel, run)
    local database = conn.config.database
    if not channel.has_other_database then
      return true
    elseif not database then
      return false
    end
    run_command(conn, nil, command.run, "select_database", database)
    channel.has_other_database = nil
    return true
  end

  --- Makes the session fit for its next user.
  ---@async
  ---@param mode "rollback"|"reset"|"none"
  ---@return boolean is_healthy false when the connection must be replaced
  ---@return boolean was_undone uncommitted work was undone, as far as the server tells
  function Connection:reset_for_release(mode)
    local channel = self.channel
    if not channel or channel.closed or channel.is_changed then
      return false, false
    elseif not stream.end_early(self, channel) or channel.is_busy then
      return false, false
    end
    local in_transaction, has_changes = channel.session:in_transaction()
    local is_fit = undo[mode](self, channel, in_transaction)
    return is_fit and is_free(channel), in_transaction and has_changes and mode ~= "none"
  end
end

return connection_release
