--- Routes of app.lua about channels, semaphores, events and groups, which several requests share.
local app_misuse = require("spec.nginx.app_misuse")
local lunasa = require("lunasa")

local routes = {}

local semaphore, event, channel
local log

--- Begins anew, with one permit and no place in the channel.
function routes.sync_reset()
  semaphore, event, channel = lunasa.semaphore(1), lunasa.event(), lunasa.channel()
  log = {}
  return {}
end

function routes.sync_state()
  app_misuse.collect()
  lunasa.sleep(0)
  return { free = semaphore.free, log = log, semaphore = tostring(semaphore) }
end

--- Takes its turn; the first keeps it until `expected` have come.
function routes.sync_turns(args)
  table.insert(log, "came " .. args.name)
  if #log == tonumber(args.expected) then
    event:set()
  end
  semaphore:with({ timeout = 20 }, function()
    event:wait(20)
    table.insert(log, "served " .. args.name)
  end)
  return log
end

--- Two requests: values from one to the other.
function routes.sync_send(args)
  for i = 1, tonumber(args.count) do
    channel:send(i, 20)
  end
  channel:close()
  return {}
end

function routes.sync_receive()
  local values = {}
  for value in channel:values() do
    table.insert(values, value)
  end
  return values
end

--- What the log phase of another request sent.
function routes.sync_after()
  return { sent = channel:receive(20) }
end

function routes.in_log_phase()
  channel:try_send("from the log phase")
end

--- Leaves while a task waits in line, and while it holds a permit when `is_inside`.
function routes.sync_leaves(args)
  local function enter()
    semaphore:with(function()
      lunasa.sleep(20)
    end)
  end
  if not args.inside then
    semaphore:acquire()
  end
  lunasa.spawn(enter)
  lunasa.sleep(0)
  lunasa.sleep(0)
  ngx.exit(ngx.HTTP_NO_CONTENT)
end

--- Gives back what sync_leaves acquired: the line has nobody in it who could be given the permit.
function routes.sync_release()
  semaphore:release()
  return { free = semaphore.free }
end

--- Enters, waits in line, gives up, or leaves at any of these points, as the number says.
function routes.sync_storm(args)
  local number = tonumber(args.number)
  local function enter()
    lunasa.try(semaphore.with, semaphore, { timeout = number % 7 / 1000 }, function()
      assert(semaphore.free == 0)
      lunasa.sleep(number % 3 / 1000)
      return number % 5 == 0 and ngx.exit(ngx.HTTP_NO_CONTENT)
    end)
  end
  local entering = lunasa.spawn(enter)
  lunasa.sleep(number % 4 / 1000)
  if number % 6 == 0 then
    ngx.exit(ngx.HTTP_NO_CONTENT)
  elseif number % 4 == 0 then
    entering:cancel()
  end
  lunasa.try(entering.join, entering)
  return {}
end

--- Waits that are cancelled and time out, in one request.
function routes.sync_waits()
  local _, timed_out = lunasa.try(event.wait, event, 0.005)
  local waiting = lunasa.spawn(channel.receive, channel)
  local next_one = lunasa.spawn(channel.receive, channel)
  lunasa.sleep(0)
  waiting:cancel()
  channel:send("value", 20)
  local _, cancelled = lunasa.try(waiting.join, waiting)
  return { timed_out = timed_out.which, cancelled = cancelled.class, value = next_one:join() }
end

--- A group whose function and tasks wait for the server when one of them fails.
function routes.sync_group(args, pools)
  local pool, ended = pools[args.pool], {}
  local function query(name)
    local _, err = lunasa.try(pool.query, pool, "SELECT SLEEP(20)")
    table.insert(ended, name .. " " .. err.class)
    error(err, 0)
  end
  local _, err = lunasa.try(lunasa.group, function(group)
    group:spawn(query, "task")
    group:spawn(function()
      lunasa.sleep(0.02)
      error("the failure", 0)
    end)
    query("function")
  end)
  table.sort(ended)
  local sum = lunasa.group({ timeout = 20 }, function(group)
    local a = group:spawn(pool.scalar, pool, "SELECT 1")
    local b = group:spawn(pool.scalar, pool, "SELECT 2")
    return a:join() + b:join()
  end)
  return { err = err, ended = ended, sum = sum }
end

--- A group in a timeout, and one that is cancelled.
function routes.sync_group_ends(args, pools)
  local pool = pools[args.pool]
  local _, err = lunasa.try(lunasa.group, { timeout = 0.02 }, function(group)
    group:spawn(pool.query, pool, "SELECT SLEEP(20)")
  end)
  local value = lunasa.group(function(group)
    group:spawn(function()
      lunasa.sleep(0)
      group:cancel()
    end)
    pool:query("SELECT SLEEP(20)")
  end)
  return { which = err.which, is_quiet = value == nil, after = pool:scalar("SELECT 3") }
end

return routes
