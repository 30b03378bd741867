--- What app.lua serves to clients that go away meanwhile, where nginx looks for that.
local lunasa = require("lunasa")

local app_aborted = {}

local FOUR = "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)"
local ROWS = ("SELECT a.n, SLEEP(0.002) FROM %s a, %s b"):format(FOUR, FOUR)

--- Answers a question of its own, so that an answer to somebody else is seen.
local function is_own(conn, i)
  local row = conn:first("SELECT ? AS i, CONNECTION_ID() AS id", { i })
  return row.i == i and row.id == conn:thread_id()
end

--- Adds what is here to the routes of app.lua.
---@param routes table<string, function>
---@param pools table<string, lunasa.Pool>
function app_aborted.add(routes, pools)
  --- Reads rows that come slowly.
  function routes.aborted_stream(args)
    return pools[args.pool]:with(function(conn)
      local count = 0
      for _ in conn:stream(ROWS):rows() do
        count = count + 1
      end
      return { count = count }
    end)
  end

  --- Gives up a statement, and waits for the end of its fence.
  function routes.aborted_fence(args)
    return pools[args.pool]:with(function(conn)
      local _, err = lunasa.try(conn.query, conn, "SELECT SLEEP(20)", nil, { timeout = 0.02 })
      return { class = err.class, after = conn:scalar("SELECT 15") }
    end)
  end

  --- Takes every connection of a pool of two at once.
  function routes.after_abortions(args)
    local pool = pools[args.pool]
    local kept = 0
    for i = 1, 10 do
      pool:with(function(first)
        pool:with(function(second)
          kept = kept + (is_own(first, i) and is_own(second, -i) and 1 or 0)
        end)
      end)
    end
    return { kept = kept, size = pool.size }
  end
end

return app_aborted
