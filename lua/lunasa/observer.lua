--- Who is told about the commands of a connection: hooks, the log of slow statements, counters.
---
--- A connection that nobody watches has none. One that is watched runs its commands inside what
--- `calling` gives, which stands for `pcall`, so that every command is told of in one place, when
--- its turn on the connection is over.
local command = require("lunasa.command")
local command_warnings = require("lunasa.command_warnings")
local errors = require("lunasa.error")
local log = require("lunasa.log")
local query_event = require("lunasa.query_event")

local observer = {}

---@class lunasa.Observer
---@field private pool? string name of the pool
---@field private on_query? fun(event: lunasa.QueryEvent)
---@field private on_warning? fun(event: lunasa.QueryEvent)
---@field private slow_query_time? number seconds
---@field private metrics? lunasa.Metrics
---@field private redact boolean literals are left out of statements
---@field private fetches_warnings boolean
---@field private telling table<table, true> tasks that are inside a hook
---@field private has_failed table<string, true> hooks whose failure was logged
local Observer = {}
Observer.__index = Observer
Observer.__name = "lunasa.Observer"

--- A stream that is told of when it ends.
---@class lunasa.SeenStream
---@field event lunasa.QueryEvent
---@field began number
---@field waited number seconds
---@field ended_at? number

--- The longest statement in the log, in bytes.
local LONGEST_SQL = 1000

local OPTIONS = { "on_query", "on_warning", "slow_query_time", "metrics", "redact" }

local function is_wanted(config)
  if config.warnings == "fetch" then
    return true
  end
  for _, name in ipairs(OPTIONS) do
    if config[name] then
      return true
    end
  end
  return false
end

--- Gives who watches the connections of a configuration.
---@param config table
---@return lunasa.Observer|false
function observer.of(config)
  local known = config.observer
  if known == nil then
    known = false
    if is_wanted(config) then
      known = setmetatable({
        pool = config.pool_name,
        on_query = config.on_query,
        on_warning = config.on_warning,
        slow_query_time = config.slow_query_time,
        metrics = config.metrics,
        redact = config.redact,
        fetches_warnings = config.warnings == "fetch",
        telling = setmetatable({}, { __mode = "k" }),
        has_failed = {},
      }, Observer)
    end
    config.observer = known
  end
  return known
end

--- Gives an error its traceback, where its stack is still there.
local function traced(failure)
  if not errors.is_error(failure) then
    return debug.traceback(tostring(failure), 2)
  end
  failure.traceback = failure.traceback or debug.traceback("", 2):sub(2)
  return failure
end

--- Says that a hook failed, once for each.
local function complain(self, name, failure)
  if self.metrics then
    self.metrics:count(self.pool, "hook_failures")
  end
  if self.has_failed[name] then
    return
  end
  self.has_failed[name] = true
  local text = errors.is_error(failure) and ("%s\n%s"):format(tostring(failure), failure.traceback)
    or tostring(failure)
  log.error(("the function of %s failed, which is said only once: %s"):format(name, text))
end

--- Calls a hook, which may wait. What the task runs meanwhile is not told: it would never end.
---@async
---@return lunasa.Error? interruption of the task while it was inside
local function call(self, name, event, runtime)
  local task = runtime.current() or self
  if self.telling[task] then
    return nil
  end
  self.telling[task] = true
  local ok, failure = xpcall(self[name], traced, event)
  self.telling[task] = nil
  if not ok and errors.is_interruption(failure) then
    return failure
  elseif not ok then
    complain(self, name, failure)
  end
end

--- Puts a statement on one line that is safe to write to a terminal.
local function one_line(sql)
  local text = sql:gsub("%s+", " "):gsub("%c", "?")
  return #text > LONGEST_SQL and text:sub(1, LONGEST_SQL) .. "…" or text
end

--- How a statement ended. The server's message is left out: it quotes values.
local function outcome(event)
  local err = event.error
  if errors.is_error(err) then
    return err.errno and ("%s %d"):format(err.class, err.errno) or err.class
  elseif err ~= nil then
    return "an error"
  end
  return event.rows and ("%d rows"):format(event.rows)
    or ("%d rows affected"):format(event.affected_rows or 0)
end

--- Logs a statement that took long. How long a stream was read is not the server's doing.
local function log_slow(self, event)
  local spent = event.waited or event.duration
  if spent < self.slow_query_time or not event.sql or event.kind == "kill" then
    return
  end
  if self.metrics then
    self.metrics:count(self.pool, "slow_queries")
  end
  event.where = event.where or query_event.caller()
  local message = ("slow %s: %.3f s, %s, connection %s%s, at %s: %s"):format(
    event.kind,
    spent,
    outcome(event),
    event.connection_id or "?",
    event.pool and " of pool " .. event.pool or "",
    event.where or "?",
    one_line(event.sql)
  )
  log.warn(message, event)
end

--- Tells of a command that is over.
---@async
---@param event lunasa.QueryEvent
---@param runtime lunasa.Runtime
---@return lunasa.Error? interruption of the task inside a hook
local function tell(self, event, runtime)
  if self.pool then
    event.pool = self.pool
  end
  if self.metrics then
    self.metrics:record(event)
  end
  if self.slow_query_time then
    log_slow(self, event)
  end
  local interruption
  if self.on_warning and (event.warning_count or 0) > 0 then
    interruption = call(self, "on_warning", event, runtime)
  end
  if self.on_query and not interruption then
    interruption = call(self, "on_query", event, runtime)
  end
  return interruption
end

--- Tells of a stream that is over.
---@async
---@param self lunasa.Observer
---@param open lunasa.OpenStream
---@return lunasa.Error? interruption of the task inside a hook
local function tell_stream(self, open)
  local seen, runtime = open.seen, open.runtime
  open.seen = nil
  local event = seen.event
  event.ended, event.waited = open.ended, seen.waited
  event.duration = (seen.ended_at or runtime.now()) - seen.began
  return tell(self, event, runtime)
end

--- Tells of the stream that was ended by what came after it.
local function tell_left(self, channel)
  local open = channel and channel.left_stream
  if open then
    channel.left_stream = nil
    return open.seen and tell_stream(self, open)
  end
end

--- Adds what a command gave or raised to its event.
local function note(self, event, ok, answer, ...)
  if not ok then
    query_event.fail(event, answer, self.redact)
    return
  end
  query_event.add(event, answer, ...)
  query_event.fail(event, event.error, self.redact and event.kind ~= "pipeline")
  if event.kind == "connect" and self.metrics then
    self.metrics:opened(self.pool, answer)
  end
end

--- Ends a command: tells of it, and gives what `pcall` gave, unless the task was interrupted.
---@async
local function conclude(self, event, conn, channel, began, ok, answer, ...)
  local runtime = conn.runtime
  event.duration = runtime.now() - began
  if ok and event.kind == "stream" then
    event.rows = answer.names and answer.count
    event.where = self.slow_query_time and query_event.caller()
    answer.open.seen = { event = event, began = began, waited = event.duration }
    return ok, answer
  end
  note(self, event, ok, answer, ...)
  local interruption = tell_left(self, channel)
  interruption = tell(self, event, runtime) or interruption
  if interruption then
    return false, ok and interruption or errors.suppress(interruption, answer)
  end
  return ok, answer, ...
end

--- Gives what stands for `pcall` around a command.
---@param conn lunasa.Connection
---@param kind? string nil for "query"
---@param sql? string
---@param format? integer
---@param list? table[] rows of parameters, or the commands of a pipeline
---@return fun(...): boolean, any ...
function Observer:calling(conn, kind, sql, format, list)
  local channel = conn.channel
  local event = query_event.new(conn, kind, sql, format)
  if event.pool_wait then
    conn.pool_wait = nil
  end
  if self.redact and sql then
    event.sql = channel.session:redact(sql)
  end
  if kind == "pipeline" then
    query_event.of_pipeline(event, list, self.redact and channel.session)
  elseif list then
    event.count = #list
  end
  return function(operation, ...)
    if operation == command.query and self.fetches_warnings then
      operation = command_warnings.query
    end
    return conclude(self, event, conn, channel, conn.runtime.now(), pcall(operation, ...))
  end
end

--- Gives what stands for `pcall` around connecting.
---@param config table
---@param runtime lunasa.Runtime
---@return fun(...): boolean, any ...
function Observer:opening(config, runtime)
  local known = {
    host = config.host,
    port = config.port,
    unix_socket = config.unix_socket,
    user = config.user,
    runtime = runtime,
  }
  return self:calling(known, "connect")
end

--- Tells of a stream whose last row was read, or that was closed. Raises what interrupted the task
--- meanwhile.
---@async
---@param open lunasa.OpenStream
---@param stream lunasa.Stream
---@param problem? lunasa.Error
function Observer:ended(open, stream, problem)
  local event = open.seen.event
  query_event.fail(event, problem, self.redact)
  event.affected_rows = not stream.names and stream.affected_rows or nil
  event.warning_count = stream.warning_count
  local interruption = tell_stream(self, open)
  if interruption then
    local form = stream.connection.config.errors
    errors.throw(problem and errors.suppress(interruption, problem) or interruption, form)
  end
end

--- Tells of the stream of a connection that is given back or closed before all was read.
---@async
---@param channel lunasa.Channel
function Observer:left(channel)
  local open = channel.open_stream
  if open and open.seen then
    open.ended = open.ended or "its connection was closed"
    tell_stream(self, open)
  end
  tell_left(self, channel)
end

--- Tells of a statement that was ended on the server.
---@async
---@param fence lunasa.Fence
---@param began number
---@param problem? any why the connection had to be closed instead
function Observer:fenced(fence, began, problem)
  local channel, runtime = fence.channel, fence.runtime
  local conn = setmetatable({
    connection_id = channel.session:facts().connection_id,
  }, { __index = channel.config })
  local event = query_event.new(conn, "kill", fence.sql)
  event.sql = self.redact and fence.sql and channel.session:redact(fence.sql) or fence.sql
  event.duration, event.error = runtime.now() - began, problem
  tell(self, event, runtime)
end

return observer
