--- Bounds on what a server can make us do: the option `limits`. What is not given is the default of
--- the C core; docs/limits.md lists all.
local limits = {}

--- The fewest of each that leave a connection usable.
local LEAST = {
  max_auth_rounds = 1,
  max_columns = 1,
  max_metadata = 1024,
  max_pipeline = 16,
  max_results = 1,
  max_session_track = 1024,
  stream_window = 1024,
}

local MOST = 2 ^ 32 - 1

limits.names = {}
for name in pairs(LEAST) do
  table.insert(limits.names, name)
end
table.sort(limits.names)

local ALLOWED = "a table of integers by name: " .. table.concat(limits.names, ", ")

--- Checks the option.
---@param value any
---@return string? allowed nil when it is right
---@return table<string, integer>?
function limits.check(value)
  if type(value) ~= "table" then
    return ALLOWED
  end
  local copy = {}
  for name, number in pairs(value) do
    local least = LEAST[name]
    if not least then
      return ALLOWED
    elseif type(number) ~= "number" or number ~= math.floor(number) then
      return ALLOWED
    elseif number < least or number > MOST then
      return ("%s from %d to %d"):format(name, least, MOST)
    end
    copy[name] = number
  end
  return nil, copy
end

return limits
