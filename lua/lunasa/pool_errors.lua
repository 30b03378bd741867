--- What is said to those who cannot have a connection, and who has it.
local errors = require("lunasa.error")
local pool_place = require("lunasa.pool_place")

local pool_errors = {}

local SHOWN_HOLDERS = 5

local function by_age(a, b)
  return a.since < b.since
end

--- Lists who uses the slots, the longest first.
local function holders(pool)
  local records, texts = {}, {}
  for _, record in pairs(pool.slots) do
    local since = record.since -- a finalizer that releases may run wherever something is made
    if since then
      table.insert(records, { since = since, place = pool_place.of(record) })
    end
  end
  table.sort(records, by_age)
  for i = 1, math.min(#records, SHOWN_HOLDERS) do
    local age = pool.runtime.now() - records[i].since
    texts[i] = ("%s (%.1f s ago)"):format(records[i].place, age)
  end
  if #records > SHOWN_HOLDERS then
    table.insert(texts, ("and %d more"):format(#records - SHOWN_HOLDERS))
  end
  return #texts > 0 and "; taken at " .. table.concat(texts, ", ") or ""
end

--- Says how many of the slots the running task has itself: nobody else can end that wait.
local function own_share(pool)
  local thread, count = coroutine.running(), 0
  for slot, record in pairs(pool.slots) do
    if record.since and thread and pool_place.is_of(pool, slot, thread) then
      count = count + 1
    end
  end
  if count == 0 then
    return ""
  end
  local share = count == pool.used and (count == 1 and "it" or "all of them")
    or ("%d of them"):format(count)
  return ("; this task holds %s itself: use a connection that it has already"):format(share)
end

--- Makes the error of a wait for the pool that took too long.
---@param pool lunasa.Pool
---@param seconds number
---@param waiting? integer tasks in the queue, and who gets the error
---@return lunasa.Error
function pool_errors.timeout_error(pool, seconds, waiting)
  local message = ("waited %g s for the pool: size %d of %s, used %d, waiting %d%s%s"):format(
    seconds,
    pool.size,
    pool.maxsize or "any",
    pool.used,
    waiting or pool.waiting,
    holders(pool),
    own_share(pool)
  )
  return errors.new("TimeoutError", message, { which = "acquire" })
end

--- Gives the limit of a wait for a connection.
---@param limit number|{ timeout?: number|false }
---@param level integer whose mistake it is, counted as by `error` in here
---@return number|false|nil seconds
function pool_errors.check_limit(limit, level)
  local seconds = limit
  if type(limit) == "table" then
    for name in pairs(limit) do
      if name ~= "timeout" then
        local message = "unknown option '%s' of acquire: it has 'timeout'"
        errors.raise("ArgumentError", message:format(tostring(name)), nil, level)
      end
    end
    seconds = limit.timeout
  end
  local is_limit = type(seconds) == "number" and seconds >= 0
  if seconds and not is_limit then
    local got = type(seconds) == "number" and tostring(seconds) or type(seconds)
    local message = "the limit of acquire is a number of seconds, got " .. got
    errors.raise("ArgumentError", message, nil, level)
  end
  return seconds
end

--- Raises why the C pool refused an acquire.
function pool_errors.refuse(pool, code)
  if code == "STATE" then
    local message = "Cannot acquire connection after closing pool"
    errors.raise("PoolError", message, { position = pool_place.caller(pool) })
  elseif code == "LIMIT" then
    errors.raise("PoolError", ("%d tasks wait for a connection already"):format(pool.waiting))
  end
  errors.raise("OperationalError", "out of memory", { errno = 2008 })
end

return pool_errors
