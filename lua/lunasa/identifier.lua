--- Names as SQL text, in backticks.
local errors = require("lunasa.error")

local identifier = {}

local UNSAFE = "the name cannot be quoted safely in character set '%s', where a backtick may be "
  .. "half of a character: use utf8mb4"

--- Puts a name in backticks. One that is not ASCII is refused where strings are, too: its last
--- byte could take the backtick with it, and what follows would be SQL.
---@param session userdata the channel's
---@param name string
---@param level integer whose mistake it is, counted as by `error` in here
---@return string
function identifier.quote(session, name, level)
  if name:find("[\128-\255]") and session:literal("") == nil then
    errors.raise("ArgumentError", UNSAFE:format(session:charset()), nil, level)
  end
  return "`" .. name:gsub("`", "``") .. "`"
end

return identifier
