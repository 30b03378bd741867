--- Turns on a channel: one task at a time, in order. What a statement's text means depends on what
--- the session was told before, so a statement is formatted only when its turn has come.
---
--- An open stream keeps its turn. The task that reads it may run another command, which discards
--- what is left of the stream; so does whoever comes after a stream that was dropped.
local errors = require("lunasa.error")
local fence = require("lunasa.fence")

local turn = {}

--- A stream whose rows are not all read.
---@class lunasa.OpenStream
---@field token integer
---@field task? table that reads it; nil once it was dropped
---@field runtime lunasa.Runtime
---@field sql string
---@field limit integer bytes that may be read only to be thrown away
---@field is_waiting boolean its task waits for rows
---@field ended? string why there are no more rows, when that is not the end of them
---@field seen? lunasa.SeenStream somebody is told of it when it ends

--- Hands the channel to the next task in the queue, or leaves it free; does nothing while its task
--- keeps it for more.
---@param channel lunasa.Channel
function turn.leave(channel)
  if channel.kept_by then
    return
  end
  local queue = channel.queue
  local waiter = queue and table.remove(queue, 1)
  if waiter then
    waiter:wake()
  else
    channel.is_busy = false
  end
end

local function remove(queue, waiter)
  for i, queued in ipairs(queue) do
    if queued == waiter then
      table.remove(queue, i)
      return
    end
  end
end

--- How long the collector waits for the coroutine of a task to end, in seconds.
local ENDED = 0.001

--- A task that failed may have dropped an open stream, which only the collector finds out. Somebody
--- waits for that, so it is called as soon as the task is over. A coroutine of nginx's own is none
--- that could be watched.
---@param owner? table the task that reads the stream
---@param runtime lunasa.Runtime
local function collect_behind(owner, runtime)
  if not owner or not owner.joiners then
    return
  elseif owner.done then
    collectgarbage()
  elseif not owner.is_collected_behind then
    owner.is_collected_behind = true
    table.insert(owner.joiners, {
      wake = function()
        runtime.after(ENDED, function()
          collectgarbage()
        end)
      end,
    })
  end
end

--- Looks for a stream that was opened, and perhaps dropped, while others wait for their turn.
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
function turn.watch(channel, runtime)
  local open, queue = channel.open_stream, channel.queue
  if open and queue and queue[1] then
    collect_behind(open.task, runtime)
  end
end

--- Waits until the tasks before this one are served.
---@async
local function wait_in_queue(channel, runtime, deadline)
  local waiter = runtime.waiter()
  channel.queue = channel.queue or {}
  table.insert(channel.queue, waiter)
  turn.watch(channel, runtime)
  local ok, err = waiter:wait(deadline)
  if ok then
    return
  elseif waiter.woken then
    turn.leave(channel)
  else
    remove(channel.queue, waiter)
  end
  if err:is("TimeoutError") and not err.which then
    local message = "the statements of other tasks on this connection took longer than the timeout"
    err = errors.new("TimeoutError", message, { which = "statement" })
  end
  errors.throw(err)
end

local TOO_MUCH = "the rest of a stream was longer than stream_discard_limit (%d bytes)"

--- Ends the stream that is open on the channel: what is left of it is read and thrown away. When
--- that is too much, or is interrupted, the turn is a fence's until the server has ended the
--- statement.
---@async
---@param channel lunasa.Channel
---@param deadline? number absolute, in seconds
---@param ended string what its reader is told
---@return boolean is_ours the turn is still the caller's
function turn.discard(channel, deadline, ended)
  local open, session = channel.open_stream, channel.session
  channel.open_stream = nil
  open.ended = ended
  if open.seen then
    open.seen.ended_at, channel.left_stream = open.runtime.now(), open
  end
  session:discard(open.token, open.limit)
  local ok, err = channel:wait(open.token, deadline)
  if ok and (session:is_discarded(open.token) or session:state() == "closed") then
    return true
  end
  local reason = err or errors.new("InterfaceError", TOO_MUCH:format(open.limit))
  fence.begin(channel, open.runtime, open.token, open.sql, reason, turn.leave)
  if not ok then
    errors.throw(err)
  end
  return false
end

local IN_THE_WAY = "another command was run on its connection: read the rows first, or query them"

--- Makes the channel this task's. Every `enter` is followed by one `leave`.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
function turn.enter(channel, runtime, deadline)
  runtime.check(channel)
  if channel.sender and channel.sender == runtime.current() then
    local message = "the connection is sending data: the function that gives it cannot use it"
    errors.raise("InterfaceError", message)
  end
  local open = channel.open_stream
  local is_ours = open and open.task == runtime.current() and not open.is_waiting
  local is_kept = channel.kept_by and channel.kept_by == runtime.current()
  if channel.is_busy and not is_ours and not is_kept then
    wait_in_queue(channel, runtime, deadline)
  end
  channel.is_busy = true
  while channel.open_stream do
    if not turn.discard(channel, deadline, IN_THE_WAY) then
      if channel.is_busy then
        wait_in_queue(channel, runtime, deadline)
      end
      channel.is_busy = true
    end
  end
end

local function leave_kept(channel, ok, ...)
  channel.kept_by = nil
  if not channel.fence and not channel.open_stream then -- else the turn is theirs
    turn.leave(channel)
  end
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Keeps the channel for several commands that belong together: nothing of other tasks comes
--- between them. Only the last one may open a stream, which has the turn then.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param work fun(): any ... runs the commands
---@return any ...
function turn.keep(channel, runtime, deadline, work)
  turn.enter(channel, runtime, deadline)
  channel.kept_by = runtime.current()
  return leave_kept(channel, pcall(work))
end

return turn
