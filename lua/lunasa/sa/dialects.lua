--- Dialects by their names: none is named here.
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local dialects = {}

local FOLDER = "lunasa.dialects."

--- Other names of dialects.
local ALIASES = { pg = "postgresql" }

--- A module of a dialect by its name; nil when there is none.
---@param name string
---@param rest? string what of it, such as ".sa"
---@return table?
function dialects.find(name, rest)
  local path = FOLDER .. (ALIASES[name] or name) .. (rest or "")
  local ok, found = pcall(require, path)
  if ok then
    return found
  elseif not tostring(found):find(("module '%s' not found"):format(path), 1, true) then
    error(found, 0)
  end
  return nil
end

--- Gives a dialect; raises when there is none of that name.
---@param given? string|lunasa.sa.Dialect nil for MySQL's
---@return lunasa.sa.Dialect
function dialects.get(given)
  given = given or "mysql"
  if type(given) ~= "string" then
    return given
  end
  local found = dialects.find(given)
  if not found then
    local hint = suggest.phrase(given, { "mysql", "mariadb", "sqlite", "postgresql" })
    mistake.raise("ArgumentError", ("there is no dialect '%s'%s"):format(given, hint))
  end
  return found
end

return dialects
