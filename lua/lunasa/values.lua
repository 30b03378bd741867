--- Parameter values that Lua's own types cannot say.
---
--- C and the SQL layer recognise a value object by the field `__lunasa` of its metatable ("pack",
--- "binary", "datetime", "duration", "json"), and get its text with `tostring`.
local errors = require("lunasa.error")
local null = require("lunasa.null")

local values = {}

--- A parameter list with a length of its own, so that nils in it are NULLs and not its end.
---@class lunasa.Pack
---@field n integer
local Pack = { __name = "lunasa.Pack", __lunasa = "pack" }
Pack.__index = Pack

function Pack:__tostring()
  return ("lunasa.pack of %d"):format(self.n)
end

--- Makes a parameter list of its arguments; nil means NULL, also as the last one.
---@param ... any
---@return lunasa.Pack
function values.pack(...)
  return setmetatable({ n = select("#", ...), ... }, Pack)
end

--- Bytes for a BINARY or BLOB column, which the server must not read as text.
---@class lunasa.Binary
---@field value string
local Binary = { __name = "lunasa.Binary", __lunasa = "binary" }
Binary.__index = Binary

function Binary:__tostring()
  return self.value
end

function Binary.__eq(a, b)
  return a.value == b.value
end

--- Marks a string as bytes.
---@param bytes string
---@return lunasa.Binary
function values.binary(bytes)
  if type(bytes) ~= "string" then
    local message = ("lunasa.binary needs a string, got %s"):format(type(bytes))
    errors.raise("ArgumentError", message, nil, 2)
  end
  return setmetatable({ value = bytes }, Binary)
end

--- Tells which kind of value object this is.
---@param value any
---@return string? kind nil for everything that is not a value object
function values.kind(value)
  if type(value) ~= "table" then
    return nil
  end
  local metatable = getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__lunasa") or nil
end

--- Tells whether a value is SQL NULL in any of its forms: nil, lunasa.null, an FFI NULL pointer.
---@param value any
---@return boolean
function values.is_null(value)
  return value == nil or value == null
end

--- Turns lunasa.null into nil and leaves every other value as it is.
---@generic T
---@param value T
---@return T?
function values.nilify(value)
  if values.is_null(value) then
    return nil
  end
  return value
end

return values
