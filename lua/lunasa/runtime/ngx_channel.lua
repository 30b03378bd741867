--- A session on a cosocket.
---
--- A channel belongs to the request that opened or revived it. Between two requests it is parked:
--- the socket is in a pool of nginx that has room for just this one, the session is here.
local core = require("lunasa.core")
local errors = require("lunasa.error")
local login = require("lunasa.login")
local pump = require("lunasa.runtime.ngx_pump")
local stream = require("lunasa.runtime.ngx_stream")

local channel = {}

--- How long saying good-bye may take, in seconds.
local FAREWELL = 1

--- What a revival connected to in vain, by the key of the slot, for the login that follows.
---@type table<string, { stream: lunasa.ngx.Stream, request: userdata }>
local spares = {}

--- Channels that log in, or have, by the key of their slot.
---@type table<string, lunasa.Channel>
local opening = setmetatable({}, { __mode = "v" })

local serial = 0

---@class lunasa.Channel
---@field session userdata
---@field observer? lunasa.Observer|false who is told of its commands
---@field closed boolean
---@field was_open? boolean it was closed by this program, with nothing wrong in it
---@field on_lost? function never called: nobody watches the socket between two requests
---@field private host lunasa.ngx.Host
---@field private wanted lunasa.Login
---@field private key? string of the slot
---@field private stream lunasa.ngx.Stream
---@field private request userdata whose it is
---@field private is_parked boolean
---@field private is_sending boolean a statement may be on its way in part
---@field private used_at number when bytes went or came last, in seconds
---@field private waiting_task? lunasa.Task
---@field private left_pump? lunasa.Waiter of what goes on receiving after its task was interrupted
local Channel = {}
Channel.__index = Channel
Channel.__name = "lunasa.Channel"

--- Connects, unless a revival has just done so.
---@async
---@return lunasa.ngx.Stream?
---@return table? raw
local function connect(self, deadline)
  local spare = self.key and spares[self.key]
  if spare then
    spares[self.key] = nil
    if spare.request == self.request then
      return spare.stream
    end
  end
  serial = serial + 1
  local key = ("%s:%s:%d"):format(self.host.prefix, self.key or "alone", serial)
  return stream.open(self.host, stream.address(self.wanted.stream), key, deadline)
end

---@async
---@return table? raw
local function log_in(self, deadline)
  local raw
  self.stream, raw = connect(self, deadline)
  return raw or pump.run(self, nil, deadline)
end

--- The earlier of a deadline and the end of the time for connecting.
local function connect_deadline(self, deadline)
  local limit = self.wanted.stream.connect_timeout
  if limit > 0 then
    return math.min(deadline or math.huge, self.host.now() + limit)
  end
  return deadline
end

--- Puts an error that ended the login into words. The time may have been the caller's own.
local function login_failure(raw)
  if raw.code == "TIMEOUT" then
    return { code = "TIMEOUT", message = "connecting took too long" }
  end
  return raw
end

--- Connects and logs in.
---@async
---@param host lunasa.ngx.Host
---@param wanted lunasa.Login
---@param deadline? number absolute
---@param key? string
---@return lunasa.Channel?
---@return table|lunasa.Error|nil err
function channel.open(host, wanted, deadline, key)
  local is_local = wanted.stream.path ~= nil
  if key then
    opening[key] = nil
  end
  local session, refusal = core.session(wanted.driver, login.options(wanted), is_local)
  if not session then
    return nil, refusal
  end
  local self = setmetatable({
    session = session,
    closed = false,
    host = host,
    wanted = wanted,
    key = key,
    stream = nil,
    request = host.request(),
    is_parked = false,
    is_sending = false,
    used_at = host.now(),
    waiting_task = nil,
    left_pump = nil,
  }, Channel)
  if key then
    opening[key] = self
  end
  local interruption, raw = host.guard(log_in, self, connect_deadline(self, deadline))
  local state, problem = session:state()
  if not interruption and not raw and state == "open" then
    return self
  end
  self:close("CANCELLED", "the login was given up")
  return nil, interruption or raw and login_failure(raw) or problem
end

--- Gives the channel that a slot has not yet, because it logs in.
---@param key string
---@return lunasa.Channel?
function channel.opening(key)
  return opening[key]
end

--- Closes the channel when its session did.
local function settle(self)
  if self.session:state() == "closed" then
    self.closed = true
    self.stream:close()
  end
end

local function timed_out()
  local message = "the statement took longer than its timeout"
  return errors.new("TimeoutError", message, { which = "statement" })
end

--- Waits for the pump that an interrupted wait left running: nobody else can use the socket.
---@async
local function join_pump(self, deadline)
  local left = self.left_pump
  if not left then
    return true
  end
  local ok, err = left:wait(deadline)
  if ok then
    self.left_pump = nil
    return true
  end
  return nil, err
end

--- A pump that only listens may go on: the answer is still wanted, if only to be thrown away.
local function may_stay(self)
  return not self.is_sending
end

--- Sends what is queued and waits for the answer to `token`. When that is interrupted, the answer
--- is still to come, unless the server has only a part of the statement: then the channel closes.
---@async
---@param token integer
---@param deadline? number absolute, in seconds
---@return true|nil
---@return lunasa.Error? err
function Channel:wait(token, deadline)
  local ok, err = join_pump(self, deadline)
  if not ok then
    return nil, err
  end
  self.waiting_task = self.host.current()
  local interruption, outcome = self.host.guard_kept(may_stay, pump.run, self, token, deadline)
  self.waiting_task = nil
  if not interruption and not outcome then
    settle(self)
    return true
  end
  err = interruption or timed_out()
  self.left_pump = interruption and outcome
  if self.is_sending then
    self:close(err:is("TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
  end
  return nil, err
end

--- Cosockets do not tell their addresses.
---@return nil
function Channel:address()
  return nil
end

--- Gives when bytes went or came last.
---@return number seconds, as runtime.now() counts
function Channel:last_usage()
  return self.used_at
end

--- Gives the task that waits for an answer.
---@return lunasa.Task?
function Channel:waiter()
  return self.waiting_task
end

--- What is queued goes out with the next wait: sending may suspend.
function Channel:flush() end

--- Raises when another request uses the channel than the one whose it is.
function Channel:check()
  if self.request ~= self.host.request() and not self.closed then
    errors.raise(
      "InterfaceError",
      "this connection belongs to another request: take one from a pool in each request"
    )
  end
end

--- Says good-bye to the server, when it has nothing left to answer.
local function say_goodbye(self)
  if self.session:want() == "nothing" and self.session:command("quit") then
    self.stream:send(self.session:output(), self.host.now() + FAREWELL)
  end
end

--- Takes a parked stream back in a request of its own, to close it.
---@async
local function close_parked(self)
  if self.stream:resume(connect_deadline(self)) then
    say_goodbye(self)
  end
  self.stream:close()
  pump.hang_up(self)
end

--- Closes at once. One that is another request's is closed by nginx when that request is over.
---@param code? "IO"|"TIMEOUT"|"CANCELLED" nil for an orderly end
---@param message? string
function Channel:close(code, message)
  if self.closed then
    return
  end
  self.closed = true
  if self.is_parked then
    self.host.later(close_parked, self)
    return
  end
  local is_in_use = self.left_pump and not self.left_pump.woken -- which closes it, then
  local is_ours = self.stream and not is_in_use and self.request == self.host.request()
  self.was_open = self.session:state() == "open"
  if not code and self.session:want() ~= "nothing" then
    code, message = "IO", errors.CLOSED_HERE
  elseif not code and is_ours then
    pcall(say_goodbye, self)
  end
  self.session:hangup(code, message)
  if is_ours then
    self.stream:close()
  end
end

--- Leaves the channel to a later request.
---@param seconds? number until nginx closes it; nil for never
---@return boolean is_parked false: it is closed
function Channel:park(seconds)
  if self.closed or self.session:want() ~= "nothing" then
    return false
  end
  if not self.stream:park(seconds) then
    self.closed = true
    pump.hang_up(self, { message = "the server sent what nobody asked for" })
    return false
  end
  self.is_parked, self.request = true, nil
  return true
end

--- Takes a parked channel into this request.
---@async
---@param deadline? number
---@return boolean is_alive
function Channel:revive(deadline)
  local self_deadline = connect_deadline(self, deadline)
  local interruption, is_same, fresh =
    self.host.guard(self.stream.resume, self.stream, self_deadline)
  self.is_parked = false
  self.request = self.host.request()
  if is_same then
    return true
  end
  self.closed = true
  pump.hang_up(self, { message = "the server closed the idle connection" })
  if interruption then
    errors.throw(interruption)
  elseif self.key and is_same == false then
    spares[self.key] = { stream = fresh, request = self.request }
  end
  return false
end

--- Tells whether the request that used the channel ended without closing or parking it.
---@return boolean
function Channel:is_orphan()
  return not self.closed and self.stream ~= nil and self.stream:is_orphan()
end

return channel
