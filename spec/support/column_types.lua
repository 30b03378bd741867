--- Every column type of the servers, with random values: what is written, and what comes back.
---
--- `make(rng)` gives a parameter and the text that the value read from the column must have; a
--- third result is that text for the text protocol, where it is another one.

local bit = require("bit")
local ffi = require("ffi")
local lunasa = require("lunasa")

local column_types = {}

ffi.cdef("int snprintf(char *text, size_t size, const char *format, ...);")

---@class spec.ColumnType
---@field ddl string
---@field make fun(rng: spec.Rng): any, string, string?
---@field value? string SQL around the parameter, `?` unless given
---@field on? table<string, true> servers that have it; nil: all

--- A generator whose sequence the seed decides: Lua's own is everybody's.
---@class spec.Rng
---@field state integer
local Rng = {}
Rng.__index = Rng

---@param seed integer
---@return spec.Rng
function column_types.rng(seed)
  return setmetatable({ state = seed % 2147483646 + 1 }, Rng)
end

--- An integer from `low` to `high`, of at most 31 bits of spread.
function Rng:int(low, high)
  self.state = self.state * 16807 % 2147483647
  return low + self.state % (high - low + 1)
end

function Rng:pick(list)
  return list[self:int(1, #list)]
end

function Rng:bytes(length)
  local bytes = {}
  for i = 1, length do
    bytes[i] = string.char(self:int(0, 255))
  end
  return table.concat(bytes)
end

local LETTERS =
  { "a", "Z", "0", " ", "'", '"', "\\", "`", "%", "?", ":", "\0", "\n", "\26", "é", "日", "😀" }

--- Text that does not end in blanks, which CHAR would take off.
function Rng:text(most)
  local letters = {}
  for i = 1, self:int(0, most) do
    letters[i] = self:pick(LETTERS)
  end
  return (table.concat(letters):gsub("[ %z\n]+$", "."))
end

function Rng:digits(count)
  local digits = {}
  for i = 1, count do
    digits[i] = self:int(0, 9)
  end
  return table.concat(digits)
end

--- 64 random bits, often near a power of two.
function Rng:bits64()
  local bits = ffi.cast("uint64_t", self:int(0, 0x7ffffffe)) * 4294967296ULL
    + ffi.cast("uint64_t", self:int(0, 0x7ffffffe)) * 2ULL
    + ffi.cast("uint64_t", self:int(0, 1))
  local kind = self:int(1, 4)
  if kind == 1 then
    return bits
  elseif kind == 2 then
    return bit.rshift(bits, self:int(0, 63))
  end
  return bit.lshift(1ULL, self:int(0, 63))
    + ffi.cast("uint64_t", ffi.cast("int64_t", self:int(-2, 1)))
end

local function integer(bits, is_unsigned)
  local low = is_unsigned and 0 or -2 ^ (bits - 1)
  local high = is_unsigned and 2 ^ bits - 1 or 2 ^ (bits - 1) - 1
  return function(rng)
    local edge = rng:int(1, 8)
    local value = edge == 1 and low
      or edge == 2 and high
      or math.floor(low + (high - low) * (rng:int(0, 2147483646) / 2147483646))
    return value, ("%d"):format(value)
  end
end

local function boolean(rng)
  local is_true = rng:int(0, 1) == 1
  return is_true, is_true and "1" or "0"
end

local function year(rng)
  local value = rng:int(1901, 2155)
  return value, tostring(value)
end

local function bigint(rng)
  local value = ffi.cast("int64_t", rng:bits64())
  return value, lunasa.int.tostring(value)
end

local function bigint_unsigned(rng)
  local value = rng:bits64()
  return value, lunasa.int.tostring(value)
end

local Double = ffi.typeof("union { uint64_t bits; double value; }")
local Float = ffi.typeof("union { uint32_t bits; float value; }")

--- A random exponent, neither of a subnormal number, which some versions cut when they read a
--- literal, nor of NaN or infinity: LuaJIT takes the bits of an FFI NaN for another type's.
local function double(rng)
  if rng:int(1, 2) == 1 then
    local value = (rng:int(-2147483646, 0) + rng:int(0, 2147483646)) / 10 ^ rng:int(0, 9)
    return value, ("%.17g"):format(value)
  end
  local union = Double()
  local mantissa_and_sign = bit.band(rng:bits64(), 0x800fffffffffffffULL)
  union.bits = mantissa_and_sign + bit.lshift(ffi.cast("uint64_t", rng:int(1, 2046)), 52)
  return union.value, ("%.17g"):format(union.value)
end

--- As C prints it: LuaJIT's own %g rounds ties another way.
local function six_digits(value)
  local text = ffi.new("char[32]")
  ffi.C.snprintf(text, 32, "%.6g", ffi.cast("double", value))
  return tonumber(ffi.string(text))
end

local function float(rng)
  local union = Float()
  union.bits = rng:int(0, 1) * 2 ^ 31 + rng:int(1, 253) * 2 ^ 23 + rng:int(0, 2 ^ 23 - 1)
  local value = tonumber(union.value)
  return value, ("%.17g"):format(value), ("%.17g"):format(six_digits(value))
end

local function decimal(precision, scale)
  return function(rng)
    local whole = rng:digits(rng:int(0, precision - scale)):gsub("^0+", "")
    local fraction = rng:digits(scale)
    local text = (whole == "" and "0" or whole) .. (scale > 0 and "." .. fraction or "")
    if rng:int(1, 2) == 1 and text:find("[1-9]") then
      text = "-" .. text
    end
    return text, text
  end
end

local function fraction(rng, decimals)
  return decimals == 0 and "" or "." .. rng:digits(decimals)
end

local function date_text(rng)
  if rng:int(1, 10) == 1 then
    return rng:pick({ "0000-00-00", "2024-00-00", "2024-02-00", "9999-12-31", "1000-01-01" })
  end
  return ("%04d-%02d-%02d"):format(rng:int(1000, 9999), rng:int(1, 12), rng:int(1, 28))
end

local function clock_text(rng, hours)
  if rng:int(1, 6) == 1 then
    return "00:00:00"
  end
  return ("%02d:%02d:%02d"):format(rng:int(0, hours), rng:int(0, 59), rng:int(0, 59))
end

local function same(text)
  return text, text
end

local function datetime(decimals)
  return function(rng)
    local is_zero = rng:int(1, 20) == 1
    local date = is_zero and "0000-00-00"
      or ("%04d-%02d-%02d"):format(rng:int(1000, 9999), rng:int(1, 12), rng:int(1, 28))
    local clock = is_zero and "00:00:00" or clock_text(rng, 23)
    return same(
      date
        .. " "
        .. clock
        .. (is_zero and fraction(rng, decimals):gsub("%d", "0") or fraction(rng, decimals))
    )
  end
end

local function timestamp(decimals)
  return function(rng)
    local seconds = os.date("!%Y-%m-%d %H:%M:%S", rng:int(1, 2147483646))
    return same(seconds .. fraction(rng, decimals))
  end
end

local function time(decimals)
  return function(rng)
    local text = clock_text(rng, rng:pick({ 23, 99, 837 })) .. fraction(rng, decimals)
    local is_negative = rng:int(1, 2) == 1 and text:find("[1-9]")
    return same((is_negative and "-" or "") .. text)
  end
end

local function bits(count)
  return function(rng)
    local bytes = rng:bytes(math.ceil(count / 8))
    local spare = #bytes * 8 - count
    local first = math.floor(bytes:byte(1) % 2 ^ (8 - spare))
    local value = string.char(first) .. bytes:sub(2)
    return lunasa.binary(value), value
  end
end

local function text(most)
  return function(rng)
    return same(rng:text(most))
  end
end

local function bytes(most)
  return function(rng)
    local value = rng:bytes(rng:int(0, most))
    return lunasa.binary(value), value
  end
end

local function enum(rng)
  return same(rng:pick({ "", "a", "b c", "é" }))
end

local function set(rng)
  local members = {}
  for _, member in ipairs({ "x", "y", "z" }) do
    if rng:int(0, 1) == 1 then
      table.insert(members, member)
    end
  end
  return same(table.concat(members, ","))
end

local function json(rng)
  local items = {}
  for i = 1, rng:int(0, 5) do
    items[i] = rng:pick({ "null", "true", "-1", "2.5", '"é"', '""', "[]", '{"k": 1}' })
  end
  return same("[" .. table.concat(items, ", ") .. "]")
end

local function doubles(rng, count)
  local values = ffi.new("double[?]", count)
  for i = 0, count - 1 do
    values[i] = double(rng)
  end
  return ffi.string(values, ffi.sizeof(values))
end

--- A point in well-known binary; the server puts the spatial reference in front.
local function point(rng)
  local wkb = "\1\1\0\0\0" .. doubles(rng, 2)
  return lunasa.binary(wkb), "\0\0\0\0" .. wkb
end

local function line(rng)
  local count = rng:int(2, 9)
  local wkb = "\1\2\0\0\0" .. string.char(count, 0, 0, 0) .. doubles(rng, 2 * count)
  return lunasa.binary(wkb), "\0\0\0\0" .. wkb
end

local function vector(rng)
  local values = ffi.new("float[4]")
  for i = 0, 3 do
    values[i] = rng:int(-2 ^ 20, 2 ^ 20) / 2 ^ 10 -- MariaDB refuses those whose square overflows
  end
  local packed = ffi.string(values, ffi.sizeof(values))
  return lunasa.binary(packed), packed
end

local function uuid(rng)
  -- Version 4, variant 1: others are kept in another order, and come back as they were too.
  local hex = rng:bytes(16):gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
  return same(
    ("%s-%s-4%s-a%s-%s"):format(
      hex:sub(1, 8),
      hex:sub(9, 12),
      hex:sub(14, 16),
      hex:sub(18, 20),
      hex:sub(21)
    )
  )
end

local function inet4(rng)
  return same(
    ("%d.%d.%d.%d"):format(rng:int(0, 255), rng:int(0, 255), rng:int(0, 255), rng:int(0, 255))
  )
end

local function inet6(rng)
  return same(
    ("2001:db8:%x:%x:%x:%x:%x:%x"):format(
      rng:int(1, 65535),
      rng:int(1, 65535),
      rng:int(1, 65535),
      rng:int(1, 65535),
      rng:int(1, 65535),
      rng:int(1, 65535)
    )
  )
end

local MARIADB = { mariadb = true, mariadb_next = true }

---@type spec.ColumnType[]
-- stylua: ignore
column_types.list = {
  { ddl = "TINYINT", make = integer(8) }, { ddl = "TINYINT UNSIGNED", make = integer(8, true) },
  { ddl = "SMALLINT", make = integer(16) }, { ddl = "SMALLINT UNSIGNED", make = integer(16, true) },
  { ddl = "MEDIUMINT", make = integer(24) },
  { ddl = "MEDIUMINT UNSIGNED", make = integer(24, true) },
  { ddl = "INT", make = integer(32) }, { ddl = "INT UNSIGNED", make = integer(32, true) },
  { ddl = "BIGINT", make = bigint }, { ddl = "BIGINT UNSIGNED", make = bigint_unsigned },
  { ddl = "BOOLEAN", make = boolean },
  { ddl = "YEAR", make = year },
  { ddl = "FLOAT", make = float }, { ddl = "DOUBLE", make = double },
  { ddl = "DECIMAL(1,0)", make = decimal(1, 0) }, { ddl = "DECIMAL(18,9)", make = decimal(18, 9) },
  { ddl = "DECIMAL(65,30)", make = decimal(65, 30) },
  { ddl = "DECIMAL(30,30)", make = decimal(30, 30) },
  { ddl = "DATE", make = function(rng) return same(date_text(rng)) end },
  { ddl = "DATETIME", make = datetime(0) }, { ddl = "DATETIME(3)", make = datetime(3) },
  { ddl = "DATETIME(6)", make = datetime(6) },
  { ddl = "TIMESTAMP", make = timestamp(0) }, { ddl = "TIMESTAMP(6)", make = timestamp(6) },
  { ddl = "TIME", make = time(0) }, { ddl = "TIME(2)", make = time(2) },
  { ddl = "TIME(6)", make = time(6) },
  { ddl = "CHAR(20)", make = text(20) }, { ddl = "VARCHAR(50)", make = text(50) },
  { ddl = "TINYTEXT", make = text(30) }, { ddl = "TEXT", make = text(400) },
  { ddl = "MEDIUMTEXT", make = text(100) }, { ddl = "LONGTEXT", make = text(2000) },
  { ddl = "BINARY(8)", make = function(rng) local b = rng:bytes(8) return lunasa.binary(b), b end },
  { ddl = "VARBINARY(300)", make = bytes(300) }, { ddl = "TINYBLOB", make = bytes(255) },
  { ddl = "BLOB", make = bytes(2000) }, { ddl = "MEDIUMBLOB", make = bytes(100) },
  { ddl = "LONGBLOB", make = bytes(3000) },
  { ddl = "ENUM('', 'a', 'b c', 'é')", make = enum }, { ddl = "SET('x', 'y', 'z')", make = set },
  { ddl = "BIT(1)", make = bits(1) }, { ddl = "BIT(7)", make = bits(7) },
  { ddl = "BIT(33)", make = bits(33) },
  { ddl = "BIT(64)", make = bits(64) },
  { ddl = "JSON", make = json },
  { ddl = "POINT", make = point, value = "ST_GeomFromWKB(?)" },
  { ddl = "GEOMETRY", make = line, value = "ST_GeomFromWKB(?)" },
  { ddl = "VECTOR(4)", make = vector, on = { mysql = true, mariadb_next = true } },
  { ddl = "UUID", make = uuid, on = MARIADB }, { ddl = "INET4", make = inet4, on = MARIADB },
  { ddl = "INET6", make = inet6, on = MARIADB },
}

--- The text of a value that was read, to be compared with what `make` said.
---@param value any
---@return string
function column_types.text_of(value)
  if value == lunasa.null then
    return "NULL"
  elseif lunasa.int.is_cdata(value) then
    return lunasa.int.tostring(value)
  elseif type(value) == "number" then
    local is_integer = value == math.floor(value) and math.abs(value) <= 2 ^ 53
    return (is_integer and "%.0f" or "%.17g"):format(value)
  end
  return tostring(value)
end

return column_types
