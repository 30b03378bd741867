--- Counters of real connections and pools, and what must never be seen by those who watch.

local assert = require("luassert")
local database = require("spec.suite.database")
local exposition = require("spec.support.exposition")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

--- All text in a value, wherever it is.
local function text_of(value, seen)
  if type(value) ~= "table" then
    return tostring(value)
  elseif seen[value] then
    return ""
  end
  seen[value] = true
  local parts = { tostring(value) }
  for key, inner in pairs(value) do
    table.insert(parts, text_of(key, seen))
    table.insert(parts, text_of(inner, seen))
  end
  return table.concat(parts, "\n")
end

---@param db spec.Database
return function(db)
  describe("metrics", function()
    local function commands(registry, kind, outcome)
      local labels = { kind = kind, outcome = outcome }
      return exposition.value(registry:text(), "lunasa_commands_total", labels)
    end

    local function value(registry, name)
      return exposition.value(registry:text(), "lunasa_" .. name)
    end

    db:it("count what a connection does", function()
      local registry = lunasa.metrics()
      local conn = db:connect({ metrics = registry, slow_query_time = 10 })
      conn:query("SELECT 1 UNION SELECT 2")
      conn:execute("SET @a = 1")
      local unknown = failure(conn.query, conn, "SELECT nowhere").class
      conn:transaction(function() end)
      for _ in conn:stream("SELECT 1 / 0"):rows() do -- luacheck: ignore 542
      end

      assert.equal(1, commands(registry, "connect", "ok"))
      assert.equal(1, commands(registry, "query", "ok"))
      assert.equal(1, commands(registry, "execute", "ok"))
      assert.equal(1, commands(registry, "query", unknown))
      assert.equal(1, commands(registry, "begin", "ok"))
      assert.equal(1, commands(registry, "commit", "ok"))
      assert.equal(1, commands(registry, "stream", "ok"))
      assert.equal(3, value(registry, "rows_total"))
      assert.equal(1, value(registry, "warnings_total"))
      assert.equal(0, value(registry, "slow_queries_total"))
    end)

    db:it("count connections, however they end", function()
      local registry = lunasa.metrics()
      local first = db:connect({ metrics = registry })
      local second = db:connect({ metrics = registry })
      failure(db.connect, db, { metrics = registry, user = "nobody-here" })
      assert.same({ 2, 1, 0 }, {
        value(registry, "connections_opened_total"),
        value(registry, "connections_failed_total"),
        value(registry, "connections_closed_total"),
      })

      first:close()
      pcall(second.query, second, "KILL " .. second:thread_id())
      pcall(second.ping, second)
      assert.equal(2, value(registry, "connections_closed_total"))
      assert.equal(2, value(registry, "connections_opened_total"))
    end)

    db:it("count slow statements, kills and broken hooks", function()
      local registry = lunasa.metrics()
      task.logged(function()
        local conn = db:connect({ metrics = registry, slow_query_time = 0, on_query = error })
        conn:query("SELECT 1")
        failure(conn.query, conn, db.features.slow, nil, { timeout = 0.01 })
        conn:ping()
      end)

      assert.equal(2, value(registry, "slow_queries_total"))
      assert.equal(5, value(registry, "hook_failures_total")) -- connect, two, kill, ping
      assert.equal(1, commands(registry, "query", "TimeoutError"))
      assert.equal(1, commands(registry, "kill", "ok"))
    end)

    db:it("show a pool by its name", function()
      local registry = lunasa.metrics()
      local options = { metrics = registry, name = "shop", minsize = 0, maxsize = 3 }
      local pool, other = db:pool(options), db:pool({ metrics = registry, minsize = 0 })
      local function gauge(name)
        return exposition.value(registry:text(), "lunasa_" .. name, { pool = "shop" })
      end
      assert.same({ 0, 0, 0, 0, 3 }, {
        gauge("pool_connections"),
        gauge("pool_connections_used"),
        gauge("pool_waiting"),
        gauge("pool_connections_min"),
        gauge("pool_connections_max"),
      })
      local conn = pool:acquire()
      other:query("SELECT 1")

      assert.same({ 1, 1, 0 }, {
        gauge("pool_connections"),
        gauge("pool_connections_used"),
        gauge("pool_connections_free"),
      })
      pool:release(conn)
      assert.same({ 0, 1 }, { gauge("pool_connections_used"), gauge("pool_connections_free") })
      assert.equal(1, gauge("connections_opened_total"))
    end)
  end)

  describe("metrics of a pool", function()
    db:it("count who was lent a connection, who waited and who gave up", function()
      local registry = lunasa.metrics()
      local options = { metrics = registry, name = "shop", minsize = 0, maxsize = 1 }
      local pool = db:pool(options)
      local function total(name)
        return exposition.value(registry:text(), ("lunasa_pool_%s_total"):format(name))
      end
      local conn = pool:acquire()
      local before = total("waits")
      assert.equal("TimeoutError", failure(pool.acquire, pool, 0.01).class)
      local waiting = lunasa.spawn(pool.scalar, pool, "SELECT 1")
      lunasa.sleep(0)
      assert.equal(1, exposition.value(registry:text(), "lunasa_pool_waiting"))
      pool:release(conn)

      assert.equal(1, waiting:join())
      assert.same({ 2, before + 2, 1 }, { total("acquires"), total("waits"), total("timeouts") })
      assert.is_true(total("wait_seconds") >= 0.01)
    end)
  end)

  describe("secrets", function()
    --- Everything that is said while a function runs with a connection.
    local function said(more, work)
      local all = {}
      local function keep(...)
        table.insert(all, { ... })
      end
      local previous = lunasa.log.set(keep)
      local options = {
        on_query = keep,
        on_warning = keep,
        slow_query_time = 0,
        echo = true,
        metrics = lunasa.metrics(),
      }
      for name, value in pairs(more) do
        options[name] = value
      end
      local ok, err = pcall(work, options, keep)
      lunasa.log.set(previous)
      table.insert(all, options.metrics:text())
      assert.is_true(ok, tostring(err))
      return text_of(all, {})
    end

    db:it("are in no event, log, metric or error", function()
      local account = db.features.accounts[1]
      local login =
        { user = account[1], password = account[2], database = "test", ssl = "required" }
      local text = said(login, function(options, keep)
        local conn = db:connect(options)
        local values = { "CANARY-1", lunasa.binary("CANARY-2") }
        for _, protocol in ipairs({ "text", "binary" }) do
          local call = { protocol = protocol }
          conn:query("SELECT ?, ?", values, call)
          keep(failure(conn.query, conn, "SELECT nowhere, ?, ?", values, call))
          conn:stream("SELECT ?, ?", values, call):close()
          conn:pipeline(call, function(p)
            p:query("SELECT ?, ?", values)
          end)
        end
        keep(failure(conn.query, conn, "SELECT ?", values))
        keep(failure(conn.executemany, conn, "INSERT INTO nowhere VALUES (?, ?)", { values }))
        keep(tostring(conn))
        keep(failure(conn.change_user, conn, { user = account[1], password = "CANARY-3" }))
        options.password = "CANARY-4"
        keep(failure(db.connect, db, options))
      end)

      assert.matches("SELECT nowhere, ?, ?", text, 1, true)
      assert.is_nil(text:find("CANARY", 1, true))
      assert.is_nil(text:find(account[2], 1, true))
    end)

    db:it("in the text of a statement are not shown with redact", function()
      local more = { redact = true, multi_statements = true, session_track = { gtid = false } }
      local text = said(more, function(options, keep)
        local conn = db:connect(options)
        conn:query("SELECT 'CANARY', 987654321987 -- CANARY")
        for _, limit in ipairs({ false, 987654321987 }) do
          local call = { max_statement_time = limit }
          keep(failure(conn.query, conn, "SELECT nowhere, 'CANARY'", nil, call))
          keep(failure(conn.stream, conn, "SELECT nowhere, 'CANARY'", nil, call))
        end
        keep(failure(conn.pipeline, conn, function(p)
          p:query("SELECT nowhere, 'CANARY'")
        end))
        keep(failure(conn.query, conn, "SELECT 'CANARY' + SLEEP(30)", nil, { timeout = 0.01 }))
        conn:ping()
        local first = conn:query("SELECT 987654321987; SELECT nowhere, 'CANARY'")
        keep(failure(first.nextset, first))
      end)

      assert.matches("SELECT nowhere, ?", text, 1, true)
      assert.matches("SELECT ? + SLEEP(?)", text, 1, true)
      assert.is_nil(text:find("CANARY", 1, true))
      assert.is_nil(text:find("987654321987", 1, true))
    end)
  end)
end
