--- Errors about statements, raised at the line where they were written: that of the first function
--- on the stack that is not lunasa's own, however many of ours are between.
local errors = require("lunasa.error")
local suggest = require("lunasa.suggest")

local mistake = {}

--- What the sources of lunasa begin with: "@/usr/share/lua/5.1/lunasa/".
local OURS = debug.getinfo(1, "S").source:match("^(.*)sa/mistake%.lua$")

--- Gives the name of a chunk that is made at run time, and is lunasa's own.
---@param name string
---@return string
function mistake.chunk(name)
  return OURS .. name
end

--- Gives "file:line" of whoever called into lunasa; nil where only C did.
---@return string?
function mistake.position()
  local level = 2
  local frame = debug.getinfo(level, "Sl")
  while frame do
    if frame.currentline > 0 and frame.source:sub(1, #OURS) ~= OURS then
      return ("%s:%d"):format(frame.short_src, frame.currentline)
    end
    level = level + 1
    frame = debug.getinfo(level, "Sl")
  end
  return nil
end

--- Where each shape of what is looked at later was written first.
local positions, count_of_positions = {}, 0
local MOST_POSITIONS = 10000

--- The same, remembered for a shape: finding it costs more than building the statement.
---@param sh? integer
---@return string
function mistake.position_of(sh)
  local known = sh and positions[sh]
  if known then
    return known
  end
  if count_of_positions >= MOST_POSITIONS then
    positions, count_of_positions = {}, 0
  end
  local found = mistake.position() or ""
  if sh then
    positions[sh], count_of_positions = found, count_of_positions + 1
  end
  return found
end

---@param class string
---@param message string
---@param position? string where the mistake was made, when it is noticed later
function mistake.raise(class, message, position)
  errors.raise(class, message, { position = position or mistake.position() })
end

--- Calls a function whose errors are mistakes of whoever called into lunasa.
---@param called fun(value: any): any
---@param value any
---@return any
function mistake.of_caller(called, value)
  local ok, made = pcall(called, value)
  if ok then
    return made
  elseif errors.is_error(made) then
    made.position = mistake.position()
  end
  errors.throw(made)
end

--- Makes a table raise about a name that it has not.
---@param map table
---@param called string
---@return table map
function mistake.names(map, called)
  return setmetatable(map, {
    __index = function(_, name)
      local hint = suggest.among(name, map)
      mistake.raise("ArgumentError", ("there is no %s.%s%s"):format(called, tostring(name), hint))
    end,
  })
end

return mistake
