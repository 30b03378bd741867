--- The fence around a connection whose statement was given up, by a cancellation or a deadline.
---
--- Behind it, in a task of its own, the statement is ended on the server with KILL QUERY and its
--- answer thrown away. A server may keep the kill for the statement that comes next, so that one
--- is ours. Only then is the connection given to whoever waits for a turn on it; when that takes
--- longer than `cancel_timeout`, it is closed.
local errors = require("lunasa.error")
local format = require("lunasa.format")
local log = require("lunasa.log")
local result = require("lunasa.result")
local side = require("lunasa.side")

local fence = {}

--- How long an answer that is perhaps on its way is waited for before the server is asked to hurry,
--- in seconds.
local GRACE = 0.005

--- The first pause before KILL is tried again, in seconds: the statement may have begun after it.
local RETRY = 0.02

--- What takes a kill that came too late. It changes nothing, in a transaction neither.
local ABSORBENT = "DO SLEEP(0)"

--- ER_QUERY_INTERRUPTED
local INTERRUPTED = 1317

--- Columns of SHOW PROCESSLIST.
local ID, USER, HOST, COMMAND, INFO = 1, 2, 3, 5, 8

---@class lunasa.Fence
---@field private channel lunasa.Channel
---@field private runtime lunasa.Runtime
---@field private token integer of the last command that nobody waits for
---@field private sql? string nil for what KILL does not end
---@field private deadline number
---@field private was_killed boolean KILL was sent
---@field private waiters lunasa.Waiter[]
---@field private leave fun(channel: lunasa.Channel) gives the turn on
---@field private is_closing boolean nobody wants the connection any more

local function is_answered(self)
  return self.channel.closed or self.channel.session:done(self.token)
end

--- Waits for the answer, at most until `time`.
---@async
---@return boolean
local function wait_for_answer(self, time)
  local ok, err = self.channel:wait(self.token, math.min(time, self.deadline))
  if not ok and (not err:is("TimeoutError") or errors.is_interruption(err)) then
    errors.throw(err)
  elseif not ok and self.runtime.now() >= self.deadline then
    local seconds = self.channel.config.cancel_timeout
    errors.raise("TimeoutError", ("it did not end within %g s"):format(seconds))
  end
  return ok or false
end

--- What of a statement stands in the process list for certain: its beginning, up to what lunasa or
--- the server may write in another way.
local function beginning(sql)
  return sql:match("^%s*([^?:%%\128-\255]*)"):sub(1, 60)
end

--- Tells whether a line of the process list is our connection, inside our statement.
local function is_ours(self, row, address)
  local channel = self.channel
  local facts = channel.session:facts()
  if row[ID] ~= facts.connection_id or row[USER] ~= channel.config.user then
    return false
  elseif row[COMMAND] == "Sleep" then
    return false
  elseif address then
    return tostring(row[HOST]):match(":(%d+)$") == tostring(address.local_port)
  end
  local text = type(row[INFO]) == "string" and row[INFO] or ""
  local expected = beginning(self.sql)
  return text:sub(1, #expected) == expected
end

--- Has the server end the statement, when it shows it to us and the answer did not come meanwhile.
---@async
local function kill(self, aside, address)
  local list = aside:query("SHOW PROCESSLIST", format.ARRAY, self.deadline)
  for row in list:rows() do
    if is_ours(self, row, address) and not is_answered(self) then
      self.was_killed = true
      local _, err = pcall(aside.query, aside, "KILL QUERY " .. row[ID], 0, self.deadline)
      if errors.is_error(err) and not err.errno then
        errors.throw(err)
      end
      return
    end
  end
end

--- Ends the statement.
---@async
local function interrupt(self, aside, address)
  local pause = RETRY
  repeat
    if self.sql then
      kill(self, aside, address)
    end
    local is_over = wait_for_answer(self, self.runtime.now() + pause)
    pause = pause * 2
  until is_over
end

--- Sends what takes a kill that came too late. Tells whether there was none.
---@async
local function is_clean(self)
  local session = self.channel.session
  local token, raw = session:query(ABSORBENT)
  if not token then
    errors.throw(errors.from_core(raw))
  end
  self.token = token
  local ok, err = self.channel:wait(token, self.deadline)
  if not ok then
    session:abandon(token)
    errors.throw(err)
  end
  local answer
  answer, err = result.take(session, token, format.QUIET, ABSORBENT)
  return answer ~= nil or err.errno ~= INTERRUPTED
end

--- Waits for the answer, hurries the server, and makes sure that nothing of it is left.
---@async
local function clear(self)
  local channel, runtime = self.channel, self.runtime
  if not wait_for_answer(self, runtime.now() + GRACE) then
    local address = channel:address()
    local aside = self.sql and side.open(runtime, channel.config, address, self.deadline)
    local ok, err = pcall(interrupt, self, aside, address)
    if aside then
      aside:close()
    end
    if not ok then
      error(err, 0)
    end
  end
  while self.was_killed and not channel.closed and not is_clean(self) do
  end
end

--- Closes the connection, and says why.
local function give_up(self, err)
  local channel = self.channel
  if channel.closed then
    return
  end
  local problem = errors.is_error(err) and err.message or tostring(err)
  local message = "a statement was given up, and ending it failed: " .. problem
  channel:close("CANCELLED", message)
  local id = channel.session:facts().connection_id
  log.warn(("connection %d is closed: %s"):format(id, message))
end

--- Gives the turn on, and wakes who waits for the end of the fence.
local function open(self)
  local channel = self.channel
  channel.fence = nil
  if self.is_closing then
    channel:close()
  end
  for _, waiter in ipairs(self.waiters) do
    waiter:wake()
  end
  self.leave(channel)
end

local function run(self)
  local began = self.runtime.now()
  local ok, err = pcall(clear, self)
  if not ok then
    give_up(self, err)
  elseif self.channel.session:state() == "closed" then
    self.channel:close("IO", "the session is over")
  end
  open(self)
  local observer = self.channel.observer
  if observer and (self.was_killed or not ok) then
    observer:fenced(self, began, not ok and err or nil)
  end
end

--- Tells whether the connection can be told from what it sent: a statement of which the server has
--- only a part would have to be finished first.
local function is_possible(channel)
  return channel.config.cancel_timeout > 0 and channel.session:want() ~= "write"
end

--- Takes over the turn on a channel whose command was given up: to be called instead of giving the
--- turn on.
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param token integer of the last command that nobody waits for any more
---@param sql? string its statement; nil for what KILL does not end
---@param err lunasa.Error why it was given up
---@param leave fun(channel: lunasa.Channel) gives the turn on
function fence.begin(channel, runtime, token, sql, err, leave)
  local session = channel.session
  session:abandon(token)
  if not channel.closed and not is_possible(channel) then
    channel:close(err:is("TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
  end
  if not channel.closed and session:state() == "closed" then
    channel:close("IO", "the session is over")
  end
  if channel.closed then
    leave(channel)
    return
  end
  local self = {
    channel = channel,
    runtime = runtime,
    token = token,
    sql = sql,
    deadline = runtime.now() + channel.config.cancel_timeout,
    was_killed = false,
    waiters = {},
    leave = leave,
    is_closing = false,
  }
  channel.fence = self
  local ok, problem = pcall(runtime.spawn, run, self)
  if not ok then
    give_up(self, problem)
    open(self)
  end
end

--- Waits until there is no fence around the channel.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
function fence.wait(channel, runtime)
  local self = channel.fence
  if self then
    local waiter = runtime.waiter()
    table.insert(self.waiters, waiter)
    local ok, err = waiter:wait()
    if not ok then
      errors.throw(err)
    end
  end
end

--- Has a channel inside a fence closed when the statement is over on the server.
---@param channel lunasa.Channel
---@return boolean is_fenced else the caller closes it
function fence.close_later(channel)
  if channel.fence and not channel.closed then
    channel.fence.is_closing = true
    return true
  end
  return false
end

return fence
