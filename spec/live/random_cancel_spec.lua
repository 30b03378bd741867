--- Statements that are given up at random moments: no connection may then give a wrong row, die
--- without a word, or leave its statement running.
---
--- LUNASA_CANCELS is how many are given up on each server, LUNASA_SEED which ones.
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server = require("spec.support.server")

local CANCELS = tonumber(os.getenv("LUNASA_CANCELS")) or 500
local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local IS_TOLD = os.getenv("LUNASA_CANCELS") ~= nil
local CONNECTIONS = 8
local LONGEST = 0.02
local KEPT = 0.95

local RECURSIVE = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 500) "
local MANY = RECURSIVE .. "SELECT a.n AS a, b.n AS b FROM r a, r b LIMIT 20000"

--- What may be under way, without SLEEP(): MariaDB holds up a KILL for two seconds when it meets
--- many connections inside that, which wait for one mutex.
---
--- each is run by the worker whose row of the table it may change, and
--- checks what it gets.
local KINDS = {
  function(conn, at)
    assert(conn:scalar("SELECT ?", { at.token }, at.protocol) == at.token)
  end,
  function(conn, at)
    conn:query("SELECT GET_LOCK(?, 30)", { at.lock }, at.protocol)
  end,
  function(conn, at)
    conn:query(RECURSIVE .. "SELECT COUNT(*), ? FROM r a, r b, r c, r d", { 1 }, at.protocol)
  end,
  function(conn, at)
    assert(conn:scalar("SELECT BENCHMARK(30000, SHA2('lunasa', ?))", { 512 }, at.protocol) == 0)
  end,
  function(conn, at)
    local answer = conn:query(MANY, nil, at.protocol)
    assert(answer.rowcount == 20000 and answer[20000].a)
  end,
  function(conn, at)
    local count = 0
    for row in conn:stream(MANY, nil, at.protocol):rows() do
      assert(row.a and row.b)
      count = count + 1
    end
    assert(count == 20000)
  end,
  function(conn, at)
    assert(conn:stream(MANY, nil, at.protocol):fetch().a)
    assert(conn:scalar("SELECT ?", { at.token }, at.protocol) == at.token)
  end,
  function(conn, at)
    local ok, err = pcall(conn.query, conn, "SELECT nowhere", nil, at.protocol)
    if ok or err.errno ~= 1054 then
      error(err, 0)
    end
    assert(conn:scalar("SELECT ?", { at.token }) == at.token)
  end,
  function(conn, at)
    at.tried = at.tried + 1
    assert(
      conn:execute(
        ("UPDATE %s SET v = v + 1 WHERE id = ?"):format(at.table),
        { at.id },
        at.protocol
      ) == 1
    )
    at.done = at.done + 1
  end,
  function(conn, at)
    at.tried = at.tried + 1
    conn:transaction(function()
      conn:execute(("UPDATE %s SET v = v + 1 WHERE id = ?"):format(at.table), { at.id })
      assert(conn:scalar("SELECT ?", { at.token }) == at.token)
      conn:query(MANY)
    end)
    at.done = at.done + 1
  end,
  function(conn, at)
    local rows = conn:query(("SELECT id FROM %s WHERE v >= 0 FOR UPDATE"):format(at.table))
    assert(rows.rowcount == CONNECTIONS)
  end,
}

local PROTOCOLS = { { protocol = "text" }, { protocol = "binary" } }

--- How a statement is given up.
local WAYS = {
  function(conn, work, at, seconds)
    local running = lunasa.spawn(work, conn, at)
    lunasa.sleep(seconds)
    running:cancel()
    running:join()
  end,
  function(conn, work, at, seconds)
    lunasa.timeout(seconds, work, conn, at)
  end,
}

local function is_given_up(err)
  return type(err) == "table" and (err.class == "CancelledError" or err.class == "TimeoutError")
end

local function new_totals()
  return { given_up = 0, kept = 0, runs = 0, lost = 0 }
end

--- Asks on the connection what only the right answer to this very question can be.
local function canary(conn, at, totals, id)
  at.count = at.count + 1
  at.token = ("%d-%d-%d"):format(at.id, at.count, math.random(2 ^ 30))
  local ok, row = pcall(conn.first, conn, "SELECT ? AS token, CONNECTION_ID() AS id", { at.token })
  if not ok then
    assert(row:is_disconnect() and conn.closed, tostring(row))
    totals.lost = totals.lost + 1
    return false
  end
  assert(row.token == at.token, ("wrong row: %s instead of %s"):format(row.token, at.token))
  assert(row.id == id, "another connection")
  return true
end

local function once(conn, at, totals)
  local id = conn:thread_id()
  canary(conn, at, totals, id)
  local work, way = KINDS[math.random(#KINDS)], WAYS[math.random(#WAYS)]
  at.protocol = PROTOCOLS[math.random(#PROTOCOLS)]
  local ok, err = pcall(way, conn, work, at, math.random() * LONGEST)
  totals.runs = totals.runs + 1
  if not ok then
    assert(is_given_up(err), tostring(err))
    totals.given_up = totals.given_up + 1
  end
  if canary(conn, at, totals, id) and not ok then
    totals.kept = totals.kept + 1
  end
end

local function work_until_done(pool, at, totals)
  while totals.given_up < CANCELS do
    pool:with(function(conn)
      once(conn, at, totals)
    end)
  end
end

--- Runs a function, and gives what was reported meanwhile.
local function reports_of(work)
  local reports = {}
  local previous = lunasa.log.set(function(_, message)
    table.insert(reports, message)
  end)
  local ok, err = pcall(work)
  lunasa.log.set(previous)
  assert(ok, err)
  return reports
end

--- What the server still runs for us.
local function running(watcher, schema)
  local found = {}
  for row in watcher:query("SHOW FULL PROCESSLIST", nil, { rows = "array" }):rows() do
    if row[4] == schema and row[5] ~= "Sleep" and row[1] ~= watcher:thread_id() then
      table.insert(found, tostring(row[8]))
    end
  end
  return found
end

describe(("statements given up at random, seed %d #live"):format(SEED), function()
  server.each(function(at)
    describe(at.name, function()
      database.describe(at, function(db)
        db:it("leave connections that say the right thing", function(conn)
          math.randomseed(SEED)
          local pool = db:pool({ minsize = 0, maxsize = CONNECTIONS })
          local t, totals, workers = db:table(conn, "id INT PRIMARY KEY, v INT"), new_totals(), {}
          for i = 1, CONNECTIONS do
            conn:execute(("INSERT INTO %s VALUES (?, 0)"):format(t), { i })
            workers[i] = { id = i, count = 0, token = "", table = t, tried = 0, done = 0 }
            workers[i].lock = db.schema
          end

          conn:query("SELECT GET_LOCK(?, 0)", { db.schema })

          local started = lunasa.now()
          local reports = reports_of(function()
            local tasks = {}
            for i, worker in ipairs(workers) do
              tasks[i] = lunasa.spawn(work_until_done, pool, worker, totals)
            end
            lunasa.gather(unpack(tasks))
          end)

          if IS_TOLD then
            local told =
              "%s: seed %d, %d runs, %d given up, %d connections kept, %d reports, %.1f s\n"
            local took = lunasa.now() - started
            io.stderr:write(
              told:format(at.name, SEED, totals.runs, totals.given_up, totals.kept, #reports, took)
            )
            for i = 1, math.min(#reports, 5) do
              io.stderr:write("  ", reports[i], "\n")
            end
          end
          assert.is_true(totals.lost <= #reports, "a connection died and nobody was told")
          assert.is_true(totals.kept >= KEPT * totals.given_up, table.concat(reports, "\n"))
          assert.same({}, running(conn, db.schema))
          for _, worker in ipairs(workers) do
            local v = conn:scalar(("SELECT v FROM %s WHERE id = ?"):format(t), { worker.id })
            assert.is_true(worker.done <= v and v <= worker.tried)
          end
        end)
      end)
    end)
  end)
end)
