local assert = require("luassert")
local core = require("lunasa.core")
local errors = require("lunasa.error")
local fake_host = require("spec.pool.fake_host")
local ffi = require("ffi")
local log = require("lunasa.log")

describe("lunasa.pool, the direct way", function()
  local take = ffi.cast("int32_t (*)(void *, double)", core.pool_addresses.take)
  local give = ffi.cast("int32_t (*)(void *, int32_t, void *, double)", core.pool_addresses.give)

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

      assert.matches("taken at an unknown place %(more than 20000 a second", messages[1])
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
end)
