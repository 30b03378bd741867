--- Checks what users give, and names the line of theirs that is wrong.
local errors = require("lunasa.error")
local suggest = require("lunasa.suggest")

local check = {}

--- Whose misuse it is: the caller of the function that calls us.
local CALLER = 3

--- Checks a time to wait.
---@param seconds any nil and false are no limit
---@param name string of the function
---@param level? integer counted as by `error`
function check.timeout(seconds, name, level)
  local is_time = type(seconds) == "number" and seconds >= 0
  if seconds and not is_time then
    local message = ("the timeout of %s is a number of seconds, got %s"):format(
      name,
      tostring(seconds)
    )
    errors.raise("ArgumentError", message, nil, level or CALLER)
  end
end

--- Checks a function to be called.
---@param work any
---@param name string of the function that is given it
function check.work(work, name)
  if type(work) ~= "function" then
    local message = ("%s needs a function, got %s"):format(name, type(work))
    errors.raise("ArgumentError", message, nil, CALLER)
  end
end

--- Checks options of which `timeout` is the only one.
---@param options any nil for none
---@param name string of the function
function check.options(options, name)
  if options == nil then
    return
  elseif type(options) ~= "table" then
    local message = ("the options of %s are a table, got %s"):format(name, type(options))
    errors.raise("ArgumentError", message, nil, CALLER)
  end
  for option in pairs(options) do
    if option ~= "timeout" then
      local phrase = suggest.phrase(option, { "timeout" })
      local message = ("%s has no option '%s'%s"):format(name, tostring(option), phrase)
      errors.raise("ArgumentError", message, nil, CALLER)
    end
  end
  check.timeout(options.timeout, name, CALLER + 1)
end

return check
