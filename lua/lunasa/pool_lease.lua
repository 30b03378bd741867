--- Lends the slots of a pool: what acquire and release do.
---
--- The way through an idle, healthy slot is the fast path: it does not suspend, and makes no table
--- but the connection, and no closure.
local connection = require("lunasa.connection")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local log = require("lunasa.log")
local pool_actions = require("lunasa.pool_actions")
local pool_reclaim = require("lunasa.pool_reclaim")

local pool_lease = {}

local SHOWN_HOLDERS = 5

--- Where our own sources are: a call site there is not what a user wants to be shown.
local HERE = debug.getinfo(1, "S").source
HERE = HERE:match("^(.*)pool_lease") or HERE

--- Returns where the user called us.
---@param pool lunasa.Pool
---@return string?
function pool_lease.caller(pool)
  local source, line = pool.core:caller(HERE)
  return source and ("%s:%d"):format(source, line)
end

local function by_age(a, b)
  return a.since < b.since
end

--- Lists who uses the slots, the longest first.
local function holders(pool)
  local records, texts = {}, {}
  for _, record in pairs(pool.slots) do
    if record.since then
      table.insert(records, record)
    end
  end
  table.sort(records, by_age)
  for i = 1, math.min(#records, SHOWN_HOLDERS) do
    local age = pool.runtime.now() - records[i].since
    texts[i] = ("%s (%.1f s ago)"):format(pool_reclaim.place(records[i]), age)
  end
  if #records > SHOWN_HOLDERS then
    table.insert(texts, ("and %d more"):format(#records - SHOWN_HOLDERS))
  end
  return #texts > 0 and "; taken at " .. table.concat(texts, ", ") or ""
end

--- Makes the error of a wait for the pool that took too long.
---@param pool lunasa.Pool
---@param seconds number
---@return lunasa.Error
function pool_lease.timeout_error(pool, seconds)
  local message = ("waited %g s for the pool: size %d of %s, used %d, waiting %d%s"):format(
    seconds,
    pool.size,
    pool.maxsize or "any",
    pool.used,
    pool.waiting,
    holders(pool)
  )
  return errors.new("TimeoutError", message, { which = "acquire" })
end

--- Raises why the C pool refused an acquire.
local function refuse(pool, code)
  if code == "STATE" then
    local message = "Cannot acquire connection after closing pool"
    errors.raise("PoolError", message, { position = pool_lease.caller(pool) })
  elseif code == "LIMIT" then
    errors.raise("PoolError", ("%d tasks wait for a connection already"):format(pool.waiting))
  end
  errors.raise("OperationalError", "out of memory", { errno = 2008 })
end

--- Leaves the queue. A slot that was granted meanwhile goes to the next in it.
local function give_up(pool, waiter, entry, err)
  pool.waiters[waiter] = nil
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

---@async
---@return lunasa.PoolEntry entry with its slot and lease
local function wait_for_slot(pool, waiter, started, timeout)
  local entry = { parked = pool.runtime.waiter() }
  pool.waiters[waiter] = entry
  if pool.runtime.has_background and not pool.is_filled then
    pool.is_filled = true
    pool.core:fill(started)
  end
  pool_actions.reclaim(pool)
  pool_actions.drain(pool)
  local done, err = pool_actions.wait(pool, entry, timeout and started + timeout or math.huge)
  if not done then
    pool_actions.count(pool)
    give_up(pool, waiter, entry, err or pool_lease.timeout_error(pool, timeout))
  elseif not entry.slot then
    errors.throw(entry.failure or pool_lease.timeout_error(pool, timeout), pool.config.errors)
  end
  return entry
end

--- Tells whether an idle channel still works.
---@async
local function is_alive(pool, record, deadline)
  local channel = record.channel
  local revive = pool.runtime.revive_channel
  if not channel or channel.closed or (revive and not revive(channel, deadline)) then
    return false
  end
  local idle_since = record.idle_since
  if not pool.pre_ping or not idle_since or record.since - idle_since < pool.pre_ping then
    return true
  end
  local conn = connection.wrap(channel, pool.config, pool.runtime)
  local ok, err = pcall(conn.ping, conn)
  conn:detach()
  if not ok and errors.is_interruption(err) then
    error(err, 0)
  end
  return ok
end

---@async
local function prepare(pool, record, deadline)
  if record.since and not is_alive(pool, record, deadline) then
    pool_actions.disconnect(record)
    pool_actions.connect(pool, record, deadline)
  end
end

--- Makes sure that a slot is connected, in the task that it was granted to.
---@async
local function ensure_connected(pool, slot, record, lease, deadline)
  local ok, err = pcall(prepare, pool, record, deadline)
  if ok and record.since then
    return
  end
  record.lease, record.since = lease, nil
  pool_actions.disconnect(record)
  pool.core:release(slot, false, pool.runtime.now())
  pool_actions.drain(pool)
  pool_actions.schedule(pool)
  errors.throw(err or errors.new("PoolError", "the pool was terminated"))
end

--- Takes a connection, waiting for one when none is idle.
---@async
---@param pool lunasa.Pool
---@param timeout? number|false seconds; nil for the pool's own
---@return lunasa.Connection
function pool_lease.take(pool, timeout)
  if pool.runtime.revive_channel then
    pool.runtime.check() -- an idle connection is lost where it cannot be revived
  end
  local now = pool.runtime.now()
  if timeout == nil then
    timeout = pool.acquire_timeout
  end
  local slot, waiter, code = pool.core:acquire(now, timeout or 0)
  local record, lease, waited
  if slot then
    record = pool.slots[slot]
    lease, record.lease, record.since = record.lease, nil, now
    pool.freesize, pool.used = pool.freesize - 1, pool.used + 1
  elseif waiter then
    local entry = wait_for_slot(pool, waiter, now, timeout)
    slot, lease, waited = entry.slot, entry.lease, pool.runtime.now() - now
    record = pool.slots[slot]
  else
    refuse(pool, code)
  end
  record.source, record.line = pool.core:caller(HERE)
  local channel = record.channel
  if not channel or channel.closed or pool.has_checks then
    ensure_connected(pool, slot, record, lease, timeout and now + timeout)
  end
  local conn = connection.wrap(record.channel, pool.config, pool.runtime)
  conn.pool, conn.pool_slot, conn.pool_turn, conn.lease = pool, slot, record.turn, lease
  if waited then
    conn.pool_wait = waited
  end
  return conn
end

--- Puts the channel back into its slot, for the next user or to be closed.
local function put_back(pool, slot, record, is_healthy)
  local park = pool.runtime.park_channel
  if is_healthy and park and record.channel then
    is_healthy = park(record.channel, pool.max_idle or nil) ~= false
  end
  local now = pool.runtime.now()
  record.idle_since = now
  local has_actions = pool.core:release(slot, is_healthy, now)
  if has_actions == false then
    pool.freesize, pool.used = pool.freesize + 1, pool.used - 1
  else
    pool_actions.drain(pool)
  end
  if pool.has_limits or not (pool.timer or is_healthy) then
    pool_actions.schedule(pool)
  end
end

--- Undoes what the user of a connection left behind, and puts it back into its slot.
---@async
local function clean_up(pool, conn, slot, record, is_quiet)
  local ok, is_healthy, was_undone = pcall(conn.reset_for_release, conn, pool.reset_on_release)
  if ok and was_undone and not is_quiet then
    local place = pool_reclaim.place(record)
    log.warn(("work on the connection taken at %s was not committed: rolled back"):format(place))
  end
  conn:detach()
  record.lease, conn.lease = conn.lease, nil
  record.since = nil
  put_back(pool, slot, record, ok and is_healthy or false)
  if not ok then
    errors.throw(is_healthy)
  end
end

--- The connection is inside a fence, and its user does not wait for that.
local function give_back_later(pool, conn, slot, record, is_quiet)
  local channel = conn:detach()
  local left = connection.wrap(channel, pool.config, pool.runtime)
  left.timeout = pool.config.cancel_timeout
  left.pool, left.pool_turn, left.lease, conn.lease = pool, conn.pool_turn, conn.lease, nil
  pool.runtime.spawn(function()
    pcall(fence.wait, channel, pool.runtime)
    local turn = left.pool_turn
    if turn == record.turn then
      local ok, err = pcall(clean_up, pool, left, slot, record, is_quiet)
      if not ok then
        log.warn("a connection could not be cleaned up for its pool: " .. tostring(err))
      end
    end
  end)
end

--- Connects the slot of a lent connection anew. Whoever's slot was taken back has none any more.
---@async
---@param pool lunasa.Pool
---@param conn lunasa.Connection
---@param deadline? number
---@return lunasa.Channel
function pool_lease.reopen(pool, conn, deadline)
  local record = pool.slots[conn.pool_slot]
  if conn.pool_turn ~= record.turn then
    errors.raise("InterfaceError", "the connection was released to its pool")
  end
  pool_actions.disconnect(record)
  pool_actions.connect(pool, record, deadline)
  return record.channel
end

--- Gives a connection back after undoing what its user left behind.
---@async
---@param pool lunasa.Pool
---@param conn lunasa.Connection
---@param is_quiet boolean the user knows already that uncommitted work is lost
function pool_lease.give_back(pool, conn, is_quiet)
  local slot = conn.pool_slot
  local record = pool.slots[slot]
  conn.pool_slot = nil
  if conn.pool_turn ~= record.turn then
    conn:detach() -- the slot was taken back, and may be somebody else's by now
    return
  end
  if conn.channel and conn.channel.fence then
    give_back_later(pool, conn, slot, record, is_quiet)
    return
  end
  clean_up(pool, conn, slot, record, is_quiet)
end

return pool_lease
