--- The pool driven by hand: the spec moves the clock and executes the actions.
local core = require("lunasa.core")

local by_hand = {}

--- The time at which every pool is made.
by_hand.NOW = 100

local NOW = by_hand.NOW

--- Takes every action, as a list of { kind, slot, waiter }.
function by_hand.actions(pool, has_reasons)
  local taken = {}
  local kind, slot, waiter, reason = pool:next()
  while kind do
    table.insert(taken, { kind, slot, waiter, has_reasons and reason or nil })
    kind, slot, waiter, reason = pool:next()
  end
  return taken
end

function by_hand.counts(pool)
  local size, idle, used, opening, waiting = pool:count()
  return { size = size, idle = idle, used = used, opening = opening, waiting = waiting }
end

--- Queues a waiter.
function by_hand.wait(pool, timeout)
  local slot, waiter = pool:acquire(NOW, timeout)
  assert(not slot, "granted at once")
  return waiter
end

--- A pool whose first `used` slots are in use and whose next `idle` slots are idle, the lowest
--- number first.
function by_hand.make(options, used, idle)
  local pool = core.pool(options)
  local count = (used or 0) + (idle or 0)
  for _ = 1, count do
    by_hand.wait(pool)
  end
  by_hand.actions(pool)
  for slot = 1, count do
    pool:opened(slot, NOW)
  end
  by_hand.actions(pool)
  for slot = count, count - (idle or 0) + 1, -1 do
    pool:release(slot, true, NOW)
  end
  return pool
end

return by_hand
