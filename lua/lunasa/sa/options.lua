--- Checks the options of a method, `column:like("a!%", { escape = "!" })`.
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

--- Makes the check for a method with these options, which gives a table in any case.
---@param where string
---@param names string with spaces between
---@return fun(options?: table): table
return function(where, names)
  local known, list = {}, {}
  for name in names:gmatch("%S+") do
    known[name] = true
    list[#list + 1] = name
  end
  local example = ("options of %s are a table, { %s = … }"):format(where, list[1])
  return function(options)
    if options == nil then
      return {}
    elseif type(options) ~= "table" then
      mistake.raise("ArgumentError", example)
    end
    for name in pairs(options) do
      if not known[name] then
        local message = "%s has no option '%s'%s"
        local hint = suggest.phrase(tostring(name), list)
        mistake.raise("ArgumentError", message:format(where, tostring(name), hint))
      end
    end
    return options
  end
end
