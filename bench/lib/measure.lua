--- Settings, clock and answer line of a benchmark program: what `README.md` asks of a peer.
---
--- Depends on nothing but LuaJIT, so that the same clock measures any program beside lunasa.

local ffi = require("ffi")

local measure = {}

---@param name string
---@param default string
---@return string
local function env(name, default)
  local value = os.getenv(name)
  return value ~= nil and value ~= "" and value or default
end

measure.peer = "lunasa"
measure.workload = env("WORKLOAD", "point")
measure.version = "unknown"

local SCALE = tonumber(env("BENCH_SCALE", "1"))

--- `n` operations under BENCH_SCALE, never none.
---@param n integer
---@return integer
function measure.scaled(n)
  return math.max(1, math.floor(n * SCALE))
end

--- A scan of all rows, or of the first ones when BENCH_SCALE is below 1.
---@param sql string
---@return string
function measure.scan_of(sql)
  return SCALE >= 1 and sql or ("%s LIMIT %d"):format(sql, math.floor(1000000 * SCALE))
end

--- Options for a connection over TCP, without TLS unless `overrides` says otherwise.
---@param overrides? table
---@return table
function measure.over_tcp(overrides)
  local options = {
    host = env("BENCH_HOST", "127.0.0.1"),
    port = tonumber(env("BENCH_PORT", "33075")),
    user = env("BENCH_USER", "bench"),
    password = env("BENCH_PASSWORD", "bench"),
    database = env("BENCH_DATABASE", "bench"),
    ssl = false,
  }
  for name, value in pairs(overrides or {}) do
    options[name] = value
  end
  return options
end

--- Options for a connection over the unix socket, which has no use for TLS.
---@return table
function measure.over_unix()
  return {
    socket = env("BENCH_SOCKET", "/tmp/lunasa-bench-server/s.sock"),
    user = env("BENCH_USER", "bench"),
    password = env("BENCH_PASSWORD", "bench"),
    database = env("BENCH_DATABASE", "bench"),
  }
end

--- The first `n` ids of the sequence that every peer asks for.
---@param n integer
---@return integer[]
function measure.ids_of(n)
  local ids, x = {}, 42
  for i = 1, n do
    x = x * 16807 % 2147483647
    ids[i] = 1 + x % 100000
  end
  return ids
end

-- Clock ---------------------------------------------------------------------------------------

-- Own names for the C functions: whatever else declares them in this process stays undisturbed.
ffi.cdef([[
typedef struct { long s, ns; } bench_timespec;
typedef struct { long s, us; } bench_timeval;
typedef struct { bench_timeval user, system; long rest[14]; } bench_rusage;
int bench_clock_gettime(int clock, bench_timespec *now) __asm__("clock_gettime");
int bench_getrusage(int who, bench_rusage *usage) __asm__("getrusage");
]])
local CLOCK_MONOTONIC = 1
local RUSAGE_SELF = 0

---@return number seconds
local function now()
  local t = ffi.new("bench_timespec")
  ffi.C.bench_clock_gettime(CLOCK_MONOTONIC, t)
  return tonumber(t.s) + tonumber(t.ns) * 1e-9
end

---@return number all user and system seconds of this process
---@return number user
local function cpu()
  local usage = ffi.new("bench_rusage")
  ffi.C.bench_getrusage(RUSAGE_SELF, usage)
  local user = tonumber(usage.user.s) + tonumber(usage.user.us) * 1e-6
  return user + tonumber(usage.system.s) + tonumber(usage.system.us) * 1e-6, user
end

--- The largest resident size that this process has had.
---@return integer kilobytes
local function peak_rss()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmHWM:%s+(%d+)")
    if kilobytes then
      return tonumber(kilobytes)
    end
  end
  error("/proc/self/status has no VmHWM")
end

--- What was measured between `start` and `stop`.
local clock = {}

function measure.start()
  clock.rss0 = peak_rss()
  clock.cpu0, clock.user0 = cpu()
  clock.wall0 = now()
end

function measure.stop()
  clock.wall = now() - clock.wall0
  local all, user = cpu()
  clock.cpu, clock.user = all - clock.cpu0, user - clock.user0
  clock.rss = peak_rss()
end

-- Answers -------------------------------------------------------------------------------------

---@param text string
---@return string
local function quoted(text)
  local escaped = text:gsub('[%c"\\]', function(char)
    return ("\\u%04x"):format(char:byte())
  end)
  return '"' .. escaped .. '"'
end

---@param format string
local function say(format, ...)
  local head = ('{"peer": "%s", "workload": %s, '):format(measure.peer, quoted(measure.workload))
  print(head .. format:format(...) .. "}")
end

--- Further numbers of the answer, by their names in it.
---@param numbers table<string, number>
---@return string
local function members(numbers)
  local list = {}
  for name, value in pairs(numbers) do
    table.insert(list, (', "%s": %.6g'):format(name, value))
  end
  table.sort(list)
  return table.concat(list)
end

---@param ops integer
---@param check? number
---@param note? string
---@param numbers? table<string, number> what else was measured
function measure.answer(ops, check, note, numbers)
  say(
    '"ops": %d, "wall_s": %.6f, "cpu_s": %.6f, "user_s": %.6f, "rss_kb": %d, "rss0_kb": %d, '
      .. '"check": %s, "version": %s%s%s',
    ops,
    clock.wall,
    clock.cpu,
    clock.user,
    clock.rss,
    clock.rss0,
    check and ("%.0f"):format(check) or "null",
    quoted(measure.version),
    note and ', "note": ' .. quoted(note) or "",
    numbers and members(numbers) or ""
  )
end

---@param why string
function measure.skip(why)
  say('"skip": %s', quoted(why))
end

return measure
