--- What app.lua serves about tasks and light threads.
local app_misuse = require("spec.nginx.app_misuse")
local lunasa = require("lunasa")

local app_tasks = {}
local routes = {}

---@type table<string, lunasa.Pool>
local pools

--- Adds what is here to the routes of app.lua.
---@param all table<string, function>
---@param used table<string, lunasa.Pool>
function app_tasks.add(all, used)
  pools = used
  for name, route in pairs(routes) do
    all[name] = route
  end
end

function routes.tasks()
  local order = {}
  local task = lunasa.spawn(function()
    table.insert(order, "task")
  end)
  table.insert(order, "spawner")
  task:join()
  local a, b = lunasa.gather(function()
    return pools.mariadb:scalar("SELECT 1 + SLEEP(0.01)")
  end, function()
    lunasa.sleep(0.001)
    return pools.mariadb:scalar("SELECT 2")
  end)
  local _, err = lunasa.try(lunasa.gather, function()
    error("one of them")
  end, function()
    lunasa.sleep(20)
  end)
  return { order = order, a = a, b = b, err = tostring(err) }
end

--- Tasks that end while their parent lives on.
function routes.many_tasks()
  local done = 0
  for _ = 1, 20 do
    for _ = 1, 20 do
      lunasa.spawn(function()
        done = done + 1
      end)
    end
    lunasa.sleep(0)
  end
  return { done = done, kept = app_misuse.count_kept() }
end

--- Kilobytes of Lua's in the worker.
function routes.memory()
  collectgarbage()
  collectgarbage()
  return { kilobytes = collectgarbage("count") }
end

--- Gives up statements in a task, which goes on.
function routes.many_given_up()
  local pool = pools.mariadb_single
  local function give_up()
    for _ = 1, 5 do
      lunasa.try(lunasa.timeout, 0.01, pool.query, pool, "SELECT SLEEP(20)")
      pool:scalar("SELECT 1")
    end
    return app_misuse.count_kept()
  end
  return { kept = lunasa.spawn(give_up):join() }
end

--- Leaves tasks whose failure nobody sees but the collector.
function routes.fails_unseen()
  for _ = 1, 20 do
    lunasa.spawn(error, "seen by nobody")
  end
  lunasa.sleep(0.001)
  return {}
end

function routes.collect()
  app_misuse.collect()
  lunasa.sleep(0)
  return {}
end

function routes.misuses()
  return app_misuse.found()
end

--- Cancels tasks, and leaves before they have seen that. nginx uses their coroutines again.
function routes.leaves_interrupted()
  local spawned = {}
  for i = 1, 20 do
    spawned[i] = lunasa.spawn(lunasa.sleep, 20)
  end
  lunasa.sleep(0)
  for _, task in ipairs(spawned) do
    task:cancel()
  end
  ngx.exit(ngx.HTTP_NO_CONTENT)
end

--- Leaves a block whose time is over, before it has seen that.
function routes.leaves_expired()
  lunasa.timeout(0.001, function()
    ngx.sleep(0.01)
    ngx.exit(ngx.HTTP_NO_CONTENT)
  end)
end

--- Waits in as many light threads.
function routes.alarms()
  local function nested(depth)
    if depth == 0 then
      lunasa.sleep(0.01)
      return "in time"
    end
    return lunasa.timeout(10, nested, depth - 1)
  end
  return { nested(40) }
end

return app_tasks
