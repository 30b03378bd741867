--- The dialects of MySQL and MariaDB as the driver is used with them: which values it sends and
--- gives for the types of columns.
local datetime = require("lunasa.datetime")
local ffi = require("ffi")
local field_type = require("lunasa.field_type")
local int = require("lunasa.int")
local mariadb = require("lunasa.dialects.mariadb")
local mistake = require("lunasa.sa.mistake")
local mysql = require("lunasa.dialects.mysql")
local value = require("lunasa.sa.value")
local values = require("lunasa.values")

local dialects = {}

local FIELD_TYPE = field_type.FIELD_TYPE

--- Integers up to this are exact as numbers.
local EXACT = 2 ^ 53

--- Days from 1970-01-01 to a date.
local function days_to(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local days = 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return days + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- The date so many days after 1970-01-01.
local function date_after(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted - era * 146097
  local year = math.floor(
    (of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524) - math.floor(of_era / 146096))
      / 365
  )
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local at = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * at + 2) / 5) + 1
  local month = at < 10 and at + 3 or at - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

local received = {}

--- What SUM of integers gives is a DECIMAL.
function received.integer(given)
  if type(given) ~= "string" then
    return given
  end
  local number = tonumber(given)
  if number and number >= -EXACT and number <= EXACT then
    return number
  end
  local is_integer, exact = pcall(int.parse, given)
  return is_integer and exact or given
end

--- Integers up to this are exact as a FLOAT, and as short as they are.
local EXACT_SINGLE = 2 ^ 24
local single = ffi.new("float[1]")

--- A FLOAT of a prepared statement comes as the double that it is: 0.1 as 0.10000000149. This gives
--- the shortest number that is the same FLOAT.
local function shortest(given)
  single[0] = given
  local is_short = given % 1 == 0 and given > -EXACT_SINGLE and given < EXACT_SINGLE
  if is_short or tonumber(single[0]) ~= given then
    return given
  end
  for digits = 6, 8 do
    local short = tonumber(("%%.%dg"):format(digits):format(given))
    single[0] = short
    if tonumber(single[0]) == given then
      return short
    end
  end
  return given
end

function received.float(given)
  if type(given) == "string" then
    return tonumber(given) or given
  end
  return type(given) == "number" and shortest(given) or given
end

--- Exact numbers are their digits.
function received.numeric(given)
  if type(given) == "number" then
    local short = (given % 1 == 0 and math.abs(given) <= EXACT and "%d" or "%.15g"):format(given)
    return tonumber(short) == given and short or ("%.17g"):format(given)
  end
  return type(given) == "cdata" and int.tostring(given) or given
end

function received.date(given)
  local year, month, day = tostring(given):match("^(%d+)-(%d+)-(%d+)")
  if not year then
    return given
  end
  return value.date(tonumber(year), tonumber(month), tonumber(day))
end

function received.datetime(given)
  return type(given) == "string" and datetime.new(given) or given
end

--- A time of day; what is none, such as one below zero, is a duration.
function received.time(given)
  local hour, min, sec, decimals = tostring(given):match("^(%d+):(%d+):(%d+)%.?(%d*)$")
  if not hour or tonumber(hour) > 23 then
    return type(given) == "string" and datetime.duration(given) or given
  end
  local usec = decimals ~= "" and tonumber((decimals .. "00000"):sub(1, 6)) or 0
  return value.time(tonumber(hour), tonumber(min), tonumber(sec), usec)
end

--- An interval is kept as the time so long after 1970.
function received.interval(given)
  local at = type(given) == "string" and datetime.new(given) or given
  if type(at) ~= "table" or not at.year then
    return given
  end
  local seconds = days_to(at.year, at.month, at.day) * 86400
    + (at.hour or 0) * 3600
    + (at.min or 0) * 60
    + (at.sec or 0)
  local usec = at.usec or 0
  return value.interval({ seconds = usec == 0 and seconds or seconds + usec / 1e6 })
end

local sent = {}

--- `{ year = 2024, … }`, as os.date makes it.
local function sent_time(given)
  if type(given) == "table" and getmetatable(given) == nil then
    return mistake.of_caller(datetime.new, given)
  end
  return given
end
sent.date, sent.datetime = sent_time, sent_time

local function seconds_of(given)
  if type(given) == "number" then
    return given
  elseif type(given) ~= "table" then
    return nil
  end
  return given.total_seconds and given:total_seconds() or given.seconds
end

function sent.interval(given)
  local seconds = seconds_of(given)
  if not seconds then
    return given
  end
  local usec = math.floor(seconds * 1e6 + 0.5)
  local whole = math.floor(usec / 1e6)
  local days = math.floor(whole / 86400)
  local rest = whole - days * 86400
  local year, month, day = date_after(days)
  return ("%04d-%02d-%02d %02d:%02d:%02d.%06d"):format(
    year,
    month,
    day,
    math.floor(rest / 3600),
    math.floor(rest / 60) % 60,
    rest % 60,
    usec - whole * 1e6
  )
end

function sent.binary(given)
  return type(given) == "string" and values.binary(given) or given
end

--- What the server calls columns whose values come as their types have them.
local AS_THEY_ARE = { integer = {}, float = {}, numeric = {} }
for affinity, names in pairs({
  integer = { "TINY", "SHORT", "INT24", "LONG", "LONGLONG", "YEAR" },
  float = { "DOUBLE" },
  numeric = { "NEWDECIMAL", "DECIMAL" },
}) do
  for _, name in ipairs(names) do
    AS_THEY_ARE[affinity][assert(FIELD_TYPE[name], name)] = true
  end
end

--- Tells whether nothing is to be done with the values of a column.
---@param type_ lunasa.sa.Type
---@param process fun(value: any): any
---@param field lunasa.Column
---@return boolean
local function comes_as(_, type_, process, field)
  local affinity = type_.affinity
  if process ~= received[affinity] then
    return false
  end
  local codes = AS_THEY_ARE[affinity]
  return codes ~= nil and codes[field.type_code] == true
end

local function derive(base, types_by_value)
  return setmetatable({
    bind_processors = sent,
    result_processors = received,
    comes_as = comes_as,
    types_by_value = types_by_value,
    -- Not the base's: what is compiled has these processors in it.
    cache = { count = 0, by_shape = {} },
    kinds = false,
  }, { __index = base })
end

dialects.mysql, dialects.mariadb = derive(mysql, true), derive(mariadb, false)

return dialects
