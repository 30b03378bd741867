--- `conn.try`: the methods of an object, returning nil and the error where they would raise it.
local errors = require("lunasa.error")

local trying = {}

--- What a method returned; one that returned nothing says true.
local function outcome(ok, ...)
  if not ok then
    return nil, (...)
  elseif select("#", ...) == 0 then
    return true
  end
  return ...
end

local Try = {
  __name = "lunasa.Try",
  __tostring = function(self)
    return ("lunasa.Try(%s)"):format(tostring(rawget(self, "object")))
  end,
}

function Try.__index(self, name)
  local object = rawget(self, "object")
  local method = object[name]
  if type(method) ~= "function" then
    local message = ("try is for methods, and '%s' is none"):format(tostring(name))
    errors.raise("ArgumentError", message, nil, 2)
  end
  local function call(given, ...)
    if given ~= self then
      local message = ("use try:%s(), not try.%s()"):format(name, name)
      errors.raise("ArgumentError", message, nil, 2)
    end
    return outcome(pcall(method, object, ...))
  end
  return call
end

--- Makes the proxy of an object: `trying.of(conn):query(sql)` gives the result, or nil and the
--- error.
---@param object table
---@return table
function trying.of(object)
  return setmetatable({ object = object }, Try)
end

return trying
