--- How the program ends other than by itself: os.exit and signals; and what has to be put away.
local errors = require("lunasa.error")
local runtime = require("lunasa.runtime")
local task = require("lunasa.task")

local ending = {
  ---@type lunasa.Server? the one of --server
  server = nil,
}

--- The exit status of a program that a signal ended, as shells say it.
local STATUS = { INT = 130, TERM = 143 }

local WORDS = { INT = "interrupted", TERM = "terminated" }

local PATIENCE = 2 -- seconds for the server to be gone
local STEP = 0.001

local plan
local original_exit = os.exit

--- Takes the server down. Waits without the event loop, which may be over or in use.
function ending.clean_up()
  local server = ending.server
  ending.server = nil
  if not server then
    return
  end
  server:close()
  local waited = 0
  while not server:is_gone() and waited < PATIENCE do
    plan.pause(STEP)
    waited = waited + STEP
  end
end

--- Ends the process with everything put away.
---@param code? boolean|integer
---@param close? boolean false leaves the Lua state as it is
function ending.leave(code, close)
  ending.clean_up()
  plan.close_signals()
  original_exit(code, close ~= false)
end

--- Makes the waits of all tasks raise, so that their blocks roll back.
---@param name "INT"|"TERM"
---@param main lunasa.Task
function ending.signal(name, main)
  local message = ("%s by SIG%s"):format(WORDS[name], name)
  local err = errors.new("Interrupted", message, { signal = name })
  if not main.done then
    task.interrupt_all(err)
    return
  end
  -- The loop that called us is in use, and cannot be closed before it has returned.
  runtime.after(0, function()
    ending.leave(ending.status_after(err))
  end)
end

--- Says that an `Interrupted` was caught by nobody; gives the exit status for it. The other tasks
--- have been interrupted too, and the program ends when they have.
---@param err lunasa.Error
---@return integer status
function ending.status_after(err)
  io.stdout:flush()
  io.stderr:write("lunasa: ", err.message, "\n")
  return STATUS[err.signal]
end

---@param its_plan lunasa.runner.Plan
function ending.install(its_plan)
  plan = its_plan
  rawset(os, "exit", ending.leave)
end

return ending
