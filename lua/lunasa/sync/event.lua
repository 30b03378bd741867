--- An event: tasks wait until it is set.
local check = require("lunasa.sync.check")
local errors = require("lunasa.error")
local queue = require("lunasa.sync.queue")
local runtime = require("lunasa.runtime")

---@class lunasa.sync.Event
---@field private is_on boolean
---@field private waiters lunasa.sync.Queue
local Event = {}
Event.__index = Event
Event.__name = "lunasa.sync.Event"

--- Wakes every task that waits, and lets later ones pass, until `clear`.
function Event:set()
  self.is_on = true
  local entry = self.waiters:pop()
  while entry do
    entry.parked:wake()
    entry = self.waiters:pop()
  end
end

--- Has later tasks wait for the next `set`. Those that the last one woke go on.
function Event:clear()
  self.is_on = false
end

---@return boolean
function Event:is_set()
  return self.is_on
end

--- Waits until the event is set; returns at once when it is.
---@async
---@param timeout? number|false seconds; then a TimeoutError
function Event:wait(timeout)
  check.timeout(timeout, "event:wait")
  runtime.check()
  if not self.is_on and not self.waiters:wait(queue.entry(), timeout) then
    errors.throw(queue.timed_out("the event", timeout, "event"))
  end
end

function Event:__tostring()
  local state = self.is_on and "set" or "not set"
  return ("%s(%s, waiting %d)"):format(Event.__name, state, self.waiters.count)
end

--- Makes an event that is not set.
---@return lunasa.sync.Event
local function event()
  return setmetatable({ is_on = false, waiters = queue.new() }, Event)
end

return event
