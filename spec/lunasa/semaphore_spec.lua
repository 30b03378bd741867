local lunasa = require("lunasa")
local sync = require("spec.support.sync")
local task = require("spec.support.task")

local raised, settle = sync.raised, sync.settle

--- A task that acquires, says so, and holds the permit until `event` is set.
local function holder(semaphore, log, name, event)
  return lunasa.spawn(function()
    semaphore:with(function()
      table.insert(log, name)
      event:wait()
    end)
  end)
end

describe("lunasa.semaphore", function()
  it(
    "lets so many tasks at a time in",
    task(function()
      local semaphore, inside, most = lunasa.semaphore(3), 0, 0
      local function work()
        inside = inside + 1
        most = math.max(most, inside)
        lunasa.sleep(0.001)
        inside = inside - 1
      end
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = lunasa.spawn(semaphore.with, semaphore, work)
      end
      lunasa.gather(unpack(tasks))

      assert.same({ 3, 0 }, { most, inside })
      assert.same({ 3, 3 }, { semaphore.free, semaphore.limit })
    end)
  )

  it(
    "serves in order, and nobody comes in between",
    task(function()
      local semaphore, log, go = lunasa.semaphore(1), {}, lunasa.event()
      semaphore:acquire()
      for i = 1, 4 do
        holder(semaphore, log, i, go)
      end
      settle()
      assert.equal("lunasa.sync.Semaphore(0 of 1 free, waiting 4)", tostring(semaphore))
      go:set()
      semaphore:release()
      semaphore:acquire()

      assert.same({ 1, 2, 3, 4 }, log)
      semaphore:release()
    end)
  )

  it(
    "may be acquired by one task and released by another",
    task(function()
      local semaphore = lunasa.semaphore(1)
      semaphore:acquire()
      lunasa.spawn(semaphore.release, semaphore)
      semaphore:acquire(60)

      assert.equal(0, semaphore.free)
    end)
  )

  it(
    "raises a release too many at the caller's line",
    task(function()
      local semaphore = lunasa.semaphore(2)
      semaphore:acquire()
      semaphore:release()

      local err = raised(function()
        semaphore:release()
      end)
      assert.equal("InterfaceError", err.class)
      assert.matches("released more often than acquired", err.message)
      assert.matches("semaphore_spec.lua:%d+", err.position)
      assert.equal(2, semaphore.free)
    end)
  )

  it("refuses what is no number of permits", function()
    for _, limit in ipairs({ 0, -1, 1.5, 0 / 0, math.huge, "1", {} }) do
      local err = raised(function()
        lunasa.semaphore(limit)
      end)
      assert.equal("ArgumentError", err.class)
      assert.matches("a whole number from 1 on, got ", err.message)
      assert.matches("semaphore_spec.lua:%d+", err.position)
    end
  end)
end)

describe("semaphore:with", function()
  it(
    "passes results and errors on, and gives the permit back",
    task(function()
      local semaphore, thrown = lunasa.semaphore(1), {}

      assert.same({ 1, nil, 3 }, {
        semaphore:with(function()
          assert.equal(0, semaphore.free)
          return 1, nil, 3
        end),
      })
      local err = raised(semaphore.with, semaphore, function()
        error(thrown)
      end)
      assert.is_true(rawequal(thrown, err))
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "gives back after a cancellation inside",
    task(function()
      local semaphore, log = lunasa.semaphore(1), {}
      local holding = holder(semaphore, log, "inside", lunasa.event())
      settle()
      holding:cancel()

      assert.equal("CancelledError", raised(holding.join, holding).class)
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "refuses unknown options, and what is no function",
    task(function()
      local semaphore = lunasa.semaphore(1)
      local err = raised(function()
        semaphore:with({ timout = 1 }, print)
      end)
      assert.equal("semaphore:with has no option 'timout' — did you mean 'timeout'?", err.message)
      assert.matches("semaphore_spec.lua:%d+", err.position)

      err = raised(function()
        semaphore:with({ timeout = "long" }, print)
      end)
      assert.equal("the timeout of semaphore:with is a number of seconds, got long", err.message)
      assert.matches("semaphore_spec.lua:%d+", err.position)

      err = raised(function()
        semaphore:with({ timeout = 1 })
      end)
      assert.equal("semaphore:with needs a function, got table", err.message)
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "in a coroutine that is dropped gives back when that is collected, and warns",
    task(function()
      local semaphore = lunasa.semaphore(1)
      local waited = false
      local messages = task.logged(function()
        local generate = lunasa.wrap(function()
          semaphore:with(function()
            coroutine.yield("value")
          end)
        end)
        assert.equal("value", generate())
        assert.equal(0, semaphore.free)
        lunasa.spawn(function()
          semaphore:acquire()
          waited = true
        end)
        settle()
        generate = nil -- luacheck: ignore 311
        collectgarbage()
        collectgarbage()
        settle()
      end)

      assert.is_true(waited)
      assert.equal(1, #messages)
      assert.matches("semaphore_spec.lua:%d+ was dropped before its end", messages[1])
    end)
  )
end)

describe("semaphore:acquire", function()
  it(
    "ends at its timeout, and leaves the line",
    task(function()
      local semaphore = lunasa.semaphore(1)
      semaphore:acquire()

      local err = raised(semaphore.acquire, semaphore, 0.001)
      assert.same({ "TimeoutError", "acquire" }, { err.class, err.which })
      assert.matches(
        "^waited 0.001 s for a permit: all 1 of the semaphore made at .*spec.lua:%d+ are held$",
        err.message
      )
      semaphore:release()
      assert.equal(1, semaphore.free)

      semaphore:acquire()
      err = raised(semaphore.with, semaphore, { timeout = 0 }, print)
      assert.equal("acquire", err.which)
      semaphore:release()
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "cancelled before it is granted lets the permit go to the next",
    task(function()
      local semaphore, log, go = lunasa.semaphore(1), {}, lunasa.event()
      semaphore:acquire()
      local first = holder(semaphore, log, "first", go)
      local second = holder(semaphore, log, "second", go)
      settle()
      first:cancel()
      semaphore:release()
      settle()

      assert.same({ "second" }, log)
      assert.equal("CancelledError", raised(first.join, first).class)
      go:set()
      second:join()
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "cancelled when it was granted holds the permit until its next wait",
    task(function()
      local semaphore, log = lunasa.semaphore(1), {}
      semaphore:acquire()
      local granted = holder(semaphore, log, "inside", lunasa.event())
      settle()
      semaphore:release()
      granted:cancel()

      assert.equal("CancelledError", raised(granted.join, granted).class)
      assert.same({ "inside" }, log)
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "granted at the end of a lunasa.timeout is not lost",
    task(function()
      local semaphore = lunasa.semaphore(1)
      semaphore:acquire()
      local waiting = lunasa.spawn(function()
        lunasa.timeout(0.005, function()
          semaphore:acquire()
        end)
        semaphore:release()
        return "released"
      end)
      lunasa.sleep(0)
      local started = lunasa.now()
      while lunasa.now() - started < 0.01 do
        started = started + 0 -- busy, until the time is over
      end
      semaphore:release()

      local ok, result = pcall(waiting.join, waiting)
      assert.is_true(ok and result == "released" or result.which == "block")
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "of a task that is cancelled already raises, though a permit is free",
    task(function()
      local semaphore = lunasa.semaphore(1)
      local own
      own = lunasa.spawn(function()
        own:cancel()
        semaphore:acquire()
      end)

      assert.equal("CancelledError", raised(own.join, own).class)
      assert.equal(1, semaphore.free)
    end)
  )

  it(
    "leaves no memory behind",
    task(function()
      local semaphore = lunasa.semaphore(1)
      local growth = sync.growth(1000, function()
        semaphore:with(function()
          pcall(semaphore.acquire, semaphore, 0)
          local cancelled = lunasa.spawn(semaphore.acquire, semaphore)
          lunasa.sleep(0)
          cancelled:cancel()
          pcall(cancelled.join, cancelled)
        end)
      end)

      assert.is_true(growth < 20, ("%g KB"):format(growth))
      assert.equal(1, semaphore.free)
    end)
  )
end)
