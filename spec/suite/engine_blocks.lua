--- Functions that run in a transaction of an engine, and what goes wrong there.

local assert = require("luassert")
local database = require("spec.suite.database")
local engine_work = require("spec.suite.engine_work")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  local function works(options)
    return engine_work.new(db, options)
  end

  local function raises(err)
    return function()
      error(err, 0)
    end
  end

  describe("a block of an engine's transaction", function()
    local METHODS = { "transaction", "nested", "twophase" }

    for _, method in ipairs(METHODS) do
      db:it("X1: commits when it returns, and passes its values on: " .. method, function()
        local work = works()
        local values = {
          work.conn[method](work.conn, function(conn, tr)
            assert.equal(work.conn, conn)
            assert.is_true(tr.is_active and conn.in_transaction)
            work:insert(1)
            assert.same({}, work:seen())
            return "a", nil, "c"
          end),
        }
        assert.same({ "a", nil, "c" }, values)
        assert.same({ 1 }, work:seen())
        assert.is_false(work.conn.in_transaction)
      end)

      db:it("X8: rolls back when it raises, with the same object: " .. method, function()
        local work = works()
        for _, thrown in ipairs({ "text", { any = "table" }, 42 }) do
          local ok, err = pcall(work.conn[method], work.conn, function()
            work:insert(1)
            error(thrown, 0)
          end)
          assert.is_false(ok)
          assert.is_true(rawequal(thrown, err))
          assert.same({}, work:own())
          assert.is_false(work.conn.in_transaction)
        end
      end)

      db:it("may be ended by the work itself: " .. method, function()
        local work = works()
        work.conn[method](work.conn, function(_, tr)
          work:insert(1)
          tr:rollback()
        end)
        work.conn[method](work.conn, function(_, tr)
          work:insert(2)
          tr:commit()
        end)
        assert.same({ 2 }, work:seen())
      end)

      db:it("needs a function: " .. method, function()
        local conn = works().conn
        assert.equal("ArgumentError", failure(conn[method], conn).class)
        assert.is_false(conn.in_transaction)
      end)
    end

    db:it("may be given to what has begun", function()
      local work = works()
      local tr = work.conn:begin()
      assert.equal(
        7,
        tr:with(function(_, same)
          assert.equal(tr, same)
          work:insert(1)
          return 7
        end)
      )
      assert.same({ 1 }, work:seen())
      tr = work.conn:begin()
      assert.is_false(pcall(tr.with, tr, raises("no")))
      assert.is_false(tr.is_active)
    end)

    db:it("X8: is one with its connection in engine:begin", function()
      local work = works({ maxsize = 2 })
      local value = work.engine:begin(function(conn, tr)
        work:insert(1, conn)
        assert.is_true(tr.is_active)
        return 5
      end)
      assert.equal(5, value)
      local ok, err = pcall(
        work.engine.begin,
        work.engine,
        { isolation = "serializable" },
        function(conn)
          work:insert(2, conn)
          error("mine", 0)
        end
      )
      assert.is_false(ok)
      assert.equal("mine", err)
      assert.same({ 1 }, work:seen())
      assert.equal(1, work.engine.freesize)
    end)

    db:it("undoes alone what is nested", function()
      local work = works()
      work.conn:transaction(function(conn)
        work:insert(1)
        pcall(conn.nested, conn, function()
          work:insert(2)
          conn:nested(function()
            work:insert(3)
          end)
          error("no", 0)
        end)
        conn:nested(function()
          work:insert(4)
        end)
      end)
      assert.same({ 1, 4 }, work:seen())
    end)

    db:it("X1: raises when one inside it has rolled it back, and runs nothing meanwhile", function()
      local work = works()
      local err = failure(work.conn.transaction, work.conn, function(conn)
        work:insert(1)
        pcall(conn.transaction, conn, raises("no"))
        for _, method in ipairs({ "begin", "begin_nested", "begin_twophase" }) do
          local refused = failure(conn[method], conn)
          assert.matches("This transaction is inactive: an inner", refused.message, 1, true)
        end
        assert.equal("InvalidRequestError", failure(work.insert, work, 3).class)
      end)
      assert.equal("InvalidRequestError", err.class)
      assert.matches("use nested for what may fail alone", err.message, 1, true)
      assert.same({}, work:seen())
      work.conn:transaction(function()
        work:insert(2)
      end)
      assert.same({ 2 }, work:seen())
    end)

    db:it("X1: raises through each block of it that is open", function()
      local work = works()
      local inner, after
      local err = failure(work.conn.transaction, work.conn, function(conn)
        inner = failure(conn.transaction, conn, function()
          pcall(conn.transaction, conn, raises("no"))
        end)
        after = failure(conn.begin, conn)
      end)
      for _, each in ipairs({ inner, after, err }) do
        assert.matches("This transaction is inactive: an inner", each.message, 1, true)
      end
      assert.is_false(work.conn.in_transaction)
      work.conn:begin():rollback()
    end)

    db:it("X8: of the connection alone rolls back what it has left open, and says so", function()
      local work = works()
      local messages = task.logged(function()
        work.engine:with(function(conn)
          conn:begin()
          work:insert(1, conn)
        end)
      end)
      assert.equal(1, #messages)
      assert.matches("^warn: the block at .*engine_blocks.lua:%d+ left a transaction", messages[1])
      assert.same({}, work:seen())
      assert.equal(1, work.engine.freesize)
    end)

    db:it("may be left early, as by a cancelled task", function()
      local work = works()
      local entered = false
      local running = lunasa.spawn(function()
        work.conn:transaction(function(conn)
          work:insert(1)
          entered = true
          conn:execute("SELECT SLEEP(100)")
        end)
      end)
      while not entered do
        lunasa.sleep(0)
      end
      running:cancel("enough")
      local ok, err = pcall(running.join, running)
      assert.is_false(ok)
      assert.is_true(err:is_cancelled())
      assert.same({}, work:seen())
      assert.is_false(work.conn.in_transaction)
      assert.same({}, work:own())
    end)

    db:it("may run out of time", function()
      local work = works()
      local err = failure(lunasa.timeout, 0.05, function()
        work.conn:transaction(function(conn)
          work:insert(1)
          conn:execute("SELECT SLEEP(100)")
        end)
      end)
      assert.is_true(err:is_timeout())
      assert.same({}, work:own())
      assert.is_false(work.conn.in_transaction)
    end)
  end)

  describe("retries of an engine's transaction", function()
    local DEADLOCK = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'"

    for _, way in ipairs({ "transaction", "begin" }) do
      db:it("run the work again from its beginning: " .. way, function()
        local work = works()
        local owner = way == "begin" and work.engine or work.conn
        local attempts = 0
        owner[way](owner, { retries = 3 }, function(conn)
          attempts = attempts + 1
          work:insert(attempts, conn)
          if attempts < 3 then
            conn:execute(DEADLOCK)
          end
        end)
        assert.same({ 3 }, work:seen())

        local err = failure(owner[way], owner, { retries = 1 }, function(conn)
          attempts = attempts + 1
          conn:execute(DEADLOCK)
        end)
        assert.equal(1213, err.errno)
        assert.equal(5, attempts)
      end)
    end

    db:it("are of the outermost only, and not of work that has committed", function()
      local work = works()
      local attempts = 0
      local function fails(conn)
        attempts = attempts + 1
        conn:execute(DEADLOCK)
      end
      failure(work.conn.transaction, work.conn, function(conn)
        conn:transaction({ retries = 5 }, fails)
      end)
      assert.equal(1, attempts)
      failure(work.conn.transaction, work.conn, { retries = 5 }, function(conn, tr)
        tr:commit()
        fails(conn)
      end)
      failure(work.conn.transaction, work.conn, { retries = 5 }, function(conn)
        conn.connection:commit()
        fails(conn)
      end)
      failure(work.conn.transaction, work.conn, { retries = 5 }, function()
        attempts = attempts + 1
        work.conn:execute("SELECT nothing")
      end)
      assert.equal(4, attempts)
    end)

    db:it("get the better of a deadlock", function()
      local work = works()
      local conns = { work.conn, work.engine:acquire() }
      db:closing(conns[2])
      work:insert(1)
      work:insert(2)
      local attempts, started = 0, {}
      local function add(i, rows)
        conns[i]:transaction({ retries = 3 }, function(conn)
          attempts = attempts + 1
          for j, n in ipairs(rows) do
            conn:execute(("UPDATE %s SET v = v + 1 WHERE n = %d"):format(work.table, n))
            started[i] = true
            while j == 1 and not (started[1] and started[2]) do
              lunasa.sleep(0)
            end
          end
        end)
      end
      lunasa.gather(function()
        add(1, { 1, 2 })
      end, function()
        add(2, { 2, 1 })
      end)
      assert.equal(3, attempts)
      assert.same({ 2, 2 }, work.witness:query("SELECT v FROM " .. work.table):column("v"))
    end)

    db:it("take another connection for one that is found lost, before the work begins", function()
      local work = works({ maxsize = 1 })
      work:kill_and_wait()
      work.conn:close()
      work.engine:begin(function(conn)
        work:insert(1, conn)
      end)
      assert.same({ 1 }, work:seen())
    end)
  end)

  describe("an engine's transaction that the server has rolled back", function()
    local DEADLOCK = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'"

    db:it("runs nothing more, and is not committed", function()
      local work = works()
      local tr = work.conn:begin()
      local nested = work.conn:begin_nested()
      work:insert(1)
      failure(work.conn.execute, work.conn, DEADLOCK)
      for _, case in ipairs({
        { work.insert, work, 2 },
        { work.conn.scalar, work.conn, "SELECT 1" },
        { work.conn.stream, work.conn, "SELECT 1" },
        { work.conn.begin, work.conn },
        { nested.commit, nested },
        { tr.commit, tr },
      }) do
        local err = failure(unpack(case))
        assert.equal("InvalidRequestError", err.class)
        assert.matches("the server has rolled it back", err.message, 1, true)
        assert.equal(1213, err.cause.errno)
      end
      nested:rollback()
      assert.is_true(tr.is_active)
      tr:rollback()
      work.conn:transaction(function()
        work:insert(3)
      end)
      assert.same({ 3 }, work:seen())
    end)

    db:it("is noticed where its error is not", function()
      local work = works()
      for _, inside in ipairs({ "transaction", "nested" }) do
        local err = failure(work.conn.transaction, work.conn, function(conn)
          work:insert(1)
          pcall(conn[inside], conn, function()
            conn:execute(DEADLOCK)
          end)
        end)
        assert.equal("InvalidRequestError", err.class)
        assert.same({}, work:seen())
        assert.is_false(work.conn.in_transaction)
      end
    end)
  end)

  describe("an engine's connection that is lost", function()
    db:it("X7: begins nothing", function()
      for _, method in ipairs({ "begin", "begin_nested", "begin_twophase" }) do
        local work = works({ maxsize = 1 })
        work:kill_and_wait()
        assert.is_true(failure(work.conn[method], work.conn):is_disconnect())
        assert.is_false(work.conn.in_transaction)
        work.engine:release(work.conn)
        work.engine:begin(function(conn)
          work:insert(1, conn)
        end)
        assert.same({ 1 }, work:seen())
      end
    end)

    db:it("X7: is in no transaction after a COMMIT, and its place is free", function()
      for _, nesting in ipairs({ 1, 2 }) do
        local work = works({ maxsize = 1 })
        local tr = work.conn:begin()
        for _ = 2, nesting do
          tr = work.conn:begin_nested()
        end
        work:insert(1)
        work:kill_and_wait()
        assert.is_true(failure(tr.commit, tr):is_disconnect())
        assert.is_false(tr.is_active or work.conn.in_transaction)
        tr:rollback()
        work.engine:release(work.conn)
        assert.same({}, work:seen())
        work.engine:with(function(conn)
          work:insert(2, conn)
        end)
        assert.same({ 2 }, work:seen())
      end
    end)

    db:it("X7: has its work undone by the server", function()
      local work = works()
      local root = work.conn:begin()
      local nested = work.conn:begin_nested()
      work:insert(1)
      work:kill_and_wait()
      assert.is_true(failure(work.insert, work, 2):is_disconnect())
      nested:rollback()
      assert.is_false(root.is_active or work.conn.in_transaction)
      root:close()
      assert.same({}, work:seen())
    end)

    db:it("X7: has no work to commit when it was made anew", function()
      local work = works()
      local tr = work.conn:begin()
      work:insert(1)
      work:kill_and_wait()
      local driver = work.conn.connection
      assert.is_true(failure(driver.ping, driver, true):is_disconnect())
      driver:ping(true)
      work:insert(2)
      local err = failure(tr.commit, tr)
      assert.is_true(err:is_disconnect())
      assert.matches("its work is undone", err.message, 1, true)
      assert.is_false(tr.is_active or work.conn.in_transaction)
      tr = work.conn:begin()
      work:insert(3)
      tr:rollback()
      assert.same({ 2 }, work:seen())
    end)

    db:it("X8: raises that error through its blocks", function()
      local work = works({ maxsize = 1 })
      work.conn:close()
      local err = failure(work.engine.begin, work.engine, { retries = 2 }, function(conn)
        work:insert(1, conn)
        work.witness:execute("KILL ?", { conn.connection:thread_id() })
        conn:nested(function()
          work:insert(2, conn)
        end)
      end)
      assert.is_true(err:is_disconnect())
      assert.same({}, err.suppressed)
      assert.same({}, work:seen())
      work.engine:with(function(conn)
        assert.equal(0, #work:seen())
        work:insert(3, conn)
      end)
    end)
  end)

  describe("a COMMIT of an engine's transaction", function()
    --- Has the next COMMIT wait, and calls a function meanwhile.
    local function while_waiting(during)
      local lock = db:connect()
      lock:execute("FLUSH TABLES WITH READ LOCK")
      local ok, err = pcall(during)
      lock:execute("UNLOCK TABLES")
      assert(ok, err)
    end

    db:it("that is given up leaves no transaction, nor its work", function()
      local work = works()
      local tr = work.conn:begin()
      work:insert(1)
      local err
      while_waiting(function()
        err = failure(lunasa.timeout, 0.1, tr.commit, tr)
      end)
      assert.is_true(err:is_timeout())
      assert.is_false(tr.is_active or work.conn.in_transaction)
      assert.same({}, work:seen())
      work.engine:release(work.conn)
    end)

    db:it("that the server refuses is undone by its block", function()
      local work = works()
      local err
      task.logged(function()
        err = failure(work.conn.transaction, work.conn, function(conn)
          work:insert(1)
          conn:execute("COMMIT")
          conn:execute("XA START 'lunasa'") -- refuses COMMIT and ROLLBACK
          conn:execute(("INSERT INTO %s (n) VALUES (2)"):format(work.table))
        end)
      end)
      assert.equal(1399, err.errno)
      assert.equal(1, #err.suppressed)
      assert.is_false(work.conn.in_transaction)
      assert.is_true(work.conn.connection.closed)
      work.conn:close()
      assert.same({ 1 }, work:seen())
    end)
  end)

  describe("an engine's transaction beside those of the driver", function()
    db:it("has them inside as savepoints", function()
      local work = works()
      local tr = work.conn:begin()
      work:insert(1)
      pcall(work.conn.connection.transaction, work.conn.connection, function()
        work:insert(2)
        error("no", 0)
      end)
      work.conn.connection:transaction(function()
        work:insert(3)
      end)
      assert.same({}, work:seen())
      tr:commit()
      assert.same({ 1, 3 }, work:seen())
      assert.equal(0, work.conn.connection.transaction_depth)
    end)

    db:it("is a savepoint inside them", function()
      local work = works()
      work.conn.connection:transaction(function()
        work:insert(1)
        local tr = work.conn:begin()
        work:insert(2)
        tr:rollback()
        tr = work.conn:begin()
        work:insert(3)
        tr:commit()
        assert.same({}, work:seen())
      end)
      assert.same({ 1, 3 }, work:seen())
    end)

    db:it("is over on the server when they are ended", function()
      local work = works()
      local tr = work.conn:begin()
      work:insert(1)
      work.conn.connection:rollback()
      work:insert(2)
      tr:commit()
      assert.same({ 2 }, work:seen())
      assert.equal(0, work.conn.connection.transaction_depth)
    end)

    db:it("commits what was done before it with autocommit off, and says so", function()
      local work = works({ autocommit = false })
      work:insert(1)
      local messages = task.logged(function()
        work.conn:begin():rollback()
      end)
      assert.equal(1, #messages)
      assert.matches("^warn: what was done before .*engine_blocks.lua:%d+", messages[1])
      assert.same({ 1 }, work:seen())

      work:own()
      assert.same(
        {},
        task.logged(function()
          work.conn:begin():rollback()
          work:own()
          work.conn:begin_twophase():rollback()
        end)
      )
    end)

    db:it("is not what raw text has begun", function()
      local work = works()
      work.conn:execute("START TRANSACTION")
      work:insert(1)
      assert.is_false(work.conn.in_transaction)
      work.conn:execute("ROLLBACK")
      assert.same({}, work:own())
    end)
  end)
end
