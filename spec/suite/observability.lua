--- What those are told who watch a connection: `on_query`, `on_warning`, slow statements.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

--- A hook that keeps its events.
local function recorder()
  local events = {}
  return events, function(event)
    table.insert(events, event)
  end
end

local function kinds(events)
  local list = {}
  for i, event in ipairs(events) do
    list[i] = event.kind
  end
  return table.concat(list, " ")
end

---@param db spec.Database
return function(db)
  --- A connection with what it tells, from behind the login on.
  local function watched(more)
    local events, hook = recorder()
    local options = { on_query = hook }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    local conn = db:connect(options)
    assert.equal("connect", kinds(events))
    table.remove(events)
    return conn, events
  end

  describe("on_query", function()
    db:it("tells what was run, where, and what came of it", function()
      local conn, events = watched()
      local began = lunasa.now()
      conn:query("SELECT ? UNION SELECT 'x'", { "canary" })

      local event = events[1]
      assert.equal(1, #events)
      assert.is_true(event.duration > 0 and event.duration <= lunasa.now() - began)
      event.duration = nil
      assert.same({
        kind = "query",
        sql = "SELECT ? UNION SELECT 'x'",
        protocol = "text",
        rows = 2,
        warning_count = 0,
        connection_id = conn:thread_id(),
        host = db.server.host,
        port = db.server.port,
        user = "root",
      }, event)
    end)

    db:it("tells of rows that were written, and of the protocol", function()
      local conn, events = watched()
      local name = db:table(conn, "a INT")
      conn:execute("INSERT INTO " .. name .. " VALUES (?), (?)", { 1, 2 }, { protocol = "binary" })

      local event = events[2]
      assert.same({ "execute", 2, "binary" }, { event.kind, event.affected_rows, event.protocol })
      assert.is_nil(event.rows)
    end)

    db:it("tells of all results of a statement", function()
      local conn, events = watched({ multi_statements = true })
      conn:query("SELECT 1; SELECT 2 UNION SELECT 3; DO 1")
      conn:query("SELECT 1; SELECT nowhere")

      assert.same({ 3, 0 }, { events[1].rows, events[1].affected_rows })
      assert.same({ 1, 1054 }, { events[2].rows, events[2].error.errno })
    end)

    db:it("tells of what failed, with the error that is raised", function()
      local conn, events = watched()
      local err = failure(conn.query, conn, "SELECT nowhere")
      local other = failure(conn.query, conn, "SELECT ?", {})

      assert.equal(err, events[1].error)
      assert.equal(other, events[2].error)
      assert.is_nil(events[1].rows)
    end)

    db:it("tells of every command by its kind", function()
      local conn, events = watched()
      conn:first("SELECT 1")
      conn:scalar("SELECT 1")
      conn:ping()
      conn:select_db(db.schema)
      conn:prepare("SELECT ?"):query({ 1 })
      conn:set_charset("utf8mb4")
      conn:reset()

      assert.equal("query query ping select_database prepare query query reset", kinds(events))
      assert.equal("binary", events[6].protocol)
      assert.is_nil(events[3].affected_rows)
    end)

    db:it("tells of another login as whoever was there before", function()
      local conn, events = watched()
      conn:change_user({ user = "root" })
      failure(conn.change_user, conn, { user = "nobody-here", password = "canary" })

      assert.equal("change_user change_user", kinds(events))
      assert.is_nil(events[1].error)
      assert.equal("OperationalError", events[2].error.class)
    end)

    db:it("tells of transactions, however they are begun", function()
      local conn, events = watched()
      conn:transaction(function()
        conn:transaction(function()
          conn:query("DO 1")
        end)
      end)
      pcall(conn.transaction, conn, function()
        pcall(conn.transaction, conn, error)
        error("undo", 0)
      end)
      conn:query(" start transaction read only")
      conn:query("Commit")
      conn:commit()
      conn:rollback()

      assert.equal(
        "begin savepoint query release commit begin savepoint rollback rollback begin commit "
          .. "commit rollback",
        kinds(events)
      )
    end)

    db:it("tells of executemany as one command", function()
      local conn, events = watched()
      local name = db:table(conn, "a INT PRIMARY KEY")
      events[1] = nil
      local sql = "INSERT INTO " .. name .. " VALUES (?)"
      conn:executemany(sql, { { 1 }, { 2 }, { 3 } })
      local err = failure(conn.executemany, conn, sql, { { 4 }, { 1 } })

      local last = events[#events]
      local first = events[#events - 1]
      assert.same({ "executemany", sql, 3, 3 }, {
        first.kind,
        first.sql,
        first.count,
        first.affected_rows,
      })
      assert.same({ "executemany", 2, err }, { last.kind, last.count, last.error })
    end)

    db:it("tells of a pipeline as one command, with its statements", function()
      local conn, events = watched()
      conn:pipeline({ on_error = "collect" }, function(p)
        p:query("SELECT ? UNION SELECT 2", { "canary" })
        p:ping()
        p:query("SELECT nowhere")
      end)

      local event = events[1]
      assert.equal(1, #events)
      assert.same({ "pipeline", 3, 2 }, { event.kind, event.count, event.rows })
      assert.equal("SELECT ? UNION SELECT 2; ping; SELECT nowhere", event.sql)
      assert.equal("query ping query", kinds(event.statements))
      assert.equal(2, event.statements[1].rows)
      assert.equal(1054, event.statements[3].error.errno)
      assert.equal(1054, event.error.errno)
    end)

    db:it("tells of a pipeline that raised", function()
      local conn, events = watched()
      local err = failure(conn.pipeline, conn, function(p)
        for _ = 1, 20 do
          p:query("SELECT nowhere")
        end
      end)

      assert.equal(err, events[1].error)
      assert.matches("; and 12 more$", events[1].sql)
    end)

    db:it("tells of connecting, and that it failed", function()
      local events, hook = recorder()
      local options = { user = "nobody-here", password = "canary", on_query = hook }
      local err = failure(db.connect, db, options)
      db:connect({ on_query = hook })

      assert.equal("connect connect", kinds(events))
      assert.equal(err, events[1].error)
      assert.is_nil(events[1].connection_id)
      assert.is_true(events[2].connection_id > 0)
    end)

    db:it("does not tell of what never reached a command", function()
      local conn, events = watched()
      failure(conn.query, conn, 7)
      conn:prepare("SELECT 1")
      conn:prepare("SELECT 1") -- known
      conn:close()
      failure(conn.query, conn, "SELECT 1")

      assert.equal("prepare", kinds(events))
    end)
  end)

  describe("on_query and streams", function()
    local TWO = "SELECT 1 AS a UNION ALL SELECT 2"

    db:it("are told of when the last row was read", function()
      local conn, events = watched()
      local stream = conn:stream(TWO)
      assert.equal(0, #events)
      for _ in stream:rows() do -- luacheck: ignore 542
      end

      local event = events[1]
      assert.equal("stream", kinds(events))
      assert.same({ TWO, 2, 0 }, { event.sql, event.rows, event.warning_count })
      assert.is_true(event.waited > 0 and event.waited <= event.duration)
      assert.is_nil(event.ended)
    end)

    db:it("are told of when they are closed", function()
      local conn, events = watched()
      conn:stream(TWO):close()

      assert.equal("stream", kinds(events))
      assert.equal("it was closed", events[1].ended)
    end)

    db:it("are told of before the command that ended them", function()
      local conn, events = watched()
      local stream = conn:stream(TWO)
      conn:query("SELECT 1")

      assert.equal("stream query", kinds(events))
      assert.matches("another command", events[1].ended)
      failure(stream.fetch, stream)
      assert.equal(2, #events)
    end)

    db:it("are told of when they were dropped, by whoever comes next", function()
      local conn, events = watched()
      conn:stream(TWO):fetch()
      collectgarbage()
      collectgarbage()
      conn:ping()

      assert.equal("stream ping", kinds(events))
    end)

    db:it("are told of when their connection goes back to its pool", function()
      local events, hook = recorder()
      local pool = db:pool({ maxsize = 1, on_query = hook })
      pool:with(function(conn)
        conn:stream(TWO):fetch()
      end)

      assert.equal("connect stream", kinds(events))
      assert.equal("its connection was released", events[2].ended)
    end)

    db:it("are told of when their connection is closed", function()
      local conn, events = watched()
      conn:stream(TWO):fetch()
      conn:close()

      assert.equal("stream", kinds(events))
      assert.equal("its connection was closed", events[1].ended)
    end)

    db:it("are told of when they fail, at once or later", function()
      local conn, events = watched()
      local err = failure(conn.stream, conn, "SELECT nowhere")
      local late = "SELECT a, IF(a = 2, (SELECT 1 UNION SELECT 2), a) FROM (" .. TWO .. ") t"
      local other = failure(function()
        for _ in conn:stream(late):rows() do -- luacheck: ignore 542
        end
      end)

      assert.equal("stream stream", kinds(events))
      assert.equal(err, events[1].error)
      assert.equal(other, events[2].error)
    end)

    db:it("without rows have affected rows", function()
      local conn, events = watched()
      local name = db:table(conn, "a INT")
      events[1] = nil
      assert.is_nil(conn:stream("INSERT INTO " .. name .. " VALUES (1), (2)"):fetch())

      assert.same({ 2 }, { events[1].affected_rows })
      assert.is_nil(events[1].rows)
    end)
  end)

  describe("on_query and tasks", function()
    db:it("tells of what was given up, and of the kill", function()
      local conn, events = watched()
      local err = failure(conn.query, conn, db.features.slow, nil, { timeout = 0.01 })
      conn:ping() -- waits for the fence

      assert.equal(err, events[1].error)
      assert.equal("query kill ping", kinds(events))
      assert.same({ db.features.slow, conn:thread_id() }, {
        events[2].sql,
        events[2].connection_id,
      })
      assert.is_nil(events[2].error)
    end)

    db:it("tells in the task that was cancelled, which may wait there", function()
      local told
      local conn = db:connect({
        on_query = function(event)
          if event.error then
            lunasa.sleep(0.001)
            told = event.error.class
          end
        end,
      })
      local cancelled = lunasa.spawn(conn.query, conn, db.features.slow)
      lunasa.sleep(0.01)
      cancelled:cancel()

      assert.equal("CancelledError", failure(cancelled.join, cancelled).class)
      assert.equal("CancelledError", told)
    end)

    db:it("cancels a task inside the hook all the same", function()
      local inside = false
      local conn = db:connect({
        on_query = function(event)
          inside = event.kind == "query"
          lunasa.sleep(inside and 60 or 0)
        end,
      })
      local cancelled = lunasa.spawn(conn.query, conn, "SELECT 1")
      while not inside do
        lunasa.sleep(0.001)
      end
      cancelled:cancel("no longer wanted")

      assert.equal("no longer wanted", failure(cancelled.join, cancelled).message)
    end)

    db:it("says how long the pool was waited for, with the first command", function()
      local events, hook = recorder()
      local pool = db:pool({ maxsize = 1, minsize = 0, on_query = hook })
      local conn = pool:acquire()
      local waiting = lunasa.spawn(pool.with, pool, function(other)
        other:ping()
        other:ping()
      end)
      lunasa.sleep(0.001)
      pool:release(conn)
      waiting:join()

      assert.equal("connect ping ping", kinds(events))
      assert.is_true(events[2].pool_wait > 0)
      assert.is_nil(events[3].pool_wait)
      assert.equal(events[1].pool, events[2].pool)
      assert.matches("^lunasa:%d+$", events[1].pool)
    end)

    db:it("may query, on its own connection too, and is not told of that", function()
      local conn, seen, other = nil, {}, db:connect()
      conn = db:connect({
        on_query = function(event)
          if event.kind ~= "connect" then
            table.insert(seen, conn:scalar("SELECT CONNECTION_ID()"))
            table.insert(seen, other:scalar("SELECT CONNECTION_ID()"))
          end
        end,
      })
      conn:query("SELECT 1")
      conn:pipeline(function(p)
        p:ping()
      end)
      conn:stream("SELECT 1"):close()
      conn:stream("SELECT 1")
      conn:ping()

      assert.equal(10, #seen) -- query, pipeline, stream, stream, ping
      assert.same({ conn:thread_id(), other:thread_id() }, { seen[9], seen[10] })
    end)
  end)

  describe("a hook that raises", function()
    db:it("changes nothing, and is logged once with where it was", function()
      local conn
      local messages = task.logged(function()
        conn = db:connect({
          on_query = function()
            error("the hook is broken")
          end,
        })
        assert.equal(1, conn:scalar("SELECT 1"))
        assert.equal(1054, failure(conn.query, conn, "SELECT nowhere").errno)
        conn:stream("SELECT 1"):close()
        conn:ping()
      end)

      assert.equal(1, #messages)
      assert.matches("^error: the function of on_query failed, .*the hook is broken", messages[1])
      assert.matches("observability.lua:%d+: in function", messages[1])
    end)

    db:it("changes nothing whatever it raises", function()
      for _, thing in ipairs({ false, {}, setmetatable({}, { __tostring = error }) }) do
        local messages = task.logged(function()
          local conn = db:connect({
            on_query = function()
              error(thing, 0)
            end,
          })
          assert.equal(1, conn:scalar("SELECT 1"))
        end)
        assert.equal(1, #messages)
      end
    end)

    db:it("with an error of lunasa is logged with its traceback", function()
      local other = db:connect()
      local messages = task.logged(function()
        local conn = db:connect({
          on_query = function()
            other:query("SELECT nowhere")
          end,
        })
        assert.equal(1, conn:scalar("SELECT 1"))
      end)

      assert.equal(1, #messages)
      assert.matches("1054.*observability.lua:%d+", messages[1])
    end)
  end)

  describe("on_warning", function()
    db:it("is called for results with warnings only", function()
      local events, hook = recorder()
      local conn = db:connect({ on_warning = hook })
      conn:query("SELECT 1")
      conn:query("SELECT 1 / 0, CAST('x' AS SIGNED)")

      assert.equal(1, #events)
      assert.same({ "SELECT 1 / 0, CAST('x' AS SIGNED)", 2 }, {
        events[1].sql,
        events[1].warning_count,
      })
    end)

    db:it("is called for streams, pipelines and what changes rows", function()
      local events, hook = recorder()
      local conn = db:connect({ on_warning = hook })
      for _ in conn:stream("SELECT 1 / 0"):rows() do -- luacheck: ignore 542
      end
      conn:pipeline(function(p)
        p:query("SELECT 1 / 0")
      end)
      conn:execute("DROP TABLE IF EXISTS no_such_table")

      assert.equal("stream pipeline execute", kinds(events))
    end)
  end)

  describe("warnings that are fetched", function()
    db:it("are in the event and in the result", function()
      local events, hook = recorder()
      local conn = db:connect({ on_warning = hook, warnings = "fetch" })
      for _, protocol in ipairs({ "text", "binary" }) do
        local res = conn:query("SELECT CAST('x' AS SIGNED)", nil, { protocol = protocol })

        local event = table.remove(events)
        assert.equal(1, event.warning_count)
        assert.same({ "Warning", 1292 }, { event.warnings[1].level, event.warnings[1].code })
        assert.matches("'x'", event.warnings[1].message, 1, true)
        assert.equal(event.warnings, res.warnings)
      end
      assert.is_nil(conn:query("SELECT 1").warnings)
      assert.same({}, events)
    end)

    db:it("leave what is known of the statement as it is", function()
      local conn = db:connect({ warnings = "fetch" })
      local name = db:table(conn, "id INT PRIMARY KEY AUTO_INCREMENT, a TINYINT")
      local sql = "INSERT IGNORE INTO " .. name .. " (a) VALUES (1000), (2)"

      assert.same({ 2, 1 }, { conn:execute(sql) })
      assert.same({ 2, 1 }, { conn:affected_rows(), conn:insert_id() })
      assert.equal(1, conn.warning_count)
      assert.equal(1, conn:scalar("SELECT LAST_INSERT_ID()"))
    end)

    db:it("are of their own statement, whoever else waits for a turn", function()
      local seen = {}
      local conn = db:connect({
        warnings = "fetch",
        on_warning = function(event)
          table.insert(seen, event.warnings[1].message:match("'(%d+)[^']*'"))
        end,
      })
      local tasks = {}
      for i = 1, 20 do
        local sql = i % 2 == 0 and "SELECT 1" or ("SELECT CAST('%dx' AS SIGNED)"):format(i)
        tasks[i] = lunasa.spawn(conn.query, conn, sql)
      end
      lunasa.gather(unpack(tasks))

      assert.equal("1 3 5 7 9 11 13 15 17 19", table.concat(seen, " "))
    end)

    db:it("are those of large results and of several", function()
      local conn = db:connect({ warnings = "fetch", multi_statements = true })
      local large = conn:query("SELECT REPEAT('x', 300000), 1 / 0 UNION ALL SELECT 'y', 2")
      local both = conn:query("SELECT 1; SELECT 1 / 0")

      assert.equal(1365, large.warnings[1].code)
      assert.equal(2, large.rowcount)
      assert.equal(1365, both.warnings[1].code)
      local err = failure(conn.query, conn, "SELECT nowhere")
      assert.equal(1054, err.errno)
    end)
  end)

  describe("cursors", function()
    db:it("are told of like what they run", function()
      local conn, events = watched()
      local cur = conn:cursor()
      cur:execute("SELECT ? UNION SELECT 2", { 1 })
      cur:fetchall()
      local unbuffered = conn:cursor(lunasa.SSCursor)
      unbuffered:execute("SELECT 1 UNION SELECT 2")
      unbuffered:fetchall()
      unbuffered:close()

      assert.same({ "SELECT ? UNION SELECT 2", 2 }, { events[1].sql, events[1].rows })
      assert.same({ "stream", 2 }, { events[2].kind, events[2].rows })
      assert.equal(2, #events)
    end)
  end)

  describe("slow_query_time", function()
    --- What is logged by a function, with the fields.
    local function logged(work)
      local messages = {}
      local previous = lunasa.log.set(function(level, message, fields)
        table.insert(messages, { level, message, fields })
      end)
      local ok, err = pcall(work)
      lunasa.log.set(previous)
      if not ok then
        error(err, 0)
      end
      return messages
    end

    db:it("logs what takes longer, and where it was called", function()
      local conn = db:connect({ slow_query_time = 0.02 })
      local line
      local messages = logged(function()
        conn:query("SELECT 1")
        line = debug.getinfo(1, "l").currentline + 1
        conn:query("SELECT\n\tSLEEP(0.03), ?", { "canary" })
      end)

      assert.equal(1, #messages)
      local level, message, fields = unpack(messages[1])
      assert.equal("warn", level)
      assert.matches("^slow query: 0%.%d+ s, 1 rows, connection " .. conn:thread_id(), message)
      assert.matches("observability.lua:" .. line .. ": SELECT SLEEP(0.03), ?", message, 1, true)
      assert.is_true(fields.duration >= 0.03)
      assert.matches("observability.lua:" .. line, fields.where, 1, true)
    end)

    db:it("logs a failure by its number, as the server's words quote values", function()
      local conn = db:connect({ slow_query_time = 0 })
      local messages = logged(function()
        failure(conn.query, conn, "SELECT ? FROM nowhere", { "canary" })
      end)

      assert.matches("ProgrammingError 1146, connection", messages[1][2], 1, true)
      assert.is_nil(messages[1][2]:find("canary", 1, true))
    end)

    db:it("logs streams by the time that they waited, where they were opened", function()
      local conn = db:connect({ slow_query_time = 0.05 })
      local line
      local messages = logged(function()
        local stream = conn:stream("SELECT 1")
        lunasa.sleep(0.06)
        stream:close()
        line = debug.getinfo(1, "l").currentline + 1
        stream = conn:stream("SELECT SLEEP(0.06)")
        stream:close()
      end)

      assert.equal(1, #messages)
      assert.matches("^slow stream: .*observability.lua:" .. line, messages[1][2])
    end)

    db:it("logs pipelines and executemany, and names the pool", function()
      local pool = db:pool({ slow_query_time = 0, maxsize = 1 })
      local messages = logged(function()
        pool:with(function(conn)
          conn:ping() -- no statement
          conn:pipeline(function(p)
            p:query("SELECT 1")
          end)
          conn:execute("CREATE TEMPORARY TABLE slow (a INT)")
          conn:executemany("INSERT INTO slow VALUES (?)", { { 1 }, { 2 } })
        end)
      end)

      assert.matches("^slow pipeline: .* of pool lunasa:%d+, at .*: SELECT 1$", messages[1][2])
      assert.matches(
        "^slow executemany: .*: INSERT INTO slow VALUES %(%?%)$",
        messages[#messages][2]
      )
    end)

    db:it("shows a long statement in part, on one line", function()
      local conn = db:connect({ slow_query_time = 0 })
      local messages = logged(function()
        conn:query("SELECT '" .. ("é\27\n"):rep(1000) .. "'")
      end)

      assert.is_true(#messages[1][2] < 1200)
      assert.is_nil(messages[1][2]:find("%c"))
    end)
  end)

  describe("the options of observability", function()
    db:it("are checked", function()
      for name, wrong in pairs({ on_query = true, on_warning = "f", slow_query_time = -1 }) do
        local err = failure(db.connect, db, { [name] = wrong })
        assert.equal("ArgumentError", err.class)
        assert.matches(name, err.message, 1, true)
      end
    end)
  end)
end
