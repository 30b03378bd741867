local fake_host = require("spec.pool.fake_host")

local assert_raised = fake_host.assert_raised

describe("lunasa.pool, in its lifetime", function()
  local host

  before_each(function()
    host = fake_host.new()
  end)

  describe("the end", function()
    it("refuses, fails waiters and closes what comes back", function()
      local pool = host:make({ maxsize = 1 })
      local conn, waiting = host:acquire().value, host:acquire()
      host:run(pool.close, pool)
      assert_raised("PoolError", "was closed while waiting", waiting)
      assert_raised("PoolError", "Cannot acquire connection after closing pool", host:acquire())
      local closer = host:run(pool.wait_closed, pool)
      assert.is_nil(closer.ok)
      host:release(conn)

      assert.is_true(closer.ok)
      assert.is_true(pool.closed)
      assert.is_true(host.channels[1].closed)
      assert.is_nil(next(host.timers))
    end)

    it("wants close before wait_closed", function()
      local pool = host:make({ maxsize = 1 })

      local outcome = host:run(pool.wait_closed, pool)
      assert_raised("PoolError", "^%.wait_closed%(%) should be called after %.close%(%)$", outcome)
    end)

    it("limits the wait for those who do not release", function()
      local pool = host:make({ maxsize = 1 })
      local conn = host:acquire().value
      host:run(pool.close, pool)
      local outcome = host:run(pool.wait_closed, pool, 3)
      host:advance(3)

      assert_raised("TimeoutError", "used 1", outcome)
      assert.is_not_nil(conn.channel)
    end)

    it("terminates connections in use and accepts their release", function()
      local pool = host:make({ maxsize = 2 })
      local conn, idle = host:acquire().value, host:acquire().value
      host:release(idle)
      pool:terminate()

      assert.is_true(pool.closed)
      assert.is_true(host.channels[1].closed and host.channels[2].closed)
      assert.is_true(host:release(conn).ok)
      host:assert_counts(0, 0, 0, 0)
    end)

    it("clears idle connections only", function()
      local pool = host:make({ maxsize = 2 })
      local conn, idle = host:acquire().value, host:acquire().value
      host:release(idle)
      pool:clear()

      host:assert_counts(1, 0, 1, 0)
      assert.is_false(conn.channel.closed)
    end)
  end)

  describe(":fill", function()
    it("waits for minsize connections", function()
      local pool = host:make({ minsize = 3, maxsize = 5 })
      host.open_delay = 1
      local outcome = host:run(pool.fill, pool)
      assert.is_nil(outcome.ok)
      host:advance(1)

      assert.is_true(outcome.ok)
      host:assert_counts(3, 3, 0, 0)
    end)

    it("raises the first failure", function()
      local pool = host:make({ minsize = 2, maxsize = 5 })
      host.failures = { "refused" }

      assert_raised("OperationalError", "refused", host:run(pool.fill, pool))
    end)

    it("returns at once when there is nothing to open", function()
      local pool = host:make({ minsize = 0, maxsize = 5 })

      assert.is_true(host:run(pool.fill, pool).ok)
    end)
  end)

  describe("time", function()
    it("has no limits when they are turned off", function()
      host:make({ maxsize = 1, max_idle = false, max_lifetime = false, pre_ping = false })
      host:release(host:acquire().value)
      host:advance(1e6)

      host:assert_counts(1, 1, 0, 0)
    end)

    it("closes idle connections above minsize", function()
      host:make({ minsize = 1, maxsize = 3, max_idle = 60 })
      local first, second = host:acquire().value, host:acquire().value
      host:release(first)
      host:release(second)
      host:advance(61)

      host:assert_counts(1, 1, 0, 0)
    end)

    it("opens again what died, to keep minsize", function()
      local pool = host:make({ minsize = 1, maxsize = 3 })
      host:run(pool.fill, pool)
      host.channels[1].closed = true
      host.channels[1].on_lost()
      host:assert_counts(0, 0, 0, 0)
      host:advance(2)

      host:assert_counts(1, 1, 0, 0)
    end)
  end)

  describe("where nothing runs in the background", function()
    before_each(function()
      host.runtime.has_background = false
      host.parks = {}
      host.runtime.park_channel = function(channel)
        table.insert(host.parks, "park")
        channel.parked = true
      end
      host.runtime.revive_channel = function(channel)
        table.insert(host.parks, "revive")
        channel.parked = false
        return not channel.is_dead
      end
    end)

    it("connects in the task that acquires, and parks between tasks", function()
      host:make({ minsize = 2, maxsize = 2 })
      host:release(host:acquire().value)
      local conn = host:acquire().value

      assert.equal(1, conn.channel.id)
      assert.same({ "park", "revive" }, host.parks)
    end)

    it("opens anew, in the same slot, what cannot be revived", function()
      host:make({ maxsize = 2 })
      host:release(host:acquire().value)
      host.channels[1].is_dead = true
      local conn = host:acquire().value

      assert.equal(2, conn.channel.id)
      assert.equal(host.channels[1].key, conn.channel.key)
    end)

    it("raises a failure to the task that connects; the next one tries itself", function()
      host:make({ maxsize = 1 })
      host.open_delay = 1
      host.failures = { "refused" }
      local first, second = host:acquire(), host:acquire()
      host:advance(1)
      assert_raised("OperationalError", "refused", first)
      host:advance(1)

      assert.equal(1, second.value.channel.id)
      host:assert_counts(1, 0, 1, 0)
    end)
  end)
end)
