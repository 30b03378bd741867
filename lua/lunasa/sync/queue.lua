--- Tasks that wait in line for something that others give.
---
--- A wait ends in one of two ways, never in both: it was given what it waited for, or it raises. A
--- task that is cancelled after it was given something keeps that, and its next wait raises.
local errors = require("lunasa.error")
local runtime = require("lunasa.runtime")
local task = require("lunasa.task")

--- A task in line. The queue's owner may add what is given.
---@class lunasa.sync.Entry
---@field parked lunasa.Waiter
---@field private previous? lunasa.sync.Entry
---@field private next? lunasa.sync.Entry
---@field private is_queued boolean

---@class lunasa.sync.Queue
---@field count integer tasks in line, with those in nginx whose request is over
---@field private first? lunasa.sync.Entry
---@field private last? lunasa.sync.Entry
local Queue = {}
Queue.__index = Queue
Queue.__name = "lunasa.sync.Queue"

local function push(self, entry)
  entry.previous, entry.next, entry.is_queued = self.last, nil, true
  if self.last then
    self.last.next = entry
  else
    self.first = entry
  end
  self.last = entry
  self.count = self.count + 1
end

local function remove(self, entry)
  if not entry.is_queued then
    return
  end
  local previous, following = entry.previous, entry.next
  if previous then
    previous.next = following
  else
    self.first = following
  end
  if following then
    following.previous = previous
  else
    self.last = previous
  end
  entry.previous, entry.next, entry.is_queued = nil, nil, false
  self.count = self.count - 1
end

--- Takes the first that still waits out of the line, for the caller to give it something and then
--- wake it. Those that were cancelled get nothing, nor do those that nginx dropped.
---@return lunasa.sync.Entry?
function Queue:pop()
  local entry = self.first
  while entry do
    remove(self, entry)
    if entry.parked:is_waiting() then
      return entry
    end
    entry = self.first
  end
end

--- Waits in line until somebody pops and wakes the entry. Raises what interrupts the task.
---@async
---@param entry lunasa.sync.Entry
---@param timeout? number|false seconds
---@return boolean was_given false: the time ran out
function Queue:wait(entry, timeout)
  push(self, entry)
  local ok, err = entry.parked:wait(timeout and runtime.now() + timeout or nil)
  if ok then
    return true
  elseif entry.parked.woken then
    task.interrupt(runtime.current(), err)
    return true
  end
  remove(self, entry)
  if errors.is_error(err, "TimeoutError") and not err.which then
    return false
  end
  errors.throw(err)
end

local queue = {}

---@return lunasa.sync.Queue
function queue.new()
  return setmetatable({ count = 0, first = nil, last = nil }, Queue)
end

--- Makes a place in line for the running task.
---@return lunasa.sync.Entry
function queue.entry()
  return { parked = runtime.waiter(), previous = nil, next = nil, is_queued = false }
end

--- Makes the error of a wait that took too long.
---@param what string that was waited for
---@param seconds number
---@param which string
---@return lunasa.Error
function queue.timed_out(what, seconds, which)
  local message = ("waited %g s for %s"):format(seconds, what)
  return errors.new("TimeoutError", message, { which = which })
end

return queue
