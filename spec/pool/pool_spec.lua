local by_hand = require("spec.pool.by_hand")
local core = require("lunasa.core")

local make, wait, actions, counts = by_hand.make, by_hand.wait, by_hand.actions, by_hand.counts
local NOW = by_hand.NOW

describe("lunasa.core.pool", function()
  it("checks its options", function()
    assert.has_error(function()
      core.pool({ maxsize = 0 })
    end)
    assert.has_error(function()
      core.pool({ minsize = 3, maxsize = 2 })
    end)
    assert.has_error(function()
      core.pool({ max_idle = "soon" })
    end)
  end)

  it("makes no global", function()
    assert.is_nil(rawget(_G, "lunasa"))
  end)

  describe(":acquire", function()
    it("opens a slot for the first waiter and grants it", function()
      local pool = make({ maxsize = 1 })
      local waiter = wait(pool)

      assert.same({ { "open", 1 } }, actions(pool))
      assert.is_true(pool:opened(1, NOW))
      assert.same({ { "grant", 1, waiter } }, actions(pool))
      assert.same({ size = 1, idle = 0, used = 1, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("grants an idle slot at once, the last one used first", function()
      local pool = make({ maxsize = 3 }, 0, 3)
      pool:acquire(NOW)
      pool:acquire(NOW)
      pool:release(2, true, NOW)

      assert.equal(2, (pool:acquire(NOW)))
      assert.same({}, actions(pool))
    end)

    it("serves waiters in order", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local first, second = wait(pool), wait(pool)

      assert.is_true(pool:release(1, true, NOW))
      assert.same({ { "grant", 1, first } }, actions(pool))
      pool:release(1, true, NOW)
      assert.same({ { "grant", 1, second } }, actions(pool))
    end)

    it("never opens more than maxsize slots", function()
      local pool = make({ maxsize = 2 })
      for _ = 1, 5 do
        wait(pool)
      end

      assert.same({ { "open", 1 }, { "open", 2 } }, actions(pool))
      assert.equal(5, counts(pool).waiting)
    end)

    it("limits the waiters that no slot is being opened for", function()
      local pool = make({ maxsize = 1, max_waiters = 1 })
      wait(pool)
      wait(pool)

      assert.same({ nil, nil, "LIMIT" }, { pool:acquire(NOW) })
      assert.equal(2, counts(pool).waiting)
    end)

    it("gives a waiter whose slot is still opening one that comes back sooner", function()
      local pool = make({ maxsize = 2 }, 1, 0)
      local waiter = wait(pool)
      actions(pool)
      pool:release(1, true, NOW)

      assert.same({ { "grant", 1, waiter } }, actions(pool))
      pool:opened(2, NOW)
      assert.same({ size = 2, idle = 1, used = 1, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("takes back an open that nobody took and nobody needs", function()
      local pool = make({ maxsize = 2 }, 1, 0)
      local waiter = wait(pool)
      pool:release(1, true, NOW)

      assert.same({ { "grant", 1, waiter } }, actions(pool))
      assert.equal(1, counts(pool).size)
    end)
  end)

  describe("a timeout", function()
    it("expires its waiter, whatever the order of the deadlines", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local late, soon = wait(pool, 9), wait(pool, 1)
      local never = wait(pool)

      assert.equal(NOW + 1, pool:next_tick())
      pool:tick(NOW + 1)
      assert.same({ { "expire", nil, soon } }, actions(pool))
      pool:tick(NOW + 9)
      assert.same({ { "expire", nil, late } }, actions(pool))
      assert.is_nil(pool:next_tick())
      pool:release(1, true, NOW)
      assert.same({ { "grant", 1, never } }, actions(pool))
    end)

    it("ends with the grant", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      wait(pool, 1)
      pool:release(1, true, NOW)
      actions(pool)
      pool:tick(NOW + 2)

      assert.same({}, actions(pool))
    end)

    it("keeps thousands of deadlines in order", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local due = {}
      for i = 1, 3000 do
        local timeout = (i * 7919) % 3001 + 1
        due[timeout] = wait(pool, timeout)
      end
      for timeout = 2, 3001, 2 do
        assert.is_not_nil(pool:forget(due[timeout], NOW))
      end

      for timeout = 1, 3001 do
        pool:tick(NOW + timeout)
        local expected = timeout % 2 == 1 and due[timeout] and { { "expire", nil, due[timeout] } }
        assert.same(expected or {}, actions(pool))
      end
    end)
  end)

  describe(":open_failed", function()
    it("fails exactly one waiter and opens again for the next", function()
      local pool = make({ maxsize = 1 })
      local first, second = wait(pool), wait(pool)
      actions(pool)

      assert.is_true(pool:open_failed(1, NOW))
      assert.same({ { "fail", 1, first }, { "open", 1 } }, actions(pool))
      pool:opened(1, NOW)
      assert.same({ { "grant", 1, second } }, actions(pool))
    end)

    it("frees the slot", function()
      local pool = make({ maxsize = 1 })
      wait(pool)
      actions(pool)
      pool:open_failed(1, NOW)
      actions(pool)

      assert.same({ size = 0, idle = 0, used = 0, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("is refused for a slot that is not opening", function()
      local pool = make({ maxsize = 1 }, 1, 0)

      assert.same({ nil, "STATE" }, { pool:open_failed(1, NOW) })
      assert.same({ nil, "STATE" }, { pool:opened(1, NOW) })
      assert.same({ nil, "STATE" }, { pool:opened(7, NOW) })
    end)
  end)

  describe(":release", function()
    it("replaces a slot that is not healthy when somebody waits", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local waiter = wait(pool)
      pool:release(1, false, NOW)

      assert.same({ { "close", 1 }, { "open", 1 } }, actions(pool))
      pool:opened(1, NOW)
      assert.same({ { "grant", 1, waiter } }, actions(pool))
    end)

    it("only closes it when nobody waits", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      pool:release(1, false, NOW)

      assert.same({ { "close", 1 } }, actions(pool))
      assert.equal(0, counts(pool).size)
    end)

    it("refuses a slot that is not in use", function()
      local pool = make({ maxsize = 2 }, 1, 1)

      assert.same({ nil, "STATE" }, { pool:release(2, true, NOW) })
      assert.same({ nil, "STATE" }, { pool:release(3, true, NOW) })
      assert.same({ size = 2, idle = 1, used = 1, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("refuses a slot whose grant was not taken", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      wait(pool)
      pool:release(1, true, NOW)

      assert.same({ nil, "STATE" }, { pool:release(1, true, NOW) })
    end)

    it("closes a slot past max_lifetime", function()
      local pool = make({ maxsize = 1, max_lifetime = 60 }, 1, 0)
      pool:release(1, true, NOW + 59)
      assert.same({}, actions(pool))
      pool:acquire(NOW + 59)
      pool:release(1, true, NOW + 60)

      assert.same({ { "close", 1 } }, actions(pool))
    end)
  end)

  describe(":fill", function()
    it("opens minsize slots", function()
      local pool = make({ minsize = 2, maxsize = 3 })

      assert.is_true(pool:fill(NOW))
      assert.same({ { "open", 1 }, { "open", 2 } }, actions(pool))
    end)

    it("tries again later and later while opening fails", function()
      local pool = make({ minsize = 1, maxsize = 1 })
      pool:fill(NOW)
      local now, delays = NOW, {}
      for _ = 1, 7 do
        actions(pool)
        pool:open_failed(1, now)
        table.insert(delays, pool:next_tick() - now)
        now = pool:next_tick()
        pool:tick(now)
      end

      assert.same({ 1, 2, 4, 8, 16, 32, 32 }, delays)
    end)

    it("keeps minsize when slots are lost", function()
      local pool = make({ minsize = 1, maxsize = 1 })
      pool:fill(NOW)
      actions(pool)
      pool:opened(1, NOW)
      pool:lost(1, NOW)

      assert.equal(NOW + 1, pool:next_tick())
      pool:tick(NOW + 1)
      assert.same({ { "open", 1 } }, actions(pool))
    end)
  end)

  describe(":tick", function()
    it("closes idle slots above minsize, the longest unused first", function()
      local pool = make({ minsize = 1, maxsize = 3, max_idle = 10 }, 0, 3)
      assert.equal(1, (pool:acquire(NOW)))
      pool:release(1, true, NOW + 5)

      assert.equal(NOW + 10, pool:next_tick())
      pool:tick(NOW + 10)
      assert.same({ { "close", 3 }, { "close", 2 } }, actions(pool))
      assert.is_nil(pool:next_tick())
      pool:tick(NOW + 1000)
      assert.same({}, actions(pool))
    end)

    it("closes idle slots past max_lifetime and keeps minsize", function()
      local pool = make({ minsize = 1, maxsize = 1, max_lifetime = 60 }, 0, 1)
      pool:fill(NOW)

      assert.equal(NOW + 60, pool:next_tick())
      pool:tick(NOW + 60)
      assert.same({ { "close", 1 }, { "open", 1 } }, actions(pool))
    end)
  end)

  describe(":lost", function()
    it("forgets an idle slot", function()
      local pool = make({ maxsize = 1 }, 0, 1)

      assert.is_false(pool:lost(1, NOW))
      assert.same({}, actions(pool))
      assert.equal(0, counts(pool).size)
    end)

    it("is refused for a slot in use", function()
      local pool = make({ maxsize = 1 }, 1, 0)

      assert.same({ nil, "STATE" }, { pool:lost(1, NOW) })
      assert.equal(1, counts(pool).used)
    end)
  end)
end)
