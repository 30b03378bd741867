local core = require("lunasa.core")
local driver = require("lunasa.driver.mysql")

--- One that nobody has left anything in.
local SESSION = assert(core.session(driver, { user = "somebody" }, false))

--- A host that does something random at every step, with its own idea of who holds what.
---@class Host
local Host = {}
Host.__index = Host

local function new_host(options)
  return setmetatable({
    pool = core.pool(options),
    options = options,
    now = 0,
    slots = {}, -- slot -> "opening" | "idle" | "used"; nil: no channel
    waiters = {}, -- waiter -> true while its end is not known
    ended = {}, -- waiter -> how it ended
    closed = false,
  }, Host)
end

--- A random key of `map` whose value is `value`, in an order that the seed decides.
local function pick(map, value)
  local keys = {}
  for key, state in pairs(map) do
    if state == value then
      table.insert(keys, key)
    end
  end
  table.sort(keys)
  return keys[#keys > 0 and math.random(#keys) or 0]
end

function Host:finish(waiter, how)
  assert.is_true(self.waiters[waiter], how .. " for a waiter that does not wait")
  assert.is_nil(self.ended[waiter])
  self.waiters[waiter], self.ended[waiter] = nil, how
end

function Host:hold(slot, before)
  assert.equal(before, self.slots[slot])
  self.slots[slot] = "used"
end

Host.execute = {
  open = function(self, slot)
    assert.is_nil(self.slots[slot])
    self.slots[slot] = "opening"
  end,
  grant = function(self, slot, waiter)
    self:finish(waiter, "grant")
    -- The slot was free to grant: reported opened, released or revoked.
    self:hold(slot, "idle")
  end,
  close = function(self, slot)
    assert.equal("idle", self.slots[slot])
    self.slots[slot] = nil
  end,
  expire = function(self, _, waiter)
    self:finish(waiter, "expire")
  end,
  fail = function(self, _, waiter)
    self:finish(waiter, "fail")
  end,
  closed = function(self)
    assert.is_false(self.closed)
    assert.is_nil(next(self.slots))
    self.closed = true
  end,
}

function Host:take(limit)
  for _ = 1, limit do
    local kind, slot, waiter = self.pool:next()
    if not kind then
      return
    end
    self.execute[kind](self, slot, waiter)
  end
end

local function chance(percent)
  return math.random(100) <= percent
end

Host.steps = {
  function(self) -- acquire
    local timeout = chance(50) and math.random() * 5 or 0
    local slot, waiter, err = self.pool:acquire(self.now, timeout)
    if slot then
      self:hold(slot, "idle")
    elseif waiter then
      assert.is_nil(self.waiters[waiter] or self.ended[waiter])
      self.waiters[waiter] = true
    else
      assert.is_true(err == "LIMIT" or self.pool:is_closing())
    end
  end,
  function(self) -- release
    local slot = pick(self.slots, "used")
    if slot then
      assert.is_not_nil(self.pool:release(slot, chance(80), self.now))
      self.slots[slot] = "idle"
    end
  end,
  function(self) -- acquire, the short ways
    local slot = self.pool:take(self.now)
    if slot > 0 then
      self:hold(slot, "idle")
      return
    end
    local waiter = self.pool:queue(self.now, chance(50) and math.random() * 5 or 0)
    if waiter > 0 then
      assert.is_nil(self.waiters[waiter] or self.ended[waiter])
      self.waiters[waiter] = true
    end
  end,
  function(self) -- release, the short ways
    local slot = pick(self.slots, "used")
    local waiter = slot and self.pool:pass_on(slot, SESSION, self.now) or 0
    if waiter > 0 then
      self:finish(waiter, "grant")
    elseif slot and self.pool:give(slot, SESSION, self.now) > 0 then
      self.slots[slot] = "idle"
    end
  end,
  function(self) -- an open ends
    local slot = pick(self.slots, "opening")
    if slot and chance(70) then
      assert.is_not_nil(self.pool:opened(slot, self.now, math.random()))
      self.slots[slot] = "idle"
    elseif slot then
      assert.is_not_nil(self.pool:open_failed(slot, self.now))
      self.slots[slot] = nil
    end
  end,
  function(self) -- forget
    local waiter = pick(self.waiters, true)
    if waiter then
      assert.is_not_nil(self.pool:forget(waiter, self.now))
      self:finish(waiter, "forget")
    end
  end,
  function(self) -- forget too late
    local waiter = next(self.ended)
    if waiter then
      assert.is_nil((self.pool:forget(waiter, self.now)))
    end
  end,
  function(self) -- lost
    local slot = pick(self.slots, "idle")
    if slot and self.pool:lost(slot, self.now) ~= nil then
      self.slots[slot] = nil
    end
  end,
  function(self) -- time passes
    self.now = self.now + math.random() * 2
    self.pool:tick(self.now)
  end,
  function(self)
    if chance(5) then
      self.pool:clear(self.now)
    end
  end,
}

function Host:check()
  local size, idle, used, opening, waiting = self.pool:count()
  assert.is_true(size <= self.options.maxsize)
  assert.equal(size, idle + used + opening)
  assert.is_true(idle == 0 or waiting == 0, "somebody waits beside an idle slot")
  assert.is_true(
    opening >= waiting or size == self.options.maxsize,
    "somebody waits for nothing to come"
  )
end

--- After every action was taken, both sides agree.
function Host:check_agreement()
  self:take(math.huge)
  local seen = { idle = 0, used = 0, opening = 0 }
  for _, state in pairs(self.slots) do
    seen[state] = seen[state] + 1
  end
  local _, idle, used, opening = self.pool:count()
  assert.same(seen, { idle = idle, used = used, opening = opening })
end

function Host:finish_all()
  self.pool:close(self.now)
  for _ = 1, 2 * self.options.maxsize + 2 do
    self:take(math.huge)
    self.steps[2](self)
    self.steps[5](self)
  end
  self:take(math.huge)
  assert.is_nil(next(self.waiters), "a waiter was left behind")
  assert.is_true(self.closed)
end

local function random_options()
  local maxsize = math.random(1, 70)
  return {
    minsize = math.random(0, maxsize),
    maxsize = maxsize,
    max_waiters = chance(50) and math.random(0, 20) or nil,
    max_idle = chance(50) and 3 or nil,
    max_lifetime = chance(50) and 10 or nil,
    order = chance(50) and "fifo" or nil,
  }
end

local function run(seed, steps)
  math.randomseed(seed)
  local host = new_host(random_options())
  if chance(50) then
    host.pool:fill(host.now)
  end
  for step = 1, steps do
    host.steps[math.random(math.random(#host.steps))](host)
    host:check()
    host:take(chance(60) and math.huge or math.random(0, 2))
    if step % 10 == 0 then
      host:check_agreement()
    end
  end
  host:finish_all()
end

describe("lunasa.core.pool, driven at random", function()
  for seed = 1, 20 do
    it("keeps its promises with seed " .. seed, function()
      run(seed, 2000)
    end)
  end
end)
