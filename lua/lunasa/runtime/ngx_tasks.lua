--- The tasks of nginx: light threads, parked on semaphores.
---
--- nginx drops the coroutines of a request that is over without unwinding them, and uses them again
--- for later requests, which may also get its address. So nothing here counts on being told of an
--- end, no table keeps a task, and no light thread is asked for anything but by who surely is its
--- parent: what nginx knows about the threads of a request that is over is freed memory.
local errors = require("lunasa.error")
local semaphore = require("ngx.semaphore")

local tasks = {}

--- Tasks by coroutine. An entry may be left from a request that is over.
local by_thread = setmetatable({}, { __mode = "k" })

--- nginx refuses longer waits, in seconds.
local LONGEST_WAIT = 86400

--- nginx refuses to suspend for less, in seconds.
local SHORTEST_WAIT = 0.001

--- What `bind` was given.
local nginx, now, check, may_wait, request_of_caller

--- Gives this module what it needs of nginx, once.
---@param api table the global of nginx's Lua
---@param port { now: function, check: function, may_wait: function, request: function }
function tasks.bind(api, port)
  nginx, now, check = api, port.now, port.check
  may_wait, request_of_caller = port.may_wait, port.request
end

--- Gives the running task: one that was spawned, else a stand-in for whatever coroutine of nginx or
--- of the user this is.
---@return lunasa.Task?
function tasks.current()
  local thread = may_wait() and coroutine.running()
  if not thread then
    return nil
  end
  local request = request_of_caller()
  local task = by_thread[thread]
  if not task or task.request ~= request then
    task = { request = request, alarms = 0 }
    by_thread[thread] = task
  end
  return task
end

--- Starts a task; it runs when the caller suspends. nginx keeps a light thread that has ended until
--- its parent asks for it, which may be a timer that lives as long as the worker. So the parent is
--- another thread, which is over at once.
---@param task lunasa.Task
---@param body function
function tasks.start(task, body)
  check()
  task.request, task.alarms = request_of_caller(), 0
  local function run()
    coroutine.yield()
    local thread = coroutine.running()
    by_thread[thread] = task
    body()
    by_thread[thread] = nil
  end
  task.run = run
  local parent = nginx.thread.spawn(function()
    nginx.thread.spawn(run) -- the task does not keep it: its entry in by_thread would not go
  end)
  nginx.thread.wait(parent)
end

--- Makes a parked task look again at what it waits for.
---@param task lunasa.Task
function tasks.wake(task)
  if task.parked then
    task.parked:post(1)
  end
end

--- Tells whether the coroutine is the task's own, and not one that nginx uses again.
local function is_running_here(task)
  local level = 2
  local frame = debug.getinfo(level, "f")
  while frame and frame.func ~= task.run do
    level = level + 1
    frame = debug.getinfo(level, "f")
  end
  return frame ~= nil
end

--- Tells whether what a task was left with is from a request that is over.
local function is_stale(task)
  if task.run then
    return not is_running_here(task)
  end
  return task.context ~= nginx.ctx
end

--- Takes what task:cancel or a deadline left for the running task to raise.
local function take_interruption(task)
  local err = task.interruption
  if not err then
    return nil
  end
  task.interruption = nil
  if is_stale(task) then
    by_thread[coroutine.running()] = nil
    return nil
  end
  return err
end

---@class lunasa.Waiter
---@field woken boolean
---@field private values table?
---@field private semaphore table?
---@field private is_parked boolean
local Waiter = {}
Waiter.__index = Waiter
Waiter.__name = "lunasa.Waiter"

--- Ends the wait, also from another request; a wait that has not begun yet will not suspend.
function Waiter:wake(...)
  if self.woken then
    return
  end
  self.woken = true
  self.values = select("#", ...) > 0 and { n = select("#", ...), ... } or nil
  if self.semaphore then
    self.semaphore:post(1)
  end
end

--- Tells whether a task is parked here that nobody has interrupted, and whose request is not over.
---@return boolean
function Waiter:is_waiting()
  return self.semaphore ~= nil and self.semaphore:count() < 0
end

--- Waits on the semaphore, once. nginx may come back too early.
---@return lunasa.Error? err
local function park(self, deadline)
  local left = deadline and deadline - now() or LONGEST_WAIT
  if left <= 0 then
    return errors.new("TimeoutError", "timed out")
  end
  self.is_parked = true
  self.semaphore:wait(math.min(math.max(left, SHORTEST_WAIT), LONGEST_WAIT))
  self.is_parked = false
end

--- Parks the task until `wake`, the deadline (absolute, in seconds) or a cancellation.
---@async
---@return true|nil
---@return any ... what was given to `wake`, or the error
function Waiter:wait(deadline)
  check()
  local task = tasks.current()
  local err
  if not self.woken then
    self.semaphore = self.semaphore or semaphore.new(0)
  end
  task.parked = self.semaphore
  while not self.woken and not err do
    err = take_interruption(task) or park(self, deadline)
  end
  task.parked = nil
  if err then
    return nil, err
  elseif self.values then
    return true, unpack(self.values, 1, self.values.n)
  end
  return true
end

--- Tells whether a request that is over took with it whoever was parked: nginx then takes it out of
--- the semaphore's queue. One that does not wait at this moment is said to be there.
---@return boolean
function Waiter:is_dropped()
  return self.is_parked and self.semaphore:count() >= 0
end

---@return lunasa.Waiter
function tasks.waiter()
  return setmetatable({ woken = false, values = nil, semaphore = nil, is_parked = false }, Waiter)
end

--- Suspends the task for some seconds; 0 lets the others have a turn.
---@async
---@param seconds number
---@return true|nil
---@return lunasa.Error? err a cancellation
function tasks.sleep(seconds)
  check()
  local _, err = tasks.waiter():wait(now() + math.max(seconds, SHORTEST_WAIT))
  if err:is("TimeoutError") and not err.which then
    return true
  end
  return nil, err
end

--- Gives the running task to somebody who will interrupt it.
---@return lunasa.Task
function tasks.interruptible()
  check()
  local task = tasks.current()
  if task.alarms > 0 and is_stale(task) then
    by_thread[coroutine.running()] = nil
    task = tasks.current()
  end
  task.context = nginx.ctx -- a table of this request, unless the user replaces it
  return task
end

--- Calls a function later, unless the request is over by then.
---@param seconds number
---@param work function
---@return table handle with stop()
function tasks.after(seconds, work)
  check()
  local task, bell = tasks.current(), tasks.waiter()
  local deadline = now() + seconds
  task.alarms = task.alarms + 1
  local thread = nginx.thread.spawn(function()
    if not bell:wait(deadline) then
      task.context = nginx.ctx
      work()
    end
  end)
  local handle = {}
  function handle.stop()
    task.alarms = task.alarms - 1
    bell:wake()
    nginx.thread.kill(thread)
  end
  return handle
end

--- Says that a task may be interrupted from now on, or may no more. Every true is followed by one
--- false.
---@param task lunasa.Task
---@param is_exposed boolean
function tasks.expose(task, is_exposed)
  task.alarms = task.alarms + (is_exposed and 1 or -1)
end

--- Keeps a light thread that goes on without its task, to have nginx forget it when it is over.
--- Who is no task of ours cannot tell: there nginx keeps it as long as the request.
local function keep(thread, waiter)
  local task = tasks.current()
  if not task.run or not is_running_here(task) then
    return
  end
  local kept = { { thread = thread, waiter = waiter } }
  for _, left in ipairs(task.left or {}) do
    if left.waiter.woken then
      nginx.thread.wait(left.thread)
    else
      table.insert(kept, left)
    end
  end
  task.left = kept
end

--- Runs a wait on a cosocket in a light thread: nginx ends such a wait only by killing its thread.
local function guarded(may_stay, work, ...)
  local waiter = tasks.waiter()
  local count, args = select("#", ...), { ... }
  local thread = nginx.thread.spawn(function()
    waiter:wake(pcall(work, unpack(args, 1, count)))
  end)
  local done, ok, first, second = waiter:wait()
  if not done and may_stay and may_stay(...) then
    keep(thread, waiter)
    return ok, waiter
  elseif not done then
    nginx.thread.kill(thread) -- which closes the socket
    return ok
  end
  nginx.thread.wait(thread)
  if not ok then
    error(first, 0)
  end
  return nil, first, second
end

--- Tells whether the running task may be interrupted. One that nobody could interrupt waits by
--- itself, which is cheaper.
local function is_guarded()
  local task = tasks.current()
  return task.run ~= nil or task.alarms > 0
end

--- Runs a wait on a cosocket. An interruption closes the socket.
---@async
---@return lunasa.Error? interruption
---@return any ... the first two results
function tasks.guard(work, ...)
  if is_guarded() then
    return guarded(nil, work, ...)
  end
  return nil, work(...)
end

--- The same, but the wait goes on when the task is interrupted and `may_stay`, which is given the
--- arguments of `work`, says so.
---@async
---@return lunasa.Error? interruption
---@return any outcome the result; after an interruption what is woken when the wait ends
function tasks.guard_kept(may_stay, work, ...)
  if is_guarded() then
    return guarded(may_stay, work, ...)
  end
  return nil, work(...)
end

return tasks
