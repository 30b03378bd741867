--- The runtime over libuv: the runner's, and plain LuaJIT's with lunasa.run.
require("lunasa.core") -- lunasa.uv works on its sessions
local errors = require("lunasa.error")
local uv = require("lunasa.uv")
local uv_waiter = require("lunasa.runtime.uv_waiter")

local check, take_interruption = uv_waiter.check, uv_waiter.take_interruption
local alarm, silence = uv_waiter.alarm, uv_waiter.silence

local runtime = {
  name = "uv",
  has_background = true,
  now = uv.now,
  current = uv.current,
  interruptible = uv.current,
  exact = uv_waiter.exact,
  recent = uv_waiter.recent,
  waiter = uv_waiter.new,
}

---@param task lunasa.Task
---@param body function
function runtime.start(task, body)
  task.thread = coroutine.create(body)
  task.handle = uv.task(task.thread)
  uv.start(task.handle, task)
end

---@param task lunasa.Task
function runtime.wake(task)
  uv.wake(task.handle)
end

--- Runs a function in a task of its own.
---@param work function
---@param ... any
function runtime.spawn(work, ...)
  return require("lunasa.task").spawn(work, ...)
end

--- As coroutine.wrap, for generators that query.
---@param work function
---@return function
function runtime.wrap(work)
  return require("lunasa.coroutines").wrap(work)
end

--- Raises where the caller may not suspend, and what task:cancel or a deadline left to be raised:
--- what is about to be begun would have to be given up at once.
function runtime.check()
  check()
  local err = take_interruption(uv.current())
  if err then
    errors.throw(err)
  end
end

--- Suspends the task for some seconds; 0 lets the others have a turn.
---@async
---@return true|nil
---@return lunasa.Error? err a cancellation
function runtime.sleep(seconds)
  check()
  local task = uv.current()
  local bell = alarm(task, uv.now() + seconds)
  local err = take_interruption(task)
  while not bell.rang and not err do
    uv.park()
    err = take_interruption(task)
  end
  silence(bell)
  return not err or nil, err
end

--- Calls a function later, outside of any task. It does not keep the program running, unless a task
--- waits for what it does.
---@param seconds number
---@param work function
---@param is_awaited? boolean
---@return table handle with stop()
function runtime.after(seconds, work, is_awaited)
  local timer = uv.timer(not is_awaited)
  timer:start(seconds, work)
  return timer
end

---@class lunasa.Channel
---@field session userdata
---@field observer? lunasa.Observer|false who is told of its commands
---@field closed boolean
---@field is_lost? boolean it closed by itself
---@field was_open? boolean it was closed by this program, with nothing wrong in it
---@field on_lost? function called when it closes by itself
---@field private handle userdata
local Channel = {}
Channel.__index = Channel
Channel.__name = "lunasa.Channel"

local function timed_out()
  return errors.new("TimeoutError", "the statement took longer than its timeout", {
    which = "statement",
  })
end

--- Sends what is queued and waits for the answer to `token`. When that is interrupted, the answer
--- is still to come.
---@async
---@param token integer
---@param deadline? number absolute, in seconds
---@param was_woken? boolean from a wait for it already, and not by the answer
---@return true|nil
---@return lunasa.Error? err
function Channel:wait(token, deadline, was_woken)
  local session, handle = self.session, self.handle
  if not deadline and not was_woken and (handle:await(token) or session:done(token)) then
    return true
  end
  local task = uv.current()
  local bell = alarm(task, deadline)
  local err
  while not session:done(token) and not err do
    err = take_interruption(task) or bell.rang and timed_out()
    if not err then
      handle:await(token)
    end
  end
  silence(bell)
  if err then
    self.handle:forget()
    return nil, err
  end
  return true
end

--- Queues a statement of the running task, which nobody else's turn is in the way of. Gives nothing
--- where the task cannot wait now: the long way says why.
Channel.begin = uv.begin

--- The same where parameters are plain and the answer may be waited for at once, by nobody else.
Channel.ask = uv.ask

--- Gives the addresses of both ends; nil for a unix socket.
---@return lunasa.Address?
function Channel:address()
  local host, port, local_port = self.handle:address()
  return host and { host = host, port = port, local_port = local_port } or nil
end

--- Gives when bytes went or came last.
---@return number seconds, as runtime.now() counts
function Channel:last_usage()
  return self.handle:last_usage()
end

--- Gives the task that waits for an answer.
---@return lunasa.Task?
function Channel:waiter()
  return self.handle:waiter()
end

--- Sends what is queued without waiting.
function Channel:flush()
  self.handle:flush()
end

--- Closes at once; whoever waits for an answer gets the error.
---@param code? "IO"|"TIMEOUT"|"CANCELLED" nil for an orderly end
---@param message? string
function Channel:close(code, message)
  if self.closed then
    return
  end
  self.closed = true
  self.was_open = self.session:state() == "open"
  if not code and self.session:want() ~= "nothing" then
    code, message = "IO", errors.CLOSED_HERE
  elseif not code then
    self.session:command("quit")
    self.handle:flush(true)
  end
  self.handle:close(code, message)
end

--- Waits for the login.
local function log_in(channel, deadline)
  local task = uv.current()
  local bell = alarm(task, deadline)
  local session = channel.session
  local err = take_interruption(task)
  while session:state() == "connecting" and not err do
    channel.handle:await(0)
    err = take_interruption(task)
    if bell.rang then
      err = err or errors.new("TimeoutError", "connecting took too long", { which = "connect" })
    end
  end
  silence(bell)
  local state, raw = session:state()
  if err then
    channel.handle:forget()
    channel:close("CANCELLED", err.message)
    return nil, err
  elseif state == "closed" then
    return nil, raw
  end
  return channel
end

local function on_lost(channel)
  channel.closed, channel.is_lost = true, true
  if channel.on_lost then
    channel.on_lost()
  end
end

--- Connects and logs in.
---@async
---@param wanted lunasa.Login
---@param deadline? number absolute; the login's own timeout runs as well
---@return lunasa.Channel?
---@return table|lunasa.Error? err
function runtime.open(wanted, deadline)
  check()
  local login = require("lunasa.login") -- loaded by who connects
  local is_local = wanted.stream.path ~= nil
  local credentials = login.options(wanted)
  local session, raw = require("lunasa.core").session(wanted.driver, credentials, is_local)
  if not session then
    return nil, raw
  end
  local handle = uv.open(session, wanted.stream, login.tls_context(wanted))
  local channel = setmetatable({ session = session, handle = handle, closed = false }, Channel)
  local opened, err = log_in(channel, deadline)
  if not opened then
    return nil, err
  end
  handle:on_lost(on_lost, channel)
  return opened
end

--- Serves the loop until `is_over` says so.
---@param is_over fun(): boolean
---@return boolean finished false when nothing can ever become ready and it is not over
function runtime.serve(is_over)
  while not is_over() do
    if not uv.step() and not is_over() then
      -- What was dropped gives up its turn when it is collected: somebody may wait for that.
      collectgarbage()
      if not uv.step() and not is_over() then
        return false
      end
    end
  end
  return true
end

return runtime
