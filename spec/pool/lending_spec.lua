local errors = require("lunasa.error")
local fake_host = require("spec.pool.fake_host")
local log = require("lunasa.log")

local assert_raised = fake_host.assert_raised

describe("lunasa.pool, lending", function()
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

  describe(":acquire", function()
    it("opens a connection, then lends the same channel again", function()
      host:make({ maxsize = 2 })
      local first = host:acquire().value
      host:assert_counts(1, 0, 1, 0)
      host:release(first)
      host:assert_counts(1, 1, 0, 0)
      local second = host:acquire().value

      assert.are_not.equal(first, second)
      assert.equal(1, #host.channels)
      assert.equal(host.channels[1], second.channel)
    end)

    it("raises the error of opening to the one who waits for it", function()
      host:make({ maxsize = 1 })
      host.failures = { "refused" }

      assert_raised("OperationalError", "refused", host:acquire())
      host:assert_counts(0, 0, 0, 0)
      assert.is_true(host:acquire().ok)
    end)

    it("survives a thousand failures in a row", function()
      host:make({ maxsize = 3 })
      host.open_delay = 1
      local outcomes = {}
      for i = 1, 1000 do
        outcomes[i] = host:acquire()
        host.failures[i] = "refused"
      end
      host.open_delay = nil
      host:advance(1)

      for i = 1, 1000 do
        assert_raised("OperationalError", "refused", outcomes[i])
      end
    end)

    it("times out and says who holds the connections", function()
      host:make({ maxsize = 1 })
      local holder = host:acquire()
      local outcome = host:acquire(2)
      host:advance(1.9)
      assert.is_nil(outcome.ok)
      host:advance(0.2)

      assert_raised("TimeoutError", "size 1 of 1, used 1, waiting 1; taken at .+:%d+ %(2", outcome)
      assert.equal("acquire", outcome.value.which)
      assert.is_true(holder.ok)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("waits at most acquire_timeout when nothing else is said", function()
      host:make({ maxsize = 1, acquire_timeout = 5 })
      local holder = host:acquire()
      local limited, endless = host:acquire(), host:acquire({ timeout = false })
      host:advance(100)

      assert.is_false(limited.ok)
      assert.is_nil(endless.ok)
      assert.is_true(holder.ok)
    end)

    it("gives a slot on when its task is cancelled", function()
      host:make({ maxsize = 1 })
      local holder, first, second = host:acquire().value, host:acquire(), host:acquire()
      host:cancel(first.task)
      assert_raised("CancelledError", "cancelled", first)
      host:release(holder)

      assert.is_true(second.ok)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("gives a slot on when it was granted to a task that is then cancelled", function()
      host:make({ maxsize = 1 })
      local holder, first, second = host:acquire().value, host:acquire(), host:acquire()
      local parked = host.parked[first.task]
      parked.wake = function() -- the cancellation comes first
        parked:resume(nil, errors.new("CancelledError", "cancelled"))
      end
      host:release(holder)

      assert_raised("CancelledError", "cancelled", first)
      assert.is_true(second.ok)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("gives a slot on when it was granted to a task that is gone", function()
      host:make({ maxsize = 1 })
      local holder, first = host:acquire().value, host:acquire()
      local second = host:acquire()
      first.task, host.parked = nil, { [second.task] = host.parked[second.task] }
      host.timers = {}
      collectgarbage()
      collectgarbage()
      host:release(holder)

      assert.is_nil(first.ok)
      assert.is_true(second.ok)
    end)

    it("opens anew when the idle channel is closed", function()
      host:make({ maxsize = 1 })
      host:release(host:acquire().value)
      host.channels[1].closed = true

      assert.equal(2, host:acquire().value.channel.id)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("pings after pre_ping seconds and replaces what does not answer", function()
      host:make({ maxsize = 1, pre_ping = 10 })
      host:release(host:acquire().value)
      host:advance(10)
      host:release(host:acquire().value)
      assert.same({ "rollback", "ping", "rollback" }, host.channels[1].log)
      host.channels[1].is_dead = true
      host:advance(10)

      assert.equal(2, host:acquire().value.channel.id)
      assert.is_true(host.channels[1].closed)
    end)

    it("pings always when pre_ping is true", function()
      host:make({ maxsize = 1, pre_ping = true })
      host:release(host:acquire().value)
      host:acquire()

      assert.same({ "rollback", "ping" }, host.channels[1].log)
    end)

    it("calls on_connect with new connections only", function()
      local seen = 0
      host:make({
        maxsize = 1,
        on_connect = function()
          seen = seen + 1
        end,
      })
      host:release(host:acquire().value)
      host:release(host:acquire().value)

      assert.equal(1, seen)
    end)

    it("raises what on_connect raises, and closes the channel", function()
      host:make({
        maxsize = 1,
        on_connect = function()
          errors.raise("OperationalError", "not today")
        end,
      })

      assert_raised("OperationalError", "not today", host:acquire())
      assert.is_true(host.channels[1].closed)
    end)
  end)

  describe("misuse", function()
    it("of acquire and with is said at once, and takes nothing", function()
      host:make({ maxsize = 1 })
      for words, misused in pairs({
        ["use pool:acquire(), not pool.acquire()"] = function()
          local _ = host.pool.acquire()
        end,
        ["with needs a function, got nil"] = function()
          return host.pool:with()
        end,
        ["unknown option 'timout'"] = function()
          return host.pool:with({ timout = 1 }, print)
        end,
        ["number of seconds, got string"] = function()
          return host.pool:acquire("1")
        end,
      }) do
        local ok, err = pcall(misused)
        assert.is_false(ok)
        assert.equal("ArgumentError", err.class)
        assert.matches(words, err.message, 1, true)
      end
      assert.equal(0, host.pool.used)
    end)
  end)

  describe(":release", function()
    it("refuses a second release and a foreign connection", function()
      host:make({ maxsize = 1 })
      local conn = host:acquire().value
      host:release(conn)

      assert_raised("PoolError", "released already", host:release(conn))
      assert_raised("PoolError", "not from this pool", host:release({}))
      host:assert_counts(1, 1, 0, 0)
    end)

    it("replaces a connection that was closed when somebody waits", function()
      host:make({ maxsize = 1 })
      local conn, waiting = host:acquire().value, host:acquire()
      conn.channel.closed = true
      host:release(conn)

      assert.equal(2, waiting.value.channel.id)
      host:assert_counts(1, 0, 1, 0)
    end)

    it("warns, naming who took it, when work is undone", function()
      host:make({ maxsize = 1 })
      local conn = host:acquire().value
      conn.in_transaction = true
      host:release(conn)

      assert.matches("taken at .+:%d+ was not committed", messages[1])
    end)

    it("takes back what was dropped, and says who took it", function()
      host:make({ maxsize = 1 })
      host:acquire()
      local waiting = host:acquire()
      host:advance(1)

      assert.matches("taken at .+:%d+ was dropped", messages[1])
      assert.is_true(host.channels[1].closed)
      assert.equal(2, waiting.value.channel.id)
    end)

    it("does not lose the slot when the task is cancelled inside", function()
      host:make({ maxsize = 1 })
      local conn = host:acquire().value
      conn.channel.on_reset = function()
        errors.raise("CancelledError", "cancelled")
      end

      assert_raised("CancelledError", "cancelled", host:release(conn))
      assert.is_true(host.channels[1].closed)
      host:assert_counts(0, 0, 0, 0)
    end)
  end)

  describe("a block", function()
    it("returns what the function returns and releases", function()
      local pool = host:make({ maxsize = 1 })
      local outcome = host:run(pool.with, pool, function(conn)
        return conn.channel.id, "second"
      end)

      assert.same({ true, 1, "second" }, { outcome.ok, outcome.value, outcome.more })
      host:assert_counts(1, 1, 0, 0)
    end)

    it("releases without a warning and rethrows the same error", function()
      local pool = host:make({ maxsize = 1 })
      local err = errors.new("DataError", "bad")
      local outcome = host:run(pool.with, pool, { timeout = 1 }, function(conn)
        conn.in_transaction = true
        error(err, 0)
      end)

      assert.equal(err, outcome.value)
      assert.same({}, messages)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("keeps an error of the release beside the first", function()
      local pool = host:make({ maxsize = 1 })
      local first, second = errors.new("DataError", "bad"), errors.new("OperationalError", "lost")
      local outcome = host:run(pool.with, pool, function(conn)
        conn.channel.on_reset = function()
          error(second, 0)
        end
        error(first, 0)
      end)

      assert.equal(first, outcome.value)
      assert.same({ second }, outcome.value.suppressed)
    end)

    it("may release by itself", function()
      local pool = host:make({ maxsize = 1 })
      local outcome = host:run(pool.with, pool, function(conn)
        pool:release(conn)
      end)

      assert.is_true(outcome.ok)
      host:assert_counts(1, 1, 0, 0)
    end)

    it("refuses what is no time, and takes nothing", function()
      local pool = host:make({ maxsize = 1 })
      local function work() end
      local wrong = {
        ["the limit of acquire is .*, got %-1"] = { pool.acquire, -1 },
        ["the limit of acquire is .*, got %-2"] = { pool.with, { timeout = -2 }, work },
        ["the timeout of pool:fill is .*, got soon"] = { pool.fill, "soon" },
      }
      for message, call in pairs(wrong) do
        local outcome = host:run(call[1], pool, call[2], call[3])
        assert_raised("ArgumentError", message, outcome)
      end
      host:assert_counts(0, 0, 0, 0)
    end)

    it("runs a transaction", function()
      local pool = host:make({ maxsize = 1 })
      local outcome = host:run(pool.transaction, pool, { read_only = true }, function(_, options)
        return options.read_only
      end)

      assert.is_true(outcome.value)
      assert.same({ "begin", "commit", "rollback" }, host.channels[1].log)
    end)

    it("runs one statement, whose timeout covers the wait", function()
      local pool = host:make({ maxsize = 1 })
      local conn = host:acquire().value
      local seen
      conn.channel.log = {}
      local outcome = host:run(function()
        local _, _, options = pool:query("SELECT 1", {}, { timeout = 3 })
        seen = options.timeout
      end)
      host:advance(1)
      host:release(conn)

      assert.is_true(outcome.ok)
      assert.equal(2, seen)
    end)
  end)
end)
