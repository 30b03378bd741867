local assert = require("luassert")
local core = require("lunasa.core")
local driver = require("lunasa.driver.mysql")
local errors = require("lunasa.error")
local fake_host = require("spec.pool.fake_host")
local ffi = require("ffi")
local log = require("lunasa.log")
local pool_actions = require("lunasa.pool_actions")
local pool_errors = require("lunasa.pool_errors")
local pool_place = require("lunasa.pool_place")

describe("lunasa.pool, the direct way", function()
  local take = ffi.cast("int32_t (*)(void *, double)", core.pool_addresses.take)
  local give = ffi.cast("int32_t (*)(void *, int32_t, void *, double)", core.pool_addresses.give)

  local queue = ffi.cast("double (*)(void *, double, double)", core.pool_addresses.queue)
  local pass_on =
    ffi.cast("double (*)(void *, int32_t, void *, double)", core.pool_addresses.pass_on)

  local function new_session()
    return assert(core.session(driver, { user = "somebody" }, false))
  end

  --- A pool with one idle slot.
  local function new_pool()
    local pool = core.pool({ maxsize = 1 })
    pool:acquire(0, 0)
    pool:next()
    pool:opened(1, 0)
    pool:next()
    pool:release(1, true, 0)
    return pool
  end

  describe("in C", function()
    it("lends an idle slot, and nothing when there is none", function()
      for _, lend in ipairs({ take, core.pool({}).take }) do
        local pool = new_pool()
        assert.equal(1, lend(pool, 1))
        assert.equal(0, lend(pool, 1))
        assert.equal(2, (pool:total()))
      end
    end)

    it("lends nothing that is too old, and nothing once closing", function()
      local pool = core.pool({ maxsize = 1, max_lifetime = 10 })
      pool:acquire(0, 0)
      pool:next()
      pool:opened(1, 0)
      pool:next()
      pool:release(1, true, 0)
      assert.equal(0, take(pool, 10))
      pool:close(5)
      assert.equal(0, take(pool, 5))
    end)

    it("takes nothing from, and gives nothing to, what is no pool", function()
      for _, wrong in ipairs({ io.stdout, core.null, new_pool():lease(1) }) do
        assert.equal(0, take(wrong, 1))
        assert.equal(0, give(wrong, 1, wrong, 1))
      end
      assert.equal(0, core.pool({}).take(io.stdout, 1))
      assert.has_error(function()
        take({}, 1)
      end)
    end)

    it("queues behind those in use, and gives what comes back to the first", function()
      local pool, session = new_pool(), new_session()
      assert.equal(0, pool:queue(1, 0)) -- one is idle
      assert.equal(1, pool:take(1))
      local first, second = pool:queue(1, 5), queue(pool, 2, 0)
      assert.is_true(first > 0 and second > 0)
      assert.equal(1, pool:waiting_since())
      assert.equal(0, give(pool, 1, session, 3))
      assert.equal(first, pass_on(pool, 1, session, 3))
      assert.equal(2, pool:waiting_since())
      assert.equal(second, pool:pass_on(1, session, 4))
      assert.is_nil(pool:waiting_since())
      assert.equal(0, pool:pass_on(1, session, 5))
      local acquired, released, waited, wait_time = pool:total()
      assert.same({ 4, 3, 3, 4 }, { acquired, released, waited, wait_time })
      assert.is_nil((pool:forget(first, 6)))
      assert.equal(1, give(pool, 1, session, 6))
    end)

    it("queues nobody where a slot can be opened, or too many wait", function()
      assert.equal(0, core.pool({ maxsize = 2 }):queue(1, 0))
      local pool = core.pool({ maxsize = 1, max_waiters = 0 })
      pool:acquire(0, 0)
      pool:next()
      pool:opened(1, 0)
      pool:next()
      assert.equal(0, pool:queue(1, 0))
      assert.equal(0, queue(io.stdout, 1, 0))
      assert.equal(0, pass_on(io.stdout, 1, io.stdout, 1))
      assert.equal(0, pass_on(pool, 1, nil, 1))
    end)

    it("passes on nothing that is too old, or in a pool that closes", function()
      local session = new_session()
      local pool = core.pool({ maxsize = 1, max_lifetime = 10 })
      pool:acquire(0, 0)
      pool:next()
      pool:opened(1, 0)
      pool:next()
      assert.is_true(pool:queue(1, 0) > 0)
      assert.equal(0, pass_on(pool, 1, session, 10))
      pool:close(5)
      assert.equal(0, pass_on(pool, 1, session, 5))
      assert.equal(0, pool:queue(5, 0))
    end)

    it("takes a slot back only with a session that is there and clean", function()
      local pool = new_pool()
      assert.equal(1, take(pool, 1))
      assert.equal(0, give(pool, 1, nil, 1))
      assert.equal(0, give(pool, 1, pool, 1))
      assert.equal(0, give(pool, 1, io.stdout, 1))
      assert.equal(0, pool:give(1, nil, 1))
      assert.equal(0, pool:give(1, pool, 1))
      assert.equal(1, (select(3, pool:count())))
    end)
  end)

  describe("with more acquires than callers are looked for", function()
    local host, messages, previous_log

    before_each(function()
      host, messages = fake_host.new(), {}
      previous_log = log.set(function(_, message)
        table.insert(messages, message)
      end)
      host:make({ maxsize = 1 })
      for _ = 1, 1000 do
        host:release(host:acquire().value)
      end
    end)

    after_each(function()
      log.set(previous_log)
    end)

    it("says that the place is not known", function()
      local conn = host:acquire().value
      conn.in_transaction = true
      host:release(conn)

      assert.matches("taken at an unknown place %(more than 10000 a second", messages[1])
    end)

    it("knows it again a moment later", function()
      host:advance(0.001)
      local conn = host:acquire().value
      conn.in_transaction = true
      host:release(conn)

      assert.matches("taken at .+:%d+ was not", messages[1])
    end)

    it("does not take the last owner that is known for the present one", function()
      local conn, failure
      host:advance(0.001)
      host:run(function()
        host.pool:release(host.pool:acquire())
        for _ = 1, 1000 do
          host.pool:release(host.pool:acquire())
        end
      end)
      conn = host:acquire().value
      host:run(function()
        local _, err = pcall(host.pool.acquire, host.pool, 1)
        failure = err
      end)
      host:advance(1)

      assert.is_true(errors.is_error(failure, "TimeoutError"))
      assert.matches("taken at an unknown place", failure.message)
      assert.not_matches("this task", failure.message)
      assert.is_not_nil(conn)
    end)
  end)

  describe("with tasks", function()
    local host

    before_each(function()
      host = fake_host.new()
      host.session = assert(core.session(driver, { user = "somebody" }, false))
    end)

    it("lends and takes back without a word to the session", function()
      host:make({ maxsize = 2 })
      local first = host:acquire().value
      assert.is_true(host:release(first).ok)
      host:assert_counts(1, 1, 0, 0)
      fake_host.assert_raised("PoolError", "released already", host:release(first))
      local second = host:acquire().value
      host:assert_counts(1, 0, 1, 0)
      assert.are_not.equal(first, second)
      assert.is_nil(first.channel)
      assert.same({}, second.channel.log)
    end)

    it("serves who waits in order", function()
      local pool = host:make({ maxsize = 1 })
      local holder, order = host:acquire().value, {}
      for i = 1, 100 do
        host:run(function()
          local conn = pool:acquire()
          table.insert(order, i)
          coroutine.yield()
          pool:release(conn)
        end)
      end
      host:assert_counts(1, 0, 1, 100)
      host:release(holder)

      assert.same({ 1 }, order)
      host:assert_counts(1, 0, 1, 99)
    end)

    it("gives on what somebody waits for, who may be cancelled then", function()
      host:make({ maxsize = 1 })
      local holder, first, second = host:acquire().value, host:acquire(), host:acquire()
      local third = host:acquire()
      host:assert_counts(1, 0, 1, 3)
      local parked = host.parked[first.task]
      parked.wake = function() -- the cancellation comes first
        parked:resume(nil, errors.new("CancelledError", "cancelled"))
      end
      host:release(holder)
      fake_host.assert_raised("CancelledError", "cancelled", first)
      assert.is_true(second.ok)
      host:assert_counts(1, 0, 1, 1)
      host:cancel(third.task)
      host:release(second.value)

      host:assert_counts(1, 1, 0, 0)
      assert.equal(1, #host.channels)
    end)

    it("passes over a task that is gone", function()
      host:make({ maxsize = 1 })
      local holder, first = host:acquire().value, host:acquire()
      local second = host:acquire()
      local third = host:acquire()
      second.task, host.parked[second.task] = nil, nil
      host.timers = {}
      collectgarbage()
      collectgarbage()
      host:release(holder)
      host:release(first.value)

      assert.is_nil(second.ok)
      assert.is_true(third.ok)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("ends a wait in time, beside others that go on", function()
      local pool = host:make({ maxsize = 1 })
      local holder = host:acquire().value
      local endless, long, short = host:acquire(false), host:acquire(3), host:acquire(0.5)
      local refused = host:acquire({ timeout = false })
      host:advance(0.49)
      assert.is_nil(short.ok)
      host:advance(0.1)
      fake_host.assert_raised("TimeoutError", "waited 0.5 s .* waiting 4", short)
      host:advance(2.5)
      fake_host.assert_raised("TimeoutError", "waited 3 s .* waiting 3", long)
      assert.equal(2, pool.stats.timeouts)
      host:release(holder)
      assert.is_true(endless.ok)
      host:release(endless.value)
      assert.is_true(refused.ok)
      host:release(refused.value)
      host:advance(2)

      host:assert_counts(1, 1, 0, 0)
      assert.is_nil(next(host.timers))
    end)

    it("takes back what was dropped while somebody waits", function()
      host:make({ maxsize = 2 })
      host:release(host:acquire().value)
      host:acquire()
      local other, waiting = host:acquire().value, host:acquire()
      local previous = log.set(function() end)
      host:advance(1)
      log.set(previous)

      assert.is_true(waiting.ok)
      assert.equal("dropped", host.channels[1].closed and "dropped")
      assert.is_not_nil(other)
    end)

    it("is not upset by a finalizer that releases while somebody joins the queue", function()
      local pool = host:make({ maxsize = 1 })
      local served = 0
      for _ = 1, 3 do
        local conn = host:acquire().value
        local guard = newproxy(true)
        getmetatable(guard).__gc = function()
          pool:release(conn)
        end
        guard = nil
        local outcome = host:run(function()
          collectgarbage("step", 1)
          return pool:acquire(false)
        end)
        collectgarbage()
        host:settle()
        assert.is_true(outcome.ok, guard)
        host:release(outcome.value)
        served = served + 1
      end

      assert.equal(3, served)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("counts right where a finalizer has that counted meanwhile", function()
      local pool = host:make({ maxsize = 1 })
      local function looked_at(name)
        local inner, mode = pool[name], getmetatable(pool[name])
        pool[name] = setmetatable({}, {
          __mode = mode and mode.__mode,
          __newindex = inner,
          __index = function(_, key)
            pool_actions.count(pool)
            return inner[key]
          end,
        })
      end
      host:release(host:acquire().value)
      looked_at("slots")
      looked_at("waiters")
      local holder = host:acquire().value
      host:assert_counts(1, 0, 1, 0)
      local waiting = { host:acquire(), host:acquire() }
      host:assert_counts(1, 0, 1, 2)
      host:release(holder)
      host:assert_counts(1, 0, 1, 1)
      host:release(waiting[1].value)
      host:release(waiting[2].value)
      host:assert_counts(1, 1, 0, 0)
    end)

    it(
      "names who has the connections, though one of them is released while that is made",
      function()
        local pool = host:make({ maxsize = 2 })
        local first, second = host:acquire().value, host:acquire().value
        local place_of, is_released = pool_place.of, false
        pool_place.of = function(record)
          if not is_released then
            is_released = true
            host:release(record == pool.slots[1] and second or first)
          end
          return place_of(record)
        end
        local ok, err = pcall(pool_errors.timeout_error, pool, 1)
        pool_place.of = place_of

        assert.is_true(ok, tostring(err))
      end
    )

    it("does not lend what was terminated on its way", function()
      local pool = host:make({ maxsize = 1 })
      local holder, waiting = host:acquire().value, host:acquire()
      host:run(function()
        pool:release(holder)
        pool:terminate()
      end)

      fake_host.assert_raised("PoolError", "terminated", waiting)
      assert.is_true(pool.closed)
    end)
  end)
end)
