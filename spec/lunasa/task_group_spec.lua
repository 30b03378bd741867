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

describe("lunasa.gather", function()
  it(
    "gives the first result of each, in order",
    task(function()
      local spawned = lunasa.spawn(function()
        return "b", "more"
      end)

      assert.same({ "a", "b", nil, "d" }, {
        lunasa.gather(
          function()
            lunasa.sleep(0.005)
            return "a"
          end,
          spawned,
          function() end,
          function()
            return "d"
          end
        ),
      })
      assert.same({}, { lunasa.gather() })
    end)
  )

  it(
    "raises the first failure at once, after the others are cancelled and over",
    task(function()
      local log, started = {}, lunasa.now()
      local first = sleeper(log)

      local err = raised(lunasa.gather, first, function()
        lunasa.sleep(0)
        error("second", 0)
      end)

      assert.equal("second", err)
      assert.is_true(lunasa.now() - started < 30)
      assert.is_true(first.done)
      assert.equal("CancelledError", log[1].class)
    end)
  )

  it(
    "cancelled itself cancels its tasks",
    task(function()
      local log = {}
      local gathering = lunasa.spawn(function()
        lunasa.gather(sleeper(log), sleeper(log))
      end)
      lunasa.sleep(0)
      lunasa.sleep(0)
      gathering:cancel("stop")

      assert.equal("stop", raised(gathering.join, gathering).message)
      assert.equal(2, #log)
    end)
  )

  it(
    "refuses what is no task, and starts nothing then",
    task(function()
      local err = raised(function()
        lunasa.gather(function()
          error("started")
        end, 42)
      end)

      assert.equal("lunasa.gather needs tasks, got number as number 2", err.message)
      assert.matches("task_group_spec.lua:%d+", err.position)
    end)
  )

  it(
    "holds a thousand",
    task(function()
      local tasks = {}
      for i = 1, 1000 do
        tasks[i] = lunasa.spawn(function()
          lunasa.sleep(0)
          return i
        end)
      end

      local results = { lunasa.gather(unpack(tasks)) }
      assert.equal(1000, #results)
      assert.equal(777, results[777])
    end)
  )
end)
