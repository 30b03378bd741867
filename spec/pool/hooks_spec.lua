--- Hooks, figures, one-shots and dropped connections, on a host whose clock the spec moves.
local errors = require("lunasa.error")
local fake_host = require("spec.pool.fake_host")
local log = require("lunasa.log")

local assert_raised = fake_host.assert_raised

describe("lunasa.pool", function()
  local host, messages, previous_log

  before_each(function()
    host = fake_host.new()
    messages = {}
    previous_log = log.set(function(_, message)
      table.insert(messages, message)
    end)
  end)

  after_each(function()
    log.set(previous_log)
  end)

  describe("on_acquire and on_release", function()
    it("are called with each connection, the second before it is cleaned up", function()
      local calls = {}
      host:make({
        maxsize = 1,
        on_acquire = function(conn)
          table.insert(calls, "acquire")
          conn.in_transaction = true
        end,
        on_release = function(conn)
          table.insert(calls, conn.in_transaction and "release, dirty" or "release")
        end,
      })
      for _ = 1, 2 do
        host:release(host:acquire().value)
      end

      assert.same({ "acquire", "release, dirty", "acquire", "release, dirty" }, calls)
      assert.same({ "rollback", "rollback" }, host.channels[1].log)
    end)

    it("that fail on acquire cost the connection, and the acquirer gets the error", function()
      local failing = true
      local pool = host:make({
        maxsize = 1,
        on_acquire = function()
          if failing then
            errors.raise("OperationalError", "no role")
          end
        end,
      })

      assert_raised("OperationalError", "no role", host:acquire())
      assert.is_true(host.channels[1].closed)
      assert.equal(1, pool.stats.closed.unhealthy)
      failing = false
      assert.equal(2, host:acquire().value.channel.id)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("that are cancelled on acquire cost nothing", function()
      local failing = true
      host:make({
        maxsize = 1,
        on_acquire = function()
          if failing then
            errors.raise("CancelledError", "cancelled")
          end
        end,
      })

      assert_raised("CancelledError", "cancelled", host:acquire())
      failing = false
      assert.equal(1, host:acquire().value.channel.id)
    end)

    it("may not release what is being acquired", function()
      local pool
      pool = host:make({
        maxsize = 1,
        on_acquire = function(conn)
          pool:release(conn)
        end,
      })

      assert_raised("PoolError", "on_acquire released the connection", host:acquire())
      host:assert_counts(1, 1, 0, 0)
    end)

    it("that fail on release cost the connection, and the releaser gets the error", function()
      host:make({
        maxsize = 1,
        on_release = function()
          error("broken", 0)
        end,
      })
      local outcome = host:release(host:acquire().value)

      assert.same({ false, "broken" }, { outcome.ok, outcome.value })
      assert.is_true(host.channels[1].closed)
      host:assert_counts(0, 0, 0, 0)
    end)

    it("are not called with what is closed", function()
      local calls = 0
      host:make({
        maxsize = 1,
        on_release = function()
          calls = calls + 1
        end,
      })
      local conn = host:acquire().value
      conn.channel.closed = true
      host:release(conn)

      assert.equal(0, calls)
    end)
  end)

  it("undoes what on_connect left open, and refuses what it closed", function()
    local is_closing = false
    host:make({
      maxsize = 2,
      on_connect = function(conn)
        conn.in_transaction = true
        conn.channel.closed = is_closing
      end,
    })
    host:acquire()
    assert.same({ "rollback" }, host.channels[1].log)
    is_closing = true

    assert_raised("PoolError", "on_connect closed the connection", host:acquire())
  end)

  describe("stats", function()
    it("tell what was done", function()
      local pool = host:make({ maxsize = 2, max_idle = 60 })
      host.failures = { "refused" }
      host:acquire()
      local first, second = host:acquire().value, host:acquire().value
      local waiting, late = host:acquire(), host:acquire(1)
      host:advance(2)
      host:release(first)
      second.channel.closed = true
      host:release(second)
      host:release(waiting.value)
      host:advance(100)

      assert.is_false(late.ok)
      local stats = pool.stats()
      assert.same({ 3, 3, 5, 2, 2 }, {
        stats.acquired,
        stats.released,
        stats.waited,
        stats.most_used,
        stats.most_waiting,
      })
      assert.same({ 2, 1, 1 }, { stats.opened, stats.connect_failures, stats.timeouts })
      assert.is_true(math.abs(stats.wait_time - 3) < 0.1, tostring(stats.wait_time))
      assert.same({ 1, 1, 0 }, { stats.closed.unhealthy, stats.closed.unused, stats.closed.lost })
      assert.equal(stats.wait_time, pool.stats.wait_time)
      assert.is_nil(pool.stats.no_such_thing)
    end)

    it("count what died, was dropped, cleared, ended and terminated", function()
      local pool = host:make({ maxsize = 5 })
      local lent = {}
      for i = 1, 5 do
        lent[i] = host:acquire().value
      end
      host:release(lent[1])
      host.channels[1].on_lost()
      host:release(lent[2])
      pool:clear()
      lent[3] = nil
      collectgarbage()
      local waiting = { host:acquire(), host:acquire(), host:acquire() }
      host:advance(1)
      host:release(lent[4])
      pool:terminate()

      assert.is_true(waiting[1].ok and waiting[2].ok)
      assert.same({
        unused = 0,
        old = 0,
        lost = 1,
        unhealthy = 0,
        dropped = 1,
        cleared = 1,
        ended = 1,
        terminated = 4,
      }, pool.stats.closed)
    end)
  end)

  describe("the hint of a timeout", function()
    local function nested(pool)
      return host:run(function()
        pool:with(function()
          pool:acquire(2)
        end)
      end)
    end

    it("says that the task waits for itself", function()
      local pool = host:make({ maxsize = 1 })
      local outcome = nested(pool)
      host:advance(3)

      assert_raised("TimeoutError", "this task holds it itself: use a connection that", outcome)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("says how many of them the task has", function()
      local pool = host:make({ maxsize = 2 })
      local other = host:acquire()
      local outcome = nested(pool)
      host:advance(3)

      assert_raised("TimeoutError", "this task holds 1 of them itself", outcome)
      assert.is_true(other.ok)
    end)

    it("is not there when others have them", function()
      local pool = host:make({ maxsize = 1 })
      local conn = host:acquire().value
      local outcome = host:acquire(1)
      host:advance(2)

      assert_raised("TimeoutError", "taken at [^;]+$", outcome)
      host:run(pool.release, pool, conn)
    end)
  end)

  describe("what was dropped", function()
    it("is looked for before a waiter times out, however short its time", function()
      host:make({ maxsize = 1 })
      host:acquire()
      local waiting = host:acquire(0.1)
      host:advance(0.06)

      assert.is_true(waiting.ok)
      assert.matches("was dropped without a release", messages[1])
    end)

    it("is not looked for all the time", function()
      local pool = host:make({ maxsize = 1 })
      local holder = host:acquire()
      host:acquire(0.1)
      host:advance(0.06)
      local at = pool.collect_at
      host:acquire(0.1)
      host:advance(0.5)

      assert.is_true(holder.ok and at > host.now)
      assert.equal(at, pool.collect_at)
    end)
  end)

  describe(":transaction", function()
    local function deadlock()
      errors.raise("OperationalError", "deadlock", { errno = 1213 })
    end

    it("tries again on the same connection after a deadlock", function()
      local pool, tries = host:make({ maxsize = 2 }), 0
      local outcome = host:run(pool.transaction, pool, { retries = 2 }, function()
        tries = tries + 1
        if tries < 3 then
          deadlock()
        end
        return tries
      end)

      assert.equal(3, outcome.value)
      assert.equal(1, #host.channels)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("does not try more often than it is told", function()
      local pool, tries = host:make({ maxsize = 2 }), 0
      local outcome = host:run(pool.transaction, pool, { retries = 2 }, function()
        tries = tries + 1
        deadlock()
      end)

      assert_raised("OperationalError", "deadlock", outcome)
      assert.equal(3, tries)
    end)

    it("takes another connection when that one was dead before the work began", function()
      local pool = host:make({ maxsize = 2 })
      host:release(host:acquire().value)
      host.channels[1].dies_at_begin = true
      local outcome = host:run(pool.transaction, pool, function(conn)
        return conn.channel.id
      end)

      assert.equal(2, outcome.value)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("does not for who was cancelled meanwhile", function()
      local pool, tries = host:make({ maxsize = 2 }), 0
      host:release(host:acquire().value)
      host.channels[1].dies_at_begin, host.channels[1].dies_with = true, "CancelledError"
      local outcome = host:run(pool.transaction, pool, function()
        tries = tries + 1
      end)

      assert_raised("CancelledError", "gone", outcome)
      assert.same({ 0, 1 }, { tries, #host.channels })
    end)

    it("does not when the work had begun", function()
      local pool, tries = host:make({ maxsize = 2 }), 0
      local outcome = host:run(pool.transaction, pool, { retries = 5 }, function(conn)
        tries = tries + 1
        conn.channel.closed = true
        errors.raise("OperationalError", "gone", { errno = 2013 })
      end)

      assert_raised("OperationalError", "gone", outcome)
      assert.equal(1, tries)
    end)

    it("takes another connection after a deadlock that cost the connection", function()
      local pool, ids = host:make({ maxsize = 2 }), {}
      local outcome = host:run(pool.transaction, pool, { retries = 1 }, function(conn)
        table.insert(ids, conn.channel.id)
        if #ids == 1 then
          conn.channel.closed = true
          deadlock()
        end
      end)

      assert.is_true(outcome.ok)
      assert.same({ 1, 2 }, ids)
    end)

    it("wants a function before it takes a connection", function()
      local pool = host:make({ maxsize = 2 })

      local outcome = host:run(pool.transaction, pool, { retries = 1 })
      assert_raised("ArgumentError", "transaction needs a function, got table", outcome)
      assert.equal(0, #host.channels)
    end)
  end)
end)
