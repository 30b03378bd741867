--- Arguments of schema objects: `Column{"id", Integer, primary_key = true}` is
--- `Column("id", Integer, { primary_key = true })`.
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local arguments = {}

local function is_plain(value)
  return type(value) == "table" and getmetatable(value) == nil
end

local function split(list, count)
  local positional, options = { n = 0 }, {}
  for i = 1, count do
    positional[i] = list[i]
    positional.n = i
  end
  for name, value in pairs(list) do
    if type(name) == "string" and name ~= "n" then
      options[name] = value
    end
  end
  return positional, options
end

local function last_index(list)
  local last = 0
  for index in pairs(list) do
    if type(index) == "number" and index > last then
      last = index
    end
  end
  return last
end

--- Gives the positional arguments and the options.
---@param ... any
---@return { n: integer, [integer]: any } positional
---@return table<string, any> options
function arguments.read(...)
  local count = select("#", ...)
  local first, last = ..., select(count > 0 and count or 1, ...)
  if count == 1 and is_plain(first) then
    return split(first, last_index(first))
  end
  local positional = { n = count, ... }
  if count > 1 and is_plain(last) and #last == 0 and next(last) ~= nil then
    positional.n, positional[count] = count - 1, nil
    local _, options = split(last, 0)
    return positional, options
  end
  return positional, {}
end

--- Raises about an option that is not known. Those of one dialect begin with its name.
---@param what string
---@param options table
---@param known table<string, true>
function arguments.check(what, options, known)
  if type(options) ~= "table" then
    local message = "options of %s are a table, got a %s"
    mistake.raise("ArgumentError", message:format(what, type(options)))
  end
  for name in pairs(options) do
    name = tostring(name)
    local is_of_dialect = name:find("^mysql_")
      or name:find("^mariadb_")
      or name:find("^sqlite_")
      or name:find("^postgresql_")
    if not known[name] and not is_of_dialect then
      local names = {}
      for candidate in pairs(known) do
        names[#names + 1] = candidate
      end
      table.sort(names)
      local hint = suggest.phrase(name, names)
      local message = ("%s has no option '%s'%s"):format(what, name, hint)
      mistake.raise("ArgumentError", message)
    end
  end
end

return arguments
