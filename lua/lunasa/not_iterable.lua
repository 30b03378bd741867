--- What somebody is told who writes `for row in result do`.
local errors = require("lunasa.error")

--- Makes the `__call` of a thing that has rows.
---@param name string how the message calls it, such as "result"
---@return fun()
return function(name)
  return function()
    local message = ("a %s is no iterator: write 'for row in %s:rows() do'"):format(name, name)
    errors.raise("ArgumentError", message, nil, 2)
  end
end
