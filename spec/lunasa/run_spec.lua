--- lunasa.run and what it says about tasks that go wrong, seen from outside.

local task = require("spec.support.task")

--- Runs Lua text and gives what it printed, which must contain every one of the pieces.
local function assert_prints(text, ...)
  local printed = task.script(text)
  for _, piece in ipairs({ ... }) do
    assert.matches(piece, printed, 1, true)
  end
  return printed
end

describe("lunasa.run", function()
  it("returns what its function returns, when every task is done", function()
    assert_prints(
      [[
        local seen = {}
        local results = { lunasa.run(function(a)
          lunasa.spawn(function() lunasa.sleep(0.01) table.insert(seen, "spawned") end)
          return a, nil, "c"
        end, "a") }
        print(results[1], results[2], results[3], seen[1])
      ]],
      "a\tnil\tc\tspawned"
    )
  end)

  it("raises what its function raises, and can run again", function()
    assert_prints(
      [[
        local thrown = {}
        print(select(2, pcall(lunasa.run, error, thrown)) == thrown)
        print(lunasa.run(function() lunasa.sleep(0) return "again" end))
      ]],
      "true\nagain"
    )
  end)

  it("inside a task is refused in words", function()
    assert_prints(
      "lunasa.run(function() print(pcall(lunasa.run, print)) end)",
      "InterfaceError: lunasa.run inside a task: use lunasa.spawn"
    )
  end)

  it("reports a failure that nobody joined, with its traceback", function()
    assert_prints(
      [[
        lunasa.log.set(function(level, message) print(level, message) end)
        lunasa.run(function()
          lunasa.spawn(function() local function the_culprit() error("oops") end the_culprit() end)
        end)
        print("over")
      ]],
      "error\ttask spawned at ",
      "oops",
      "the_culprit",
      "over"
    )
  end)

  it("reports it when the task is collected, without waiting for the end", function()
    local printed = assert_prints(
      [[
        lunasa.log.set(function(_, message) print("logged", message:match("oops")) end)
        lunasa.run(function()
          lunasa.spawn(error, "oops")
          lunasa.sleep(0)
          collectgarbage() collectgarbage()
          print("still running")
        end)
      ]],
      "logged\toops\nstill running"
    )
    assert.equal(1, select(2, printed:gsub("logged", "")))
  end)

  it("reports nothing that was joined, gathered or cancelled", function()
    local printed = task.script([[
      lunasa.run(function()
        local joined = lunasa.spawn(error, "a")
        pcall(joined.join, joined)
        pcall(lunasa.gather, function() error("b") end, function() error("c") end)
        lunasa.spawn(lunasa.sleep, 60):cancel()
        local late = lunasa.spawn(error, "d")
        lunasa.sleep(0)
        pcall(late.join, late)
      end)
    ]])
    assert.equal("", printed)
  end)

  it("names the tasks of a deadlock, and where they wait", function()
    assert_prints(
      [[
        local function the_waiter() lunasa.spawn(function() end):join() other:join() end
        print(pcall(lunasa.run, function()
          local main = require("lunasa.task").current()
          other = lunasa.spawn(function() lunasa.sleep(0) main:join() end)
          the_waiter()
        end))
      ]],
      "deadlock: 2 tasks wait, and nothing is left that could wake them",
      "task spawned at lunasa.run waits here:",
      "the_waiter",
      "in function 'join'"
    )
  end)

  it("is no deadlock while every timer starts the next", function()
    assert_prints(
      [[
        local runtime = require("lunasa.runtime")
        lunasa.run(function()
          local waiter, left = runtime.waiter(), 3
          local function go_on()
            left = left - 1
            if left == 0 then
              return waiter:wake("woken")
            end
            runtime.after(0.001, go_on, true)
          end
          runtime.after(0.001, go_on, true)
          print(waiter:wait())
        end)
      ]],
      "true\twoken"
    )
  end)

  it("is no deadlock while a timer runs", function()
    assert_prints("lunasa.run(lunasa.sleep, 0.01) print('slept')", "slept")
  end)
end)

describe("a place where a task cannot be suspended:", function()
  local INSIDE_C = "a task cannot be suspended here: inside a callback of a C function "
    .. "(table.sort, string.gsub"
  local CASES = {
    {
      "outside any task",
      "print(pcall(lunasa.sleep, 0)) print(pcall(lunasa.connect, 'mysql://h'))",
      "InterfaceError: not inside a task: call it from a function given to lunasa.run",
    },
    {
      "spawning outside any task",
      "print(pcall(lunasa.spawn, print))",
      "InterfaceError: lunasa.spawn outside lunasa.run",
    },
    {
      "table.sort",
      "lunasa.run(function() table.sort({ 1, 2 }, function() lunasa.sleep(0) end) end)",
      INSIDE_C,
    },
    {
      "string.gsub",
      "lunasa.run(function() ('x'):gsub('x', function() lunasa.sleep(0) end) end)",
      INSIDE_C,
    },
    {
      "the body of a module under a plain require",
      [[
        package.preload.body = function() lunasa.sleep(0) end
        lunasa.run(function() require("body") end)
      ]],
      "in the body of a module while require loads it",
    },
    {
      "a coroutine of the user",
      "lunasa.run(function() coroutine.wrap(function() lunasa.sleep(0) end)() end)",
      "make it with lunasa.wrap instead of coroutine.wrap",
    },
  }
  for _, case in ipairs(CASES) do
    it(case[1], function()
      assert_prints(case[2], case[3])
    end)
  end

  it("leaves the task as it was", function()
    assert_prints(
      [[
        lunasa.run(function()
          pcall(table.sort, { 1, 2 }, function() lunasa.sleep(0) end)
          lunasa.sleep(0)
          print("went on")
        end)
      ]],
      "went on"
    )
  end)
end)
