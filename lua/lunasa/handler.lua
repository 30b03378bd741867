--- Handlers of nginx that say what they raise: nginx itself logs an error object as "unknown
--- reason".
local errors = require("lunasa.error")
local log = require("lunasa.log")
local runtime = require("lunasa.runtime")

--- What to write about an error: its words, and where it was raised.
local function describe(err)
  local traceback = errors.is_error(err) and err.traceback or debug.traceback("", 2):sub(2)
  return ("%s\n%s"):format(tostring(err), traceback)
end

local function settle(ok, ...)
  if ok then
    return ...
  end
  log.error((...))
  runtime.answer_failure()
end

--- Wraps a handler: when it raises, the error is logged and the request answered with 500.
---
---     app.users = lunasa.handler(function() … end)          -- in a module of yours
---     content_by_lua_block { require("app").users() }       -- in nginx.conf
---
---@param work function
---@return function
local function handler(work)
  if type(work) ~= "function" then
    local message = ("lunasa.handler needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  elseif not runtime.answer_failure then
    errors.raise("InterfaceError", "lunasa.handler is for nginx", nil, 2)
  end
  return function(...)
    return settle(xpcall(work, describe, ...))
  end
end

return handler
