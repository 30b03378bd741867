--- What is done with a connection besides running statements.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("autocommit", function()
    db:it("C6: is set, and nothing is sent when it is so already", function(conn)
      conn:query("DO 0")
      local function questions()
        return tonumber(conn:first("SHOW SESSION STATUS LIKE 'Questions'").Value)
      end

      local before = questions()
      conn:autocommit(true)
      assert.equal(before + 1, questions())

      conn:autocommit(false)
      assert.is_false(conn:get_autocommit())
      assert.is_false(conn.autocommit_mode)
      assert.equal(0, conn:scalar("SELECT @@autocommit"))
    end)

    db:it("C6: is the server's unless given, and follows SQL", function(conn)
      assert.is_nil(conn.autocommit_mode)
      assert.is_true(conn:get_autocommit())

      conn:query("SET autocommit = 0")
      assert.is_false(conn:get_autocommit())
    end)

    db:it("is that of the login again for the pool's next user", function()
      local pool = db:pool({ maxsize = 1 })
      pool:with(function(conn)
        conn:autocommit(false)
      end)

      pool:with(function(conn)
        assert.is_nil(conn.autocommit_mode)
        assert.equal(1, conn:scalar("SELECT @@autocommit"))
      end)
    end)

    db:it("must be true or false", function(conn)
      assert.equal("ArgumentError", failure(conn.autocommit, conn, 1).class)
    end)
  end)

  describe("savepoints", function()
    db:it("are made, returned to and forgotten", function(conn)
      local t = db:table(conn, "v INT")
      local insert = "INSERT INTO " .. t .. " VALUES (?)"
      conn:begin()
      conn:execute(insert, { 1 })
      conn:savepoint("a `quoted` name")
      conn:execute(insert, { 2 })
      conn:rollback_to("a `quoted` name")
      conn:execute(insert, { 3 })
      conn:release_savepoint("a `quoted` name")

      assert.equal(1305, failure(conn.rollback_to, conn, "a `quoted` name").errno)
      conn:commit()
      assert.same({ 1, 3 }, conn:query("SELECT v FROM " .. t .. " ORDER BY v"):column("v"))
      assert.equal("ArgumentError", failure(conn.savepoint, conn, "").class)
    end)
  end)

  describe("transaction options", function()
    db:it("are refused at the caller's line", function(conn)
      local function misused()
        conn:transaction({ isolation = 5 }, function() end)
      end
      local err = failure(misused)

      assert.equal("ArgumentError", err.class)
      assert.matches("suite/connection_methods.lua:%d+", err.position)
      err = failure(function()
        conn:begin({ isolation = "none" })
      end)
      assert.matches("suite/connection_methods.lua:%d+", err.position)
      err = failure(function()
        conn:transaction({}, 5)
      end)
      assert.matches("suite/connection_methods.lua:%d+", err.position)
    end)
  end)

  describe("a transaction that is left open", function()
    local function released(pool, work)
      return require("spec.support.task").logged(function()
        pool:with(work)
      end)
    end

    db:it("is undone without a word when nothing was changed", function(conn)
      local t = db:table(conn, "v INT")
      local pool = db:pool({ maxsize = 1, autocommit = false })
      local messages = released(pool, function(lent)
        lent:query("SELECT * FROM " .. t)
        lent:execute("UPDATE " .. t .. " SET v = 1")
      end)

      assert.same({}, messages)
      assert.is_false(pool:with(function(lent)
        return lent.in_transaction
      end))
    end)

    db:it("is told of when something was, or may have been", function(conn)
      local t = db:table(conn, "v INT")
      local pool = db:pool({ maxsize = 1, autocommit = false })
      conn:query(
        ("CREATE PROCEDURE change_%s() BEGIN INSERT INTO %s VALUES (1); DO 0; END"):format(t, t)
      )

      assert.equal(1, #released(pool, function(lent)
        lent:execute("INSERT INTO " .. t .. " VALUES (1)")
      end))
      assert.equal(1, #released(pool, function(lent)
        lent:execute("CALL change_" .. t .. "()")
      end))
      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)
  end)

  describe("ping", function()
    db:it("C7: makes a closed connection anew when told to", function()
      local conn =
        db:connect({ charset = "latin1", autocommit = false, init_command = "SET @a = 5" })
      local id = conn:thread_id()
      conn:close()

      assert.equal("InterfaceError", failure(conn.ping, conn).class)
      assert.equal("InterfaceError", failure(conn.ping, conn, false).class)
      conn:ping(true)

      assert.not_equal(id, conn:thread_id())
      assert.is_false(conn.closed)
      assert.equal(5, conn:scalar("SELECT @a"))
      assert.equal("latin1", conn:scalar("SELECT @@character_set_client"))
      assert.equal(0, conn:scalar("SELECT @@autocommit"))
    end)

    db:it("C7: makes a lost one anew, with what was set since", function(conn)
      conn:autocommit(false)
      conn:set_charset("latin1")
      local id = conn:thread_id()
      db:connect():kill(id)

      conn:ping({ reconnect = true, timeout = 10 })

      assert.not_equal(id, conn:thread_id())
      assert.equal(0, conn:scalar("SELECT @@autocommit"))
      assert.equal("latin1", conn.charset)
    end)

    db:it("leaves one that is there as it is", function(conn)
      local id = conn:thread_id()
      conn:query("SET @a = 1")
      conn:ping(true, 10)

      assert.equal(id, conn:thread_id())
      assert.equal(1, conn:scalar("SELECT @a"))
    end)

    db:it("C8: says first that a transaction is lost", function(conn)
      conn:begin()
      db:connect():kill(conn:thread_id())

      local err = failure(conn.ping, conn, true)
      assert.matches("inside a transaction", err.message)
      assert.is_true(err:is_disconnect())
      conn:ping(true)
      assert.equal(0, conn.transaction_depth)
      local other = db:connect()
      other:query("START TRANSACTION")
      db:connect():kill(other:thread_id())
      assert.matches("inside a transaction", failure(other.ping, other, true).message)
      other:ping(true)
      assert.equal(1, other:scalar("SELECT 1"))
    end)

    db:it("C8: never goes on inside a block over another session", function(conn)
      local err = failure(conn.transaction, conn, function()
        db:connect():kill(conn:thread_id())
        for _ = 1, 2 do
          failure(conn.ping, conn, true)
        end
        conn:query("SELECT 1")
      end)

      assert.is_true(err:is_disconnect())
      conn:ping(true)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("makes a pool's connection anew in its place", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      pool:with(function(conn)
        db:connect():kill(conn:thread_id())
        conn:ping(true)
        assert.equal(1, conn:scalar("SELECT 1"))
        assert.same({ 1, 1 }, { pool.size, pool.used })
      end)

      assert.equal(1, pool.freesize)
      assert.equal(1, pool:scalar("SELECT 1"))
    end)

    db:it("refuses what it does not take", function(conn)
      assert.equal("ArgumentError", failure(conn.ping, conn, "now").class)
      assert.equal("ArgumentError", failure(conn.ping, conn, { again = true }).class)
      assert.equal("ArgumentError", failure(conn.ping, conn, true, "5").class)
    end)
  end)

  describe("kill", function()
    db:it("C18: ends a connection, kill_query its statement", function(conn)
      local victim = db:connect()
      local task = lunasa.spawn(victim.query, victim, db.features.slow_table)
      local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND info = ?"
      while conn:scalar(listed, { victim:thread_id(), db.features.slow_table }) == 0 do
        lunasa.sleep(0.001)
      end
      conn:kill_query(victim:thread_id())
      assert.equal(1317, failure(task.join, task).errno)
      assert.is_false(victim.closed)

      conn:kill(victim:thread_id())
      assert.is_true(failure(victim.query, victim, "SELECT 1"):is_disconnect())
    end)

    db:it("refuses what is no number of a connection", function(conn)
      assert.equal(1094, failure(conn.kill, conn, 4294967290).errno)
      for _, id in ipairs({ "1; DROP TABLE x", -1, 1.5, 0 / 0 }) do
        assert.equal("ArgumentError", failure(conn.kill, conn, id).class)
        assert.equal("ArgumentError", failure(conn.kill_query, conn, id).class)
      end
    end)
  end)

  describe("cancel", function()
    db:it("C16: ends the statement that runs, and the connection goes on", function(conn)
      assert.is_false(conn:cancel())
      local task = lunasa.spawn(conn.query, conn, db.features.slow)
      lunasa.sleep(0.01)

      assert.is_true(conn:cancel("no more"))

      assert.is_true(failure(task.join, task):is_cancelled())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)

  describe("rows and each", function()
    local NUMBERS = "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3"

    db:it("give the rows as they come", function(conn)
      local seen = {}
      for row in conn:rows(NUMBERS) do
        table.insert(seen, row.n)
      end
      local count = conn:each("SELECT ? AS n", { 4 }, { rows = "array" }, function(row)
        table.insert(seen, row[1])
      end)

      assert.same({ 1, 2, 3, 4 }, seen)
      assert.equal(1, count)
    end)

    db:it("may be left early", function(conn)
      assert.equal(
        2,
        conn:each(NUMBERS, function(row)
          return row.n < 2
        end)
      )
      assert.is_false(conn.busy)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("pass an error on, and are over", function(conn)
      local ok, err = pcall(conn.each, conn, NUMBERS, function()
        error("mine", 0)
      end)

      assert.same({ false, "mine" }, { ok, err })
      assert.is_false(conn.busy)
      assert.equal("ArgumentError", failure(conn.each, conn, NUMBERS).class)
    end)

    db:it("name the caller's line", function(conn)
      local function misused()
        for _ in conn:rows(5) do
        end
      end

      assert.matches("suite/connection_methods.lua:%d+", failure(misused).position)
    end)
  end)

  describe("load_data", function()
    db:it("K22: loads, and tells what came of it", function()
      local conn = db:connect({ local_infile = true })
      local t = db:table(conn, "v INT")
      local sql = "LOAD DATA LOCAL INFILE 'x' INTO TABLE " .. t

      local loaded = conn:load_data(sql, { data = "1\n2\n3\n" })

      assert.equal(3, loaded.affected_rows)
      assert.equal("Records: 3  Deleted: 0  Skipped: 0  Warnings: 0", loaded.info)
      assert.equal(loaded.info, conn.info)
      assert.equal("ArgumentError", failure(conn.load_data, conn, sql).class)
    end)
  end)

  describe("try", function()
    db:it("gives nil and the error instead of raising it", function(conn)
      local trying = conn:try()
      local nothing, err = trying:query("selec")

      assert.is_nil(nothing)
      assert.equal(1064, err.errno)
      assert.equal(1, trying:scalar("SELECT 1"))
      assert.is_true(trying:commit())
      assert.equal(1064, select(2, db:pool():try():query("selec")).errno)
      assert.matches("use try:query", failure(trying.query, "SELECT 1").message)
      assert.equal(
        "ArgumentError",
        failure(function()
          return trying.host
        end).class
      )
    end)
  end)

  describe("a method called with a dot", function()
    db:it("says so", function(conn)
      for _, name in ipairs({ "query", "ping", "begin", "set_charset", "stream", "select_db" }) do
        local words = ("use conn:%s(), not conn.%s()"):format(name, name)
        for _, call in ipairs({ "conn.%s('SELECT 1')", "conn.%s()" }) do
          local misused = assert(loadstring("local conn = ... " .. call:format(name)))
          local err = failure(misused, conn)
          assert.same({ "ArgumentError", words }, { err.class, err.message })
        end
      end
      local cur = conn:cursor()
      for _, name in ipairs({ "execute", "executemany", "fetchone", "fetchall", "nextset" }) do
        for _, argument in ipairs({ "SELECT 1", false }) do
          local text = "local cur, argument = ... cur.%s(argument)"
          local misused = assert(loadstring(text:format(name)))
          local err = failure(misused, cur, argument or nil)
          assert.equal("ArgumentError", err.class)
          local words = ("use cur:%s(), not cur.%s()"):format(name, name)
          assert.equal(words, err.message)
        end
      end
    end)
  end)

  describe("with_connection", function()
    db:it("C27: closes however the function ends", function()
      local kept
      assert.same({ 1, nil, 3 }, {
        lunasa.with_connection(db:options(), function(conn)
          kept = conn
          return conn:scalar("SELECT 1"), nil, 3
        end),
      })
      assert.is_true(kept.closed)

      local ok, err = pcall(lunasa.with_connection, db:options(), { echo = false }, function(conn)
        kept = conn
        error("mine", 0)
      end)
      assert.same({ false, "mine" }, { ok, err })
      assert.is_true(kept.closed)
      assert.equal("ArgumentError", failure(lunasa.with_connection, db:options()).class)
    end)
  end)

  describe("a connection that is closed while tasks use it", function()
    --- What the task that runs a statement is told, who waits for a turn, and a later use.
    local function told(conn, close)
      local first = lunasa.spawn(conn.query, conn, db.features.slow)
      local second = lunasa.spawn(conn.query, conn, "SELECT 2")
      lunasa.sleep(0.01)
      close()
      local running, waiting = failure(first.join, first), failure(second.join, second)
      assert.matches("closed by this program", running.message)
      assert.is_true(running:is_disconnect())
      assert.equal("InterfaceError", waiting.class)
      assert.matches("closed by this program", waiting.message)
      assert.equal("InterfaceError", failure(conn.query, conn, "SELECT 3").class)
    end

    db:it("says who closed it", function(conn)
      told(conn, function()
        conn:close()
      end)
    end)

    db:it("says so of one that its pool closed", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local conn = pool:acquire()
      told(conn, function()
        pool:terminate()
      end)
    end)
  end)

  describe("ensure_closed", function()
    db:it("C7: waits for the statements of others, and may be called twice", function(conn)
      local task = lunasa.spawn(conn.scalar, conn, "SELECT SLEEP(0.05)")
      lunasa.sleep(0)

      conn:ensure_closed()
      conn:ensure_closed()
      conn:close()

      assert.equal(0, task:join())
      assert.is_true(conn.closed)
      assert.equal("InterfaceError", failure(conn.query, conn, "SELECT 1").class)
    end)
  end)
end
