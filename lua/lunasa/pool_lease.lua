--- Lends the slots of a pool: what acquire and release do.
---
--- The way through an idle, healthy slot is `lunasa.pool_direct`.
local connection = require("lunasa.connection")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local log = require("lunasa.log")
local pool_actions = require("lunasa.pool_actions")
local pool_direct = require("lunasa.pool_direct")
local pool_place = require("lunasa.pool_place")
local pool_reclaim = require("lunasa.pool_reclaim")
local pool_wait = require("lunasa.pool_wait")

local pool_lease = {}

--- A connection that does not answer a ping within so many seconds is replaced.
local PING_LIMIT = 2

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
  local rest = deadline and deadline - pool.runtime.now() or PING_LIMIT
  local ok, err = pcall(conn.ping, conn, math.max(math.min(rest, PING_LIMIT), 0))
  conn:detach()
  if not ok and errors.is_interruption(err) then
    error(err, 0)
  end
  return ok
end

---@async
local function prepare(pool, slot, record, deadline)
  if record.since and not is_alive(pool, record, deadline) then
    pool_actions.disconnect(pool, record, "lost")
    pool_actions.connect(pool, record, deadline)
    pool.core:renewed(slot, pool.runtime.now(), pool_actions.spread(pool))
  end
end

--- Makes sure that a slot is connected, in the task that it was granted to.
---@async
local function ensure_connected(pool, slot, record, lease, deadline)
  local ok, err = pcall(prepare, pool, slot, record, deadline)
  if ok and record.since then
    return
  end
  record.lease, record.since = lease, nil
  pool_actions.disconnect(pool, record, "unhealthy")
  pool.core:release(slot, false, pool.runtime.now())
  pool_actions.drain(pool)
  pool_actions.schedule(pool)
  errors.throw(err or errors.new("PoolError", "the pool was terminated"))
end

--- Puts the channel back into its slot, for the next user or to be closed.
local function put_back(pool, slot, record, is_healthy)
  local park = pool.runtime.park_channel
  if is_healthy and park and record.channel then
    is_healthy = park(record.channel, pool.max_idle or nil) ~= false
  end
  local now = pool.runtime.now()
  if pool.pre_ping then
    record.idle_since = now
  end
  local has_actions = pool.core:release(slot, is_healthy, now)
  if has_actions == false then
    pool_actions.count(pool)
  else
    pool_actions.drain(pool)
  end
  if pool.has_limits or not (pool.timer or is_healthy) then
    pool_actions.schedule(pool)
  end
end

--- Leaves a connection to nobody.
local function discard(pool, conn)
  local slot = conn.pool_slot
  local record = pool.slots[slot]
  conn.pool_slot = nil
  conn:detach()
  if conn.pool_turn == record.turn then
    record.lease, conn.lease, record.since = conn.lease, nil, nil
    put_back(pool, slot, record, false)
  end
end

--- Calls `on_acquire`, if there is one.
---@async
local function greet(pool, conn)
  if not pool.on_acquire then
    return
  end
  local ok, err = pcall(pool.on_acquire, conn)
  if ok and not conn.pool_slot then
    errors.raise("PoolError", "on_acquire released the connection")
  elseif ok then
    return
  elseif conn.pool_slot and errors.is_interruption(err) then
    local is_released, failure = pcall(pool_lease.give_back, pool, conn, true)
    if not is_released then
      errors.suppress(err, failure)
    end
  elseif conn.pool_slot then
    discard(pool, conn)
  end
  errors.throw(err)
end

--- Takes a connection, waiting for one when none is idle.
---@async
---@param slot? integer that was taken already
---@return lunasa.Connection
local function take_in_full(pool, slot, timeout)
  local now = pool.exact()
  if timeout == nil then
    timeout = pool.acquire_timeout
  end
  local lease, has_waited
  if slot then
    lease = pool_actions.hand_out(pool, slot, now)
  else
    slot, lease, has_waited = pool_wait.take(pool, now, timeout)
  end
  local record = pool.slots[slot]
  pool_place.note(pool, slot, record)
  local channel, has_checks = record.channel, pool.has_checks
  if not channel or channel.closed or has_checks then
    ensure_connected(pool, slot, record, lease, timeout and now + timeout)
  end
  local conn = connection.wrap(record.channel, pool.config, pool.runtime)
  conn.pool, conn.pool_slot, conn.pool_turn, conn.lease = pool, slot, record.turn, lease
  if has_waited and record.channel.observer then
    conn.pool_wait = pool.exact() - now
  end
  if has_checks then
    greet(pool, conn)
  end
  return conn
end

--- Takes a connection, waiting for one when none is idle.
---@async
---@param pool lunasa.Pool
---@param timeout? number|false seconds; nil for the pool's own
---@return lunasa.Connection
function pool_lease.take(pool, timeout)
  local conn, slot
  if pool.lends_directly then
    conn, slot = pool_direct.lend(pool)
  elseif pool.runtime.revive_channel then
    pool.runtime.check() -- an idle connection is lost where it cannot be revived
  end
  return conn or take_in_full(pool, slot, timeout)
end

--- Calls `on_release`, then undoes what the user of a connection left behind.
---@async
local function part(pool, conn)
  if conn:is_usable() then
    pool.on_release(conn)
  end
  return conn:reset_for_release(pool.reset_on_release)
end

--- Undoes what the user of a connection left behind, and puts it back into its slot.
---@async
local function clean_up(pool, conn, slot, record, is_quiet)
  local ok, is_healthy, was_undone
  if pool.on_release then
    ok, is_healthy, was_undone = pcall(part, pool, conn)
  else
    ok, is_healthy, was_undone = pcall(conn.reset_for_release, conn, pool.reset_on_release)
  end
  if ok and was_undone and not is_quiet then
    local place = pool_place.of(record)
    local why = pool.config.autocommit == false
        and " (autocommit is off: call commit, or use transaction)"
      or ""
    local message = "work on the connection taken at %s was not committed: rolled back%s"
    log.warn(message:format(place, why))
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
  pool_actions.disconnect(pool, record, "lost")
  pool_actions.connect(pool, record, deadline)
  return record.channel
end

--- Gives a connection back after undoing what its user left behind.
---@async
---@param pool lunasa.Pool
---@param conn lunasa.Connection
---@param is_quiet boolean the user knows already that uncommitted work is lost
function pool_lease.give_back(pool, conn, is_quiet)
  if pool.takes_back_directly and pool_direct.take_back(pool, conn) then
    return
  end
  local slot = conn.pool_slot
  local record = pool.slots[slot]
  conn.pool_slot = nil
  if conn.pool_turn ~= record.turn then
    conn:detach() -- the slot was taken back, and may be somebody else's by now
    return
  end
  if pool.leases[slot] ~= conn.lease then
    conn.lease = pool_reclaim.new_lease(pool, slot) -- that one is collected: a finalizer releases
  end
  if conn.channel and conn.channel.fence then
    give_back_later(pool, conn, slot, record, is_quiet)
    return
  end
  clean_up(pool, conn, slot, record, is_quiet)
end

--- Ends a block: releases, and returns or raises what the block did.
---@async
---@param pool lunasa.Pool
---@param conn lunasa.Connection
---@param ok boolean as pcall returned it
---@param ... any its results, or the error
---@return any ...
function pool_lease.finish(pool, conn, ok, ...)
  local is_back = not conn.pool_slot
    or (pool.takes_back_directly and pool_direct.take_back(pool, conn))
  if not is_back then
    local is_released, failure = pcall(pool_lease.give_back, pool, conn, not ok)
    if not is_released and ok then
      errors.throw(failure)
    elseif not is_released and errors.is_interruption(failure) then
      errors.throw(errors.suppress(failure, (...))) -- it has to reach whoever interrupted
    elseif not is_released then
      errors.suppress((...), failure)
    end
  end
  if ok then
    return ...
  end
  errors.throw((...))
end

return pool_lease
