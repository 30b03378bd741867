--- The runtime in nginx: tasks are light threads, channels are cosockets.
local base = require("resty.core.base")
local channel = require("lunasa.runtime.ngx_channel")
local core = require("lunasa.core")
local errors = require("lunasa.error")
local ffi = require("ffi")
local log = require("lunasa.log")
local tasks = require("lunasa.runtime.ngx_tasks")

ffi.cdef([[
  typedef struct lunasa_timespec { long seconds, nanoseconds; } lunasa_timespec;
  int lunasa_clock_gettime(int clock, lunasa_timespec *time) __asm__("clock_gettime");
]])

local runtime = {
  name = "ngx",
  has_background = false,
  current = tasks.current,
  interruptible = tasks.interruptible,
  start = tasks.start,
  wake = tasks.wake,
  opening_channel = channel.opening,
  waiter = tasks.waiter,
  sleep = tasks.sleep,
  after = tasks.after,
  expose = tasks.expose,
}

--- CLOCK_MONOTONIC, of Linux and of macOS.
local MONOTONIC = ffi.os == "OSX" and 6 or 1

--- Where nginx lets Lua wait.
local MAY_WAIT = {
  access = true,
  content = true,
  preread = true,
  rewrite = true,
  server_rewrite = true,
  ssl_cert = true,
  ssl_client_hello = true,
  ssl_session_fetch = true,
  timer = true,
}

local LEVELS = { info = ngx.INFO, warn = ngx.WARN, error = ngx.ERR }

local time = ffi.new("lunasa_timespec")
local clock_gettime = ffi.C.lunasa_clock_gettime

--- Seconds on a monotonic clock: nginx's own is the wall clock as of the last event.
---@return number
function runtime.now()
  clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

local function refusal(phase)
  if phase == "init" then
    return "cannot wait in init_by_lua*: nginx has no event loop yet; use ngx.timer.at(0, …) in "
      .. "init_worker_by_lua*"
  elseif not MAY_WAIT[phase] then
    local message = "cannot wait in %s_by_lua*: nginx does not suspend Lua there; "
      .. "use ngx.timer.at(0, …)"
    return message:format(phase)
  end
  return "cannot wait here: inside a callback of a C function (table.sort, string.gsub, a "
    .. "metamethod called by one) or in the body of a module while require loads it"
end

--- What finalizers said: nginx may run them with a coroutine whose request is over, which ngx.log
--- would look at.
local said_by_finalizers = log.hold()

--- Raises where the caller may not suspend, or may not use the channel.
---@param used? lunasa.Channel
function runtime.check(used)
  if said_by_finalizers[1] then
    log.deliver()
  end
  local phase = ngx.get_phase()
  if not MAY_WAIT[phase] or not core.is_yieldable() then
    errors.raise("InterfaceError", refusal(phase))
  elseif used then
    used:check()
  end
end

tasks.bind(ngx, {
  now = runtime.now,
  check = runtime.check,
  request = base.get_request,
  may_wait = function()
    return MAY_WAIT[ngx.get_phase()]
  end,
})

--- Runs a function in a task of its own.
---@param work function
---@param ... any its arguments
function runtime.spawn(work, ...)
  return require("lunasa.task").spawn(work, ...)
end

--- What channels need of us.
---@class lunasa.ngx.Host
local host = {
  now = runtime.now,
  current = tasks.current,
  guard = tasks.guard,
  guard_kept = tasks.guard_kept,
  request = base.get_request,
  prefix = ("lunasa:%.0f"):format(runtime.now() * 1e9),
}

function host.tcp()
  return ngx.socket.tcp()
end

--- Runs a function outside of the present request. When nginx has no timer left, it is not run.
function host.later(work, ...)
  ngx.timer.at(0, function(is_too_late, ...)
    local ok, err = pcall(work, ...)
    if not ok and not is_too_late then
      log.warn(err)
    end
  end, ...)
end

--- Connects and logs in.
---@async
---@param wanted lunasa.Login
---@param deadline? number absolute; the login's own timeout runs as well
---@param key? string of the slot that the channel is for
---@return lunasa.Channel?
---@return table|lunasa.Error? err
function runtime.open(wanted, deadline, key)
  runtime.check()
  return channel.open(host, wanted, deadline, key)
end

--- Leaves a channel to a later request.
---@param parked lunasa.Channel
---@param seconds? number until nginx closes it; nil for never
---@return boolean is_parked
function runtime.park_channel(parked, seconds)
  return parked:park(seconds)
end

--- Takes a parked channel into this request.
---@async
---@param parked lunasa.Channel
---@param deadline? number
---@return boolean is_alive
function runtime.revive_channel(parked, deadline)
  runtime.check()
  return parked:revive(deadline)
end

--- Tells whether the request that used a channel ended without giving it back.
---@param used lunasa.Channel
---@return boolean
function runtime.is_orphan(used)
  return used:is_orphan()
end

--- Tells whether the request that was parked on a waiter is over.
---@param waiter lunasa.Waiter
---@return boolean
function runtime.is_dropped(waiter)
  return waiter:is_dropped()
end

--- Answers the request with 500, or cuts the answer off when it has begun. Does nothing where there
--- is no request to answer.
function runtime.answer_failure()
  local phase = ngx.get_phase()
  if phase == "rewrite" or phase == "access" or phase == "content" then
    ngx.exit(ngx.headers_sent and ngx.ERROR or ngx.HTTP_INTERNAL_SERVER_ERROR)
  end
end

log.set(function(level, message)
  ngx.log(LEVELS[level], "lunasa: ", message)
end)

return runtime
