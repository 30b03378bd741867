--- Query attributes: values by name that travel beside a statement (MySQL).

local query_attributes = {}

local MOST = 65535

local ALLOWED = ("a table of values by name, at most %d, names without NUL bytes"):format(MOST)

local IS_SCALAR = {
  string = true,
  number = true,
  boolean = true,
  cdata = true,
  userdata = true, -- lunasa.null
}

local function is_value(value)
  if type(value) ~= "table" then
    return IS_SCALAR[type(value)] or false
  end
  local meta = getmetatable(value)
  local kind = type(meta) == "table" and meta.__lunasa
  return kind ~= nil and kind ~= false and kind ~= "pack"
end

--- Checks the option.
---@param given any
---@return string? allowed what it must be, nil when it is
---@return any kept
function query_attributes.check(given)
  if type(given) ~= "table" then
    return ALLOWED
  end
  local count = 0
  for name, value in pairs(given) do
    count = count + 1
    if type(name) ~= "string" or name:find("%z") or count > MOST then
      return ALLOWED
    elseif not is_value(value) then
      return "a table of strings, numbers, booleans and other values that are no lists"
    end
  end
  return nil, given
end

--- Puts the attributes of a call into the form that a session takes.
---@param options? table of a call, checked
---@return any[]? list a name, its value, and so on, sorted by name
function query_attributes.list(options)
  local given = options and options.attributes
  if not given then
    return nil
  end
  local names, list = {}, {}
  for name in pairs(given) do
    table.insert(names, name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    list[2 * i - 1], list[2 * i] = name, given[name]
  end
  return #names > 0 and list or nil
end

return query_attributes
