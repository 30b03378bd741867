--- Which idle slot is lent, how long slots live, and what is counted.
local by_hand = require("spec.pool.by_hand")
local core = require("lunasa.core")

local NOW, actions, make = by_hand.NOW, by_hand.actions, by_hand.make

describe("lunasa.core.pool", function()
  describe("order", function()
    it("lifo lends the slot used last", function()
      local pool = make({ maxsize = 3 }, 0, 3)
      pool:release(pool:acquire(NOW), true, NOW)

      assert.equal(1, (pool:acquire(NOW)))
    end)

    it("fifo lends the slot that is idle for longest, each in turn", function()
      local pool = make({ maxsize = 3, order = "fifo" }, 0, 3)
      local lent = {}
      for i = 1, 6 do
        lent[i] = pool:acquire(NOW)
        pool:release(lent[i], true, NOW)
      end

      assert.same({ 3, 2, 1, 3, 2, 1 }, lent)
    end)

    it("fifo closes for max_idle what is idle for longest", function()
      local pool = make({ maxsize = 3, order = "fifo", max_idle = 10 }, 0, 3)
      pool:release(pool:acquire(NOW + 1), true, NOW + 5)
      pool:tick(NOW + 10)

      assert.same({ 3, { "close", 2, nil, "unused" } }, {
        (pool:acquire(NOW + 10)),
        actions(pool, true)[1],
      })
    end)

    it("is one of the two", function()
      assert.has_error(function()
        core.pool({ order = "random" })
      end, "order must be 'lifo' or 'fifo'")
    end)
  end)

  describe("a lifetime", function()
    it("is shorter by up to a tenth", function()
      local pool = core.pool({ maxsize = 3, minsize = 3, max_lifetime = 100 })
      pool:fill(NOW)
      actions(pool)
      for slot, spread in ipairs({ 0, 0.5, 1 }) do
        pool:opened(slot, NOW, spread)
      end
      local due = {}
      for i, seconds in ipairs({ 90, 95, 100 }) do
        assert.equal(NOW + seconds, pool:next_tick())
        pool:tick(NOW + seconds)
        due[i] = actions(pool, true)[1]
        actions(pool)
      end

      assert.same({
        { "close", 3, nil, "old" },
        { "close", 2, nil, "old" },
        { "close", 1, nil, "old" },
      }, due)
    end)

    it("refuses a spread beyond it", function()
      local pool = make({ maxsize = 1 })
      by_hand.wait(pool)
      actions(pool)
      assert.has_error(function()
        pool:opened(1, NOW, 1.5)
      end)
    end)

    it("ends before a slot is lent, without a tick", function()
      local pool = make({ maxsize = 3, max_lifetime = 10 }, 1, 2)
      pool:release(1, true, NOW + 1)
      local slot, waiter, err, has_actions = pool:acquire(NOW + 10)

      assert.is_nil(slot)
      assert.is_nil(err or has_actions)
      local closed = actions(pool, true)
      assert.same({ "close", 2, nil, "old" }, closed[1])
      assert.same(4, #closed)
      pool:opened(closed[#closed][2], NOW + 10)
      assert.same({ "grant", closed[#closed][2], waiter }, actions(pool, true)[1])
    end)

    it("says that there are actions when a younger slot was granted", function()
      local pool = make({ maxsize = 2, max_lifetime = 10 }, 2)
      pool:renewed(2, NOW + 5)
      pool:release(2, true, NOW + 5)
      pool:release(1, true, NOW + 6)
      local slot, waiter, err, has_actions = pool:acquire(NOW + 12)

      assert.same({ 2, nil, nil, true }, { slot, waiter, err, has_actions })
      assert.same({ { "close", 1, nil, "old" } }, actions(pool, true))
    end)

    it("begins again with a connection made in the slot", function()
      local pool = make({ maxsize = 1, max_lifetime = 10 }, 1)
      assert.is_false(pool:renewed(1, NOW + 9))
      pool:release(1, true, NOW + 12)

      assert.same({}, actions(pool))
      assert.same({ nil, "STATE" }, { pool:renewed(1, NOW) })
    end)
  end)

  it("says why a slot is closed", function()
    local pool = make({ maxsize = 5, max_lifetime = 50 }, 3, 1)
    pool:clear(NOW)
    pool:release(1, false, NOW)
    pool:release(2, true, NOW + 50)
    pool:close(NOW + 1)
    pool:release(3, true, NOW + 1)

    local reasons = {}
    for i, action in ipairs(actions(pool, true)) do
      reasons[i] = action[4] or action[1]
    end
    assert.same({ "cleared", "unhealthy", "old", "ended", "closed" }, reasons)
  end)

  it("counts what it does", function()
    local pool = make({ maxsize = 1 })
    local first, second, third = by_hand.wait(pool), by_hand.wait(pool), by_hand.wait(pool, 4)
    actions(pool)
    pool:opened(1, NOW + 1)
    actions(pool)
    pool:forget(second, NOW + 3)
    pool:tick(NOW + 4)
    pool:release(1, true, NOW + 5)
    pool:acquire(NOW + 5)

    assert.is_true(first < second and second < third)
    assert.same({ 2, 1, 3, 1 + 3 + 4, 1, 3 }, { pool:total() })
  end)

  it("counts as waiting neither a grant that is revoked nor twice who gives up", function()
    local pool = make({ maxsize = 1 })
    local waiter = by_hand.wait(pool)
    actions(pool)
    pool:opened(1, NOW + 2)
    pool:forget(waiter, NOW + 9)

    assert.same({ 0, 0, 1, 2, 0, 1 }, { pool:total() })
  end)
end)
