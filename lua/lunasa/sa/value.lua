--- Values that Lua has no type for: exact decimals, dates, times, intervals.
local datetime = require("lunasa.datetime")
local mistake = require("lunasa.sa.mistake")

local value = {}

local Decimal = { __name = "lunasa.sa.Decimal", __lunasa = "decimal" }
Decimal.__index = Decimal

--- An exact number, as its digits: `decimal("1.50")`.
function value.decimal(digits)
  local text = tostring(digits)
  if not text:find("^[+-]?%d*%.?%d+$") and not text:find("^[+-]?%d+%.$") then
    mistake.raise("ArgumentError", ("'%s' is no decimal number"):format(text:sub(1, 40)))
  end
  return setmetatable({ digits = text }, Decimal)
end

function Decimal:__tostring()
  return self.digits
end

function Decimal.__eq(a, b)
  return a.digits == b.digits
end

local Date = { __name = "lunasa.sa.Date", __lunasa = "date" }
Date.__index = Date

function value.date(year, month, day)
  return setmetatable({ year = year, month = month, day = day }, Date)
end

function Date:__tostring()
  return ("%04d-%02d-%02d"):format(self.year, self.month, self.day)
end

function Date.__eq(a, b)
  return tostring(a) == tostring(b)
end

local Time = { __name = "lunasa.sa.Time", __lunasa = "time" }
Time.__index = Time

--- A time of day.
function value.time(hour, min, sec, usec)
  return setmetatable({ hour = hour, min = min or 0, sec = sec or 0, usec = usec or 0 }, Time)
end

function Time:__tostring()
  local text = ("%02d:%02d:%02d"):format(self.hour, self.min, self.sec)
  return self.usec > 0 and ("%s.%06d"):format(text, self.usec) or text
end

function Time.__eq(a, b)
  return tostring(a) == tostring(b)
end

function value.datetime(year, month, day, hour, min, sec, usec)
  return datetime.new({
    year = year,
    month = month,
    day = day,
    hour = hour or 0,
    min = min or 0,
    sec = sec or 0,
    usec = usec or 0,
  })
end

local Interval = { __name = "lunasa.sa.Interval", __lunasa = "interval" }
Interval.__index = Interval

local SECONDS =
  { weeks = 604800, days = 86400, hours = 3600, minutes = 60, seconds = 1, microseconds = 1e-6 }

--- A span of time: `interval{ days = 1, hours = 2 }`.
function value.interval(parts)
  local seconds = 0
  if type(parts) ~= "table" then
    mistake.raise("ArgumentError", "interval needs its parts, interval{ days = 1 }")
  end
  for name, amount in pairs(parts) do
    if not SECONDS[name] then
      mistake.raise("ArgumentError", ("an interval has no '%s'"):format(tostring(name)))
    end
    seconds = seconds + amount * SECONDS[name]
  end
  return setmetatable({ seconds = seconds }, Interval)
end

function Interval:__tostring()
  return ("%.6f"):format(self.seconds)
end

--- An empty list of JSON, which `{}` cannot be.
function value.json_array(list)
  if list ~= nil and (type(list) ~= "table" or getmetatable(list) ~= nil) then
    mistake.raise("ArgumentError", "json_array needs a list, json_array{ 1, 2 }")
  end
  return setmetatable(list or {}, { __jsontype = "array" })
end

return value
