--- A request that makes a pool of its own and uses the whole of it.
local lunasa = require("lunasa")

--- Takes a connection and forgets it.
local function drop(pool)
  pool:acquire()
end

--- Nests one use of the pool into another.
local function nest(pool)
  return pool:with(function()
    local _, err = lunasa.try(pool.acquire, pool, 0.02)
    return err.message
  end)
end

---@param url string
---@return table what was seen
return function(url)
  local calls = {}
  local function called(name)
    return function(conn)
      table.insert(calls, name .. conn:scalar("SELECT 1"))
    end
  end
  return lunasa.with_pool({
    url = url,
    maxsize = 1,
    on_connect = called("connect"),
    on_acquire = called("acquire"),
    on_release = called("release"),
  }, function(pool)
    local seen = { hint = nest(pool), sum = 0 }
    for row in pool:rows("SELECT 1 AS n UNION ALL SELECT 2") do
      seen.sum = seen.sum + row.n
    end
    seen.executed = pool:transaction({ retries = 1 }, function(conn)
      return conn:scalar("SELECT 9")
    end)
    seen.calls = table.concat(calls, " ")
    local id = pool:scalar("SELECT CONNECTION_ID()")
    drop(pool)
    seen.is_replaced = pool:scalar("SELECT CONNECTION_ID()", nil, { timeout = 5 }) ~= id
    local stats = pool.stats()
    seen.dropped, seen.opened, seen.timeouts = stats.closed.dropped, stats.opened, stats.timeouts
    seen.balance = stats.acquired - stats.released
    return seen
  end)
end
