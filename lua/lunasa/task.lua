--- Tasks: functions that run at once with others, and suspend where they wait.
local errors = require("lunasa.error")
local runtime = require("lunasa.runtime")
local task_failure = require("lunasa.task_failure")
local task_group = require("lunasa.task_group")

local task = {}

---@class lunasa.Task
---@field done boolean
---@field private ok? boolean
---@field private results? table results with `n`, or the error in [1]
---@field private joiners table waiters, or groups, of tasks that join this one
---@field private interruption? lunasa.Error what its next wait will raise
---@field private is_observed boolean somebody has seen, or will see, how it ends
---@field private is_cancelled boolean
---@field private origin string where it was spawned
---@field private guard? userdata reports a failure that nobody sees
---@field thread? thread
local Task = {}
Task.__index = Task
Task.__name = "lunasa.Task"

--- Tasks that are not done, for the loop, which ends when there are none, and the deadlock report.
--- nginx, which has no loop of ours, drops the tasks of a request without a word.
local alive = setmetatable({}, not runtime.serve and { __mode = "k" } or nil)

local is_running = false

--- Blocks that were numbered so far.
local blocks = 0

local function finish(self, ok, ...)
  self.done, self.ok = true, ok
  self.results = { n = select("#", ...), ... }
  alive[self] = nil
  if not ok and not self.is_observed then
    task_failure.watch(self)
  end
  for _, joiner in ipairs(self.joiners) do
    joiner:wake(self)
  end
end

local function new(origin)
  return setmetatable({
    done = false,
    ok = nil,
    results = nil,
    joiners = {},
    interruption = nil,
    is_observed = false,
    is_cancelled = false,
    origin = origin,
    thread = nil,
  }, Task)
end

local function launch(self, work, ...)
  local count, args = select("#", ...), { ... }
  alive[self] = true
  runtime.start(self, function()
    finish(self, xpcall(work, task_failure.traced, unpack(args, 1, count)))
  end)
  return self
end

local function check_function(work, name)
  if type(work) ~= "function" then
    local message = ("%s needs a function, got %s"):format(name, type(work))
    errors.raise("ArgumentError", message, nil, 3)
  end
end

--- Where the caller's caller stands, for reports.
local function call_site()
  local info = debug.getinfo(3, "Sl")
  return info and ("%s:%d"):format(info.short_src, info.currentline) or "?"
end

--- Starts a task. It begins to run when the caller next suspends.
---@param work function
---@param ... any its arguments
---@return lunasa.Task
function task.spawn(work, ...)
  check_function(work, "lunasa.spawn")
  if not runtime.current() and not is_running then -- a timer of the loop may spawn
    if not runtime.serve then
      runtime.check()
    end
    errors.raise("InterfaceError", "lunasa.spawn outside lunasa.run: no loop would run it", nil, 2)
  end
  return launch(new(call_site()), work, ...)
end

--- Starts a task for somebody who sees to how it ends.
---@param origin string where that was asked for
---@param work function
---@param ... any its arguments
---@return lunasa.Task
function task.start(origin, work, ...)
  local self = new(origin)
  self.is_observed = true
  return launch(self, work, ...)
end

--- Raises what made the task fail, or returns its results.
local function outcome(self)
  task_failure.observe(self)
  if self.ok then
    return unpack(self.results, 1, self.results.n)
  end
  local err = task_failure.opened(self.results[1])
  error(err, 0)
end

--- Waits until the task is done; returns what it returned, raises what it raised.
---@async
---@param timeout? number seconds; a TimeoutError leaves the task running
---@return any ...
function Task:join(timeout)
  if self == runtime.current() then
    errors.raise("InterfaceError", "a task cannot join itself", nil, 2)
  end
  if not self.done then
    local waiter = runtime.waiter()
    table.insert(self.joiners, waiter)
    local ok, err = waiter:wait(timeout and runtime.now() + timeout)
    if not ok then
      task_group.forget(self, waiter)
      if err:is("TimeoutError") and not err.which then
        local message = ("the task was not done after %g s"):format(timeout)
        err = errors.new("TimeoutError", message, { which = "join" })
      end
      errors.throw(err)
    end
  end
  return outcome(self)
end

--- Makes the task's present or next wait raise a CancelledError, so that its blocks clean up. A
--- task that is done, or catches the error, goes on undisturbed.
---@param reason? string
---@return boolean was_running
function Task:cancel(reason)
  if self.done then
    return false
  end
  task.interrupt(self, errors.new("CancelledError", reason or "the task was cancelled"))
  self.is_observed, self.is_cancelled = true, true
  return true
end

function Task:__tostring()
  local state = not self.done and "running" or self.ok and "done" or "failed"
  return ("%s(%s, spawned at %s)"):format(Task.__name, state, self.origin)
end

--- Numbers a block that may be interrupted: those around it have smaller numbers.
---@return integer
function task.new_block()
  blocks = blocks + 1
  return blocks
end

--- Makes a task's present or next wait raise `err`. What ends more of the task wins over what no
--- wait has raised yet: the other way round it would be lost with the smaller block.
---@param self lunasa.Task
---@param err lunasa.Error whose `block` is what it ends; nil for the whole task
function task.interrupt(self, err)
  local pending = self.interruption
  if not pending or (err.block or 0) < (pending.block or 0) then
    self.interruption = err
  end
  runtime.wake(self)
end

--- Takes back what no wait has raised yet.
---@param self lunasa.Task
---@param err? lunasa.Error
function task.revoke(self, err)
  if self.interruption == err then
    self.interruption = nil
  end
end

--- Makes the present or next wait of every task raise `err`.
---@param err lunasa.Error
function task.interrupt_all(err)
  for running in pairs(alive) do
    running.is_observed = true
    task.interrupt(running, err)
  end
end

--- The running task, nil outside one.
---@return lunasa.Task?
function task.current()
  return runtime.current()
end

--- The tasks that gather was given, those that are functions spawned.
local function members(origin, count, ...)
  local tasks = { ... }
  for i = 1, count do
    if type(tasks[i]) ~= "function" and getmetatable(tasks[i]) ~= Task then
      local message = ("lunasa.gather needs tasks, got %s as number %d"):format(type(tasks[i]), i)
      errors.raise("ArgumentError", message, nil, 3)
    end
  end
  for i = 1, count do
    if type(tasks[i]) == "function" then
      tasks[i] = task.start(origin, tasks[i])
    end
    tasks[i].is_observed = true
  end
  return tasks
end

--- Waits for several tasks; returns the first result of each, in order. When one fails, the others
--- are cancelled, and when they are over its error is raised.
---@async
---@param ... lunasa.Task|function functions are spawned first
---@return any ...
function task.gather(...)
  runtime.check()
  local count = select("#", ...)
  local tasks = members(call_site(), count, ...)
  local failed, interruption = task_group.join(tasks)
  if failed or interruption then
    task_group.cancel(tasks, "another task of the same lunasa.gather failed")
    for _, member in ipairs(tasks) do
      task_failure.observe(member)
    end
    if interruption then
      errors.throw(interruption)
    end
    return outcome(failed)
  end
  local values = {}
  for i = 1, count do
    values[i] = tasks[i].results[1]
  end
  return unpack(values, 1, count)
end

--- Suspends the task; 0 lets the others have a turn.
---@async
---@param seconds number
function task.sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    errors.raise("ArgumentError", "lunasa.sleep needs a number of seconds", nil, 2)
  end
  local ok, err = runtime.sleep(seconds)
  if not ok then
    errors.throw(err)
  end
end

--- Raises the error of a block that ended after its time, else passes on how it ended.
local function after_block(self, expiry, ok, ...)
  task.revoke(self, expiry)
  if ok then
    return ...
  end
  error((...), 0)
end

--- Runs a function that may take only so long; then its present wait raises a TimeoutError.
---@async
---@param seconds number
---@param work function
---@param ... any its arguments
---@return any ... its results
function task.timeout(seconds, work, ...)
  check_function(work, "lunasa.timeout")
  runtime.check()
  local self = runtime.interruptible()
  local message = ("the block took longer than %g s"):format(seconds)
  local expiry = errors.new("TimeoutError", message, { which = "block", block = task.new_block() })
  local timer = runtime.after(seconds, function()
    task.interrupt(self, expiry)
  end)
  local function ended(...)
    timer:stop()
    return after_block(self, expiry, ...)
  end
  return ended(pcall(work, ...))
end

--- What is still waiting, in words.
local function describe_waiting()
  local lines = {}
  for waiting in pairs(alive) do
    local where = waiting.thread and debug.traceback(waiting.thread, "", 1) or ""
    table.insert(lines, ("task spawned at %s waits here:%s"):format(waiting.origin, where))
  end
  table.sort(lines)
  return lines
end

local function deadlock()
  local lines = describe_waiting()
  local head = ("deadlock: %d %s, and nothing is left that could wake %s"):format(
    #lines,
    #lines == 1 and "task waits" or "tasks wait",
    #lines == 1 and "it" or "them"
  )
  for waiting in pairs(alive) do
    alive[waiting] = nil
  end
  return errors.new("InterfaceError", head .. "\n" .. table.concat(lines, "\n"))
end

--- Runs a function as the first task, and the loop until it and every task it spawned are done.
---@param work function
---@param ... any its arguments
---@return lunasa.Task main
---@return integer unobserved failures reported
---@return lunasa.Error? deadlock
local function run_all(work, ...)
  if not runtime.serve then
    errors.raise("InterfaceError", "lunasa.run is not for nginx, which runs the loop", nil, 3)
  elseif is_running or runtime.current() then
    errors.raise("InterfaceError", "lunasa.run inside a task: use lunasa.spawn", nil, 3)
  end
  local main = launch(new("lunasa.run"), work, ...)
  main.is_observed = true
  is_running = true
  local ok, finished = pcall(runtime.serve, function()
    return next(alive) == nil
  end)
  is_running = false
  if not ok then
    error(finished, 0)
  end
  local problem = not finished and deadlock() or nil
  return main, task_failure.report_unobserved(), problem
end

--- Runs a function as the first task. Returns its results when it and every task it spawned are
--- done; raises its error.
---@param work function
---@param ... any its arguments
---@return any ...
function task.run(work, ...)
  check_function(work, "lunasa.run")
  local main, _, problem = run_all(work, ...)
  if problem then
    errors.throw(problem)
  end
  return outcome(main)
end

--- The same for the runner.
---@param work function
---@param ... any
---@return boolean ok nothing failed
---@return any err what the main task raised, or the deadlock
---@return string? words with traceback
function task.main(work, ...)
  local main, failures, problem = run_all(work, ...)
  if problem then
    return false, problem, tostring(problem)
  elseif not main.ok then
    return false, task_failure.opened(main.results[1])
  end
  return failures == 0
end

task.now = runtime.now

return task
