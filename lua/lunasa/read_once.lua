--- Rows are made by C, which may call a converter or run a finalizer, and these may read, too.
local errors = require("lunasa.error")

local read_once = {}

--- Raises, at the line of the caller's caller, where somebody has read while rows were being made:
--- they were given already.
---@param is_alone boolean
function read_once.check(is_alone)
  if not is_alone then
    errors.raise("InterfaceError", "rows were asked for while others were being made", nil, 3)
  end
end

return read_once
