--- What may go wrong between those who share a pool: a grant that comes too late, a wait that
--- cannot begin, a connection that is collected.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  local function counts(pool)
    return { pool.size, pool.freesize, pool.used, pool.waiting }
  end

  describe("a pool", function()
    db:it("serves who took the place of one that is cancelled with a connection granted", function()
      local pool = db:pool({ maxsize = 1 })
      for _ = 1, 3 do
        local holder = pool:acquire()
        local cancelled = lunasa.spawn(pool.acquire, pool)
        while pool.waiting == 0 do
          lunasa.sleep(0)
        end
        holder:release()
        cancelled:cancel()
        local conn = pool:acquire(5)
        assert.equal("CancelledError", failure(cancelled.join, cancelled).class)
        assert.same({ 1, 0, 1, 0 }, counts(pool))
        conn:release()
      end
      assert.same({ 1, 1, 0, 0 }, counts(pool))
      assert.equal(1, pool.stats.opened)
    end)

    db:it("waits for nobody where the limit is 0", function()
      local pool = db:pool({ maxsize = 1 })
      local conn = pool:acquire()
      for _ = 1, 3 do
        assert.matches("waited 0 s", failure(pool.acquire, pool, 0).message, 1, true)
      end
      assert.same({ 1, 0, 1, 0 }, counts(pool))
      conn:release()
      pool:acquire(0):release()
    end)

    db:it("leaves nobody in the queue who cannot wait", function()
      local pool, err = db:pool({ maxsize = 1 }), nil
      local conn = pool:acquire()
      table.sort({ 1, 2 }, function()
        err = failure(pool.acquire, pool)
        return false
      end)
      assert.equal("InterfaceError", err.class)
      assert.same({ 1, 0, 1, 0 }, counts(pool))
      conn:release()
      assert.same({ 1, 1, 0, 0 }, counts(pool))
    end)

    db:it("has again what a finalizer releases that is collected with it", function()
      local pool = db:pool({ maxsize = 1 })
      local function guarded()
        local conn, guard = pool:acquire(), newproxy(true)
        getmetatable(guard).__gc = function()
          conn:release()
        end
      end
      lunasa.spawn(guarded):join()
      collectgarbage()
      collectgarbage()
      assert.same({ 1, 1, 0, 0 }, counts(pool))
      local conn = pool:acquire()
      assert.equal("TimeoutError", failure(pool.acquire, pool, 0.02).class)
      assert.equal(7, conn:scalar("SELECT 7"))
      conn:release()
      assert.equal(0, pool.stats.closed.dropped)

      lunasa
        .spawn(function()
          pool:acquire()
        end)
        :join()
      collectgarbage()
      collectgarbage()
      pool:acquire(5):release()
      assert.equal(1, pool.stats.closed.dropped)
    end)
  end)
end
