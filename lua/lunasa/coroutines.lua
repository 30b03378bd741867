--- Coroutines of the user in which a task may wait: generators that query.
---
--- A coroutine that waits for lunasa yields to whoever resumed it, who would take that for a value.
--- So `resume` and `wrap` look at each yield, and one of lunasa's they hand up to the task. The
--- runner replaces Lua's own functions by these; elsewhere `wrap` is called lunasa.wrap.
local uv = require("lunasa.uv")

local coroutines = {}

local create, resume = coroutine.create, coroutine.resume
local status, yield = coroutine.status, coroutine.yield
local is_parking = uv.parking

--- Coroutines whose task waits for lunasa inside them: nobody else may resume these.
local waiting = setmetatable({}, { __mode = "k" })

--- Looks at how a resume ended, and goes on with it when it was not the script that yielded.
local function carry(co, ok, ...)
  if not ok or not is_parking() then
    return ok, ...
  end
  waiting[co] = true
  yield()
  waiting[co] = nil
  return carry(co, resume(co))
end

function coroutines.resume(co, ...)
  if waiting[co] then
    return false, "cannot resume a coroutine that waits for the database"
  end
  return carry(co, resume(co, ...))
end

local function results_or_error(ok, ...)
  if ok then
    return ...
  end
  -- As the original does: a message is given the position of the caller.
  error((...), 2)
end

--- Refuses a resumer that would itself be handed the suspension: a plain coroutine inside a task.
local function check_resumer()
  local refusal = uv.current() and uv.check()
  if refusal then
    error(refusal, 3)
  end
end

--- As coroutine.wrap, for a function that may wait for the database.
---@param work function
---@return function
function coroutines.wrap(work)
  local co = create(work)
  uv.pass(co)
  return function(...)
    check_resumer()
    return results_or_error(coroutines.resume(co, ...))
  end
end

--- The same where every coroutine is one of these.
local function wrap_everywhere(work)
  local co = create(work)
  return function(...)
    return results_or_error(coroutines.resume(co, ...))
  end
end

function coroutines.status(co)
  return waiting[co] and "normal" or status(co)
end

--- Replaces the functions in the table `coroutine`.
function coroutines.install()
  rawset(coroutine, "resume", coroutines.resume)
  rawset(coroutine, "wrap", wrap_everywhere)
  rawset(coroutine, "status", coroutines.status)
  uv.passes(true)
end

return coroutines
