--- What aiomysql's test_pool.py shows, on real connections: docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- A pool with minsize connections open.
  local function filled(more)
    local pool = db:pool(more)
    pool:fill()
    return pool
  end

  local function check_counts(pool, size, free, used)
    assert.same({ size, free, used }, { pool.size, pool.freesize, pool.used })
  end

  local function thread_of(conn)
    return conn:scalar("SELECT CONNECTION_ID()")
  end

  describe("a pool counts", function()
    db:it("one connection to begin with, and ten at most", function()
      local pool = filled()

      assert.same({ 1, 10 }, { pool.minsize, pool.maxsize })
      check_counts(pool, 1, 1, 0)
    end)

    db:it("as many as minsize says, none for 0", function()
      check_counts(filled({ minsize = 5, maxsize = 20 }), 5, 5, 0)
      check_counts(filled({ minsize = 0 }), 0, 0, 0)
    end)

    db:it("what is lent and given back", function()
      local pool = filled()
      local conn = pool:acquire()

      check_counts(pool, 1, 0, 1)
      assert.is_false(conn.closed)
      assert.equal(1, conn:scalar("SELECT 1"))
      pool:release(conn)
      check_counts(pool, 1, 1, 0)
    end)

    db:it("logs what its connections run when echo says so", function()
      local pool = db:pool({ minsize = 0, echo = true })
      local words = require("spec.support.task").logged(function()
        pool:scalar("SELECT 7")
      end)

      assert.is_true(pool.echo)
      assert.is_false(filled().echo)
      assert.matches("SELECT 7", table.concat(words, " "), 1, true)
    end)

    db:it("what a block has", function()
      local pool = filled({ minsize = 3, maxsize = 3 })
      pool:with(function()
        check_counts(pool, 3, 2, 1)
      end)

      check_counts(pool, 3, 3, 0)
    end)

    db:it("a connection that was closed no more, and opens another when one is wanted", function()
      local pool = filled({ minsize = 0, maxsize = 3 })
      local kept, closed = pool:acquire(), pool:acquire()
      closed:close()
      pool:release(closed)
      pool:release(kept)
      check_counts(pool, 1, 1, 0)

      local one, two = pool:acquire(), pool:acquire()
      check_counts(pool, 2, 0, 2)
      assert.not_equal(thread_of(one), thread_of(two))
      pool:release(one)
      pool:release(two)
    end)

    db:it("none after clear, and none of a terminated pool", function()
      local pool = filled({ minsize = 0 })
      pool:scalar("SELECT 1")
      pool:clear()
      check_counts(pool, 0, 0, 0)

      local conn = pool:acquire()
      pool:terminate()
      pool:wait_closed()
      check_counts(pool, 0, 0, 0)
      assert.equal("InterfaceError", failure(conn.query, conn, "SELECT 1").class)
      pool:release(conn)
    end)
  end)

  describe("a pool grows", function()
    db:it("from nothing, as far as it must", function()
      local pool = filled({ minsize = 0 })
      local one = pool:acquire()
      check_counts(pool, 1, 0, 1)
      local two = pool:acquire()
      check_counts(pool, 2, 0, 2)
      pool:release(one)
      check_counts(pool, 2, 1, 1)
      pool:release(two)

      check_counts(pool, 2, 2, 0)
    end)

    db:it("for tasks at once, and lends again what came back last", function()
      local pool = filled({ minsize = 0, maxsize = 3 })
      local conns = {}
      local function take(i)
        return function()
          conns[i] = pool:acquire()
        end
      end
      lunasa.gather(take(1), take(2), take(3))
      check_counts(pool, 3, 0, 3)
      local last = thread_of(conns[2])
      for _, i in ipairs({ 1, 3, 2 }) do
        pool:release(conns[i])
      end
      check_counts(pool, 3, 3, 0)

      assert.equal(last, pool:with(thread_of))
    end)

    db:it("no further than maxsize, whoever waits", function()
      local pool = filled({ minsize = 0, maxsize = 1 })
      local largest = 0
      local function work()
        pool:with(function()
          largest = math.max(largest, pool.size)
          lunasa.sleep(0)
        end)
      end
      lunasa.gather(work, work, work)

      assert.equal(1, largest)
    end)

    db:it("without limit when maxsize is 0", function()
      local pool = filled({ minsize = 1, maxsize = 0 })
      local conns = {}
      for i = 1, 15 do
        conns[i] = pool:acquire()
      end
      assert.is_nil(pool.maxsize)
      check_counts(pool, 15, 0, 15)
      for i = 1, 15 do
        pool:release(conns[i])
      end

      check_counts(pool, 15, 15, 0)
    end)

    db:it("from sizes that make sense only", function()
      local err = failure(db.pool, db, { minsize = -1 })
      assert.equal("ArgumentError", err.class)
      assert.matches("minsize should be zero or greater", err.message, 1, true)
      err = failure(db.pool, db, { minsize = 5, maxsize = 2 })
      assert.equal("ArgumentError", err.class)
      assert.matches("maxsize should be not less than minsize", err.message, 1, true)
    end)
  end)

  describe("a pool that closes", function()
    db:it("lends nothing more", function()
      local pool = filled()
      pool:close()

      local err = failure(pool.acquire, pool)
      assert.equal("PoolError", err.class)
      assert.equal("Cannot acquire connection after closing pool", err.message)
    end)

    db:it("is waited for after it was closed only", function()
      local pool = filled()
      local err = failure(pool.wait_closed, pool)

      assert.equal("PoolError", err.class)
      assert.equal(".wait_closed() should be called after .close()", err.message)
    end)

    db:it("is closed when all that it lent came back", function()
      local pool = filled({ minsize = 3, maxsize = 3 })
      local one, two = pool:acquire(), pool:acquire()
      local order = {}
      local function release(conn)
        return function()
          lunasa.sleep(0)
          pool:release(conn)
          table.insert(order, "release")
        end
      end
      pool:close()
      lunasa.gather(function()
        pool:wait_closed()
        table.insert(order, "wait_closed")
      end, release(one), release(two))

      assert.same({ "release", "release", "wait_closed" }, order)
      assert.is_true(pool.closed)
    end)

    db:it("can be waited for so long only, and again", function()
      local pool = filled()
      local conn = pool:acquire()
      pool:close()
      assert.equal("TimeoutError", failure(pool.wait_closed, pool, 0.01).class)
      pool:release(conn)
      pool:wait_closed()

      pool:wait_closed()
      assert.is_true(pool.closed)
    end)
  end)
end
