--- The way of most connections: an idle slot is lent and is idle again, with nothing to be done
--- in between. LuaJIT compiles all of it, for it calls C by addresses; the long way is
--- `lunasa.pool_lease`.
local connection = require("lunasa.connection")
local connection_release = require("lunasa.connection_release")
local core = require("lunasa.core")
local pool_actions = require("lunasa.pool_actions")
local pool_place = require("lunasa.pool_place")
local result_sequence = require("lunasa.result_sequence")

local is_untouched = connection_release.is_untouched

local MODULUS = core.pool_waiter_modulus

local pool_direct = {}

--- Takes an idle slot; 0 when `CorePool:acquire` has to be asked, and nothing was done.
---@param core_pool lunasa.CorePool
---@param now number
---@return integer slot
local function take_slot(core_pool, now)
  return core_pool:take(now)
end

--- Gives a slot back whose session nobody has left anything in; 0 when `CorePool:release` has to be
--- asked, and nothing was done.
---@param core_pool lunasa.CorePool
---@param slot integer
---@param session userdata
---@param now number
---@return integer is_done 1 or 0
local function give_slot(core_pool, slot, session, now)
  return core_pool:give(slot, session, now)
end

local function queue(core_pool, now, timeout)
  return core_pool:queue(now, timeout)
end

local function pass_slot(core_pool, slot, session, now)
  return core_pool:pass_on(slot, session, now)
end

if jit.status() then
  local ffi = require("ffi")
  local addresses = core.pool_addresses
  local take = ffi.cast("int32_t (*)(void *, double)", addresses.take)
  local give = ffi.cast("int32_t (*)(void *, int32_t, void *, double)", addresses.give)
  local queue_waiter = ffi.cast("double (*)(void *, double, double)", addresses.queue)
  local pass = ffi.cast("double (*)(void *, int32_t, void *, double)", addresses.pass_on)

  function take_slot(core_pool, now)
    local slot = take(core_pool, now)
    return slot
  end

  function give_slot(core_pool, slot, session, now)
    local is_done = give(core_pool, slot, session, now)
    return is_done
  end

  function queue(core_pool, now, timeout)
    local waiter = queue_waiter(core_pool, now, timeout)
    return waiter
  end

  function pass_slot(core_pool, slot, session, now)
    local waiter = pass(core_pool, slot, session, now)
    return waiter
  end
end

--- Counts what was lent, or came back. Where somebody counted since `counted` was read, all is
--- counted again: a finalizer may run wherever a trace ends.
local function count_used(pool, counted, difference)
  if pool.counted == counted then
    pool.freesize, pool.used = pool.freesize - difference, pool.used + difference
  else
    pool_actions.count(pool)
  end
end

--- The same for who waits.
local function count_waiting(pool, counted, difference)
  if pool.counted == counted then
    pool.waiting = pool.waiting + difference
  else
    pool_actions.count(pool)
  end
end

--- Lends an idle connection. Gives nil where that takes more than this, and then the slot when one
--- was taken; nothing else was done.
---@param pool lunasa.Pool
---@return lunasa.Connection?
---@return integer? slot
function pool_direct.lend(pool)
  local now, counted = pool.recent(), pool.counted
  local slot = take_slot(pool.core, now)
  if slot == 0 then
    return nil
  end
  local record = pool.slots[slot]
  local lease, channel = record.lease, record.channel
  if not channel or channel.closed then
    return nil, slot
  end
  record.lease, record.since = nil, now
  count_used(pool, counted, 1)
  pool_place.note(pool, slot, record)
  local conn = connection.wrap(channel, pool.config, pool.runtime)
  conn.pool, conn.pool_slot, conn.pool_turn, conn.lease = pool, slot, record.turn, lease
  return conn
end

--- Joins the queue where every slot is in use. Gives 0 where that takes more than this, and nothing
--- was done.
---@param pool lunasa.Pool
---@param now number
---@param timeout number seconds; 0 for no limit
---@return integer waiter
function pool_direct.queue(pool, now, timeout)
  local counted = pool.counted
  local waiter = queue(pool.core, now, timeout)
  if waiter > 0 then
    count_waiting(pool, counted, 1)
  end
  return waiter
end

--- Takes the channel of a connection away from its user.
local function part(pool, conn)
  result_sequence.forget(conn.channel.session)
  conn.channel, conn.closed, conn.released_to = nil, true, pool
  conn.pool_slot, conn.lease = false, false
end

--- Gives the slot of a connection to the first who waits.
local function pass_on(pool, conn, slot, record)
  local now, counted = pool.exact(), pool.counted
  local waiter = pass_slot(pool.core, slot, conn.channel.session, now)
  if waiter == 0 then
    return false
  end
  local place, lease = waiter % MODULUS, conn.lease
  local entry = pool.waiters[place]
  pool.waiters[place] = nil
  count_waiting(pool, counted, -1)
  part(pool, conn)
  if entry then
    pool_actions.give_to(entry, slot, lease, record, now)
    return true
  end
  -- Its task was dropped: the next one's turn.
  record.lease, record.since = lease, nil
  pool.core:release(slot, true, now)
  pool_actions.drain(pool)
  return true
end

--- Takes back a connection that nothing is left in. Gives false where that takes more than this,
--- and nothing was done.
---@param pool lunasa.Pool
---@param conn lunasa.Connection
---@return boolean
function pool_direct.take_back(pool, conn)
  local slot, channel = conn.pool_slot, conn.channel
  local record = pool.slots[slot]
  if not channel or conn.pool_turn ~= record.turn or not is_untouched(channel) then
    return false
  elseif pool.leases[slot] ~= conn.lease then
    return false -- a finalizer releases, and the lease is collected with what it is of
  elseif pool.waiting > 0 then
    return pass_on(pool, conn, slot, record)
  end
  -- First what belongs to the slot: a finalizer may take it as soon as it is idle.
  local now, since, counted = pool.recent(), record.since, pool.counted
  record.lease, record.since = conn.lease, nil
  if pool.pre_ping then
    record.idle_since = now
  end
  if give_slot(pool.core, slot, channel.session, now) == 0 then
    record.lease, record.since = nil, since
    return false
  end
  part(pool, conn)
  count_used(pool, counted, -1)
  if pool.has_limits then
    pool_actions.schedule(pool)
  end
  return true
end

return pool_direct
