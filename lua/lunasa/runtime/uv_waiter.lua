--- What tasks over libuv wait for: waiters, and alarms for their deadlines.
local errors = require("lunasa.error")
local uv = require("lunasa.uv")

local uv_waiter = {
  exact = uv.now,
  recent = uv.recent,
}

local FOREVER = math.huge

--- The value of a field that gets one later: with it in the constructor, there is room for it.
local NOTHING = nil

local current, wake = uv.current, uv.wake

if jit.status() then
  -- C by its address: a compiled call, where one through Lua's API ends the trace.
  local ffi = require("ffi")
  local addresses = uv.addresses
  local host, anchors = ffi.cast("void *", addresses.host), addresses.anchors
  local exact = ffi.cast("double (*)(void)", addresses.now)
  local recent = ffi.cast("double (*)(void)", addresses.recent)
  local current_anchor = ffi.cast("int32_t (*)(void *)", addresses.current)
  local wake_userdata = ffi.cast("void (*)(void *)", addresses.wake)

  --- Gives what `now` does, in compiled code: elsewhere that is quicker.
  ---@return number
  function uv_waiter.exact()
    local seconds = exact()
    return seconds
  end

  --- Gives the time a few milliseconds late, for an eighth of the cost of `now`.
  ---@return number
  function uv_waiter.recent()
    local seconds = recent()
    return seconds
  end

  function current()
    local anchor = current_anchor(host)
    return anchor > 0 and anchors[anchor] or nil
  end

  function wake(handle)
    wake_userdata(handle)
  end
end

--- Raises where the caller may not suspend.
local function check()
  local refusal = uv.check()
  if refusal then
    errors.raise("InterfaceError", refusal)
  end
end

--- Takes what task:cancel or a deadline left for the running task to raise.
local function take_interruption(task)
  local err = task.interruption
  task.interruption = nil
  return err
end

--- What a wait without a deadline has for an alarm.
local SILENT = { rang = false }

--- Makes a task's alarm: a function of its own, as LuaJIT does not compile what makes closures.
local function new_alarm(task)
  local self = { rang = false, timer = uv.timer(), ring = NOTHING }
  function self.ring()
    self.rang = true
    uv.wake(task.handle)
  end
  return self
end

--- Wakes a task at a deadline. The wait that started it stops it, however it ends. A task waits for
--- one thing at a time, and keeps its alarm for the next.
---@class lunasa.uv.Alarm
---@field rang boolean
---@field timer? userdata
---@field ring? function
local function alarm(task, deadline)
  if not deadline or deadline == FOREVER then
    return SILENT
  end
  local self = task.alarm
  if self then
    self.rang = false
    self.timer:start(deadline - uv.now())
    return self
  end
  self = new_alarm(task)
  task.alarm = self
  self.timer:start(deadline - uv.now(), self.ring)
  return self
end

local function silence(bell)
  if bell.timer then
    bell.timer:stop()
  end
end

---@class lunasa.Waiter
---@field woken boolean
---@field private values table?
---@field private task lunasa.Task?
local Waiter = {}
Waiter.__index = Waiter
Waiter.__name = "lunasa.Waiter"

--- Ends the wait; a wait that has not begun yet will not suspend.
function Waiter:wake(...)
  if self.woken then
    return
  end
  self.woken = true
  local count = select("#", ...)
  if count > 0 then
    self.values = { n = count, ... }
  end
  if self.task then
    wake(self.task.handle)
  end
end

--- Makes a waiter whose wait is over as good as new.
function Waiter:renew()
  self.woken, self.values = false, nil
end

--- Tells whether a task is parked here that nobody has interrupted.
---@return boolean
function Waiter:is_waiting()
  return self.task ~= nil and not self.task.interruption
end

--- Parks the task once.
---@async
---@return any err what interrupted it
local function park(self, task, bell)
  local refusal = uv.park()
  if refusal then
    self.task = nil
    silence(bell)
    errors.raise("InterfaceError", refusal)
  end
  return take_interruption(task)
end

--- Parks a task that was woken, and not by `wake`, until there is a reason to go on.
---@async
---@return any err
local function park_again(self, task, bell)
  local err
  while not self.woken and not err do
    err = bell.rang and errors.new("TimeoutError", "timed out") or park(self, task, bell)
  end
  return err
end

--- Parks the task until `wake`, the deadline (absolute, in seconds) or a cancellation, which wins
--- over the others so that it is not lost.
---@async
---@return true|nil
---@return any ... what was given to `wake`, or the error
function Waiter:wait(deadline)
  local task = current()
  if not task or self.woken then
    check()
  end
  local bell = self.woken and SILENT or alarm(task, deadline)
  local err = take_interruption(task)
  if not self.woken and not err then
    self.task = task
    err = park(self, task, bell)
    if not self.woken and not err then
      err = park_again(self, task, bell)
    end
    self.task = nil
  end
  silence(bell)
  if err then
    return nil, err
  elseif self.values then
    return true, unpack(self.values, 1, self.values.n)
  end
  return true
end

---@return lunasa.Waiter
function uv_waiter.new()
  return setmetatable({ woken = false, values = NOTHING, task = NOTHING }, Waiter)
end

uv_waiter.check, uv_waiter.take_interruption = check, take_interruption
uv_waiter.alarm, uv_waiter.silence = alarm, silence

return uv_waiter
