local lunasa = require("lunasa")
local sync = require("spec.support.sync")
local task = require("spec.support.task")

local raised, settle = sync.raised, sync.settle

--- A function that waits until it is cancelled, puts its name into `log` and then does `finally`.
local function sleeper(log, name, finally)
  return function()
    local _, err = pcall(lunasa.sleep, 60)
    lunasa.sleep(0)
    table.insert(log, name)
    if finally then
      finally()
    end
    error(err, 0)
  end
end

describe("lunasa.group", function()
  it(
    "ends when all its tasks have, and gives the results of the function",
    task(function()
      local log = {}
      local results = {
        lunasa.group(function(group)
          for i = 1, 3 do
            group:spawn(function(name)
              lunasa.sleep(0.001 * i)
              table.insert(log, name)
            end, "task " .. i)
          end
          table.insert(log, "function")
          return 1, nil, 3
        end),
      }

      assert.same({ "function", "task 1", "task 2", "task 3" }, log)
      assert.same({ 1, nil, 3 }, results)
      assert.same({}, { lunasa.group(function() end) })
    end)
  )

  it(
    "waits for tasks that its tasks spawn",
    task(function()
      local log = {}
      lunasa.group(function(group)
        group:spawn(function()
          lunasa.sleep(0)
          group:spawn(function()
            lunasa.sleep(0.001)
            table.insert(log, "inner")
          end)
          table.insert(log, "outer")
        end)
      end)

      assert.same({ "outer", "inner" }, log)
    end)
  )

  it(
    "gives tasks that can be joined and cancelled alone",
    task(function()
      local log = {}
      local value = lunasa.group(function(group)
        local cancelled = group:spawn(sleeper(log, "cancelled"))
        local answering = group:spawn(function()
          lunasa.sleep(0.001)
          return "answer"
        end)
        assert.matches("group_spec.lua:%d+", tostring(answering))
        settle()
        cancelled:cancel()
        return answering:join()
      end)

      assert.equal("answer", value)
      assert.same({ "cancelled" }, log)
    end)
  )

  it(
    "raises the first failure when the others were cancelled and are over",
    task(function()
      local log, thrown = {}, { any = "value" }
      local err = raised(lunasa.group, function(group)
        group:spawn(sleeper(log, "first"))
        group:spawn(function()
          lunasa.sleep(0)
          error(thrown)
        end)
        group:spawn(sleeper(log, "third"))
        local ok, interruption = pcall(lunasa.sleep, 60)
        table.insert(log, ok or interruption.class)
        error(interruption, 0)
      end)

      assert.is_true(rawequal(thrown, err))
      table.sort(log)
      assert.same({ "CancelledError", "first", "third" }, log)
    end)
  )

  it(
    "keeps other failures in `suppressed`, and logs them where there is no such place",
    task(function()
      local errors = require("lunasa.error")
      local first = errors.new("DataError", "first")
      local second = errors.new("DataError", "second")
      local function fails_with(err)
        return lunasa.group,
          function(group)
            group:spawn(sleeper({}, "second", function()
              error(second)
            end))
            group:spawn(function()
              lunasa.sleep(0)
              error(err, 0)
            end)
          end
      end

      local err = raised(fails_with(first))
      assert.is_true(rawequal(first, err))
      assert.same({ second }, err.suppressed)
      assert.is_string(err.traceback)

      local messages = task.logged(function()
        assert.equal("a string", raised(fails_with("a string")))
      end)
      assert.same({ "error: more than one task of a group failed: DataError: second" }, messages)
    end)
  )

  it(
    "cancels its tasks when its function fails, once: they may clean up",
    task(function()
      local log, err = {}, nil
      local messages = task.logged(function()
        err = raised(lunasa.group, function(group)
          group:spawn(sleeper(log, "tidy", function()
            lunasa.sleep(0.005) -- the others fail meanwhile
            table.insert(log, "tidied")
          end))
          for _ = 1, 2 do
            group:spawn(sleeper(log, "rude", function()
              error("rude", 0)
            end))
          end
          settle()
          error("the function", 0)
        end)
      end)

      assert.equal("the function", err)
      assert.same({ "error: more than one task of a group failed: rude" }, messages)
      assert.same({ "tidy", "rude", "rude", "tidied" }, log)
    end)
  )

  it(
    "raises a failure once that its function joined",
    task(function()
      local errors = require("lunasa.error")
      local thrown = errors.new("DataError", "of the task")
      local err = raised(lunasa.group, function(group)
        local failing = group:spawn(error, thrown)
        pcall(lunasa.sleep, 0.001)
        failing:join()
      end)

      assert.is_true(rawequal(thrown, err))
      assert.same({}, err.suppressed)
    end)
  )

  it(
    "raises a failure that its function did not want to hear of",
    task(function()
      local err = raised(lunasa.group, function(group)
        group:spawn(error, "of the task", 0)
        pcall(lunasa.sleep, 60)
        return "all is well"
      end)

      assert.equal("of the task", err)
    end)
  )

  it(
    "leaves no interruption behind when its function does not wait any more",
    task(function()
      local err = raised(lunasa.group, function(group)
        group:spawn(error, "quick", 0)
      end)
      assert.equal("quick", err)
      lunasa.sleep(0)

      lunasa.group(function(group)
        group:cancel()
      end)
      lunasa.sleep(0)
    end)
  )

  it(
    "takes a cancellation that was for another task for a failure",
    task(function()
      local foreign = lunasa.spawn(lunasa.sleep, 60)
      foreign:cancel("foreign")
      pcall(foreign.join, foreign)

      local err = raised(lunasa.group, function(group)
        group:spawn(foreign.join, foreign)
      end)
      assert.same({ "CancelledError", "foreign" }, { err.class, err.message })
    end)
  )

  it(
    "refuses what is no function, an unknown option and a late spawn, at the caller's line",
    task(function()
      local over
      lunasa.group(function(group)
        over = group
      end)
      local attempts = {
        ["lunasa.group needs a function, got nil"] = function()
          lunasa.group()
        end,
        ["lunasa.group has no option 'timeouts' — did you mean 'timeout'?"] = function()
          lunasa.group({ timeouts = 1 }, print)
        end,
        ["the options of lunasa.group are a table, got number"] = function()
          lunasa.group(1, print)
        end,
        ["group:spawn needs a function, got string"] = function()
          lunasa.group(function(group)
            group:spawn("print")
          end)
        end,
        ["the block of the group is over: nothing waits for it"] = function()
          over:spawn(print)
        end,
        ["the block of the group is over"] = function()
          over:cancel()
        end,
      }
      for message, attempt in pairs(attempts) do
        local err = raised(attempt)
        assert.equal(message, err.message)
        assert.matches("group_spec.lua:%d+", err.position)
      end
    end)
  )
end)

describe("a group that is cancelled", function()
  it(
    "through its owner cancels all, waits, and raises that",
    task(function()
      local log = {}
      for _, is_in_function in ipairs({ true, false }) do
        local owner = lunasa.spawn(lunasa.group, function(group)
          group:spawn(sleeper(log, "a"))
          group:spawn(sleeper(log, "b"))
          if is_in_function then
            lunasa.sleep(60)
          end
        end)
        settle()
        owner:cancel("enough")

        local err = raised(owner.join, owner)
        assert.same({ "CancelledError", "enough" }, { err.class, err.message })
      end
      table.sort(log)
      assert.same({ "a", "a", "b", "b" }, log)
    end)
  )

  it(
    "twice through its owner still waits for its tasks",
    task(function()
      local log = {}
      local owner = lunasa.spawn(lunasa.group, function(group)
        group:spawn(sleeper(log, "slow", function()
          lunasa.sleep(0.005)
          table.insert(log, "tidied")
        end))
      end)
      settle()
      owner:cancel("first")
      settle()
      owner:cancel("second")

      assert.equal("first", raised(owner.join, owner).message)
      assert.same({ "slow", "tidied" }, log)
    end)
  )

  it(
    "by group:cancel ends without an error",
    task(function()
      local log = {}
      local function cancelled(work)
        return lunasa.group(function(group)
          group:spawn(sleeper(log, "sibling"))
          group:spawn(function()
            lunasa.sleep(0)
            group:cancel("found it")
            group:cancel("again")
          end)
          return work()
        end)
      end

      assert.is_nil(cancelled(function()
        lunasa.sleep(60)
        return "not reached"
      end))
      assert.equal(
        "kept",
        cancelled(function()
          return "kept"
        end)
      )
      assert.same({ "sibling", "sibling" }, log)
    end)
  )

  it(
    "takes no new tasks",
    task(function()
      local err
      lunasa.group(function(group)
        group:cancel("over")
        err = raised(group.spawn, group, print)
      end)

      assert.same({ "CancelledError", "over" }, { err.class, err.message })
    end)
  )

  it(
    "by its timeout raises that, when its tasks are over",
    task(function()
      local log = {}
      local err = raised(lunasa.group, { timeout = 0.005 }, function(group)
        group:spawn(sleeper(log, "slow"))
      end)

      assert.same({ "TimeoutError", "block" }, { err.class, err.which })
      assert.equal("the block took longer than 0.005 s", err.message)
      assert.same({ "slow" }, log)
      assert.equal(
        "in time",
        lunasa.group({ timeout = 60 }, function()
          return "in time"
        end)
      )
    end)
  )

  it(
    "cancels the groups inside it",
    task(function()
      local log = {}
      local err = raised(lunasa.group, function(outer)
        outer:spawn(lunasa.group, function(inner)
          inner:spawn(sleeper(log, "inner task"))
          local _, err = pcall(lunasa.sleep, 60)
          table.insert(log, "inner function")
          error(err, 0)
        end)
        settle()
        error("outer", 0)
      end)

      assert.equal("outer", err)
      table.sort(log)
      assert.same({ "inner function", "inner task" }, log)
    end)
  )

  it(
    "from inside an inner one fails from the inside out",
    task(function()
      local log = {}
      local err = raised(lunasa.group, function(outer)
        outer:spawn(sleeper(log, "outer task"))
        lunasa.group(function(inner)
          inner:spawn(sleeper(log, "inner task"))
          inner:spawn(function()
            lunasa.sleep(0)
            error("inner", 0)
          end)
        end)
      end)

      assert.equal("inner", err)
      assert.same({ "inner task", "outer task" }, log)
    end)
  )

  it(
    "leaves no memory behind, nor do the tasks of one that lives on",
    task(function()
      lunasa.group(function(living)
        local growth = sync.growth(500, function()
          living:spawn(lunasa.sleep, 0):join()
          pcall(lunasa.group, function(group)
            group:spawn(lunasa.sleep, 60)
            group:spawn(error, "failed")
          end)
        end)
        assert.is_true(growth < 20, ("%g KB"):format(growth))
      end)
    end)
  )
end)
