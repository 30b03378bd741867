--- Where the connections of a pool were taken: what a message says of one that nobody gave back.
local pool_place = {}

--- Looking for a caller takes as long as the rest of an acquire. So many are looked for a second,
--- and so many at once after a pause.
local PLACES_PER_SECOND, MOST_PLACES = 10000, 1000

--- So many of the nearest callers of `note` are ours, however that was come to.
local OURS = 3

--- Where our own sources are: a call site there is not what a user wants to be shown.
local HERE = debug.getinfo(1, "S").source
HERE = HERE:match("^(.*)pool_place") or HERE

--- Gives a new pool what `note` needs.
---@param pool lunasa.Pool
function pool_place.begin(pool)
  pool.places_left, pool.places_at = MOST_PLACES, pool.recent()
end

local function refill(pool, now)
  local fresh = (now - pool.places_at) * PLACES_PER_SECOND
  pool.places_left = math.min(pool.places_left + fresh, MOST_PLACES)
  pool.places_at = now
end

--- Notes who takes a slot: the nearest caller outside these sources, and its coroutine.
---@param pool lunasa.Pool
---@param slot integer
---@param record lunasa.PoolSlot
function pool_place.note(pool, slot, record)
  local now = pool.recent()
  if now ~= pool.places_at then
    refill(pool, now)
  end
  if pool.places_left < 1 then
    record.source = false
    return
  end
  pool.places_left = pool.places_left - 1
  record.source, record.line, pool.threads[slot] = pool.core:caller(HERE, OURS)
end

--- Returns where a slot was taken, for a message.
---@param record lunasa.PoolSlot
---@return string
function pool_place.of(record)
  if record.source == false then
    return ("an unknown place (more than %d a second were taken)"):format(PLACES_PER_SECOND)
  end
  return record.source and ("%s:%d"):format(record.source, record.line) or "an unknown place"
end

--- Tells whether a thread took a slot, as far as that was noted.
---@param pool lunasa.Pool
---@param slot integer
---@param thread thread
---@return boolean
function pool_place.is_of(pool, slot, thread)
  return pool.slots[slot].source and pool.threads[slot] == thread or false
end

--- Returns where the user called us.
---@param pool lunasa.Pool
---@return string?
function pool_place.caller(pool)
  local source, line = pool.core:caller(HERE)
  return source and ("%s:%d"):format(source, line)
end

return pool_place
