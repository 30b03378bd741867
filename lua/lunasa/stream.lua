--- Rows of one statement as they come: `for row in conn:stream(sql):rows() do`.
---
--- No more than a window of them is in memory: while nobody reads, nothing is received, and the
--- server waits. A stream keeps its connection until the last row was read, or `close`. With a
--- `fetch_size`, the server keeps the rows, and gives so many at a time: leaving early is cheap.
local column_batches = require("lunasa.column_batches")
local command = require("lunasa.command")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local format_of = require("lunasa.format")
local read_once = require("lunasa.read_once")
local stream_rows = require("lunasa.stream_rows")
local turn = require("lunasa.turn")

local stream = {}

---@class lunasa.Stream
---@field names? string[] of the columns; nil for a statement without rows
---@field affected_rows integer these are known behind the last row
---@field insert_id integer
---@field warning_count integer
---@field info string
---@field closed boolean
---@field failed boolean an error ended it
---@field private failure? any that one
---@field on_end? fun(stream: lunasa.Stream) called once, when its connection is not needed any more
---@field private connection lunasa.Connection kept, and its lease with it
---@field private channel lunasa.Channel
---@field private runtime lunasa.Runtime
---@field private open lunasa.OpenStream
---@field private guard userdata
---@field private format integer
---@field private timeout? number
---@field private sql string
---@field private packed? userdata rows that have come
---@field private count integer of them
---@field private done integer of them made into tables or values
---@field private current table[] rows made and not yet given
---@field private at integer of them given
---@field private is_partial boolean rows of this result follow those that have come
---@field private has_more boolean anything follows
local Stream = {}
Stream.__index = Stream
Stream.__name = "lunasa.Stream"

local NONE = {}

--- Frees the turn of a stream that is dropped before its end. Whoever comes next discards the rest.
local function guard_for(channel, open)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    if channel.open_stream == open and open.task then
      open.task = nil
      turn.leave(channel)
    end
  end
  return guard
end

local function drop_rows(self)
  if self.packed then
    self.packed:close()
  end
  self.packed, self.count, self.done = nil, 0, 0
  self.current, self.at = NONE, 0
end

--- Tells who lent the connection for this stream only.
---@async
local function tell_end(self)
  local on_end = self.on_end
  self.on_end = nil
  return on_end and on_end(self)
end

--- Nothing more is read: the connection is free again, behind a fence when the rows were given up.
local function finish(self, interruption, problem)
  local channel, open = self.channel, self.open
  drop_rows(self)
  self.is_partial, self.has_more, self.closed = false, false, true
  local is_open = channel.open_stream == open
  channel.open_stream = not is_open and channel.open_stream or nil
  if is_open and interruption then
    fence.begin(channel, self.runtime, open.token, self.sql, interruption, turn.leave)
  elseif is_open then
    turn.leave(channel)
  end
  if open.seen then
    channel.observer:ended(open, self, interruption or problem)
  end
  tell_end(self)
end

--- Raises an error in the form that the connection's options ask for.
local function throw(self, err)
  self.failed, self.failure = true, err
  errors.throw(err, self.connection.config.errors)
end

--- Raises where there can be no rows.
local function check(self)
  if self.open.ended then
    drop_rows(self)
    self.closed = true
    errors.raise("InterfaceError", "the stream has ended: " .. self.open.ended, nil, 4)
  elseif self.open.is_waiting then
    errors.raise("InterfaceError", "another task waits for rows of this stream", nil, 4)
  end
end

--- Raises where the task may not wait. One that was cancelled before it does leaves the stream to
--- whoever comes next.
local function check_task(self)
  local ok, err = pcall(self.runtime.check, self.channel)
  if ok then
    return
  end
  local is_interruption = errors.is_error(err, "CancelledError")
    or errors.is_error(err, "TimeoutError")
  if is_interruption and self.channel.open_stream == self.open then
    self.open.task, self.open.ended = nil, "its task was interrupted"
    drop_rows(self)
    turn.leave(self.channel)
    tell_end(self)
  end
  error(err, 0)
end

---@async
local function wait(self)
  local open, runtime = self.open, self.runtime
  check_task(self)
  open.task, open.is_waiting = runtime.current(), true
  turn.watch(self.channel, runtime)
  local seen = open.seen
  local began = (self.timeout or seen) and runtime.now()
  local ok, err = self.channel:wait(open.token, self.timeout and began + self.timeout)
  open.is_waiting = false
  if seen then
    seen.waited = seen.waited + runtime.now() - began
  end
  if not ok then
    err.sql = err.sql or self.sql
    return err
  end
end

--- Takes what has come of the next rows, or counts; waits when nothing has.
---@async
local function receive(self)
  local session, token = self.channel.session, self.open.token
  local err = not session:done(token) and wait(self)
  if err then
    finish(self, err)
    throw(self, err)
  end
  drop_rows(self)
  local packed, names, count, affected_rows, insert_id, warning_count, info, is_partial, has_more =
    session:batch(token, self.format)
  if packed == nil then
    local problem = errors.from_core(names, self.sql)
    finish(self, nil, problem)
    pcall(command.fail, self.channel, problem)
    throw(self, problem)
  end
  self.packed, self.count = names and packed or nil, names and count or 0
  self.names, self.is_partial, self.has_more = names, is_partial, has_more
  self.affected_rows, self.insert_id = affected_rows, insert_id
  self.warning_count, self.info = warning_count, info or ""
  local seen = self.open.seen
  if seen and names then
    seen.event.rows = (seen.event.rows or 0) + count
  end
end

--- Makes sure that rows are there; at the end of them, the connection is free again.
---@async
---@return boolean has_rows
local function find_rows(self)
  check(self)
  while self.done == self.count and self.is_partial do
    receive(self)
  end
  if self.done < self.count then
    return true
  elseif not self.has_more then
    finish(self)
  end
  return false
end

--- Puts rows that were made and not given back where they came from.
local function rewind(self)
  self.done = self.done - (#self.current - self.at)
  self.current, self.at = NONE, 0
end

--- Gives some of the next rows, as many as are cheap to make at once; nil behind the last.
---@async
---@return table[]?
function Stream:batch()
  rewind(self)
  if not find_rows(self) then
    return nil
  end
  local packed, from = self.packed, self.done
  local rows, count = packed:batch(from + 1, self.format)
  read_once.check(self.packed == packed and self.done == from)
  self.done = from + count
  return rows
end

--- Gives the next row, nil behind the last.
---@async
---@return table?
function Stream:fetch()
  local at = self.at + 1
  local row = self.current[at]
  if row and not self.open.ended then
    self.at = at
    return row
  end
  local rows = self:batch()
  if not rows then
    return nil
  end
  self.current, self.at = rows, 1
  return rows[1]
end

--- Gives what the server says of the columns, nil for a statement without rows.
---@return lunasa.Column[]?
function Stream:fields()
  return require("lunasa.cursor.description").of(self.names)
end

--- Goes on to the statement's next result. What is left of this one is thrown away.
---@async
---@return boolean has_result
function Stream:nextset()
  check(self)
  while self.is_partial do
    receive(self)
  end
  if self.has_more then
    receive(self)
    return true
  end
  finish(self)
  return false
end

--- Ends the stream that is open on a channel, and leaves the channel.
---@async
local function discard(runtime, channel, deadline, ended)
  if turn.discard(channel, deadline, ended) then
    turn.leave(channel)
  else
    fence.wait(channel, runtime)
  end
end

--- Ends the stream: what is left of it is read and thrown away. When that is more than
--- `stream_discard_limit`, the server is told to end the statement.
---@async
---@param patience? number seconds that reading it may take, instead of the timeout; who gives it is
--- not told why the connection could not be freed at once
function Stream:close(patience)
  if self.closed or self.open.ended then
    self.closed = true
    drop_rows(self)
    return tell_end(self)
  end
  check(self)
  local channel = self.channel
  local ok, err = true, nil
  if channel.open_stream == self.open then
    local seconds = patience or self.timeout
    local deadline = seconds and self.runtime.now() + seconds
    ok, err = pcall(discard, self.runtime, channel, deadline, "it was closed")
  end
  finish(self)
  if not ok and (not patience or errors.is_interruption(err)) then
    throw(self, err)
  end
end

stream_rows.add(Stream, rewind, find_rows)
column_batches.add_to_streams(Stream, rewind, find_rows)

function Stream:__tostring()
  return ("%s(%s)"):format(Stream.__name, self.closed and "closed" or "open")
end

--- Ends a stream of a connection that is given back before all its rows were read.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@return boolean is_healthy
function stream.end_early(conn, channel)
  local open = channel.open_stream
  if not open then
    return true
  elseif open.is_waiting then
    return false
  end
  local deadline = conn.runtime.now() + conn.config.cancel_timeout
  local ok, err = pcall(discard, conn.runtime, channel, deadline, "its connection was released")
  if open.seen then
    channel.observer:left(channel)
  end
  if not ok and errors.is_interruption(err) then
    error(err, 0)
  end
  return ok and not channel.closed
end

--- Runs SQL and waits for the first rows.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param sql string
---@param args? table
---@param is_pyformat boolean
---@param format integer
---@param timeout? number seconds for each wait for rows
---@param attributes? any[] see `lunasa.query_attributes`
---@param fetch_size? integer rows that a cursor gives at a time; the format is binary then
---@param keeper? table see `lunasa.command`
---@return lunasa.Stream
function stream.open(
  conn,
  channel,
  sql,
  args,
  is_pyformat,
  format,
  timeout,
  attributes,
  fetch_size,
  keeper
)
  local runtime = conn.runtime
  local deadline = timeout and runtime.now() + timeout
  -- stylua: ignore
  local token = command.begin(
    channel, runtime, sql, args, is_pyformat, deadline, true, format_of.is_binary(format), false,
    attributes, fetch_size, keeper
  )
  local open = {
    token = token,
    task = runtime.current(),
    runtime = runtime,
    sql = sql,
    limit = conn.config.stream_discard_limit,
    is_waiting = false,
  }
  channel.open_stream = open
  local self = setmetatable({
    connection = conn,
    channel = channel,
    runtime = runtime,
    open = open,
    guard = guard_for(channel, open),
    format = format,
    timeout = timeout,
    sql = sql,
    closed = false,
    failed = false,
    is_partial = true,
    has_more = true,
    count = 0,
    done = 0,
    current = NONE,
    at = 0,
  }, Stream)
  receive(self)
  return self
end

return stream
