--- Executes what the C pool asks for: the half of the pool that talks to the runtime.
---
--- A slot keeps its channel while connections, one per acquire, come and go. A failure goes to the
--- waiter that it belongs to, else to the log.
local connection = require("lunasa.connection")
local core = require("lunasa.core")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local log = require("lunasa.log")
local pool_reclaim = require("lunasa.pool_reclaim")

local pool_actions = {}

--- A waiter's number without what tells it from earlier ones at the same place: where its entry is.
local MODULUS = core.pool_waiter_modulus

--- A task that waits for the pool, in acquire(), fill() or wait_closed().
---@class lunasa.PoolEntry
---@field parked table the runtime's waiter
---@field done? boolean
---@field slot? integer|false what acquire() waits for
---@field lease? userdata|false of that slot: a task that is dropped before it runs again loses it
---@field failure? lunasa.Error|false
---@field next? lunasa.PoolEntry|false that is spare as well

---@class lunasa.PoolSlot
---@field key string names the slot to the runtime, in every pool of the process
---@field on_lost function what the channel calls when it dies
---@field channel? table nil while nothing is connected
---@field lease? userdata in our hands while nobody uses the slot
---@field since? number when it was taken; nil while it is not in use
---@field source? string|false where it was taken; false when that was not looked for
---@field line? integer
---@field idle_since? number for pre_ping only: a ninth field costs as much as the other eight
---@field reason? lunasa.PoolCloseReason|string why it is about to be closed, when C cannot know
---@field turn integer how often it was taken back from a user that is gone
---@field opener? lunasa.Task that connects it ahead of demand
---@field failure? lunasa.Error why it could not be opened, until somebody is told

--- While a task waits, leases that were dropped are looked for this often, in seconds.
local RECLAIM_INTERVAL = 1

--- Multiples of it, without their whole part, are spread evenly.
local GOLDEN_RATIO = 0.6180339887498949

--- A timer may fire this much early, in seconds.
local TIMER_SLACK = 0.002

---@param pool lunasa.Pool
---@param slot integer
---@return lunasa.PoolSlot
local function record_of(pool, slot)
  local record = pool.slots[slot]
  if not record then
    record = {
      key = ("%s:%d"):format(pool.key, slot),
      lease = pool_reclaim.new_lease(pool, slot),
      turn = 0,
      on_lost = function()
        pool_actions.lost(pool, slot)
      end,
    }
    pool.slots[slot] = record
  end
  return record
end

--- Closes a channel, or has its fence do so.
local function close(channel)
  if not fence.close_later(channel) then
    channel:close()
  end
end

--- Calls `on_connect`, and undoes the transaction that it may have left open.
---@async
local function introduce(pool, conn)
  pool.on_connect(conn)
  local mode = pool.reset_on_release == "none" and "none" or "rollback"
  if not conn:reset_for_release(mode) then
    errors.raise("PoolError", "on_connect closed the connection, or left it in use")
  end
end

---@async
---@return lunasa.Channel
local function open_channel(pool, record, deadline)
  local conn = connection.open(pool.config, pool.runtime, record.key, deadline)
  if not pool.on_connect then
    return conn:detach()
  end
  local ok, err = pcall(introduce, pool, conn)
  local channel = conn:detach()
  if not ok then
    if channel then
      close(channel)
    end
    error(err, 0)
  end
  return channel
end

--- Connects a slot. Raises what connecting or `on_connect` raised.
---@async
---@param pool lunasa.Pool
---@param record lunasa.PoolSlot
---@param deadline? number
function pool_actions.connect(pool, record, deadline)
  local ok, channel = pcall(open_channel, pool, record, deadline)
  local stats = pool.stats
  if not ok then
    stats.connect_failures = stats.connect_failures + 1
    error(channel, 0)
  end
  stats.opened = stats.opened + 1
  channel.on_lost = record.on_lost
  record.channel = channel
end

--- Gives the next of numbers from 0 to 1 that are spread evenly, whatever their count.
---@param pool lunasa.Pool
---@return number
function pool_actions.spread(pool)
  pool.spread = (pool.spread + GOLDEN_RATIO) % 1
  return pool.spread
end

--- Closes what a slot is connected to, if anything.
---@param pool lunasa.Pool
---@param record lunasa.PoolSlot
---@param reason string a field of lunasa.PoolClosed
function pool_actions.disconnect(pool, record, reason)
  local channel, closed = record.channel, pool.stats.closed
  record.channel = nil
  if not channel then
    return
  end
  closed[reason] = closed[reason] + 1
  channel.on_lost = nil
  local ok, err = pcall(close, channel)
  if not ok then
    log.warn("a pooled connection could not be closed: " .. tostring(err))
  end
end

--- Tells those in fill() that opening has ended, or failed.
function pool_actions.wake_fillers(pool, failure)
  local opening = select(4, pool.core:count())
  for entry in pairs(pool.fillers) do
    entry.failure = entry.failure or failure
    if opening == 0 and not entry.done then
      entry.done = true
      entry.parked:wake()
    end
  end
end

--- The body of the background task that connects a slot.
local function open_slot(pool, slot)
  local record = record_of(pool, slot)
  local ok, err = pcall(pool_actions.connect, pool, record)
  record.opener = nil
  if ok then
    pool.core:opened(slot, pool.runtime.now(), pool_actions.spread(pool))
  else
    if pool.closing then -- `close` cancelled this task, not those that wait for it
      err = errors.new("PoolError", "the pool was closed while its connections were opened")
    end
    record.failure = err
    pool.core:open_failed(slot, pool.runtime.now())
  end
  pool_actions.drain(pool)
  if record.failure and not next(pool.fillers) and not pool.closing then
    log.warn("a connection could not be opened ahead of demand: " .. tostring(record.failure))
  end
  record.failure = nil
  pool_actions.wake_fillers(pool, err)
  pool_actions.schedule(pool)
end

--- A task may have been dropped while it waited: the pool holds the entries of waiters weakly, so
--- that one nobody waits for is gone.
local function finish_entry(pool, waiter, entry)
  pool.waiters[waiter % MODULUS] = nil
  entry.done = true
  entry.parked:wake()
end

--- Notes that an idle slot is in use now.
---@param pool lunasa.Pool
---@param slot integer
---@param now number
---@return userdata lease
function pool_actions.hand_out(pool, slot, now)
  local record = pool.slots[slot]
  local lease = record.lease
  record.lease, record.since = nil, now
  pool_actions.count(pool)
  return lease
end

--- Gives a slot to the entry of who waits for it, and wakes that.
---@param entry lunasa.PoolEntry
---@param slot integer
---@param lease userdata
---@param record lunasa.PoolSlot
---@param now number
function pool_actions.give_to(entry, slot, lease, record, now)
  record.since = now
  entry.slot, entry.lease, record.lease = slot, lease, nil
  entry.done = true
  entry.parked:wake()
end

local execute = {}

function execute.open(pool, slot)
  if pool.runtime.has_background then
    record_of(pool, slot).opener = pool.runtime.spawn(open_slot, pool, slot)
    return
  end
  -- Whoever is granted the slot connects it: a cosocket cannot be handed to another request.
  record_of(pool, slot)
  pool.core:opened(slot, pool.runtime.now(), pool_actions.spread(pool))
end

--- Tells whether a request that was ended while it waited left the entry: the collector has yet to
--- find out, the runtime may know.
local function is_dropped(pool, entry)
  local is_waiter_dropped = pool.runtime.is_dropped
  return is_waiter_dropped and is_waiter_dropped(entry.parked)
end

function execute.grant(pool, slot, waiter)
  local record, entry = pool.slots[slot], pool.waiters[waiter % MODULUS]
  if not entry or is_dropped(pool, entry) then
    pool.waiters[waiter % MODULUS] = nil
    pool.core:release(slot, true, pool.runtime.now())
    return
  end
  pool.waiters[waiter % MODULUS] = nil
  pool_actions.give_to(entry, slot, record.lease, record, pool.runtime.now())
end

function execute.close(pool, slot, _, reason)
  local record = pool.slots[slot]
  pool_actions.disconnect(pool, record, record.reason or reason)
  record.reason = nil
end

function execute.fail(pool, slot, waiter)
  local record, entry = slot and pool.slots[slot], pool.waiters[waiter % MODULUS]
  local failure = record and record.failure
    or errors.new("PoolError", "the pool was closed while waiting for a connection")
  if record then
    record.failure = nil
  end
  if entry then
    entry.failure = failure
    finish_entry(pool, waiter, entry)
  end
end

function execute.expire(pool, _, waiter)
  local entry = pool.waiters[waiter % MODULUS]
  if entry then
    finish_entry(pool, waiter, entry)
  end
end

function execute.closed(pool)
  pool.closed = true
  if pool.timer then
    pool.timer:stop()
    pool.timer = nil
  end
  if pool.watch then
    pool.watch:stop()
    pool.watch, pool.watch_at = false, math.huge
  end
  for entry in pairs(pool.closers) do
    entry.done = true
    entry.parked:wake()
  end
end

local function execute_all(pool)
  local core_pool = pool.core
  local kind, slot, waiter, reason = core_pool:next()
  while kind do
    execute[kind](pool, slot, waiter, reason)
    kind, slot, waiter, reason = core_pool:next()
  end
end

--- Renews the counts that users read.
---@param pool lunasa.Pool
function pool_actions.count(pool)
  local _
  pool.size, pool.freesize, pool.used, _, pool.waiting = pool.core:count()
  pool.counted = pool.counted + 1
end

--- Executes every action, then renews the counts. What an action brings about, such as a task that
--- runs at once and fails, is left to the loop that is under way.
---@param pool lunasa.Pool
function pool_actions.drain(pool)
  if pool.is_draining then
    return
  end
  pool.is_draining = true
  local ok, err = pcall(execute_all, pool)
  pool.is_draining = false
  pool_actions.count(pool)
  if not ok then
    errors.throw(err)
  end
end

--- The channel of an idle slot died. One in use is found out by whoever uses it.
function pool_actions.lost(pool, slot)
  if pool.core:lost(slot, pool.runtime.now()) ~= nil then
    pool_actions.disconnect(pool, pool.slots[slot], "lost")
    pool_actions.drain(pool)
    pool_actions.schedule(pool)
  end
end

--- Arms the timer for what the C pool wants to do next, unless it is armed for sooner.
---@param pool lunasa.Pool
function pool_actions.schedule(pool)
  local at = pool.runtime.has_background and pool.core:next_tick()
  if not at or (pool.timer and pool.timer_at <= at) then
    return
  end
  if pool.timer then
    pool.timer:stop()
  end
  pool.timer_at = at
  pool.timer = pool.runtime.after(math.max(at - pool.runtime.now(), TIMER_SLACK), pool.on_timer)
end

--- Does what is due: the host calls it from the timer, or where it has no timer while it waits.
---@param pool lunasa.Pool
function pool_actions.tick(pool)
  pool.timer = nil
  pool_actions.reclaim(pool)
  pool.core:tick(pool.runtime.now())
  pool_actions.drain(pool)
  pool_actions.schedule(pool)
end

--- Takes back the slots whose user is gone without a release.
---@param pool lunasa.Pool
---@param since? number who waits since then has the collector look for dropped connections
function pool_actions.reclaim(pool, since)
  pool_reclaim.run(pool, since)
  pool_actions.drain(pool)
end

--- Parks the task until the entry is done. A cancellation wins over being done, so that it is not
--- lost; being done wins over the deadline.
---@async
---@param pool lunasa.Pool
---@param entry lunasa.PoolEntry
---@param deadline number
---@return true|nil
---@return lunasa.Error? err what interrupted the task; nil for the deadline
function pool_actions.wait(pool, entry, deadline)
  local runtime = pool.runtime
  local started = runtime.now()
  local slice = started + math.min(RECLAIM_INTERVAL, (deadline - started) / 2)
  while not entry.done do
    local ok, err = entry.parked:wait(math.min(deadline, slice))
    if not ok then
      local now = runtime.now()
      local is_time = now + TIMER_SLACK >= math.min(deadline, slice)
      if not (is_time and errors.is_error(err, "TimeoutError")) then
        return nil, err
      elseif not entry.done then
        pool_actions.reclaim(pool, started)
        if now + TIMER_SLACK >= deadline and not entry.done then
          return nil
        end
      end
      slice = runtime.now() + RECLAIM_INTERVAL
    end
  end
  return true
end

return pool_actions
