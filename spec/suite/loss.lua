--- Connections that the server closes, and servers that are not there.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("KILL", function()
    db:it("C18: of a busy connection raises in its task at once", function(conn)
      local watcher = db:connect()
      local busy = lunasa.spawn(conn.query, conn, db.features.slow)
      lunasa.sleep(0)
      local started = lunasa.now()

      watcher:execute("KILL ?", { conn:thread_id() })
      local err = failure(busy.join, busy)

      assert.equal("OperationalError", err.class)
      assert.is_true(err:is_disconnect())
      assert.is_true(lunasa.now() - started < 5)
      assert.is_true(conn.closed)
    end)

    if db.kind == "mariadb" then -- which says so before it hangs up; MySQL only interrupts (1317)
      db:it(
        "closes the connection when the server says so, not when its end is read",
        function(conn)
          local watcher = db:connect()
          local busy = lunasa.spawn(function()
            local err = failure(conn.query, conn, db.features.slow)
            return err:is_disconnect(), conn.closed
          end)
          lunasa.sleep(0)

          watcher:execute("KILL ?", { conn:thread_id() })

          assert.same({ true, true }, { busy:join() })
        end
      )
    end

    db:it("C18: of an idle connection raises at its next use", function(conn)
      db:connect():execute("KILL ?", { conn:thread_id() })
      lunasa.sleep(0.01) -- the loop sees it first

      local err = failure(conn.query, conn, "SELECT 1")
      assert.same({ "OperationalError", 2006 }, { err.class, err.errno })
      assert.is_true(err:is_disconnect())
      assert.equal(2006, failure(conn.query, conn, "SELECT 1").errno)
    end)

    db:it("C18: QUERY leaves the connection usable", function(conn)
      local watcher = db:connect()
      local busy = lunasa.spawn(conn.query, conn, db.features.slow_table)
      local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND info = ?"
      while watcher:scalar(listed, { conn:thread_id(), db.features.slow_table }) == 0 do
        lunasa.sleep(0.001)
      end

      watcher:execute("KILL QUERY ?", { conn:thread_id() })

      assert.equal(1317, failure(busy.join, busy).errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)

  describe("a pool", function()
    --- Waits until the pool has noticed that its idle connection is gone.
    local function wait_until_noticed(pool)
      local started = lunasa.now()
      while pool.size > 0 and lunasa.now() - started < 5 do
        lunasa.sleep(0.005)
      end
      assert.equal(0, pool.size)
    end

    db:it("replaces an idle connection that was killed", function(conn)
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local id = pool:scalar("SELECT CONNECTION_ID()")

      conn:execute("KILL ?", { id })
      wait_until_noticed(pool)

      assert.not_equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("replaces one that outlived wait_timeout", function()
      local pool = db:pool({
        minsize = 0,
        maxsize = 1,
        init_command = "SET SESSION wait_timeout = 1",
      })
      local id = pool:scalar("SELECT CONNECTION_ID()")

      wait_until_noticed(pool)

      assert.not_equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("rolls back, and says whose work that was", function(conn)
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local t = db:table(conn, "v INT")
      local messages = require("spec.support.task").logged(function()
        pool:with(function(lent)
          lent:execute("START TRANSACTION")
          lent:execute(("INSERT INTO %s VALUES (1)"):format(t))
        end)
      end)

      assert.equal(1, #messages)
      assert.matches("taken at .*suite/loss.lua:%d+ was not committed", messages[1])
      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
      assert.equal(1, pool.freesize)
    end)

    db:it("does not lend a connection that another task still uses", function()
      local pool = db:pool({ minsize = 0, maxsize = 1, reset_on_release = "reset" })
      local conn = pool:acquire()
      local releasing = lunasa.spawn(pool.release, pool, conn)
      local late = lunasa.spawn(conn.query, conn, "SET @late = 1")
      pcall(late.join, late)
      releasing:join()

      assert.is_nil(pool:scalar("SELECT @late"))
    end)

    db:it('keeps variables, and with reset_on_release = "reset" does not', function()
      for mode, expected in pairs({ rollback = 1, reset = false }) do
        local pool = db:pool({ minsize = 0, maxsize = 1, reset_on_release = mode })
        pool:execute("SET @a = 1, NAMES latin1")

        assert.equal(expected, pool:scalar("SELECT @a") or false)
        local charset = mode == "reset" and "utf8mb4" or "latin1"
        assert.equal(charset, pool:scalar("SELECT @@character_set_client"))
      end
    end)

    db:it("raises for a connection used after its release", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local kept
      pool:with(function(lent)
        kept = lent
      end)

      local err = failure(kept.query, kept, "SELECT 1")
      assert.equal("the connection was released to its pool", err.message)
    end)

    db:it("takes back a connection that was closed", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      pool:with(function(lent)
        lent:close()
      end)
      local lent = pool:acquire()
      lent:close()
      pool:release(lent)

      assert.equal(1, pool:scalar("SELECT 1"))
      assert.equal(1, pool.size)
    end)

    db:it("lends a connection whose statement was given up again", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local id = pool:scalar("SELECT CONNECTION_ID()")

      failure(pool.query, pool, db.features.slow, nil, { timeout = 0.05 })

      assert.equal(1, pool.used)
      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("replaces a connection whose statement did not end", function()
      local pool = db:pool({ minsize = 0, maxsize = 1, cancel_timeout = 0 })
      local id = pool:scalar("SELECT CONNECTION_ID()")

      failure(pool.query, pool, db.features.slow, nil, { timeout = 0.05 })

      assert.not_equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("runs a transaction again after a retryable error", function()
      local pool, attempts = db:pool({ minsize = 0, maxsize = 1 }), 0
      local signal = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213"

      pool:transaction({ retries = 2 }, function(conn)
        attempts = attempts + 1
        if attempts < 3 then
          conn:execute(signal)
        end
      end)

      assert.equal(3, attempts)
    end)
  end)
end
