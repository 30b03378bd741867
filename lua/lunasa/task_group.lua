--- Tasks that are waited for together.
local runtime = require("lunasa.runtime")

local task_group = {}

--- What several tasks are joined with: wakes its waiter when all are done, or one has failed.
---@class lunasa.TaskGroup
---@field private waiter lunasa.Waiter
---@field private left integer
---@field private failed? lunasa.Task the first that failed
local Group = {}
Group.__index = Group

---@private
---@param done lunasa.Task
function Group:wake(done)
  self.left = self.left - 1
  self.failed = self.failed or not done.ok and done or nil
  if self.failed or self.left == 0 then
    self.waiter:wake()
  end
end

--- Takes back what no longer waits for a task.
---@param member lunasa.Task
---@param joiner table
function task_group.forget(member, joiner)
  for i = #member.joiners, 1, -1 do
    if member.joiners[i] == joiner then
      table.remove(member.joiners, i)
    end
  end
end

local function enter(group, tasks)
  for _, member in ipairs(tasks) do
    if not member.done then
      group.left = group.left + 1
      table.insert(member.joiners, group)
    elseif not member.ok then
      group.failed = group.failed or member
    end
  end
end

--- Waits until all are done or one has failed.
---@async
---@param tasks lunasa.Task[]
---@return lunasa.Task? failed
---@return lunasa.Error? interruption of the wait
function task_group.join(tasks)
  local group = setmetatable({ waiter = runtime.waiter(), left = 0, failed = nil }, Group)
  enter(group, tasks)
  local ok, err = true, nil
  if group.left > 0 and not group.failed then
    ok, err = group.waiter:wait()
  end
  for _, member in ipairs(tasks) do
    task_group.forget(member, group)
  end
  return group.failed, not ok and err or nil
end

--- Cancels what is left and waits until it is over, so that nothing of it goes on using what its
--- owner is about to give back. An interruption ends the wait.
---@async
---@param tasks lunasa.Task[]
---@param reason string
function task_group.cancel(tasks, reason)
  local left = {}
  for _, member in ipairs(tasks) do
    if member:cancel(reason) then
      table.insert(left, member)
    end
  end
  local interruption
  while left[1] and not interruption do
    local _
    _, interruption = task_group.join(left)
    for i = #left, 1, -1 do
      if left[i].done then
        table.remove(left, i)
      end
    end
  end
end

return task_group
