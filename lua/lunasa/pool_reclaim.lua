--- Takes back the slots whose user is gone without a release: the connection was collected, or
--- nginx ended the request that used it.
local log = require("lunasa.log")

local pool_reclaim = {}

--- A slot whose user has not connected it for so long, in seconds, has perhaps no user any more.
local SUSPICIOUS_AGE = 10

--- Returns where a slot was taken, for a message.
---@param record lunasa.PoolSlot
---@return string
function pool_reclaim.place(record)
  return record.source and ("%s:%d"):format(record.source, record.line) or "an unknown place"
end

local function take_back(pool, slot, record, problem)
  local message = "the connection taken at %s was %s: it is closed"
  log.warn(message:format(pool_reclaim.place(record), problem))
  record.since = nil
  record.turn = (record.turn or 0) + 1
  record.lease = pool.core:lease(slot)
  pool.core:release(slot, false, pool.runtime.now())
end

--- nginx closes the sockets of a request that is over, and tells nobody.
local function take_back_orphans(pool)
  local is_orphan = pool.runtime.is_orphan
  for slot, record in pairs(is_orphan and pool.slots or {}) do
    local channel = record.since and (record.channel or pool.runtime.opening_channel(record.key))
    if channel and is_orphan(channel) then
      take_back(pool, slot, record, "not released by a request that is over")
    end
  end
end

--- A request that ended before its socket was connected has none to tell by: only the collector
--- finds out.
local function collect_suspects(pool)
  local now = pool.runtime.now()
  local oldest = now - SUSPICIOUS_AGE
  if not pool.runtime.is_orphan or (pool.collected_at or oldest) > oldest then
    return
  end
  for _, record in pairs(pool.slots) do
    local is_connected = record.channel and not record.channel.is_parked
    if record.since and record.since < oldest and not is_connected then
      pool.collected_at = now
      collectgarbage()
      return
    end
  end
end

--- Takes back what can be told to be abandoned now. The caller drains the pool's actions.
---@param pool lunasa.Pool
function pool_reclaim.run(pool)
  take_back_orphans(pool)
  collect_suspects(pool)
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
