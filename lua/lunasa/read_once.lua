--- Rows are made by C, which may call a converter or run a finalizer, and these may read, too.
local errors = require("lunasa.error")

local read_once = {}

local MESSAGE = "rows were asked for while others were being made: "
  .. "do not read them in a converter or a finalizer"

--- Raises, at the line of the caller's caller, where somebody has read while rows were being made:
--- they were given already.
---@param is_alone boolean
function read_once.check(is_alone)
  if not is_alone then
    errors.raise("InterfaceError", MESSAGE, nil, 3)
  end
end

return read_once
