local by_hand = require("spec.pool.by_hand")

local make, wait, actions, counts = by_hand.make, by_hand.wait, by_hand.actions, by_hand.counts
local NOW = by_hand.NOW

describe("lunasa.core.pool, when something ends", function()
  describe(":forget", function()
    it("removes a waiter from the queue", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local first, second = wait(pool), wait(pool)

      assert.is_not_nil(pool:forget(first, NOW))
      pool:release(1, true, NOW)
      assert.same({ { "grant", 1, second } }, actions(pool))
    end)

    it("takes the open with it", function()
      local pool = make({ maxsize = 1 })
      pool:forget(wait(pool), NOW)

      assert.same({}, actions(pool))
      assert.equal(0, counts(pool).size)
    end)

    it("leaves an open that was taken to whoever comes next", function()
      local pool = make({ maxsize = 1 })
      local waiter = wait(pool)
      actions(pool)
      pool:forget(waiter, NOW)
      pool:opened(1, NOW)

      assert.same({}, actions(pool))
      assert.equal(1, (pool:acquire(NOW)))
    end)

    it("passes a grant that was not taken to the next waiter", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local first, second = wait(pool), wait(pool)
      pool:release(1, true, NOW)

      assert.is_true(pool:forget(first, NOW))
      assert.same({ { "grant", 1, second } }, actions(pool))
    end)

    it("makes the slot of a grant that was not taken idle when nobody waits", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local waiter = wait(pool)
      pool:release(1, true, NOW)

      assert.is_false(pool:forget(waiter, NOW))
      assert.same({ size = 1, idle = 1, used = 0, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("closes the slot of a grant that was not taken when the pool closes", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local waiter = wait(pool)
      pool:release(1, true, NOW)
      pool:close(NOW)
      pool:forget(waiter, NOW)

      assert.same({ { "close", 1 }, { "closed" } }, actions(pool))
    end)

    it("refuses a waiter whose grant was taken", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local waiter = wait(pool)
      pool:release(1, true, NOW)
      actions(pool)

      assert.same({ nil, "STATE" }, { pool:forget(waiter, NOW) })
      assert.equal(1, counts(pool).used)
    end)

    it("revokes an expiry and a failure that were not taken", function()
      local pool = make({ maxsize = 1 })
      local first, second = wait(pool), wait(pool, 1)
      actions(pool)
      pool:open_failed(1, NOW)
      pool:tick(NOW + 1)

      assert.is_not_nil(pool:forget(first, NOW))
      assert.is_not_nil(pool:forget(second, NOW))
      assert.same({}, actions(pool))
    end)

    it("recognises a stale waiter whose record serves again", function()
      local pool = make({ maxsize = 1 }, 1, 0)
      local stale = wait(pool)
      pool:forget(stale, NOW)
      for _ = 1, 200 do
        local waiter = wait(pool)
        assert.are_not.equal(stale, waiter)
        pool:forget(waiter, NOW)
      end

      assert.same({ nil, "STATE" }, { pool:forget(stale, NOW) })
      assert.same({ nil, "STATE" }, { pool:forget(2 ^ 53 - 1, NOW) })
    end)
  end)

  describe(":close", function()
    it("is finished at once when the pool is empty", function()
      local pool = make({ maxsize = 1 })

      assert.is_true(pool:close(NOW))
      assert.same({ { "closed" } }, actions(pool))
      assert.is_false(pool:close(NOW))
      assert.same({}, actions(pool))
      assert.is_true(pool:is_closing())
    end)

    it("fails waiters, closes idle slots and waits for those in use", function()
      local pool = make({ maxsize = 2 }, 2, 0)
      local waiter = wait(pool)
      pool:close(NOW)
      assert.same({ { "fail", nil, waiter } }, actions(pool))
      pool:release(1, true, NOW)
      assert.same({ { "close", 1 } }, actions(pool))
      pool:release(2, true, NOW)

      assert.same({ { "close", 2 }, { "closed" } }, actions(pool))
    end)

    it("waits for slots being opened", function()
      local pool = make({ maxsize = 2 })
      local first, second = wait(pool), wait(pool)
      actions(pool)
      pool:close(NOW)
      assert.same({ { "fail", nil, first }, { "fail", nil, second } }, actions(pool))
      pool:opened(1, NOW)
      assert.same({ { "close", 1 } }, actions(pool))
      pool:open_failed(2, NOW)

      assert.same({ { "closed" } }, actions(pool))
    end)

    it("refuses acquire and fill", function()
      local pool = make({ maxsize = 1 })
      pool:close(NOW)

      assert.same({ nil, nil, "STATE" }, { pool:acquire(NOW) })
      assert.same({ nil, "STATE" }, { pool:fill(NOW) })
    end)
  end)

  describe(":clear", function()
    it("closes idle slots only", function()
      local pool = make({ maxsize = 3 }, 1, 2)
      pool:clear(NOW)

      assert.same({ { "close", 2 }, { "close", 3 } }, actions(pool))
      assert.same({ size = 1, idle = 0, used = 1, opening = 0, waiting = 0 }, counts(pool))
    end)

    it("opens the same slot again when one is wanted before the close was taken", function()
      local pool = make({ maxsize = 1 }, 0, 1)
      pool:clear(NOW)
      wait(pool)

      assert.same({ { "close", 1 }, { "open", 1 } }, actions(pool))
    end)
  end)

  describe(":lease", function()
    local function collect()
      collectgarbage()
      collectgarbage()
    end

    it("notes the slot when it is collected", function()
      local pool = make({ maxsize = 2 }, 2, 0)
      local kept = { pool:lease(1) }
      pool:lease(2)
      collect()

      assert.equal(2, pool:abandoned())
      assert.is_nil(pool:abandoned())
      assert.equal(1, #kept)
    end)

    it("means nothing once released or replaced", function()
      local pool = make({ maxsize = 2 }, 2, 0)
      pool:lease(1):release()
      pool:lease(2)
      local kept = { pool:lease(2) }
      collect()

      assert.is_nil(pool:abandoned())
      assert.equal(1, #kept)
    end)

    it("means nothing when a new one was made after its collection", function()
      local pool = make({ maxsize = 2 }, 2, 0)
      pool:lease(1)
      pool:lease(2)
      collect()
      local kept = pool:lease(1)
      assert.equal(2, pool:abandoned())
      assert.is_nil(pool:abandoned())

      pool:lease(1)
      collect()
      assert.equal(1, pool:abandoned(), tostring(kept))
      assert.is_nil(pool:abandoned())
    end)

    it("outlives its pool", function()
      local lease = make({ maxsize = 1 }, 1, 0):lease(1)
      collect()

      lease:release()
    end)
  end)
end)
