local lunasa = require("lunasa")
local task = require("spec.support.task")

--- Calls a function that must raise, and gives what it raised.
local function raised(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok, "nothing was raised")
  return err
end

--- A task that waits until it is cancelled, and tells what it got and then did.
local function sleeper(log)
  return lunasa.spawn(function()
    local _, err = pcall(lunasa.sleep, 60)
    table.insert(log, err)
    error(err, 0)
  end)
end

describe("lunasa.spawn", function()
  it(
    "begins when its caller suspends, in the order of spawning",
    task(function()
      local order = {}
      for i = 1, 3 do
        lunasa.spawn(table.insert, order, i)
      end
      table.insert(order, "caller")

      lunasa.sleep(0)

      assert.same({ "caller", 1, 2, 3 }, order)
    end)
  )

  it(
    "passes arguments and results on, nils too",
    task(function()
      local spawned = lunasa.spawn(function(...)
        return select("#", ...), ...
      end, nil, "a", nil)

      assert.same({ 3, nil, "a", nil }, { spawned:join() })
      assert.is_true(spawned.done)
    end)
  )

  it(
    "refuses what is no function, and names the line",
    task(function()
      local err = raised(function()
        lunasa.spawn("text")
      end)

      assert.equal("ArgumentError", err.class)
      assert.equal("lunasa.spawn needs a function, got string", err.message)
      assert.matches("task_spec.lua:%d+", err.position)
    end)
  )

  it(
    "shows the state of a task",
    task(function()
      local good = lunasa.spawn(function() end)
      local bad = lunasa.spawn(error, "text")
      assert.matches("^lunasa.Task%(running, spawned at .*task_spec.lua:%d+%)$", tostring(good))

      good:join()
      pcall(bad.join, bad)

      assert.matches("lunasa.Task(done, ", tostring(good), 1, true)
      assert.matches("lunasa.Task(failed, ", tostring(bad), 1, true)
    end)
  )
end)

describe("Task:join", function()
  it(
    "raises what the task raised, as it is",
    task(function()
      local thrown = { any = "value" }
      local failed = lunasa.spawn(error, thrown)

      assert.is_true(rawequal(thrown, raised(failed.join, failed)))
      assert.is_true(rawequal(thrown, raised(failed.join, failed)))
    end)
  )

  it(
    "gives an error the traceback of where it was raised",
    task(function()
      local function the_culprit()
        require("lunasa.error").raise("DataError", "bad")
      end
      local failed = lunasa.spawn(function()
        the_culprit()
      end)

      local err = raised(failed.join, failed)
      assert.matches("the_culprit", err.traceback, 1, true)
    end)
  )

  it(
    "wakes everybody who waits",
    task(function()
      local slow, joined = lunasa.spawn(lunasa.sleep, 0.01), 0
      for _ = 1, 3 do
        lunasa.spawn(function()
          slow:join()
          joined = joined + 1
        end)
      end

      slow:join()
      lunasa.sleep(0)

      assert.equal(3, joined)
    end)
  )

  it(
    "with a timeout leaves the task running",
    task(function()
      local log = {}
      local slow = sleeper(log)

      local err = raised(slow.join, slow, 0.01)
      assert.same({ "TimeoutError", "join" }, { err.class, err.which })
      assert.is_false(slow.done)
      slow:cancel()
      pcall(slow.join, slow)
      assert.equal(1, #log)
    end)
  )

  it(
    "of oneself is refused",
    task(function()
      local selfish
      selfish = lunasa.spawn(function()
        selfish:join()
      end)

      assert.equal("a task cannot join itself", raised(selfish.join, selfish).message)
    end)
  )
end)

describe("Task:cancel", function()
  it(
    "makes the present wait raise a CancelledError",
    task(function()
      local log = {}
      local cancelled = sleeper(log)
      lunasa.sleep(0)

      assert.is_true(cancelled:cancel("enough"))
      local err = raised(cancelled.join, cancelled)

      assert.same({ "CancelledError", "enough" }, { err.class, err.message })
      assert.is_true(err:is_cancelled())
      assert.is_false(err:is("Error"))
      assert.equal(err, log[1])
    end)
  )

  it(
    "makes the first wait raise when the task has not begun",
    task(function()
      local log = {}
      local cancelled = sleeper(log)
      cancelled:cancel()
      local started = lunasa.now()

      pcall(cancelled.join, cancelled)

      assert.equal(1, #log)
      assert.is_true(lunasa.now() - started < 30)
    end)
  )

  it(
    "of oneself is raised by the next wait, of every kind",
    task(function()
      local waits = {
        function()
          lunasa.sleep(60)
        end,
        function()
          lunasa.spawn(function() end):join()
        end,
        function()
          lunasa.gather(function() end)
        end,
        function()
          lunasa.timeout(60, lunasa.sleep, 60)
        end,
      }
      for i, wait in ipairs(waits) do
        local own
        own = lunasa.spawn(function()
          own:cancel()
          wait()
        end)
        assert.equal("CancelledError", raised(own.join, own).class, i)
      end
    end)
  )

  it(
    "is over once it was caught: the task goes on",
    task(function()
      local stubborn = lunasa.spawn(function()
        pcall(lunasa.sleep, 60)
        lunasa.sleep(0)
        return "done"
      end)
      lunasa.sleep(0)
      stubborn:cancel()

      assert.equal("done", stubborn:join())
    end)
  )

  it(
    "of a task that is done does nothing",
    task(function()
      local done = lunasa.spawn(function()
        return 1
      end)
      done:join()

      assert.is_false(done:cancel())
      assert.equal(1, done:join())
    end)
  )

  it(
    "of one that joins leaves the joined task alone",
    task(function()
      local slow = lunasa.spawn(lunasa.sleep, 0.01)
      local joining = lunasa.spawn(slow.join, slow)
      lunasa.sleep(0)
      joining:cancel()

      assert.equal("CancelledError", raised(joining.join, joining).class)
      slow:join()
    end)
  )
end)
