--- The classes of errors by their names, for `err:is(sa.exc.NoSuchColumnError)`: those of the
--- driver, and aiomysql.sa's in the same tree, below ArgumentError.
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")

---@class lunasa.sa.exc
---@field Error "Error"
---@field ArgumentError "ArgumentError" a wrong argument, or a statement that cannot be
---@field InvalidRequestError "InvalidRequestError" what cannot be done now
---@field NoSuchColumnError "NoSuchColumnError" a row has no such column
---@field ResourceClosedError "ResourceClosedError" a connection or result that is closed
---@field CompileError "CompileError" what a database cannot do
local exc = {}
for name in pairs(errors.classes) do
  exc[name] = name
end

return mistake.names(exc, "exc")
