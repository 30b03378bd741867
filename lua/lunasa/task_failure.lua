--- How tasks fail: what is kept of an error, and failures that nobody looked at.
local errors = require("lunasa.error")
local log = require("lunasa.log")

local task_failure = {}

--- The reports of failed tasks that nobody has joined, by task.
local unobserved = setmetatable({}, { __mode = "k" })

--- Reports made since the loop began to run.
local reported = 0

--- Keeps where an error came from: the message handler of a task.
---@param err any
---@return table failure see `opened`
function task_failure.traced(err)
  if errors.is_error(err) then
    err.traceback = err.traceback or debug.traceback("", 2):sub(2)
    return err
  end
  if type(err) == "string" then
    return { text = err, traceback = debug.traceback(err, 2) }
  end
  return { value = err, traceback = debug.traceback(tostring(err), 2) }
end

--- Takes apart what `traced` made.
---@param failure table
---@return any err the value to raise
---@return string words for a report, with the traceback
function task_failure.opened(failure)
  if errors.is_error(failure) then
    return failure, tostring(failure) .. "\n" .. (failure.traceback or "")
  end
  return failure.text or failure.value, failure.traceback
end

local function report(pending)
  if pending.text then
    log.finally("error", pending.text)
    pending.text = nil
    reported = reported + 1
  end
end

--- Has a failure reported unless somebody joins the task: when it is collected, or at the end.
---@param failed lunasa.Task
function task_failure.watch(failed)
  local _, words = task_failure.opened(failed.results[1])
  local pending = { text = ("task spawned at %s failed: %s"):format(failed.origin, words) }
  failed.guard = newproxy(true)
  getmetatable(failed.guard).__gc = function()
    report(pending)
  end
  unobserved[failed] = pending
end

--- Somebody has seen how the task failed.
---@param failed lunasa.Task
function task_failure.observe(failed)
  local pending = unobserved[failed]
  if pending then
    pending.text, unobserved[failed] = nil, nil
  end
end

--- Reports failures that nobody has joined.
---@return integer count with those reported since the last call
function task_failure.report_unobserved()
  for _, pending in pairs(unobserved) do
    report(pending)
  end
  local count = reported
  reported = 0
  return count
end

return task_failure
