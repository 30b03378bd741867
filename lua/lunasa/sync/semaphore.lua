--- A semaphore: so many tasks at a time.
---
--- A permit goes from who releases it to who waits longest, so nobody can come in between.
local check = require("lunasa.sync.check")
local errors = require("lunasa.error")
local log = require("lunasa.log")
local queue = require("lunasa.sync.queue")
local runtime = require("lunasa.runtime")

---@class lunasa.sync.Semaphore
---@field limit integer permits in all
---@field free integer permits that nobody holds
---@field private waiters lunasa.sync.Queue
---@field private origin string where it was made
local Semaphore = {}
Semaphore.__index = Semaphore
Semaphore.__name = "lunasa.sync.Semaphore"

--- A permit of a block. When the block's coroutine is collected before its end, as nginx drops
--- those of a request that is over, the permit comes back.
---@class lunasa.sync.Permit
---@field is_held boolean
---@field private guard userdata

--- Hands a permit on. A finalizer may call this wherever Lua allocates.
local function give(self)
  local entry = self.waiters:pop()
  if not entry then
    self.free = self.free + 1
    return
  end
  if entry.permit then
    entry.permit.is_held = true
  end
  entry.parked:wake()
end

local DROPPED = "a block with a permit of the semaphore made at %s was dropped before its end: the "
  .. "permit is free again"

--- Makes a permit that is not held yet.
---@return lunasa.sync.Permit
local function new_permit(self)
  local permit = { is_held = false, guard = newproxy(true) }
  getmetatable(permit.guard).__gc = function()
    if permit.is_held then
      permit.is_held = false
      give(self)
      log.finally("warn", DROPPED:format(self.origin))
    end
  end
  return permit
end

--- Takes a permit, for a block or by itself.
---@async
---@param self lunasa.sync.Semaphore
---@param timeout? number|false
---@param permit? lunasa.sync.Permit
local function take(self, timeout, permit)
  runtime.check()
  if self.free > 0 then
    self.free = self.free - 1
    if permit then
      permit.is_held = true
    end
    return
  end
  local entry = queue.entry()
  entry.permit = permit
  if not self.waiters:wait(entry, timeout) then
    local what = ("a permit: all %d of the semaphore made at %s are held"):format(
      self.limit,
      self.origin
    )
    errors.throw(queue.timed_out(what, timeout, "acquire"))
  end
end

--- Takes a permit; waits for one in line when none is free.
---@async
---@param timeout? number|false seconds; then a TimeoutError
function Semaphore:acquire(timeout)
  check.timeout(timeout, "semaphore:acquire")
  take(self, timeout, nil)
end

--- Gives a permit back, also one that another task acquired.
function Semaphore:release()
  if self.free >= self.limit then
    local message = "the semaphore was released more often than acquired: nobody holds a permit"
    errors.raise("InterfaceError", message, nil, 2)
  end
  give(self)
end

local function finish(self, permit, ok, ...)
  permit.is_held = false
  give(self)
  if ok then
    return ...
  end
  errors.throw((...))
end

--- Runs a function while holding a permit.
---@async
---@param options? { timeout?: number|false } of acquire
---@param work fun(): any
---@return any ... its results
---@overload fun(self: lunasa.sync.Semaphore, work: fun(): any): any
function Semaphore:with(options, work)
  if work == nil then
    options, work = nil, options
  end
  check.work(work, "semaphore:with")
  check.options(options, "semaphore:with")
  local permit = new_permit(self)
  take(self, options and options.timeout, permit)
  return finish(self, permit, pcall(work))
end

function Semaphore:__tostring()
  return ("%s(%d of %d free, waiting %d)"):format(
    Semaphore.__name,
    self.free,
    self.limit,
    self.waiters.count
  )
end

--- Makes a semaphore.
---@param limit integer how many may hold a permit at once
---@return lunasa.sync.Semaphore
local function semaphore(limit)
  local is_count = type(limit) == "number" and limit >= 1 and limit % 1 == 0
  if not is_count then
    local message = "lunasa.semaphore needs a whole number from 1 on, got " .. tostring(limit)
    errors.raise("ArgumentError", message, nil, 2)
  end
  local caller = debug.getinfo(2, "Sl")
  local origin = caller and ("%s:%d"):format(caller.short_src, caller.currentline) or "?"
  local self = { limit = limit, free = limit, waiters = queue.new(), origin = origin }
  return setmetatable(self, Semaphore)
end

return semaphore
