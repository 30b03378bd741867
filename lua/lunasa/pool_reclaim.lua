--- Takes back the slots whose user is gone without a release: the connection was collected, or
--- nginx ended the request that used it.
local log = require("lunasa.log")
local pool_place = require("lunasa.pool_place")

local pool_reclaim = {}

--- The collector is run to find dropped connections at most so often, in seconds, and for at most
--- one part in so many of all time.
local COLLECT_INTERVAL, COLLECT_SHARE = 1, 100

--- Makes the lease of a slot, in place of an earlier one.
---@param pool lunasa.Pool
---@param slot integer
---@return userdata
function pool_reclaim.new_lease(pool, slot)
  local lease = pool.core:lease(slot)
  pool.leases[slot] = lease
  return lease
end

local function take_back(pool, slot, record, problem)
  -- First of all it is nobody's: a finalizer may yet release what it had.
  record.since, record.reason, record.turn = nil, "dropped", record.turn + 1
  record.lease = pool_reclaim.new_lease(pool, slot)
  local message = "the connection taken at %s was %s: it is closed"
  message = message:format(pool_place.of(record), problem)
  pool.core:release(slot, false, pool.runtime.now())
  log.warn(message)
end

--- nginx closes the sockets of a request that is over, and tells nobody.
local function take_back_orphans(pool)
  local is_orphan = pool.runtime.is_orphan
  if not is_orphan then
    return
  end
  for slot, record in pairs(pool.slots) do
    local channel = record.since and (record.channel or pool.runtime.opening_channel(record.key))
    if channel and is_orphan(channel) then
      take_back(pool, slot, record, "not released by a request that is over")
    end
  end
end

--- What was dropped, only the collector finds out. It is not asked while connections come and go.
local function collect_suspects(pool, since)
  local now = pool.runtime.now()
  if now < (pool.collect_at or 0) then
    return
  end
  for _, record in pairs(pool.slots) do
    if record.since and record.since <= since then
      collectgarbage()
      local after = pool.runtime.now()
      pool.collect_at = after + math.max(COLLECT_INTERVAL, (after - now) * COLLECT_SHARE)
      return
    end
  end
end

--- Takes back what can be told to be abandoned now. The caller drains the pool's actions.
---@param pool lunasa.Pool
---@param since? number a task waits since then: what was taken before may have been dropped
function pool_reclaim.run(pool, since)
  take_back_orphans(pool)
  if since then
    collect_suspects(pool, since)
  end
  local slot = pool.core:abandoned()
  while slot do
    local record = pool.slots[slot]
    if record.since then
      take_back(pool, slot, record, "dropped without a release")
    end
    slot = pool.core:abandoned()
  end
end

return pool_reclaim
