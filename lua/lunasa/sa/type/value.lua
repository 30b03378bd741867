--- Which type a plain value of Lua has, and which tables are values rather than options or lists.
local NULL = require("lunasa.null")
local generic = require("lunasa.sa.type.generic")
local types = require("lunasa.sa.type")

local ffi = require("ffi")

--- Value objects by the `__lunasa` of their metatable.
local OBJECTS = {
  datetime = generic.DateTime(),
  date = generic.Date(),
  time = generic.Time(),
  duration = generic.Interval(),
  interval = generic.Interval(),
  decimal = generic.Numeric(),
  binary = generic.LargeBinary(),
}

local BY_LUA_TYPE = {
  string = generic.String(),
  boolean = generic.Boolean(),
}

local INTEGER, FLOAT, NONE = generic.Integer(), generic.Float(), generic.NullType()

local function mark_of(value)
  local metatable = type(value) == "table" and getmetatable(value)
  return metatable and metatable.__lunasa
end

--- Tells whether a table is one value, such as a date.
---@param value any
---@return boolean
function types.is_value(value)
  return mark_of(value) ~= nil
end

--- Gives the type of a plain value.
---@param value any
---@return lunasa.sa.Type
function types.of_value(value)
  local kind = type(value)
  if kind == "number" then
    return value % 1 == 0 and INTEGER or FLOAT
  elseif kind == "cdata" then
    local is_integer = ffi.istype("int64_t", value) or ffi.istype("uint64_t", value)
    return is_integer and INTEGER or NONE
  elseif value == NULL or value == nil then
    return NONE
  end
  return BY_LUA_TYPE[kind] or OBJECTS[mark_of(value)] or NONE
end

return types
