--- Methods that were called the wrong way.
local errors = require("lunasa.error")

local misuse = {}

--- Raises for a method that was called with a dot, naming it where Lua knows its name.
---@param object string what is in front of the colon
---@param level integer who called the method, counted as by `error` in the caller
function misuse.dot(object, level)
  local name = debug.getinfo(level, "n").name
  local message = name and ("use %s:%s(), not %s.%s()"):format(object, name, object, name)
    or ("methods of %s are called with a colon"):format(object)
  errors.raise("ArgumentError", message, nil, level + 1)
end

return misuse
