--- Integers of up to 64 bits, whatever carries them: a number, int64_t, uint64_t or decimal digits.
---
--- A column value is a number while that is exact (magnitude up to 2^53) and 64-bit cdata beyond.
--- Cdata is no table key, `tostring` adds a suffix to it, and -1LL < 0ULL is false: hence these.
local errors = require("lunasa.error")
local ffi = require("ffi")

local int = {}

local INT64_END = 2 ^ 63
local UINT64_END = 2 ^ 64
local LARGEST_EXACT = "9007199254740992"
local LARGEST_UINT64 = "18446744073709551615"
local LARGEST_INT64_MAGNITUDE = "9223372036854775808"

local int64 = ffi.typeof("int64_t")
local uint64 = ffi.typeof("uint64_t")

local function is_int64(value)
  return ffi.istype(int64, value)
end

--- Tells whether a value is 64-bit integer cdata.
---@param value any
---@return boolean
function int.is_cdata(value)
  return type(value) == "cdata" and (is_int64(value) or ffi.istype(uint64, value))
end

local function is_integral(value)
  return value == math.floor(value) and value > -math.huge and value < math.huge
end

--- Adds digits up in 64 bits, nine at a time.
local function magnitude_of(digits)
  local magnitude = 0ULL
  for chunk in digits:gmatch("%d%d?%d?%d?%d?%d?%d?%d?%d?") do
    magnitude = magnitude * uint64(10 ^ #chunk) + uint64(tonumber(chunk))
  end
  return magnitude
end

--- Tells whether digits without leading zeros say a number no greater than `limit` does.
local function is_within(digits, limit)
  return #digits < #limit or (#digits == #limit and digits <= limit)
end

--- Builds the number or cdata for a sign and digits without leading zeros, or says why not.
local function from_digits(is_negative, digits)
  if is_within(digits, LARGEST_EXACT) then
    local number = tonumber(digits)
    return is_negative and number > 0 and -number or number
  end
  if not is_within(digits, is_negative and LARGEST_INT64_MAGNITUDE or LARGEST_UINT64) then
    return nil, "needs more than 64 bits"
  end
  local magnitude = magnitude_of(digits)
  if is_negative then
    return -ffi.cast(int64, magnitude)
  end
  return magnitude <= 0x7fffffffffffffffULL and ffi.cast(int64, magnitude) or magnitude
end

local function read(text)
  local sign, digits = text:match("^([+-]?)0*(%d+)$")
  if not digits then
    return nil, "is not a decimal integer"
  end
  return from_digits(sign == "-", digits)
end

--- Reads decimal digits exactly: a number up to 2^53 in magnitude, int64_t or uint64_t beyond.
--- Raises ArgumentError for anything else, and beyond 64 bits.
---@param text string
---@return number|ffi.cdata* value
function int.parse(text)
  local value, problem
  if type(text) == "string" then
    value, problem = read(text)
  else
    problem = "is not a string but a " .. type(text)
  end
  if not value then
    errors.raise("ArgumentError", "lunasa.int.parse: the value " .. problem, nil, 2)
  end
  return value
end

--- Renders a value in decimal digits, without the LL suffix of cdata. Fractions keep every digit.
---@param value number|string|ffi.cdata*
---@return string digits
function int.tostring(value)
  if type(value) == "number" then
    if not is_integral(value) then
      return ("%.17g"):format(value)
    end
    return ("%.0f"):format(value == 0 and 0 or value)
  end
  if int.is_cdata(value) then
    return (tostring(value):gsub("U?LL$", ""))
  end
  return tostring(value)
end

--- A value ready for comparing: a sign and a magnitude, or a double that is not a 64-bit integer.
local function operand(value)
  if type(value) == "string" then
    value = read(value)
  end
  if type(value) == "number" then
    if not is_integral(value) or value < -INT64_END or value >= UINT64_END then
      return { double = value }
    end
    value = value < 0 and int64(value) or uint64(value)
  end
  if not int.is_cdata(value) then
    return nil
  end
  if is_int64(value) and value < 0 then
    return { negative = true, magnitude = ffi.cast(uint64, -value) }
  end
  return { negative = false, magnitude = ffi.cast(uint64, value) }
end

--- Says -1, 0 or 1 for two integers.
local function compare_integers(a, b)
  if a.negative ~= b.negative then
    return a.negative and -1 or 1
  end
  if a.magnitude == b.magnitude then
    return 0
  end
  return (a.magnitude < b.magnitude) ~= a.negative and -1 or 1
end

--- Says -1, 0 or 1 for two doubles; nil when one of them is NaN.
local function compare_doubles(a, b)
  if a == b then
    return 0
  end
  return a < b and -1 or a > b and 1 or nil
end

--- Says -1 or 1 for a double that is no 64-bit integer against an integer; nil for NaN.
local function compare_double(double, integer)
  if double ~= double then
    return nil
  elseif double >= UINT64_END then
    return 1
  elseif double < -INT64_END then
    return -1
  end
  return compare_integers(operand(math.floor(double)), integer) < 0 and -1 or 1
end

--- Says -1, 0 or 1; nil when one of them is NaN.
local function compare(name, a, b)
  local x, y = operand(a), operand(b)
  if not x or not y then
    local message = "lunasa.int.%s needs integers, got %s and %s"
    errors.raise("ArgumentError", message:format(name, type(a), type(b)), nil, 3)
  end
  if x.double and y.double then
    return compare_doubles(x.double, y.double)
  elseif x.double then
    return compare_double(x.double, y)
  elseif y.double then
    local order = compare_double(y.double, x)
    return order and -order
  end
  return compare_integers(x, y)
end

--- Tells whether two integers are equal, whatever carries them.
---@param a number|string|ffi.cdata*
---@param b number|string|ffi.cdata*
---@return boolean
function int.eq(a, b)
  local order = compare("eq", a, b)
  return order == 0
end

--- Tells whether one integer is less than another, whatever carries them.
---@param a number|string|ffi.cdata*
---@param b number|string|ffi.cdata*
---@return boolean
function int.lt(a, b)
  local order = compare("lt", a, b)
  return order == -1
end

--- Makes a table key of an integer: equal integers give equal keys, whatever carries them.
---@param value number|string|ffi.cdata*
---@return string key canonical decimal digits
function int.key(value)
  if type(value) == "string" then
    local number, problem = read(value)
    if not number then
      errors.raise("ArgumentError", "lunasa.int.key: the value " .. problem, nil, 2)
    end
    value = number
  elseif not int.is_cdata(value) and (type(value) ~= "number" or not is_integral(value)) then
    local message = ("lunasa.int.key needs an integer, got %s"):format(type(value))
    errors.raise("ArgumentError", message, nil, 2)
  end
  return int.tostring(value)
end

return int
