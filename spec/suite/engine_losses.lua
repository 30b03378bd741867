--- What was done in an engine's connections must not be committed by accident, in half, or lost
--- without a word.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local task = require("spec.support.task")
local work = require("spec.suite.engine_work")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("work", function()
    db:it("is not committed by what sets autocommit back", function()
      local numbers = work.new(db, { maxsize = 1 })
      local conn = numbers.conn
      conn:execution_options({ isolation_level = "READ COMMITTED" })
      conn:execute("SET autocommit = 0")
      numbers:insert(1)
      local messages = task.logged(function()
        conn:close()
      end)
      assert.matches("was not committed is rolled back", messages[1])
      assert.same({}, numbers:seen())
      numbers.engine:with(function(other)
        assert.equal(1, other:scalar("SELECT @@autocommit"))
        assert.is_true(other.connection:get_autocommit())
      end)
    end)

    db:it("is not committed by the level AUTOCOMMIT", function()
      local numbers = work.new(db, { autocommit = false })
      local conn = numbers.conn
      numbers:insert(1)
      local err = failure(conn.execution_options, conn, { isolation_level = "AUTOCOMMIT" })
      assert.equal("InvalidRequestError", err.class)
      assert.truthy(err.message:find("would commit what was done before", 1, true))
      assert.is_false(conn.connection:get_autocommit())
      conn.connection:rollback()
      conn:scalar("SELECT COUNT(*) FROM " .. numbers.table)
      conn:execution_options({ isolation_level = "AUTOCOMMIT" })
      numbers:insert(2)
      assert.same({ 2 }, numbers:seen())
    end)

    db:it("is not left in half by an error that undid the first half", function()
      local numbers = work.new(db)
      local conn = numbers.conn
      if not pcall(conn.execute, conn, "SET innodb_snapshot_isolation = ON") then
        return -- MySQL reads the row as it is now
      end
      numbers:insert(1)
      local function interfered(swallows)
        conn:transaction({ isolation = "repeatable read" }, function()
          conn:scalar("SELECT COUNT(*) FROM " .. numbers.table)
          numbers:insert(2)
          numbers.witness:execute(("UPDATE %s SET v = v + 1 WHERE n = 1"):format(numbers.table))
          local update = ("UPDATE %s SET v = 0 WHERE n = 1"):format(numbers.table)
          local ok, err = pcall(conn.execute, conn, update)
          assert.is_false(ok)
          assert.equal(1020, err.errno)
          if swallows then
            numbers:insert(3)
          end
        end)
      end
      for _, swallows in ipairs({ true, false }) do
        local err = failure(interfered, swallows)
        assert.equal("InvalidRequestError", err.class)
        assert.equal(1020, err.cause.errno)
        assert.same({ 1 }, numbers:seen())
      end
      assert.is_false(conn.in_transaction)
      numbers:insert(4)
      assert.same({ 1, 4 }, numbers:seen())
    end)

    db:it("goes on after a lock that was waited for too long", function()
      local numbers = work.new(db)
      local conn = numbers.conn
      numbers:insert(1)
      numbers.witness:execute("BEGIN")
      numbers.witness:execute(("UPDATE %s SET v = 9 WHERE n = 1"):format(numbers.table))
      conn:execute("SET innodb_lock_wait_timeout = 1")
      conn:transaction(function()
        numbers:insert(2)
        local update = ("UPDATE %s SET v = 0 WHERE n = 1"):format(numbers.table)
        assert.equal(1205, failure(conn.execute, conn, update).errno)
        numbers:insert(3)
      end)
      numbers.witness:execute("COMMIT")
      assert.same({ 1, 2, 3 }, numbers:seen())
    end)

    --- Has a connection of a transaction meet a deadlock when it runs `meet`.
    local function in_deadlock(numbers, meet)
      local other = db:closing(numbers.engine:acquire())
      local transaction = other:begin()
      for n = 1001, 1100 do -- whose work is the least is rolled back
        numbers:insert(n, other)
      end
      local lock = "SELECT n FROM %s WHERE n = %d FOR UPDATE"
      other:execute(lock:format(numbers.table, 390))
      local waiting
      local conn = numbers.conn
      local err = failure(conn.transaction, conn, function()
        numbers:insert(501)
        meet(function()
          waiting = lunasa.spawn(function()
            return pcall(other.execute, other, lock:format(numbers.table, 1))
          end)
          local sql = "SELECT COUNT(*) FROM information_schema.innodb_trx "
            .. "WHERE trx_state = 'LOCK WAIT'"
          -- A stream may be at the row in question already: then its work is undone at once.
          while not waiting.done and tonumber(numbers.witness:scalar(sql)) == 0 do
            lunasa.sleep(0.15) -- asked more often, MySQL answers from a cache
          end
        end)
        numbers:insert(502)
      end)
      assert.is_true((waiting:join()))
      transaction:rollback()
      assert.equal("InvalidRequestError", err.class)
      assert.truthy(err.message:find("the server has rolled it back", 1, true))
      assert.same({ [1] = true }, { [numbers:seen()[1]] = true })
      assert.equal(400, #numbers:seen())
    end

    --- A table of 400 rows that are long enough to come one after the other.
    local function with_rows(more)
      local numbers = work.new(db, more)
      local name = numbers.table
      numbers.witness:execute(("ALTER TABLE %s ADD p VARCHAR(2000)"):format(name))
      local rows = {}
      for n = 1, 400 do
        rows[n] = { n }
      end
      local insert = ("INSERT INTO %s (n, p) VALUES (?, REPEAT('x', 2000))"):format(name)
      numbers.witness:executemany(insert, rows)
      return numbers
    end

    db:it("is not left in half by a deadlock that a listener has renamed", function()
      local numbers = with_rows()
      local conn = numbers.conn
      sa.event.listen(numbers.engine, "handle_error", function()
        return "renamed"
      end)
      in_deadlock(numbers, function(provoke)
        conn:execute(("SELECT n FROM %s WHERE n = 1 FOR UPDATE"):format(numbers.table))
        provoke()
        local lock = ("SELECT n FROM %s WHERE n = 390 FOR UPDATE"):format(numbers.table)
        local ok, err = pcall(conn.execute, conn, lock)
        assert.same({ false, "renamed" }, { ok, err })
      end)
    end)

    db:it("is not left in half by a deadlock between the rows of a stream", function()
      local numbers = with_rows()
      local conn = numbers.conn
      in_deadlock(numbers, function(provoke)
        local all = "SELECT n, p FROM %s ORDER BY n FOR UPDATE"
        local res = conn:stream(all:format(numbers.table))
        assert.equal(1, res:fetchone().n)
        provoke()
        local ok, err = pcall(res.fetchall, res)
        assert.is_false(ok)
        assert.equal(1213, err.errno)
      end)
    end)

    db:it("of a listener to checkin is not given to the next user", function()
      local numbers = work.new(db, { maxsize = 1 })
      local conn, engine = numbers.conn, numbers.engine
      local function change(changed)
        changed:begin()
        numbers:insert(1, changed)
        changed:close()
      end
      local function set(changed)
        changed:execution_options({ isolation_level = "SERIALIZABLE" })
      end
      for _, listener in ipairs({ change, set }) do
        local level = conn.engine.backend.isolation_level(conn.connection)
        sa.event.listen(engine, "checkin", listener)
        conn:close()
        sa.event.remove(engine, "checkin", listener)
        assert.equal(1, engine.freesize)
        assert.same({}, numbers:seen())
        conn = engine:acquire()
        assert.equal(level, engine.backend.isolation_level(conn.connection))
      end
      conn:close()
    end)

    db:it("of a connection that two tasks close is undone once", function()
      local numbers = work.new(db, { maxsize = 1 })
      local conn = numbers.conn
      conn:begin()
      numbers:insert(1)
      local closes = {}
      for i = 1, 2 do
        closes[i] = lunasa.spawn(function()
          conn:close()
        end)
      end
      numbers.engine:begin(function(other)
        numbers:insert(2, other)
        closes[1]:join()
        closes[2]:join()
      end)
      assert.same({ 2 }, numbers:seen())
    end)

    db:it("that was lost is not said to be committed", function()
      local numbers = work.new(db)
      local conn, engine = numbers.conn, numbers.engine
      local nested = nil
      local err = failure(function()
        conn:transaction(function()
          numbers:insert(1)
          nested = failure(conn.nested, conn, function()
            numbers:insert(2)
            numbers:kill_and_wait()
            numbers:insert(3)
          end)
        end)
      end)
      assert.is_true(nested:is_disconnect())
      assert.equal("InvalidRequestError", err.class)
      assert.truthy(
        err.message:find("This transaction is inactive: the connection was lost", 1, true)
      )
      assert.same({}, numbers:seen())
      conn:close()

      local function stop()
        error("no rollback")
      end
      sa.event.listen(engine, "rollback_savepoint", stop)
      local messages = task.logged(function()
        err = failure(engine.begin, engine, function(other)
          numbers:insert(1, other)
          pcall(other.nested, other, function()
            error("undone")
          end)
        end)
      end)
      assert.equal("InvalidRequestError", err.class)
      assert.equal(1, #messages)
      assert.same({}, numbers:seen())
    end)

    db:it("of a savepoint whose release was given up is not committed alone", function()
      local numbers = work.new(db)
      local conn = numbers.conn
      local running, outcome, nested
      running = lunasa.spawn(function()
        outcome = {
          pcall(conn.transaction, conn, function()
            numbers:insert(1)
            local is_released, err = pcall(conn.nested, conn, function()
              numbers:insert(2)
              lunasa.spawn(function()
                running:cancel()
              end)
            end)
            nested = not is_released and err
            assert(nested, "the server had released it before the cancellation")
          end),
        }
      end)
      running:join()
      local is_whole, err = unpack(outcome)
      local driver = conn.connection
      if not nested then -- and ROLLBACK, if the cancellation met that, has closed the connection
        assert.is_false(is_whole)
        assert.same({}, numbers:seen())
        assert.is_true(driver.closed or not driver.in_transaction)
      else
        assert.equal("CancelledError", nested.class)
        if not is_whole then -- the release was done already
          assert.truthy(err.message:find("could not be rolled back alone", 1, true))
        end
        assert.same(is_whole and { 1 } or {}, numbers:seen())
        assert.is_false(driver.in_transaction)
      end
    end)

    db:it("of two tasks is not begun at once on one connection", function()
      local numbers = work.new(db)
      local conn = numbers.conn
      local function begun(n)
        return lunasa.spawn(function()
          return pcall(conn.transaction, conn, function()
            numbers:insert(n)
            lunasa.sleep(0)
            numbers:insert(n + 10)
          end)
        end)
      end
      local first, second = begun(1), begun(2)
      assert.is_true((first:join()))
      local ok, err = second:join()
      assert.is_false(ok)
      assert.equal("InvalidRequestError", err.class)
      assert.truthy(err.message:find("another task begins a transaction", 1, true))
      assert.same({ 1, 11 }, numbers:seen())
      assert.is_false(conn.in_transaction)
      conn:transaction(function()
        numbers:insert(3)
      end)
      assert.same({ 1, 3, 11 }, numbers:seen())
    end)
  end)
end
