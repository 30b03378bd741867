--- The side connection: a login of its own to the very server that another connection is to, for
--- what cannot be said on that one. When many need one at the same time, they share a few.
local errors = require("lunasa.error")
local login = require("lunasa.login")
local result = require("lunasa.result")

local side = {}

--- How many there are at most for one configuration and address.
local MOST = 4

--- Side connections that are open or being opened, by configuration and address.
---@type table<table, table<string, lunasa.Side[]>>
local shared = setmetatable({}, { __mode = "k" })

---@class lunasa.Side
---@field private runtime lunasa.Runtime
---@field private channel? lunasa.Channel
---@field private failure? lunasa.Error why there is none
---@field private users integer
---@field private waiters lunasa.Waiter[] that wait for it to open
---@field private siblings lunasa.Side[] those that are shared with it
local Side = {}
Side.__index = Side
Side.__name = "lunasa.Side"

local function new(runtime, siblings)
  return setmetatable({
    runtime = runtime,
    channel = nil,
    failure = nil,
    users = 0,
    waiters = {},
    siblings = siblings,
  }, Side)
end

local function forget(self)
  for i, sibling in ipairs(self.siblings) do
    if sibling == self then
      table.remove(self.siblings, i)
      return
    end
  end
end

---@async
local function log_in(self, config, address, deadline)
  local ok, channel, raw = pcall(self.runtime.open, login.side(config, address), deadline)
  if ok and channel then
    self.channel = channel
  else
    self.failure = ok and errors.from_core(raw) or channel
    forget(self)
  end
  for _, waiter in ipairs(self.waiters) do
    waiter:wake()
  end
end

local function siblings_of(config, address)
  local by_address = shared[config] or {}
  shared[config] = by_address
  local key = address and address.host .. " " .. address.port or ""
  by_address[key] = by_address[key] or {}
  return by_address[key]
end

--- Gives the one to use: in nginx a socket belongs to its request, so nothing is shared.
local function find(runtime, config, address)
  if not runtime.has_background then
    return new(runtime, {})
  end
  local siblings, found = siblings_of(config, address), nil
  for _, sibling in ipairs(siblings) do
    if not found or sibling.users < found.users then
      found = sibling
    end
  end
  if #siblings < MOST then
    found = new(runtime, siblings)
    table.insert(siblings, found)
  end
  return found
end

--- Connects, or joins those who have. Every `open` is followed by one `close`, unless it raised.
---@async
---@param runtime lunasa.Runtime
---@param config table of the other connection
---@param address? lunasa.Address of its server, resolved; nil where that is not known
---@param deadline number absolute, in seconds
---@return lunasa.Side
function side.open(runtime, config, address, deadline)
  local self = find(runtime, config, address)
  self.users = self.users + 1
  local is_joined = self.users > 1
  if not is_joined then
    log_in(self, config, address, deadline)
  elseif not self.channel and not self.failure then
    local waiter = runtime.waiter()
    table.insert(self.waiters, waiter)
    local ok, err = waiter:wait(deadline)
    if not ok then
      self:close()
      errors.throw(err)
    end
  end
  if self.failure then
    self:close()
    if is_joined and errors.is_interruption(self.failure) then
      return side.open(runtime, config, address, deadline) -- that was another task's
    end
    errors.throw(self.failure)
  end
  return self
end

--- Runs a statement. Raises when it fails.
---@async
---@param sql string
---@param format integer
---@param deadline number absolute, in seconds
---@return lunasa.Result
function Side:query(sql, format, deadline)
  local session = self.channel.session
  local token, raw = session:query(sql)
  if not token then
    errors.throw(errors.from_core(raw, sql))
  end
  local ok, err = self.channel:wait(token, deadline)
  if not ok then
    session:abandon(token)
    forget(self)
    errors.throw(err)
  end
  local answer
  answer, err = result.take(session, token, format, sql)
  if self.channel.closed or session:state() == "closed" then
    forget(self)
  end
  return answer or errors.throw(err)
end

--- Closes it, when nobody else uses it.
function Side:close()
  self.users = self.users - 1
  if self.users > 0 then
    return
  end
  forget(self)
  if self.channel then
    self.channel:close()
  end
end

return side
