--- A group of tasks: when its block ends, they have ended too. The first failure cancels the others
--- and the block, and is raised.
local check = require("lunasa.sync.check")
local errors = require("lunasa.error")
local log = require("lunasa.log")
local runtime = require("lunasa.runtime")
local task = require("lunasa.task")
local task_failure = require("lunasa.task_failure")

---@class lunasa.sync.Group
---@field private owner lunasa.Task that runs the block
---@field private block integer its number
---@field private tasks table<lunasa.Task, integer> that are not done, with their number
---@field private spawned integer
---@field private failures any[] what was raised, the first first
---@field private stopping? lunasa.Error what cancelled the group raises in its block
---@field private interruption? lunasa.Error what interrupted the owner
---@field private is_open boolean the block's function runs
---@field private is_over boolean
---@field private waiter? lunasa.Waiter of the owner, behind the function
local Group = {}
Group.__index = Group
Group.__name = "lunasa.sync.Group"

--- Cancels everything in the group, once: what cleans up then is left to it.
local function stop(self, reason)
  if self.stopping then
    return
  end
  self.stopping = errors.new("CancelledError", reason, { block = self.block })
  if self.is_open then
    task.interrupt(self.owner, self.stopping)
  end
  local members, order = {}, self.tasks
  for member in pairs(order) do
    table.insert(members, member)
  end
  table.sort(members, function(a, b)
    return order[a] < order[b]
  end)
  for _, member in ipairs(members) do
    member:cancel(reason)
  end
end

local function fail(self, failure)
  for _, known in ipairs(self.failures) do
    if rawequal(known, failure) then
      return
    end
  end
  table.insert(self.failures, failure)
  stop(self, "the group is being cancelled: another part of it failed")
end

--- Called when a task is done.
---@private
---@param member lunasa.Task
function Group:wake(member)
  self.tasks[member] = nil
  if not member.ok then
    local failure = task_failure.opened(member.results[1])
    if not (member.is_cancelled and errors.is_error(failure, "CancelledError")) then
      fail(self, failure)
    end
  end
  if self.waiter and next(self.tasks) == nil then
    self.waiter:wake()
  end
end

--- Starts a task in the group. It begins to run when the caller next suspends.
---@param work function
---@param ... any its arguments
---@return lunasa.Task
function Group:spawn(work, ...)
  check.work(work, "group:spawn")
  if self.is_over then
    errors.raise("InterfaceError", "the block of the group is over: nothing waits for it", nil, 2)
  elseif self.stopping then
    errors.throw(self.stopping)
  end
  local caller = debug.getinfo(2, "Sl")
  local origin = caller and ("%s:%d"):format(caller.short_src, caller.currentline) or "?"
  local member = task.start(origin, work, ...)
  self.spawned = self.spawned + 1
  self.tasks[member] = self.spawned
  table.insert(member.joiners, self)
  return member
end

--- Cancels all tasks of the group and its block, which then ends without an error.
---@param reason? string
function Group:cancel(reason)
  if self.is_over then
    errors.raise("InterfaceError", "the block of the group is over", nil, 2)
  end
  stop(self, reason or "the group was cancelled")
end

--- Waits until all tasks are done. What interrupts the owner cancels them, but the wait goes on.
---@async
local function wait_for_tasks(self)
  while next(self.tasks) do
    self.waiter = runtime.waiter()
    local ok, err = self.waiter:wait()
    if not ok then
      self.interruption = self.interruption or err
      stop(self, "the owner of the group was interrupted")
    end
  end
end

--- The error to raise, with the others in it. What interrupts the owner comes first, for it has to
--- reach whoever is outside.
local function problem(self)
  local first = self.interruption
  for _, failure in ipairs(self.failures) do
    if first == nil then
      first = failure
    elseif errors.is_error(first) then
      errors.suppress(first, failure)
    else
      log.error(("more than one task of a group failed: %s"):format(tostring(failure)))
    end
  end
  return first
end

--- Ends the block: waits, and returns or raises.
---@async
local function conclude(self, ok, ...)
  local err = ...
  if runtime.expose then
    runtime.expose(self.owner, false)
  end
  self.is_open = false
  task.revoke(self.owner, self.stopping)
  if not ok and errors.is_interruption(err) and not rawequal(err, self.stopping) then
    self.interruption = err
    stop(self, "the owner of the group was interrupted")
  elseif not ok and not rawequal(err, self.stopping) then
    fail(self, err)
  end
  wait_for_tasks(self)
  self.is_over = true
  local first = problem(self)
  if first ~= nil then
    errors.throw(first)
  elseif ok then
    return ...
  end
end

local function run(work)
  runtime.check()
  local self = setmetatable({
    owner = runtime.interruptible(),
    block = task.new_block(),
    tasks = {},
    spawned = 0,
    failures = {},
    stopping = nil,
    interruption = nil,
    is_open = true,
    is_over = false,
    waiter = nil,
  }, Group)
  if runtime.expose then
    runtime.expose(self.owner, true)
  end
  return conclude(self, pcall(work, self))
end

--- Runs a function that spawns tasks in a group; ends when all of them have ended.
---@async
---@param options? { timeout?: number|false } seconds for all of it
---@param work fun(group: lunasa.sync.Group): any
---@return any ... its results
---@overload fun(work: fun(group: lunasa.sync.Group): any): any
local function group(options, work)
  if work == nil then
    options, work = nil, options
  end
  check.work(work, "lunasa.group")
  check.options(options, "lunasa.group")
  if options and options.timeout then
    return task.timeout(options.timeout, run, work)
  end
  return run(work)
end

return group
