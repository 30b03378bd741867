--- Many tasks on a small pool while statements are killed, cancelled and run out of time: at the
--- end every slot is free, nobody was forgotten, nothing leaks and no answer was wrong.
---
--- LUNASA_SOAK is how many seconds, LUNASA_SEED which random numbers; LUNASA_SOAK_SERVER names one
--- server only. `scripts/soak` sets them.
local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server = require("spec.support.server")
local soak_work = require("spec.support.soak_work")

local SECONDS = tonumber(os.getenv("LUNASA_SOAK")) or 15
local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local IS_TOLD = os.getenv("LUNASA_SOAK") ~= nil
local ONLY = os.getenv("LUNASA_SOAK_SERVER")

local TASKS, CONNECTIONS = 200, 10

--- How long the end may take on a slow machine, in seconds. What is stuck is stuck for ever.
local PATIENCE = 60

--- How much may be there more than after a third of the time, in bytes.
local MOST_LUA, MOST_RESIDENT = 4 * 2 ^ 20, 24 * 2 ^ 20

--- What a server says to those whose statement or connection was killed, or who met one another.
local EXPECTED = {
  [1053] = true, -- shutdown
  [1205] = true, -- lock wait
  [1213] = true, -- deadlock
  [1317] = true, -- query interrupted
  [1927] = true, -- connection was killed (MariaDB)
  [2003] = true, -- killed while it logged in
  [2006] = true,
  [2013] = true,
  [3169] = true, -- session was killed (MySQL)
}

local function is_expected(err)
  if not lunasa.is_error(err) or err.errno == 2027 then
    return false
  end
  return EXPECTED[err.errno]
    or err:is_cancelled()
    or err:is_timeout()
    or err:is_disconnect()
    or err:is("InterfaceError")
end

--- How a piece of work is given up, or not.
local WAYS = {
  function(work, ...)
    work(...)
  end,
  function(work, ...)
    work(...)
  end,
  function(work, ...)
    lunasa.timeout(math.random() * 0.05, work, ...)
  end,
  function(work, ...)
    local running = lunasa.spawn(work, ...)
    lunasa.sleep(math.random() * 0.03)
    running:cancel()
    running:join()
  end,
}

local function any(list)
  return list[math.random(#list)]
end

local function count(map, key)
  map[key] = (map[key] or 0) + 1
end

--- Keeps at it until the time is over.
local function work_on(world, at)
  while lunasa.now() < world.ends_at and not world.problem do
    local ok, err
    if math.random(2) == 1 then
      ok, err = pcall(any(WAYS), world.pool.with, world.pool, function(conn)
        any(soak_work.on_connection)(conn, at)
      end)
    else
      ok, err = pcall(any(WAYS), any(soak_work.on_pool), world.pool, at)
    end
    world.runs = world.runs + 1
    if not ok and is_expected(err) then
      count(world.errors, err.errno or err.class)
    elseif not ok then
      local where = lunasa.is_error(err) and err.traceback or ""
      world.problem = world.problem or tostring(err) .. where
    end
  end
end

--- The connections of the pool, as the server lists them.
local function listed(world)
  local ids = {}
  local list = world.watcher:query("SHOW PROCESSLIST", nil, { rows = "array" })
  for row in list:rows() do
    if row[4] == world.db.schema and row[1] ~= world.watcher:thread_id() then
      table.insert(ids, row[1])
    end
  end
  return ids
end

--- Kills statements and connections until the time is over.
local function kill_on(world)
  while lunasa.now() < world.ends_at and not world.problem do
    lunasa.sleep(math.random() * 0.05)
    local ids = listed(world)
    world.most_listed = math.max(world.most_listed, #ids)
    local what = math.random(3) == 1 and "KILL CONNECTION " or "KILL QUERY "
    if #ids > 0 and pcall(world.watcher.execute, world.watcher, what .. any(ids)) then
      world.kills = world.kills + 1
    end
  end
end

local function new_world(db)
  local watcher = db:connect()
  local world = {
    db = db,
    watcher = watcher,
    tables = soak_work.prepare(db, watcher, TASKS),
    ends_at = lunasa.now() + SECONDS,
    workers = {},
    tasks = {},
    errors = {},
    runs = 0,
    kills = 0,
    most_listed = 0,
  }
  world.pool = db:pool({
    minsize = 2,
    maxsize = CONNECTIONS,
    max_idle = 1,
    max_lifetime = 5,
    cancel_timeout = 2,
    pre_ping = 0.5,
    order = any({ "lifo", "fifo" }),
    reset_on_release = any({ "rollback", "reset" }),
  })
  for id = 1, TASKS do
    local at = { id = id, server = db.name, tables = world.tables, count = 0, tried = 0, done = 0 }
    world.workers[id] = at
    world.tasks[id] = lunasa.spawn(work_on, world, at)
  end
  table.insert(world.tasks, lunasa.spawn(kill_on, world))
  return world
end

--- Takes every slot at once: none is lost.
local function check_slots(world)
  local pool, lent = world.pool, {}
  for i = 1, CONNECTIONS do
    lent[i] = pool:acquire(PATIENCE)
    assert.equal(i, lent[i]:scalar("SELECT ?", { i }))
  end
  for i = 1, CONNECTIONS do
    pool:release(lent[i])
  end
  assert.same({ 0, 0 }, { pool.used, pool.waiting })
  assert.equal(pool.stats.acquired, pool.stats.released)
  assert.is_true(pool.stats.most_used <= CONNECTIONS)
end

local function check_end(world)
  assert.is_nil(world.problem)
  check_slots(world)
  local pool = world.pool
  pool:close()
  pool:wait_closed(PATIENCE)
  local stats, closed = pool.stats(), 0
  for _, number in pairs(stats.closed) do
    closed = closed + number
  end
  assert.equal(stats.opened, closed)
  local patience = lunasa.now() + PATIENCE
  while #listed(world) > 0 and lunasa.now() < patience do
    lunasa.sleep(0.01)
  end
  assert.same({}, listed(world))
  soak_work.check_tables(world.watcher, world.workers, world.tables)
end

local function resident()
  local file = io.open("/proc/self/statm")
  local pages = file and file:read("*a"):match("^%d+ (%d+)")
  if file then
    file:close()
  end
  return pages and tonumber(pages) * 4096
end

--- Sanitizers keep what was freed.
local function is_sanitized()
  local file = io.open("/proc/self/cmdline")
  local line = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return line:find("build/asan", 1, true) ~= nil
end

--- What is in use, in bytes.
local function weigh()
  collectgarbage()
  collectgarbage()
  return { lua = collectgarbage("count") * 1024, resident = resident() }
end

local function check_memory(before, after)
  assert.is_true(
    after.lua - before.lua < MOST_LUA,
    ("Lua's memory grew from %d to %d"):format(before.lua, after.lua)
  )
  if before.resident and not is_sanitized() then
    assert.is_true(
      after.resident - before.resident < MOST_RESIDENT,
      ("the process grew from %d to %d"):format(before.resident, after.resident)
    )
  end
end

local function tell(world)
  local stats, parts = world.pool.stats(), {}
  for what, number in pairs(world.errors) do
    table.insert(parts, ("%s: %d"):format(what, number))
  end
  table.sort(parts)
  local figures = "%s: %d runs, %d kills, %d acquired, %d waited, %d timeouts, %d opened"
  io.stderr:write(
    figures:format(
      world.db.name,
      world.runs,
      world.kills,
      stats.acquired,
      stats.waited,
      stats.timeouts,
      stats.opened
    ),
    (", at most %d listed\n"):format(world.most_listed)
  )
  local reasons = {}
  for reason, number in pairs(stats.closed) do
    table.insert(reasons, ("%s: %d"):format(reason, number))
  end
  table.sort(reasons)
  io.stderr:write("  closed: ", table.concat(reasons, ", "), "\n")
  io.stderr:write("  errors: ", table.concat(parts, ", "), "\n")
end

local function tell_memory(before, after, messages)
  local text = "Lua %.1f MB, then %.1f; resident %.1f MB, then %.1f\n"
  local megabyte = 2 ^ 20
  io.stderr:write(
    text:format(
      before.lua / megabyte,
      after.lua / megabyte,
      (before.resident or 0) / megabyte,
      (after.resident or 0) / megabyte
    )
  )
  for message, number in pairs(messages) do
    io.stderr:write(("  %6d %s\n"):format(number, message:sub(1, 150)))
  end
end

local function soak(dbs, messages)
  local worlds = {}
  for i, db in ipairs(dbs) do
    worlds[i] = new_world(db)
  end
  lunasa.sleep(SECONDS / 3)
  local before = weigh()
  for _, world in ipairs(worlds) do
    lunasa.gather(unpack(world.tasks))
  end
  local after = weigh()
  for _, world in ipairs(worlds) do
    if IS_TOLD then
      tell(world)
    end
    check_end(world)
    world.db:close_all()
  end
  if IS_TOLD then
    tell_memory(before, after, messages)
  end
  check_memory(before, after)
end

describe(("a soak of %g s, seed %d #live"):format(SECONDS, SEED), function()
  local dbs = {}
  server.each(function(at)
    if not ONLY or at.name == ONLY then
      database.describe(at, function(db)
        table.insert(dbs, db)
      end)
    end
  end)

  if dbs[1] then
    dbs[1]:it("leaves all slots free, nothing leaked and no wrong row", function()
      math.randomseed(SEED)
      local messages = {}
      local previous = lunasa.log.set(function(_, message)
        count(messages, (message:gsub("%d+", "N"):gsub("%S+%.lua:N", "PLACE")))
      end)
      local ok, err = pcall(soak, dbs, messages)
      lunasa.log.set(previous)
      for i = 2, #dbs do
        dbs[i]:close_all()
      end
      assert(ok, err)
    end)
  end
end)
