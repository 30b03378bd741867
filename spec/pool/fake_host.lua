--- A runtime whose clock the spec moves, and connections that only remember what was done to them.
local assert = require("luassert")
local errors = require("lunasa.error")

local MODULES = {
  "lunasa.pool",
  "lunasa.pool_actions",
  "lunasa.pool_direct",
  "lunasa.pool_lease",
  "lunasa.pool_statements",
  "lunasa.pool_wait",
  "lunasa.connection",
}

local fake_host = {}

---@class FakeHost
local Host = {}
Host.__index = Host

local Waiter = {}
Waiter.__index = Waiter

--- Resumes a task later, in order.
local function make_ready(host, task, ...)
  table.insert(host.ready, { task, ... })
end

function Waiter:wait(deadline)
  if self.woken then
    return true
  end
  local task = coroutine.running()
  self.task, self.host.parked[task] = task, self
  self.timer = deadline
    and self.host.runtime.after(deadline - self.host.now, function()
      self:resume(nil, errors.new("TimeoutError", "the deadline has passed"))
    end)
  return coroutine.yield()
end

function Waiter:resume(...)
  local task = self.task
  if task then
    self.task, self.host.parked[task] = nil, nil
    if self.timer then
      self.timer:stop()
    end
    make_ready(self.host, task, ...)
  end
end

function Waiter:wake()
  self.woken = true
  self:resume(true)
end

local function new_runtime(host)
  local runtime = { has_background = true }
  function runtime.now()
    return host.now
  end
  function runtime.check() end
  function runtime.waiter()
    return setmetatable({ host = host }, Waiter)
  end
  function runtime.spawn(work, ...)
    local task = coroutine.create(work)
    make_ready(host, task, ...)
    return task
  end
  function runtime.after(seconds, work)
    local timer = { at = host.now + seconds, work = work }
    function timer.stop()
      host.timers[timer] = nil
    end
    host.timers[timer] = true
    return timer
  end
  return runtime
end

local Connection = {}
Connection.__index = Connection

function Connection:detach()
  local channel = self.channel
  self.channel = nil
  return channel
end

function Connection:is_usable()
  return self.channel ~= nil and not self.channel.closed
end

function Connection:reset_for_release(mode)
  local channel = self.channel
  table.insert(channel.log, mode)
  if channel.on_reset then
    channel.on_reset()
  end
  local was_undone = self.in_transaction or false
  self.in_transaction = false
  return not channel.closed, was_undone
end

function Connection:ping()
  table.insert(self.channel.log, "ping")
  if self.channel.is_dead then
    errors.raise("OperationalError", "gone")
  end
end

function Connection:query(sql, args, options)
  return sql, args, options
end

function Connection:transaction(options, work)
  if self.channel.dies_at_begin then
    self.channel.closed = true
    errors.raise(self.channel.dies_with or "OperationalError", "gone")
  end
  table.insert(self.channel.log, "begin")
  local result = work(self, options)
  table.insert(self.channel.log, "commit")
  return result
end

--- What stands for `lunasa.connection`.
local function new_connections(host)
  local connections = {}
  function connections.wrap(channel)
    return setmetatable({ channel = channel }, Connection)
  end
  function connections.open(_, runtime, key)
    if host.open_delay then
      local waiter = runtime.waiter()
      waiter:wait(host.now + host.open_delay)
    end
    local failure = table.remove(host.failures, 1)
    if failure then
      errors.raise("OperationalError", failure)
    end
    local channel = { id = #host.channels + 1, key = key, log = {}, closed = false }
    channel.session = host.session
    function channel.close()
      channel.closed = true
    end
    table.insert(host.channels, channel)
    return connections.wrap(channel)
  end
  return connections
end

function fake_host.new()
  local host = setmetatable({
    now = 1000,
    ready = {},
    parked = {},
    timers = {},
    channels = {}, -- every one that was opened
    failures = {}, -- messages with which the next opens fail
    session = nil, -- of every channel: with one, what nobody has used goes the direct way
  }, Host)
  host.runtime = new_runtime(host)
  return host
end

--- Makes a pool of modules that know our connections only.
function Host:make(options)
  local saved = {}
  for _, name in ipairs(MODULES) do
    saved[name], package.loaded[name] = package.loaded[name], nil
  end
  package.loaded["lunasa.connection"] = new_connections(self)
  options.minsize = options.minsize or 0
  self.pool = require("lunasa.pool").create({}, options, self.runtime)
  for _, name in ipairs(MODULES) do
    package.loaded[name] = saved[name]
  end
  return self.pool
end

function Host:acquire(timeout)
  return self:run(self.pool.acquire, self.pool, timeout)
end

function Host:release(conn)
  return self:run(self.pool.release, self.pool, conn)
end

function Host:assert_counts(size, freesize, used, waiting)
  local pool = self.pool
  local actual = { pool.size, pool.freesize, pool.used, pool.waiting }
  assert.same({ size, freesize, used, waiting }, actual)
end

function fake_host.assert_raised(class, pattern, outcome)
  assert.is_false(outcome.ok)
  assert.equal(class, outcome.value.class)
  assert.matches(pattern, outcome.value.message)
end

--- Runs a task, and whatever is ready after it, until all is quiet. Returns a table that will hold
--- `ok` and what the task returned or raised.
function Host:run(work, ...)
  local outcome = {}
  outcome.task = self.runtime.spawn(function(...)
    outcome.ok, outcome.value, outcome.more = pcall(work, ...)
  end, ...)
  self:settle()
  return outcome
end

--- Resumes tasks until none is ready.
function Host:settle()
  while #self.ready > 0 do
    local entry = table.remove(self.ready, 1)
    local ok, err = coroutine.resume(unpack(entry, 1, 4))
    assert(ok, tostring(err))
  end
end

--- Moves the clock, running timers in order.
function Host:advance(seconds)
  local target = self.now + seconds
  while true do
    local due
    for timer in pairs(self.timers) do
      if timer.at <= target and (not due or timer.at < due.at) then
        due = timer
      end
    end
    if not due then
      break
    end
    self.now = math.max(self.now, due.at)
    self.timers[due] = nil
    due.work()
    self:settle()
  end
  self.now = target
end

--- Cancels a task that waits.
function Host:cancel(task)
  self.parked[task]:resume(nil, errors.new("CancelledError", "cancelled"))
  self:settle()
end

return fake_host
