--- What a pool has done since it was made: `pool.stats`.
---
--- What happens on the way of every acquire and release is counted in C; the rest, here.
local pool_stats = {}

---@class lunasa.PoolClosed
---@field unused integer for max_idle
---@field old integer for max_lifetime
---@field lost integer died while idle, or were found dead when they were to be lent
---@field unhealthy integer came back closed, or could not be made fit for the next user
---@field dropped integer were never released
---@field cleared integer by clear()
---@field ended integer because the pool was closed
---@field terminated integer in use when the pool was terminated

---@class lunasa.PoolStats
---@field acquired integer connections lent
---@field released integer connections that came back, in whatever way
---@field waited integer acquires that found no idle connection
---@field wait_time number seconds that those waited, together
---@field timeouts integer acquires that waited for too long
---@field opened integer connections made
---@field connect_failures integer connections that could not be made
---@field closed lunasa.PoolClosed connections closed, by reason
---@field most_used integer the most connections in use at the same time
---@field most_waiting integer the most tasks that waited at the same time
---@overload fun(): table the same, as a table of its own

--- Where `CorePool:total` has them.
local POSITIONS = {
  acquired = 1,
  released = 2,
  waited = 3,
  wait_time = 4,
  most_used = 5,
  most_waiting = 6,
}

local REASONS = {
  "unused",
  "old",
  "lost",
  "unhealthy",
  "dropped",
  "cleared",
  "ended",
  "terminated",
}

--- Copies all of it as it is now.
local function copy(stats)
  local all = { closed = {} }
  for name, value in pairs(stats) do
    all[name] = all[name] or value
  end
  for reason, count in pairs(stats.closed) do
    all.closed[reason] = count
  end
  for name in pairs(POSITIONS) do
    all[name] = stats[name]
  end
  return all
end

---@param core lunasa.CorePool
---@return lunasa.PoolStats
function pool_stats.new(core)
  local closed = {}
  for _, reason in ipairs(REASONS) do
    closed[reason] = 0
  end
  return setmetatable({ timeouts = 0, opened = 0, connect_failures = 0, closed = closed }, {
    __call = copy,
    __index = function(_, name)
      local position = POSITIONS[name]
      return position and (select(position, core:total()))
    end,
  })
end

return pool_stats
