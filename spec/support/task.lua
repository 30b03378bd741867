--- Lets a spec suspend, whether it runs inside the runner's main task or under a plain busted.
---
---     it("waits", task(function() lunasa.sleep(0) end))
---
--- What has to be seen from outside, such as lunasa.run itself, is a script of its own.

local lunasa = require("lunasa")
local lunasa_task = require("lunasa.task")

local task = {}

--- Runs a function as a task: in the running one, else in one made for it.
---@param work function
---@param ... any its arguments
---@return any ... its results
function task.run(work, ...)
  if lunasa_task.current() then
    return work(...)
  end
  return lunasa.run(work, ...)
end

--- Runs a function, and what it left in `messages` is what lunasa logged meanwhile.
---@param work fun(messages: string[])
---@return string[] messages each with its level, as in "warn: …"
function task.logged(work)
  local messages = {}
  local previous = lunasa.log.set(function(level, message)
    table.insert(messages, level .. ": " .. message)
  end)
  local ok, err = pcall(work, messages)
  lunasa.log.set(previous)
  if not ok then
    error(err, 0)
  end
  return messages
end

local PATH = "lua/?.lua;lua/?/init.lua;./?.lua;;"

-- Of a build without sanitizers, which that LuaJIT has not either.
local MODULES = os.getenv("LUNASA_TEST_MODULES") or "build/dev/lib"

--- Runs Lua text in a LuaJIT of its own, with `lunasa` loaded, and gives what it printed.
---@param text string
---@return string printed on both streams
---@return boolean ok it ended without an error
function task.script(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write('local lunasa = require("lunasa")\n', text, "\n")
  file:close()
  local command = ("LUA_PATH='%s' LUA_CPATH='%s/?.so;;' luajit %s 2>&1; echo \"exit $?\""):format(
    PATH,
    MODULES,
    path
  )
  local pipe = assert(io.popen(command))
  local printed, status = pipe:read("*a"):match("^(.*)exit (%d+)\n$")
  pipe:close()
  os.remove(path)
  return printed, status == "0"
end

return setmetatable(task, {
  __call = function(_, work)
    return function()
      return task.run(work)
    end
  end,
})
