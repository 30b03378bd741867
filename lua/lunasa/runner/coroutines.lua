--- Lets the script's own coroutines query: a generator made with `coroutine.wrap` may wait for the
--- database inside.
---
--- A coroutine that waits for lunasa yields to whoever resumed it, who takes that for a value. So
--- `resume` and `wrap` look at each yield, and one of lunasa's they hand up to the task.
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

function coroutines.wrap(work)
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
  for _, name in ipairs({ "resume", "wrap", "status" }) do
    rawset(coroutine, name, coroutines[name])
  end
  uv.passes(true)
end

return coroutines
