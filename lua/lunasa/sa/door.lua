--- The way from the SQL language to what executes it, which is in the rock lunasa and loaded when
--- somebody asks for it.
local mistake = require("lunasa.sa.mistake")

local door = {}

local ENGINE = "lunasa.engine"

--- Names of lunasa.sa that live there: the module, and what of it.
local NAMES = {
  create_engine = { "", "create_engine" },
  event = { ".events", "public" },
  exc = { ".exc" },
  inspect = { ".inspect", "inspect" },
  row = { ".row", "functions" },
}

--- Gives a module of the engine.
---@param name string behind "lunasa.engine", such as ".ddl"
---@param wanted string what needs it, for the error
---@return table
function door.load(name, wanted)
  local path = ENGINE .. name
  local ok, found = pcall(require, path)
  if ok then
    return found
  elseif not tostring(found):find(("module '%s' not found"):format(path), 1, true) then
    error(found, 0)
  end
  local message = "%s needs the driver, which is a rock of its own: luarocks install lunasa"
  return mistake.raise("NotSupportedError", message:format(wanted))
end

--- Gives what a name of lunasa.sa stands for; nil for a name that is none of these.
---@param name string
---@return any
function door.find(name)
  local place = NAMES[name]
  if not place then
    return nil
  end
  local module = door.load(place[1], "sa." .. name)
  return place[2] and module[place[2]] or module
end

return door
