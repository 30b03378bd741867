--- A column of strings outside of Lua: a string is made for those that are asked for.
local errors = require("lunasa.error")
local ffi = require("ffi")
local null = require("lunasa.null")

local result_strings = {}

--- The strings of a column, counted from 0. They stay as they are when the result is closed.
---@class lunasa.Strings
---@field count integer
---@field null_count integer
---@field bytes ffi.cdata* `const uint8_t *`: all of them, one behind the other
---@field offsets ffi.cdata* `const uint32_t *`: string i is bytes offsets[i] to offsets[i + 1] - 1
---@field nulls ffi.cdata* `const uint8_t *`: a set bit is a NULL, whose string is empty
---@field [integer] string|userdata lunasa.null for NULL, nil outside
local Strings = {}

local struct = ffi.typeof([[struct {
  const uint8_t *const bytes;
  const uint32_t *const offsets;
  const uint8_t *const nulls;
  const double count;
  const double null_count;
}]])

-- A name of our own: the user may have declared another one of the same function.
ffi.cdef('int lunasa_memcmp(const void *, const void *, size_t) __asm__("memcmp");')

local band, lshift, rshift = bit.band, bit.lshift, bit.rshift

local function is_inside(self, i)
  return i >= 0 and i < self.count and i % 1 == 0
end

local function is_null(self, i)
  return self.null_count ~= 0 and band(self.nulls[rshift(i, 3)], lshift(1, band(i, 7))) ~= 0
end

--- Whether string `i` is NULL; nil outside.
---@param i integer
---@return boolean?
function Strings:is_null(i)
  if is_inside(self, i) then
    return is_null(self, i)
  end
end

--- Gives the bytes that string `i` has; nil for NULL and outside.
---@param i integer
---@return integer?
function Strings:length(i)
  if is_inside(self, i) and not is_null(self, i) then
    return self.offsets[i + 1] - self.offsets[i]
  end
end

--- Gives where string `i` begins, and its length; nil for NULL and outside. Nothing ends it, and it
--- is there as long as somebody has the column.
---@param i integer
---@return ffi.cdata*? pointer `const uint8_t *`
---@return integer? length
function Strings:pointer(i)
  if is_inside(self, i) and not is_null(self, i) then
    local offset = self.offsets[i]
    return self.bytes + offset, self.offsets[i + 1] - offset
  end
end

--- Whether string `i` has the same bytes as `text`, without a string being made.
---@param i integer
---@param text string
---@return boolean
function Strings:equals(i, text)
  if type(text) ~= "string" then
    errors.raise("ArgumentError", "equals compares with a string, got " .. type(text), nil, 2)
  elseif not is_inside(self, i) or is_null(self, i) then
    return false
  end
  local offset, size = self.offsets[i], #text
  return self.offsets[i + 1] - offset == size
    and ffi.C.lunasa_memcmp(self.bytes + offset, text, size) == 0
end

local metatable = {}

function metatable.__index(self, key)
  if type(key) ~= "number" then
    return Strings[key]
  elseif not is_inside(self, key) then
    return nil
  elseif is_null(self, key) then
    return null
  end
  local offset = self.offsets[key]
  return ffi.string(self.bytes + offset, self.offsets[key + 1] - offset)
end

function metatable.__len(self)
  return self.count
end

function metatable.__tostring(self)
  return ("lunasa.Strings(%d)"):format(self.count)
end

local Handle = ffi.metatype(struct, metatable)

-- The same, to write to.
local Contents = ffi.typeof([[struct {
  const uint8_t *bytes;
  const uint32_t *offsets;
  const uint8_t *nulls;
  double count;
  double null_count;
} *]])

local ADDRESS, BYTES = ffi.typeof("uint8_t *"), ffi.typeof("const uint8_t **")
local FINALIZED = -1

local function contents_of(self)
  return ffi.cast(Contents, ffi.cast(ADDRESS, self))
end

-- When a state is closed, cdata are finalized, then userdata: the owner of the bytes, and such as
-- have finalizers that look at the column still.
local function empty(self)
  local contents = contents_of(self)
  contents.count, contents.null_count = 0, FINALIZED
end

--- Gives a column other rows, which were written to the memory that it has. The bytes are the
--- owner's.
---@param self lunasa.Strings
---@param owner userdata that begins with the address of the bytes
---@param count integer
---@param null_count integer
function result_strings.set(self, owner, count, null_count)
  local contents = contents_of(self)
  if contents.null_count ~= FINALIZED then
    contents.bytes = ffi.cast(BYTES, owner)[0]
    contents.count, contents.null_count = count, null_count
  end
end

--- Makes a column of strings.
---@param count integer
---@param bytes ffi.cdata* pointer
---@param offsets ffi.cdata* array of count + 1
---@param nulls ffi.cdata* array
---@param null_count integer
---@param owner any what `bytes` stays for
---@return lunasa.Strings
function result_strings.new(count, bytes, offsets, nulls, null_count, owner)
  local self = Handle(bytes, offsets, nulls, count, null_count)
  return ffi.gc(self, function(column)
    empty(column)
    return owner, offsets, nulls -- which live until then
  end)
end

return result_strings
