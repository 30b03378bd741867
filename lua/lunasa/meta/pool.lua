---@meta
-- luacheck: no unused

--- The pool of `lunasa.core`: slots, waiters and actions, as `src/pool/pool.h` describes them.
--- Times are seconds of one monotonic clock. A method that changes the pool returns whether an
--- action is queued for `next()`, or nil and "STATE", "LIMIT" or "NOMEM".
---@class lunasa.CorePool
local CorePool = {}

---@class lunasa.CorePoolOptions
---@field minsize? integer 0
---@field maxsize? integer 10
---@field max_waiters? integer no limit
---@field max_idle? number 0: never
---@field max_lifetime? number 0: never
---@field order? "lifo"|"fifo" which idle slot is granted: the last one used, or the longest idle

---@alias lunasa.PoolCloseReason "unused"|"old"|"unhealthy"|"cleared"|"ended"
---@alias lunasa.PoolActionKind "open"|"grant"|"close"|"expire"|"fail"|"closed"

--- `require("lunasa.core").pool`
---@param options lunasa.CorePoolOptions
---@return lunasa.CorePool
local function pool(options) end

--- Asks for minsize slots, now and whenever `tick` finds fewer.
---@param now number
---@return boolean? has_actions
---@return string? err
function CorePool:fill(now) end

--- Grants an idle slot or queues a waiter.
---@param now number
---@param timeout? number 0 or less: none
---@return integer? slot
---@return integer? waiter
---@return string? err
---@return boolean? has_actions of what was closed on the way to the slot; nil for none
function CorePool:acquire(now, timeout) end

--- Takes a waiter out of the queue. "STATE" when its action was taken.
---@param waiter integer
---@param now number
---@return boolean? has_actions
---@return string? err
function CorePool:forget(waiter, now) end

---@param slot integer
---@param now number
---@param spread? number from 0 to 1, by which a tenth of the lifetime is multiplied and left out; 0
---@return boolean? has_actions
---@return string? err
function CorePool:opened(slot, now, spread) end

--- A slot in use was connected anew: its lifetime begins again.
---@param slot integer
---@param now number
---@param spread? number
---@return boolean? has_actions
---@return string? err
function CorePool:renewed(slot, now, spread) end

---@param slot integer
---@param now number
---@return boolean? has_actions
---@return string? err
function CorePool:open_failed(slot, now) end

---@param slot integer
---@param is_healthy boolean
---@param now number
---@return boolean? has_actions
---@return string? err
function CorePool:release(slot, is_healthy, now) end

--- An idle slot died. "STATE" when it is not idle.
---@param slot integer
---@param now number
---@return boolean? has_actions
---@return string? err
function CorePool:lost(slot, now) end

---@param now number
---@return boolean has_actions
function CorePool:tick(now) end

--- When `tick` has something to do, maybe in the past; nil when never.
---@return number?
function CorePool:next_tick() end

---@param now number
---@return boolean has_actions
function CorePool:close(now) end

---@param now number
---@return boolean has_actions
function CorePool:clear(now) end

--- Takes the next action.
---@return lunasa.PoolActionKind? kind
---@return integer? slot
---@return integer? waiter
---@return lunasa.PoolCloseReason? reason of a close
function CorePool:next() end

---@return integer size
---@return integer idle
---@return integer used
---@return integer opening
---@return integer waiting
function CorePool:count() end

--- What happened since the pool was made.
---@return integer acquired
---@return integer released
---@return integer waited
---@return number wait_time seconds
---@return integer most_used
---@return integer most_waiting
function CorePool:total() end

---@return boolean
function CorePool:is_closing() end

--- Makes a guard of a slot. When the newest guard of a slot is collected before its `release()`,
--- `abandoned` returns the slot once.
---@param slot integer
---@return lunasa.CorePoolLease
function CorePool:lease(slot) end

---@return integer? slot
function CorePool:abandoned() end

--- Returns the nearest caller whose chunk name does not begin with `prefix`.
---@param prefix string
---@return string? source
---@return integer? line
---@return thread? coroutine that called
function CorePool:caller(prefix) end

---@class lunasa.CorePoolLease
local CorePoolLease = {}

--- From now on the collection of the lease means nothing.
function CorePoolLease:release() end

return { pool = pool }
