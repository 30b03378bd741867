--- Dates and times as MySQL has them, which is more than a calendar knows: zero dates, dates
--- without a day, times below zero and beyond a day.
---
--- A datetime has the field names of `os.date("*t")`; a date is one without hour, min and sec.
local errors = require("lunasa.error")

local datetime = {}

local MICRO = 1000000

---@class lunasa.Datetime
---@field year integer 0 to 9999
---@field month integer 0 to 12; 0 in a zero or partial date
---@field day integer 0 to 31
---@field hour? integer nil, like min and sec, in a date
---@field min? integer
---@field sec? integer
---@field usec? integer microseconds
---@field fsp? integer decimals that are printed; nil prints six, or none when usec is 0
local Datetime = { __name = "lunasa.Datetime", __lunasa = "datetime" }
Datetime.__index = Datetime

---@class lunasa.Duration
---@field neg boolean
---@field hours integer 0 to 838
---@field min integer
---@field sec integer
---@field usec integer microseconds
---@field fsp? integer decimals that are printed; nil prints six, or none when usec is 0
local Duration = { __name = "lunasa.Duration", __lunasa = "duration" }
Duration.__index = Duration

--- The metatables, by which the C layer makes such values.
datetime.Datetime = Datetime
datetime.Duration = Duration

--- Prints microseconds as the server does for a column of `fsp` decimals.
local function fraction(usec, fsp)
  fsp = fsp or (usec == 0 and 0 or 6)
  if fsp == 0 then
    return ""
  end
  return "." .. ("%06d"):format(usec):sub(1, fsp)
end

--- Reads up to six decimals: microseconds, and how many decimals there were.
local function read_fraction(text)
  if text == "" then
    return 0, nil
  end
  local digits = text:match("^%.(%d+)$")
  if not digits or #digits > 6 then
    return nil
  end
  return tonumber(digits) * 10 ^ (6 - #digits), #digits
end

local function is_integer(value)
  return type(value) == "number" and value == math.floor(value)
end

--- Looks for the first field that is no integer within its range.
---@return string? problem
local function find_problem(value, ranges)
  for _, range in ipairs(ranges) do
    local name, last = range[1], range[2]
    local field = value[name]
    if not is_integer(field) or field < 0 or field > last then
      return ("%s must be an integer from 0 to %d"):format(name, last)
    end
  end
  return nil
end

local DATE_RANGES = { { "year", 9999 }, { "month", 12 }, { "day", 31 } }
local HOUR_RANGE = { { "hour", 23 } }
local HOURS_RANGE = { { "hours", 838 } }
local TIME_RANGES = { { "min", 59 }, { "sec", 59 }, { "usec", MICRO - 1 } }

--- Copies the fields of a time of day, of which some may be missing.
local function copy_time(value, source)
  value.min, value.sec, value.usec = source.min or 0, source.sec or 0, source.usec or 0
  value.fsp = source.fsp
  return find_problem(value, TIME_RANGES)
end

local function copy_date(source)
  local value = { year = source.year, month = source.month, day = source.day }
  local problem = find_problem(value, DATE_RANGES)
  if not problem and (source.hour or source.min or source.sec or source.usec) then
    value.hour = source.hour or 0
    problem = find_problem(value, HOUR_RANGE) or copy_time(value, source)
  end
  return not problem and value or nil, problem
end

local function parse_date(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then
    return nil, ("'%s' is not a date"):format(text:sub(1, 40))
  end
  local value = { year = tonumber(year), month = tonumber(month), day = tonumber(day) }
  if rest ~= "" then
    local hour, min, sec, decimals = rest:match("^[ T](%d%d):(%d%d):(%d%d)(.*)$")
    value.hour, value.min, value.sec = tonumber(hour), tonumber(min), tonumber(sec)
    value.usec, value.fsp = read_fraction(decimals or "?")
    if not value.usec then
      return nil, ("'%s' is not a date and time"):format(text:sub(1, 40))
    end
  end
  return copy_date(value)
end

--- Makes a value of a table or a text, by functions that return nil and the problem.
local function make(name, source, metatable, from_table, from_text)
  local value, problem
  if type(source) == "table" then
    value, problem = from_table(source)
  elseif type(source) == "string" then
    value, problem = from_text(source)
  else
    problem = "needs a table or a string, got " .. type(source)
  end
  if not value then
    errors.raise("ArgumentError", ("lunasa.%s: %s"):format(name, problem), nil, 3)
  end
  return setmetatable(value, metatable)
end

--- Makes a datetime, or a date when no time is given: from fields, or from text as the server
--- prints it (a T may stand before the time). Any day up to 31 goes with any month, as in MySQL.
---@param source table|string
---@return lunasa.Datetime
function datetime.new(source)
  local value = make("datetime", source, Datetime, copy_date, parse_date)
  return value
end

--- Days from 1970-01-01, of the proleptic Gregorian calendar.
local function days_from_civil(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local leap_days = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap_days + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

function Datetime:__tostring()
  local date = ("%04d-%02d-%02d"):format(self.year, self.month, self.day)
  if not self.hour then
    return date
  end
  local time = (" %02d:%02d:%02d"):format(self.hour, self.min, self.sec)
  return date .. time .. fraction(self.usec or 0, self.fsp)
end

--- A number that grows with the second; with microseconds it would not be exact in a double.
local function second_order(value)
  local day = (value.year * 13 + value.month) * 32 + value.day
  return ((day * 24 + (value.hour or 0)) * 60 + (value.min or 0)) * 60 + (value.sec or 0)
end

function Datetime.__eq(a, b)
  return second_order(a) == second_order(b) and (a.usec or 0) == (b.usec or 0)
end

function Datetime.__lt(a, b)
  local x, y = second_order(a), second_order(b)
  return x < y or (x == y and (a.usec or 0) < (b.usec or 0))
end

function Datetime.__le(a, b)
  local x, y = second_order(a), second_order(b)
  return x < y or (x == y and (a.usec or 0) <= (b.usec or 0))
end

--- Tells whether this is MySQL's zero date, 0000-00-00.
---@return boolean
function Datetime:is_zero()
  return second_order(self) == 0 and (self.usec or 0) == 0
end

--- Gives the seconds since 1970-01-01 00:00:00 UTC.
---@param offset? number how far the value's time zone is ahead of UTC, in seconds; 0
---@return number? seconds nil for a zero or partial date
function Datetime:timestamp(offset)
  if self.month == 0 or self.day == 0 then
    return nil
  end
  local days = days_from_civil(self.year, self.month, self.day)
  local seconds = ((self.hour or 0) * 60 + (self.min or 0)) * 60 + (self.sec or 0)
  return days * 86400 + seconds - (offset or 0) + (self.usec or 0) / MICRO
end

--- A number that grows with the value, exact in a double.
local function microseconds(value)
  local total = ((value.hours * 60 + value.min) * 60 + value.sec) * MICRO + value.usec
  return value.neg and -total or total
end

local function copy_duration(source)
  local value = { neg = source.neg and true or false, hours = source.hours or 0 }
  local problem = find_problem(value, HOURS_RANGE) or copy_time(value, source)
  if problem then
    return nil, problem
  end
  value.neg = value.neg and microseconds(value) ~= 0
  return value
end

local function parse_duration(text)
  local sign, hours, min, sec, decimals = text:match("^(%-?)(%d+):(%d%d):(%d%d)(.*)$")
  local usec, fsp = read_fraction(decimals or "?")
  if not usec then
    return nil, ("'%s' is not a time"):format(text:sub(1, 40))
  end
  return copy_duration({
    neg = sign == "-",
    hours = tonumber(hours),
    min = tonumber(min),
    sec = tonumber(sec),
    usec = usec,
    fsp = fsp,
  })
end

--- Makes a duration, the value of a TIME: from fields (`{ neg = true, hours = 25 }`), or from text
--- as the server prints it.
---@param source table|string
---@return lunasa.Duration
function datetime.duration(source)
  local value = make("duration", source, Duration, copy_duration, parse_duration)
  return value
end

function Duration:__tostring()
  local sign = self.neg and "-" or ""
  local time = ("%s%02d:%02d:%02d"):format(sign, self.hours, self.min, self.sec)
  return time .. fraction(self.usec, self.fsp)
end

function Duration.__eq(a, b)
  return microseconds(a) == microseconds(b)
end

function Duration.__lt(a, b)
  return microseconds(a) < microseconds(b)
end

function Duration.__le(a, b)
  return microseconds(a) <= microseconds(b)
end

--- Tells whether this is 00:00:00.
---@return boolean
function Duration:is_zero()
  return microseconds(self) == 0
end

--- Gives the length in seconds, negative below zero.
---@return number
function Duration:total_seconds()
  return microseconds(self) / MICRO
end

return datetime
