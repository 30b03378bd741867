--- Waits for a slot of a pool, in the queue.
---
--- Where there is a background, nobody's wait has a timer of its own: one for the pool looks after
--- those who wait.
local core = require("lunasa.core")
local errors = require("lunasa.error")
local pool_actions = require("lunasa.pool_actions")
local pool_direct = require("lunasa.pool_direct")
local pool_errors = require("lunasa.pool_errors")

local pool_wait = {}

--- Leases that were dropped are looked for this often, in seconds.
local WATCH_INTERVAL = 1

--- A timer may fire this much early, in seconds.
local TIMER_SLACK = 0.002

--- So many entries are kept for those who will wait.
local MOST_SPARE = 64

local NEVER = math.huge

local MODULUS = core.pool_waiter_modulus

local watch

--- Takes back what was dropped, ends the waits that are too long, and looks again while anybody
--- waits.
local function look(pool)
  pool.watch, pool.watch_at = false, NEVER
  pool_actions.reclaim(pool, pool.core:waiting_since())
  pool.core:tick(pool.runtime.now())
  pool_actions.drain(pool)
  pool_actions.schedule(pool)
  if pool.waiting > 0 then
    watch(pool, math.min(pool.runtime.now() + WATCH_INTERVAL, pool.core:next_tick() or NEVER))
  end
end

--- Has `look` called at a time, unless it is called sooner.
function watch(pool, at)
  if pool.watch_at <= at then
    return
  elseif pool.watch then
    pool.watch:stop()
  end
  pool.watch_at = at
  pool.watch = pool.runtime.after(math.max(at - pool.runtime.now(), TIMER_SLACK), function()
    look(pool)
  end, true)
end

--- Gives an entry for the queue. One that is used again has all that a new one has.
---@return lunasa.PoolEntry
local function new_entry(pool)
  local entry = pool.spare_entry
  if entry then
    pool.spare_entry, pool.spare_count = entry.next, pool.spare_count - 1
    entry.next = false
    return entry
  end
  return {
    parked = pool.runtime.waiter(),
    slot = false,
    lease = false,
    done = false,
    failure = false,
    next = false,
  }
end

--- Keeps an entry that nobody waits with for another wait.
local function keep_entry(pool, entry)
  if pool.spare_count < MOST_SPARE then
    entry.next = pool.spare_entry
    pool.spare_entry, pool.spare_count = entry, pool.spare_count + 1
  end
end

--- Keeps an entry whose wait is over, and that nobody else knows.
local function renew_entry(pool, entry)
  local parked = entry.parked
  if parked.renew then
    parked:renew()
    entry.slot, entry.lease, entry.done = false, false, false
    keep_entry(pool, entry)
  end
end

--- Leaves the queue. A slot that was granted meanwhile goes to the next in it.
local function give_up(pool, waiter, entry, err)
  local place = waiter % MODULUS
  if pool.waiters[place] == entry then -- else the place is somebody else's since the grant
    pool.waiters[place] = nil
  end
  if entry.slot then
    local record = pool.slots[entry.slot]
    record.lease, record.since = entry.lease, nil
    pool.core:release(entry.slot, true, pool.runtime.now())
  else
    pool.core:forget(waiter, pool.runtime.now())
  end
  pool_actions.drain(pool)
  errors.throw(err, pool.config.errors)
end

--- Parks the task until its entry is done.
---@async
---@return true|nil
---@return lunasa.Error? err what interrupted it
local function park(pool, entry, started, timeout)
  if not pool.runtime.has_background then
    return pool_actions.wait(pool, entry, timeout and started + timeout or NEVER)
  end
  local at = started + WATCH_INTERVAL
  if timeout and timeout < 2 * WATCH_INTERVAL then
    at = started + timeout / 2
  end
  if at < pool.watch_at then
    watch(pool, at)
  end
  local done, err = entry.parked:wait()
  return done, err
end

--- Raises why a wait ended without a slot.
local function fail(pool, waiter, entry, done, err, timeout)
  pool_actions.count(pool)
  err = err or entry.failure
  if not err then
    err = pool_errors.timeout_error(pool, timeout, pool.waiting + (done and 1 or 0))
    pool.stats.timeouts = pool.stats.timeouts + 1
  end
  if done then
    errors.throw(err, pool.config.errors)
  end
  give_up(pool, waiter, entry, err)
end

--- Does what a new waiter brings about, and what has been dropped meanwhile.
local function begin(pool, started)
  if pool.runtime.has_background and not pool.is_filled then
    pool.is_filled = true
    pool.core:fill(started)
  end
  pool_actions.reclaim(pool)
  pool.waits_directly = pool.is_filled
end

--- Gives a limit as the core takes it, where 0 is none.
local function limit_of(timeout)
  return timeout and math.max(timeout, TIMER_SLACK) or 0
end

--- Takes a slot; waits for one when none is idle.
---@async
---@param pool lunasa.Pool
---@param started number
---@param timeout number|false seconds
---@return integer slot
---@return userdata lease
---@return boolean has_waited
function pool_wait.take(pool, started, timeout)
  if pool.freesize == 0 then
    pool.runtime.check() -- who cannot wait would stay in the queue
  end
  -- Made first: a finalizer may release a connection to who is in the queue.
  local entry = new_entry(pool)
  local slot, code, has_actions
  local limit = limit_of(timeout)
  local waiter = pool.waits_directly and pool_direct.queue(pool, started, limit) or 0
  local is_direct = waiter > 0
  if not is_direct then
    slot, waiter, code, has_actions = pool.core:acquire(started, limit)
  end
  if slot then
    local lease = pool_actions.hand_out(pool, slot, started)
    keep_entry(pool, entry)
    if has_actions then
      pool_actions.drain(pool)
    end
    return slot, lease, false
  elseif not waiter then
    pool_errors.refuse(pool, code)
  end
  pool.waiters[waiter % MODULUS] = entry
  if not is_direct then
    begin(pool, started)
  end
  local done, err = park(pool, entry, started, timeout)
  slot = entry.slot
  if not done or not slot then
    fail(pool, waiter, entry, done, err, timeout)
  end
  local lease = entry.lease
  renew_entry(pool, entry)
  return slot, lease, true
end

return pool_wait
