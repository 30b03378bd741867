--- Pools of connections to a real server: P1 to P16 of the semantics of aiomysql's pool, and more.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  local function counts(pool)
    return { pool.size, pool.freesize, pool.used, pool.waiting }
  end

  local function id_of(conn)
    return conn:scalar("SELECT CONNECTION_ID()")
  end

  --- Waits for what the server or the loop brings about.
  local function wait_until(condition)
    local patience = lunasa.now() + 10
    while not condition() do
      assert.is_true(lunasa.now() < patience, "it did not happen")
      lunasa.sleep(0.002)
    end
  end

  --- How many connections the server lists for our schema, besides that of the asker.
  local function listed(conn)
    local count = 0
    for row in conn:query("SHOW PROCESSLIST", nil, { rows = "array" }):rows() do
      count = count + (row[4] == db.schema and row[1] ~= conn:thread_id() and 1 or 0)
    end
    return count
  end

  describe("a pool", function()
    db:it("P1: counts what it has", function()
      local pool = db:pool({ minsize = 2, maxsize = 3 })
      assert.same({ 0, 0, 0, 0 }, counts(pool))
      pool:fill()
      assert.same({ 2, 2, 0, 0 }, counts(pool))
      local conn = pool:acquire()
      assert.same({ 2, 1, 1, 0 }, counts(pool))
      pool:release(conn)
      assert.same({ 2, 2, 0, 0 }, counts(pool))
      pool:clear()
      assert.same({ 0, 0, 0, 0 }, counts(pool))
    end)

    db:it("P1: is unlimited with maxsize 0", function()
      local pool, lent = db:pool({ minsize = 0, maxsize = 0 }), {}
      for i = 1, 15 do
        lent[i] = pool:acquire()
      end

      assert.equal(15, #lent)
      assert.is_nil(pool.maxsize)
      assert.same({ 15, 0, 15, 0 }, counts(pool))
      pool:terminate()
    end)

    db:it("P2: lends the connection used last, or each in turn with order = fifo", function()
      for order, expected in pairs({ lifo = 1, fifo = 3 }) do
        local pool, lent, ids, count = db:pool({ maxsize = 3, order = order }), {}, {}, 0
        for i = 1, 3 do
          lent[i] = pool:acquire()
        end
        for i = 1, 3 do
          lent[i]:release()
        end
        for _ = 1, 6 do
          ids[pool:with(id_of)] = true
        end
        for _ in pairs(ids) do
          count = count + 1
        end
        assert.equal(expected, count)
        pool:close()
      end
    end)

    db:it("P3: serves waiters in order, and passes over one that was cancelled", function()
      local pool, served, waiting = db:pool({ maxsize = 1 }), {}, {}
      local holder = pool:acquire()
      for i = 1, 4 do
        waiting[i] = lunasa.spawn(pool.with, pool, function()
          table.insert(served, i)
        end)
      end
      wait_until(function()
        return pool.waiting == 4
      end)
      waiting[2]:cancel()
      failure(waiting[2].join, waiting[2])
      holder:release()
      lunasa.gather(waiting[1], waiting[3], waiting[4])

      assert.same({ 1, 3, 4 }, served)
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("P3: says that a task waits for itself", function()
      local pool = db:pool({ maxsize = 1 })
      local err = pool:with(function()
        return failure(pool.acquire, pool, 0.01)
      end)

      assert.equal("TimeoutError", err.class)
      assert.matches("taken at .*pool.lua:%d+ .*; this task holds it itself", err.message)
    end)

    db:it("P4: undoes a transaction that was left open, and serves who waits", function(conn)
      local pool, t = db:pool({ maxsize = 1 }), db:table(conn, "i INT")
      local messages = task.logged(function()
        local holder = pool:acquire()
        local waiting = lunasa.spawn(pool.scalar, pool, "SELECT COUNT(*) FROM " .. t)
        holder:begin()
        holder:execute(("INSERT INTO %s VALUES (1)"):format(t))
        holder:release()
        assert.equal(0, waiting:join())
      end)

      assert.equal(1, #messages)
      pool:close()
      pool:wait_closed(5)
    end)

    db:it("P5: replaces a connection that was closed, for who waits", function()
      local pool = db:pool({ maxsize = 1 })
      local holder = pool:acquire()
      local id = holder:thread_id()
      local waiting = lunasa.spawn(pool.with, pool, id_of)
      holder:close()
      holder:release()

      assert.are_not.equal(id, waiting:join())
      assert.equal(1, pool.stats.closed.unhealthy)
    end)

    db:it("P6: refuses a second release and a foreign connection", function(conn)
      local pool = db:pool({ maxsize = 2 })
      local lent = pool:acquire()
      pool:release(lent)

      assert.equal("PoolError", failure(pool.release, pool, lent).class)
      assert.equal("PoolError", failure(pool.release, pool, conn).class)
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("P7: does not lend what was killed while it was idle", function(conn)
      local pool = db:pool({ maxsize = 1 })
      local id = pool:with(id_of)
      conn:execute("KILL " .. id)
      wait_until(function()
        return pool.freesize == 0
      end)

      assert.are_not.equal(id, pool:with(id_of))
      assert.equal(1, pool.stats.closed.lost)
    end)

    db:it("P7: does not lend what the server closed for wait_timeout", function()
      local pool = db:pool({ maxsize = 1, minsize = 0 })
      local id = pool:with(function(lent)
        lent:execute("SET SESSION wait_timeout = 1")
        return lent:thread_id()
      end)
      wait_until(function()
        return pool.freesize == 0
      end)

      assert.are_not.equal(id, pool:with(id_of))
    end)

    db:it("P8: replaces what is older than max_lifetime, and keeps minsize by itself", function()
      for _, name in ipairs({ "max_lifetime", "pool_recycle" }) do
        local pool = db:pool({ minsize = 2, maxsize = 3, [name] = 0.05 })
        pool:fill()
        wait_until(function()
          return pool.stats.closed.old >= 2 and pool.stats.opened >= 4 and pool.freesize == 2
        end)
        pool:close()
      end
    end)

    db:it("shrinks to minsize when connections are idle", function()
      local pool, lent = db:pool({ minsize = 1, maxsize = 4, max_idle = 0.05 }), {}
      for i = 1, 4 do
        lent[i] = pool:acquire()
      end
      for i = 1, 4 do
        lent[i]:release()
      end
      wait_until(function()
        return pool.size == 1
      end)

      assert.equal(3, pool.stats.closed.unused)
    end)

    db:it("P9: fails who waits when it closes, and waits for who has a connection", function()
      local pool = db:pool({ maxsize = 1 })
      assert.equal("PoolError", failure(pool.wait_closed, pool).class)
      local holder = pool:acquire()
      local waiting = lunasa.spawn(pool.acquire, pool)
      lunasa.sleep(0)
      pool:close()
      pool:close()

      assert.matches("closed while waiting", failure(waiting.join, waiting).message)
      assert.matches("after closing pool", failure(pool.acquire, pool).message)
      assert.equal("TimeoutError", failure(pool.wait_closed, pool, 0.01).class)
      assert.equal(1, holder:scalar("SELECT 1"))
      holder:release()
      pool:wait_closed(5)
      pool:wait_closed()
      assert.is_true(pool.closed)
    end)

    db:it("P10: terminates under the hands of owners, whose release is accepted", function()
      local pool = db:pool({ maxsize = 2 })
      local holder = pool:acquire()
      local running = lunasa.spawn(holder.query, holder, "SELECT SLEEP(20)")
      local queued = lunasa.spawn(holder.query, holder, "SELECT 1")
      lunasa.sleep(0.02)
      pool:terminate()
      pool:wait_closed(5)

      assert.is_true(failure(running.join, running):is("Error"))
      assert.is_true(failure(queued.join, queued):is("Error"))
      holder:release()
      assert.same({ 0, 0, 0, 0 }, counts(pool))
      assert.equal(1, pool.stats.closed.terminated)
    end)

    db:it("P11: raises a failure to connect to one acquirer, and the next one tries", function()
      local is_failing = true
      local pool = db:pool({
        maxsize = 1,
        minsize = 0,
        on_connect = function(conn)
          if is_failing then
            is_failing = false
            conn:query("SELECT nowhere")
          end
        end,
      })
      local first = lunasa.spawn(pool.scalar, pool, "SELECT 1")
      local second = lunasa.spawn(pool.scalar, pool, "SELECT 2")

      assert.equal(1054, failure(first.join, first).errno)
      assert.equal(2, second:join())
      assert.equal(1, pool.stats.connect_failures)
    end)

    db:it("P12: has never more than maxsize connections on the server", function(conn)
      local pool, tasks, most = db:pool({ minsize = 0, maxsize = 4 }), {}, 0
      local before = listed(conn) -- of earlier specs
      for i = 1, 40 do
        tasks[i] = lunasa.spawn(pool.scalar, pool, "SELECT ? + SLEEP(0.002)", { i })
      end
      while pool.stats.released < 40 do
        most = math.max(most, listed(conn) - before)
        lunasa.sleep(0)
      end
      for i = 1, 40 do
        assert.equal(i, tonumber(tasks[i]:join()))
      end

      assert.is_true(most >= 1 and most <= 4, tostring(most))
      assert.equal(4, pool.stats.most_used)
    end)

    db:it("P13: shows no old snapshot to the next user", function(conn)
      local t = db:table(conn, "i INT")
      local pool = db:pool({
        maxsize = 1,
        autocommit = false,
        on_connect = function(made)
          made:query("SELECT * FROM " .. t)
        end,
      })
      pool:fill()
      conn:execute(("INSERT INTO %s VALUES (1)"):format(t))
      task.logged(function()
        assert.equal(1, pool:scalar("SELECT COUNT(*) FROM " .. t))
        conn:execute(("INSERT INTO %s VALUES (2)"):format(t))
        assert.equal(2, pool:scalar("SELECT COUNT(*) FROM " .. t))
      end)
    end)

    db:it("P13: leaves nothing of a result that was not read", function()
      local pool = db:pool({ maxsize = 1 })
      local id = pool:with(function(lent)
        lent:stream("SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3"):fetch()
        return lent:thread_id()
      end)

      assert.equal("mine", pool:scalar("SELECT 'mine'"))
      assert.equal(id, pool:with(id_of))
    end)

    db:it("P13: keeps session variables with rollback, and not with reset", function()
      for mode, left in pairs({ rollback = "kept", reset = "none" }) do
        local pool = db:pool({ maxsize = 1, reset_on_release = mode })
        pool:with(function(lent)
          lent:execute("SET @left = 'kept'")
          lent:execute("CREATE TEMPORARY TABLE " .. "t_temporary (i INT)")
        end)
        assert.equal(left, pool:scalar("SELECT IFNULL(@left, 'none')"))
        local has_table = pcall(pool.query, pool, "SELECT * FROM t_temporary")
        assert.equal(mode == "rollback", has_table)
        pool:close()
      end
    end)

    db:it(
      "P14: gives the slot of a dropped connection to who waits, and says who had it",
      function()
        local pool = db:pool({ maxsize = 1, acquire_timeout = 5 })
        local messages = task.logged(function()
          pool:acquire()
          assert.equal(1, pool:scalar("SELECT 1", nil, { timeout = 4 }))
        end)

        assert.equal(1, #messages)
        assert.matches("taken at .*pool.lua:%d+ was dropped without a release", messages[1])
        assert.equal(1, pool.stats.closed.dropped)
      end
    )

    db:it("P15: lends and takes back while another connection is made slowly", function()
      local is_slow, may_go = false, false
      local pool = db:pool({
        maxsize = 2,
        minsize = 0,
        on_connect = function()
          while is_slow and not may_go do
            lunasa.sleep(0.001)
          end
        end,
      })
      local holder = pool:acquire()
      is_slow = true
      local waiting = lunasa.spawn(pool.acquire, pool)
      lunasa.sleep(0.005)
      holder:release()
      local served = waiting:join(5)

      assert.equal(holder:thread_id(), served:thread_id())
      assert.equal(1, pool.stats.opened)
      may_go = true
      served:release()
    end)

    db:it("P16: takes a cancelled owner's connection back once", function()
      local pool = db:pool({ maxsize = 1 })
      local owner = lunasa.spawn(pool.with, pool, function(lent)
        lent:query("SELECT SLEEP(20)")
      end)
      wait_until(function()
        return pool.used == 1
      end)
      owner:cancel()

      assert.equal("CancelledError", failure(owner.join, owner).class)
      assert.equal(1, pool:scalar("SELECT 1"))
      assert.same({ 1, 1, 0, 0 }, counts(pool))
      assert.equal(pool.stats.acquired, pool.stats.released)
    end)
  end)

  describe("a pool's connection", function()
    db:it("that is released while another task uses it is replaced", function()
      local pool = db:pool({ maxsize = 1 })
      local lent = pool:acquire()
      local using = lunasa.spawn(lent.query, lent, "SELECT SLEEP(20)")
      local waiting = lunasa.spawn(lent.query, lent, "SELECT 1")
      lunasa.sleep(0.02)
      lent:release()

      assert.is_true(failure(using.join, using, 5):is("Error"))
      assert.is_true(failure(waiting.join, waiting, 5):is("Error"))
      assert.equal(1, pool:scalar("SELECT 1"))
      assert.equal(1, pool.stats.closed.unhealthy)
    end)
  end)

  describe("a pool's one-shots", function()
    db:it("release their connection", function(conn)
      local pool, t = db:pool({ maxsize = 1 }), db:table(conn, "i INT, s TEXT")
      local insert = ("INSERT INTO %s VALUES (?, ?)"):format(t)

      assert.equal(3, (pool:executemany(insert, { { 1, "a" }, { 2, "b" }, { 3, "c" } })))
      local answers = pool:pipeline(function(p)
        p:query("SELECT COUNT(*) AS n FROM " .. t)
        p:query("SELECT 7 AS n")
      end)
      assert.same({ 3, 7 }, { answers[1][1].n, answers[2][1].n })
      assert.equal("b", pool:first(("SELECT s FROM %s WHERE i = 2"):format(t)).s)
      assert.same({ 1, 1, 0, 0 }, counts(pool))
      assert.equal(
        1054,
        failure(pool.pipeline, pool, function(p)
          p:query("SELECT nowhere")
        end).errno
      )
      assert.equal(1054, failure(pool.stream, pool, "SELECT nowhere").errno)
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("that stream have their connection until the last row", function(conn)
      local pool, t = db:pool({ maxsize = 1 }), db:table(conn, "i INT")
      conn:execute(("INSERT INTO %s VALUES (1), (2), (3)"):format(t))
      local sum = 0
      for row in pool:rows(("SELECT i FROM %s"):format(t)) do
        assert.equal(1, pool.used)
        sum = sum + row.i
      end

      assert.equal(6, sum)
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("that stream give it back when they are closed, fail or are cancelled", function()
      local pool = db:pool({ maxsize = 1 })
      local stream = pool:stream("SELECT 1 AS a UNION ALL SELECT 2")
      stream:close()
      stream:close()
      assert.same({ 1, 1, 0, 0 }, counts(pool))
      local reading = lunasa.spawn(function()
        for _ in pool:rows("SELECT 1 UNION ALL SELECT SLEEP(20)") do
        end
      end)
      lunasa.sleep(0.02)
      reading:cancel()
      failure(reading.join, reading)

      assert.equal(1, pool:scalar("SELECT 1"))
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("that stream and are dropped cost the connection", function()
      local pool = db:pool({ maxsize = 1 })
      local function leave()
        local fetch, stream = pool:rows("SELECT 1 UNION ALL SELECT 2")
        fetch(stream)
      end
      task.logged(function()
        leave()
        assert.equal(3, pool:scalar("SELECT 3", nil, { timeout = 5 }))
      end)

      assert.equal(1, pool.stats.closed.dropped)
    end)
  end)

  describe("a pool's transaction", function()
    db:it("runs again after a deadlock", function(conn)
      local pool, t = db:pool({ maxsize = 2 }), db:table(conn, "i INT PRIMARY KEY, v INT")
      conn:execute(("INSERT INTO %s VALUES (1, 0), (2, 0)"):format(t))
      local add = ("UPDATE %s SET v = v + 1 WHERE i = ?"):format(t)
      local tries = 0
      local function both(first, second)
        return function()
          pool:transaction({ retries = 5 }, function(lent)
            tries = tries + 1
            lent:execute(add, { first })
            lent:query("SELECT SLEEP(0.03)")
            lent:execute(add, { second })
          end)
        end
      end
      lunasa.gather(both(1, 2), both(2, 1))

      assert.is_true(tries >= 3)
      assert.same({ 2, 2 }, conn:query(("SELECT v FROM %s ORDER BY i"):format(t)):column("v"))
    end)

    db:it("takes another connection when the first one was dead", function(conn)
      local pool, works = db:pool({ maxsize = 1 }), 0
      local id = pool:with(id_of)
      pool:with(function(lent)
        conn:execute("KILL " .. lent:thread_id())
      end)
      local other = pool:transaction(function(lent)
        works = works + 1
        return id_of(lent)
      end)

      assert.are_not.equal(id, other)
      assert.equal(1, works)
    end)
  end)

  describe("a pool's stream", function()
    db:it("gives the connection back when it is closed behind another command", function()
      local pool = db:pool({ maxsize = 1 })
      local stream = pool:stream("SELECT 1 UNION ALL SELECT 2")
      assert.equal("3", tostring(stream.connection:scalar("SELECT 3")))
      stream:close()

      assert.equal(0, pool.used)
      stream = pool:stream("SELECT 1 UNION ALL SELECT 2")
      pool:release(stream.connection)
      stream:close()
      assert.equal(0, pool.used)
    end)
  end)

  describe("an interruption", function()
    db:it("of a release reaches the task also when the block has failed", function()
      local pool = db:pool({
        maxsize = 1,
        on_release = function()
          lunasa.current():cancel("enough")
          lunasa.sleep(60)
        end,
      })
      local err = failure(pool.with, pool, function()
        error("failed", 0)
      end)

      assert.same({ "enough", "failed" }, { err.message, err.suppressed[1] })
      assert.equal(0, pool.used)
    end)

    db:it("is not what fill raises when the pool is closed", function()
      local is_opening
      local pool = db:pool({
        minsize = 1,
        on_connect = function()
          is_opening = true
          lunasa.sleep(60)
        end,
      })
      local filling = lunasa.spawn(pool.fill, pool)
      while not is_opening do
        lunasa.sleep(0.001)
      end
      pool:close()

      assert.equal("PoolError", failure(filling.join, filling).class)
    end)
  end)

  describe("lunasa.with_pool", function()
    db:it("fills a pool, and closes it", function()
      local kept
      local values = {
        lunasa.with_pool(db:options({ minsize = 2 }), function(pool)
          kept = pool
          assert.equal(2, pool.freesize)
          return pool:scalar("SELECT 5"), nil, 7
        end),
      }

      assert.same({ 5, nil, 7 }, values)
      assert.is_true(kept.closed)
    end)

    db:it("terminates it after an error", function()
      local kept
      local err = failure(lunasa.with_pool, db:options(), function(pool)
        kept = pool
        pool:acquire()
        pool:query("SELECT nowhere")
      end)

      assert.equal(1054, err.errno)
      assert.is_true(kept.closed)
    end)

    db:it("wants a function, and a server that is there", function()
      assert.equal("ArgumentError", failure(lunasa.with_pool, db:options()).class)
      local function never()
        error("not reached")
      end
      local err = failure(lunasa.with_pool, db:options({ database = "no_such_schema" }), never)
      assert.equal(1049, err.errno)
    end)
  end)
end
