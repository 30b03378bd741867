--- A channel: values from tasks to tasks, in order.
---
--- A value goes to the receiver that waits longest, and a place in the channel to the sender that
--- does, so nobody can come in between.
local check = require("lunasa.sync.check")
local errors = require("lunasa.error")
local queue = require("lunasa.sync.queue")
local runtime = require("lunasa.runtime")

---@class lunasa.sync.Channel
---@field capacity number values that it holds while nobody receives them
---@field count integer values that it holds now
---@field closed boolean
---@field private values_held table by number, from `head` on
---@field private head integer
---@field private senders lunasa.sync.Queue
---@field private receivers lunasa.sync.Queue
local Channel = {}
Channel.__index = Channel
Channel.__name = "lunasa.sync.Channel"

local function append(self, value)
  self.values_held[self.head + self.count] = value
  self.count = self.count + 1
end

--- Takes what has been waiting longest, and lets the next sender in.
---@return any value nil: there is none
local function take(self)
  local value
  if self.count > 0 then
    value = self.values_held[self.head]
    self.values_held[self.head] = nil
    self.head, self.count = self.head + 1, self.count - 1
  end
  local sender = self.senders:pop()
  if sender then
    if value == nil then
      value = sender.value
    else
      append(self, sender.value)
    end
    sender.is_taken = true
    sender.parked:wake()
  end
  return value
end

--- Gives a value to who waits for one, or keeps it where there is room.
---@return boolean is_given
local function put(self, value)
  local receiver = self.receivers:pop()
  if receiver then
    receiver.value = value
    receiver.parked:wake()
    return true
  elseif self.count < self.capacity then
    append(self, value)
    return true
  end
  return false
end

--- Refuses what cannot be sent, in the name of the caller's caller.
local function check_sending(self, value)
  if value == nil then
    local message = "a channel carries no nil, which tells a receiver that it is closed: send "
      .. "lunasa.null"
    errors.raise("ArgumentError", message, nil, 3)
  elseif self.closed then
    errors.raise("InterfaceError", "the channel is closed: nothing can be sent", nil, 3)
  end
end

--- Sends a value; waits in line while the channel is full, with a capacity of 0 until the value is
--- received. When it raises, the value was not sent.
---@async
---@param value any but nil
---@param timeout? number|false seconds; then a TimeoutError
function Channel:send(value, timeout)
  check_sending(self, value)
  check.timeout(timeout, "channel:send")
  runtime.check()
  if put(self, value) then
    return
  end
  local entry = queue.entry()
  entry.value = value
  if not self.senders:wait(entry, timeout) then
    errors.throw(queue.timed_out("room in the channel", timeout, "send"))
  elseif not entry.is_taken then
    local message = "the channel was closed before the value was received"
    errors.raise("InterfaceError", message, nil, 2)
  end
end

--- Sends a value unless that would take waiting. May be called outside of tasks.
---@param value any but nil
---@return boolean is_sent
function Channel:try_send(value)
  check_sending(self, value)
  return put(self, value)
end

--- Receives the next value, waiting for it in line.
---@async
---@param timeout? number|false seconds; then a TimeoutError
---@return any value nil: the channel is closed, and all that was sent is received
function Channel:receive(timeout)
  check.timeout(timeout, "channel:receive")
  runtime.check()
  local value = take(self)
  if value ~= nil or self.closed then
    return value
  end
  local entry = queue.entry()
  if not self.receivers:wait(entry, timeout) then
    errors.throw(queue.timed_out("a value from the channel", timeout, "receive"))
  end
  return entry.value
end

--- Receives the next value unless that would take waiting. May be called outside of tasks.
---@return any value nil: there is none
function Channel:try_receive()
  return take(self)
end

local function receive_next(self)
  return (self:receive())
end

--- Receives in a loop, until the channel is closed and empty.
---@return fun(channel: lunasa.sync.Channel): any
---@return lunasa.sync.Channel
function Channel:values()
  return receive_next, self
end

--- Ends the channel: what it holds can still be received, tasks that wait to send get an error,
--- those that wait to receive get nil. Closing again does nothing.
function Channel:close()
  self.closed = true
  for _, waiting in ipairs({ self.senders, self.receivers }) do
    local entry = waiting:pop()
    while entry do
      entry.parked:wake()
      entry = waiting:pop()
    end
  end
end

function Channel:__tostring()
  local state = self.closed and ", closed" or ""
  return ("%s(%d of %g%s)"):format(Channel.__name, self.count, self.capacity, state)
end

--- Makes a channel.
---@param capacity? number values that it holds, math.huge for any number; 0: send waits for receive
---@return lunasa.sync.Channel
local function channel(capacity)
  capacity = capacity or 0
  local is_count = type(capacity) == "number"
    and capacity >= 0
    and (capacity == math.huge or capacity % 1 == 0)
  if not is_count then
    local message = "the capacity of a channel is a whole number from 0 on, got "
      .. tostring(capacity)
    errors.raise("ArgumentError", message, nil, 2)
  end
  return setmetatable({
    capacity = capacity,
    count = 0,
    closed = false,
    values_held = {},
    head = 1,
    senders = queue.new(),
    receivers = queue.new(),
  }, Channel)
end

return channel
