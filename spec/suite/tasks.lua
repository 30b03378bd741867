--- Tasks that use connections: turns, deadlines, cancellation, and what blocks do then.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local TEXT = { protocol = "text" }

---@param db spec.Database
return function(db)
  local slow = db.features.slow

  --- Waits until the server lists `count` statements such as `slow`, of connection `id` if given.
  local function wait_until_running(watcher, id)
    local sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND info = ?"
    while watcher:scalar(sql, { id, slow }) == 0 do
      lunasa.sleep(0.001)
    end
  end

  describe("tasks on one connection", function()
    db:it("C15: are served in order, each with its own answer", function(conn)
      local order, tasks = {}, {}
      for i = 1, 50 do
        tasks[i] = lunasa.spawn(function()
          local value = conn:scalar("SELECT ? FROM (SELECT SLEEP(0.0001)) t", { i })
          table.insert(order, i)
          return value
        end)
      end

      local values = { lunasa.gather(unpack(tasks)) }
      for i = 1, 50 do
        assert.equal(i, values[i])
        assert.equal(i, order[i])
      end
    end)

    db:it("have their own errors", function(conn)
      local bad = lunasa.spawn(conn.query, conn, "SELECT nowhere")
      local good = lunasa.spawn(conn.scalar, conn, "SELECT 'good'")

      assert.equal(1054, failure(bad.join, bad).errno)
      assert.equal("good", good:join())
    end)

    db:it("wait no longer than their timeout for a turn", function(conn)
      local first = lunasa.spawn(conn.scalar, conn, "SELECT SLEEP(0.1)")
      lunasa.sleep(0)

      local err = failure(conn.query, conn, "SELECT 1", nil, { timeout = 0.02 })
      assert.same({ "TimeoutError", "statement" }, { err.class, err.which })
      assert.is_false(conn.closed)
      assert.equal(0, first:join())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("are formatted when their turn has come", function(conn)
      local tasks = {
        lunasa.spawn(conn.execute, conn, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'"),
        lunasa.spawn(conn.scalar, conn, "SELECT ?", { "\\'" }),
      }

      local _, value = lunasa.gather(unpack(tasks))
      assert.equal("\\'", value)
    end)

    db:it("have their turn when another one's timeout is over", function(conn)
      local id = conn:thread_id()
      local first = lunasa.spawn(conn.query, conn, slow, nil, { timeout = 0.02 })
      local second = lunasa.spawn(conn.scalar, conn, "SELECT CONNECTION_ID()")

      assert.equal("TimeoutError", failure(first.join, first).class)
      assert.equal(id, second:join())
    end)

    db:it("learn that another one's timeout closed it", function()
      local conn = db:connect({ cancel_timeout = 0 })
      local first = lunasa.spawn(conn.query, conn, slow, nil, { timeout = 0.02 })
      local second = lunasa.spawn(conn.query, conn, "SELECT 1")

      assert.equal("TimeoutError", failure(first.join, first).class)
      local err = failure(second.join, second)
      assert.equal("InterfaceError", err.class)
      assert.matches("the connection is closed: ", err.message, 1, true)
      assert.is_true(err:is_disconnect())
    end)
  end)

  describe("cancelling", function()
    db:it("C16: a statement raises CancelledError, and has the server end it", function(conn)
      local watcher = db:connect()
      local cancelled = lunasa.spawn(conn.query, conn, slow)
      wait_until_running(watcher, conn:thread_id())
      local started = lunasa.now()

      cancelled:cancel("no longer wanted")
      local err = failure(cancelled.join, cancelled)

      assert.same({ "CancelledError", "no longer wanted", slow }, {
        err.class,
        err.message,
        err.sql,
      })
      assert.is_true(lunasa.now() - started < 5)
      assert.is_false(conn.closed)
      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
      assert.is_true(lunasa.now() - started < 5)
    end)

    db:it("keeps those in the queue waiting under their own deadlines", function(conn)
      local watcher = db:connect()
      local first = lunasa.spawn(conn.query, conn, slow)
      wait_until_running(watcher, conn:thread_id())
      first:cancel()
      local second = lunasa.spawn(conn.query, conn, "SELECT 1", nil, { timeout = 1e-9 })

      assert.equal("CancelledError", failure(first.join, first).class)
      assert.equal("TimeoutError", failure(second.join, second).class)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("over a unix socket works as over TCP", function()
      local conn = db:connect({ unix_socket = db.server.socket })
      local started = lunasa.now()

      failure(conn.query, conn, "  " .. slow, nil, { timeout = 0.02 })

      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
      assert.is_true(lunasa.now() - started < 5)
    end)

    db:it("inside TLS works as without", function()
      local conn = db:connect({ ssl = { mode = "verify-identity", ca = db.server.ca } })
      failure(conn.query, conn, slow, nil, { timeout = 0.02 })

      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("closes the connection when no second one can be had, and says so", function(conn)
      local user = ("%s_%s1"):format(db.schema, db:is_binary() and "b" or "t")
      conn:execute(("CREATE USER '%s'@'%%'"):format(user))
      conn:execute(("GRANT SELECT ON %s.* TO '%s'@'%%'"):format(db.schema, user))
      conn:execute(("ALTER USER '%s'@'%%' WITH MAX_USER_CONNECTIONS 1"):format(user))
      local alone, reports = db:connect({ user = user }), {}
      local previous = lunasa.log.set(function(_, message)
        table.insert(reports, message)
      end)

      failure(alone.query, alone, slow, nil, { timeout = 0.02 })
      local err = failure(alone.query, alone, "SELECT 1")
      lunasa.log.set(previous)
      conn:execute(("DROP USER '%s'@'%%'"):format(user))

      assert.equal("InterfaceError", err.class)
      assert.equal(1, #reports)
      assert.matches("a statement was given up, and ending it failed: ", reports[1], 1, true)
    end)

    db:it("undoes a transaction that may have begun", function(conn)
      local work = lunasa.spawn(conn.transaction, conn, function()
        lunasa.sleep(60)
      end)
      lunasa.sleep(0)
      work:cancel()

      assert.equal("CancelledError", failure(work.join, work).class)
      assert.equal(1, conn:scalar("SELECT 1"))
      assert.is_false(conn:get_transaction_status())
    end)

    db:it("a transaction that waits for its turn leaves what is open", function(conn)
      conn:execute("START TRANSACTION", nil, TEXT)
      local first = lunasa.spawn(conn.scalar, conn, "SELECT SLEEP(0.1)")
      lunasa.sleep(0)
      local second = lunasa.spawn(conn.transaction, conn, error)
      lunasa.sleep(0)
      second:cancel()

      assert.equal("CancelledError", failure(second.join, second).class)
      assert.equal(0, first:join())
      assert.is_true(conn:get_transaction_status())
      conn:execute("ROLLBACK", nil, TEXT)
    end)

    db:it("a task that waits for its turn leaves the connection open", function(conn)
      local first = lunasa.spawn(conn.scalar, conn, "SELECT SLEEP(0.05)")
      lunasa.sleep(0)
      local second = lunasa.spawn(conn.query, conn, "SELECT 1")
      lunasa.sleep(0)
      second:cancel()

      assert.equal("CancelledError", failure(second.join, second).class)
      assert.equal(0, first:join())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("before a statement is sent leaves the connection open", function(conn)
      local t = db:table(conn, "v INT")
      local own
      own = lunasa.spawn(function()
        own:cancel()
        conn:execute(("INSERT INTO %s VALUES (1)"):format(t))
      end)

      assert.equal("CancelledError", failure(own.join, own).class)
      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("a transaction rolls it back", function(conn)
      local witness = db:connect()
      local t = db:table(witness, "v INT")
      local is_inserted = false
      local cancelled = lunasa.spawn(conn.transaction, conn, function()
        conn:execute(("INSERT INTO %s VALUES (1)"):format(t))
        is_inserted = true
        lunasa.sleep(60)
      end)
      while not is_inserted do
        lunasa.sleep(0.001)
      end
      cancelled:cancel()

      assert.equal("CancelledError", failure(cancelled.join, cancelled).class)
      assert.equal(0, conn.transaction_depth)
      assert.equal(0, witness:scalar("SELECT COUNT(*) FROM " .. t))
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("a transaction in the middle of a statement rolls it back", function(conn)
      local witness = db:connect()
      local t = db:table(witness, "v INT")
      local cancelled = lunasa.spawn(conn.transaction, conn, function()
        conn:execute(("INSERT INTO %s VALUES (1)"):format(t))
        conn:query(slow)
      end)
      wait_until_running(witness, conn:thread_id())
      cancelled:cancel()

      local err = failure(cancelled.join, cancelled)
      assert.equal("CancelledError", err.class)
      assert.same({}, err.suppressed)
      assert.is_false(conn:get_transaction_status())
      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
      assert.equal(0, witness:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("a login raises", function()
      local connecting = lunasa.spawn(lunasa.connect, db:options())
      lunasa.sleep(0)
      connecting:cancel()

      assert.equal("CancelledError", failure(connecting.join, connecting).class)
    end)

    db:it("works on tasks of lunasa.gather", function()
      local conns = { db:connect(), db:connect() }
      local started = lunasa.now()

      local err = failure(lunasa.gather, function()
        conns[1]:query(slow)
      end, function()
        conns[2]:query("SELECT nowhere")
      end)
      assert.equal(1054, err.errno)
      assert.is_true(lunasa.now() - started < 5)
      for _, conn in ipairs(conns) do
        assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
      end
    end)
  end)

  describe("lunasa.timeout", function()
    db:it("ends a block of statements", function(conn)
      local err = failure(lunasa.timeout, 0.05, function()
        conn:query("SELECT 1")
        conn:query(slow)
      end)

      assert.same({ "TimeoutError", "block" }, { err.class, err.which })
      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
    end)
  end)

  describe("a statement where a task cannot be suspended", function()
    db:it("raises, and the connection goes on", function(conn)
      local ok, err = pcall(table.sort, { 2, 1 }, function(a, b)
        return conn:scalar("SELECT ? < ?", { a, b }) == 1
      end)

      assert.is_false(ok)
      assert.matches("a task cannot be suspended here", tostring(err), 1, true)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("names lunasa.wrap in a coroutine of the user", function(conn)
      local ok, err = pcall(coroutine.wrap(function()
        conn:query("SELECT 1")
      end))

      if not ok then -- the runner lets it query
        assert.matches("lunasa.wrap", tostring(err), 1, true)
      end
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)
end
