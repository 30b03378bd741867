local lunasa = require("lunasa")
local task = require("spec.support.task")

--- Calls a function that must raise, and gives what it raised.
local function raised(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok, "nothing was raised")
  return err
end

describe("lunasa.sleep", function()
  it(
    "lasts as long as it was told, not less",
    task(function()
      local started = lunasa.now()
      lunasa.sleep(0.02)

      assert.is_true(lunasa.now() - started >= 0.02)
    end)
  )

  it(
    "orders tasks by their time",
    task(function()
      local order = {}
      local function later(seconds)
        return lunasa.spawn(function()
          lunasa.sleep(seconds)
          table.insert(order, seconds)
        end)
      end
      lunasa.gather(later(0.03), later(0.01), later(0.02))

      assert.same({ 0.01, 0.02, 0.03 }, order)
    end)
  )

  it(
    "refuses what is no time",
    task(function()
      for _, seconds in ipairs({ -1, 0 / 0, "1" }) do
        assert.equal("ArgumentError", raised(lunasa.sleep, seconds).class)
      end
    end)
  )
end)

describe("lunasa.timeout", function()
  it(
    "passes results and errors of a block that is quick enough",
    task(function()
      assert.same({ 1, nil, 3 }, {
        lunasa.timeout(60, function(...)
          return ...
        end, 1, nil, 3),
      })
      assert.equal("text", raised(lunasa.timeout, 60, error, "text", 0))
    end)
  )

  it(
    "interrupts the block's wait, which may clean up",
    task(function()
      local cleaned = false

      local err = raised(lunasa.timeout, 0.01, function()
        local ok, err = pcall(lunasa.sleep, 60)
        lunasa.sleep(0)
        cleaned = not ok
        error(err, 0)
      end)

      assert.same({ "TimeoutError", "block" }, { err.class, err.which })
      assert.equal("the block took longer than 0.01 s", err.message)
      assert.is_true(cleaned)
    end)
  )

  it(
    "of an outer block wins over a longer inner one",
    task(function()
      local err = raised(lunasa.timeout, 0.01, lunasa.timeout, 60, lunasa.sleep, 60)

      assert.equal("the block took longer than 0.01 s", err.message)
    end)
  )

  it(
    "of an outer block is not lost when an inner one runs out in the same turn of the loop",
    task(function()
      local err = raised(lunasa.timeout, 0.004, lunasa.timeout, 0.002, function()
        local busy_until = lunasa.now() + 0.01
        repeat
          local is_over = lunasa.now() >= busy_until
        until is_over
        lunasa.sleep(60)
      end)

      assert.equal("the block took longer than 0.004 s", err.message)
    end)
  )

  it(
    "does not swallow a cancellation that comes in the same turn of the loop",
    task(function()
      local inside
      local owner = lunasa.spawn(function()
        lunasa.group(function(group)
          inside = group
          lunasa.sleep(60)
        end)
        return "went on"
      end)
      lunasa.sleep(0)
      inside:cancel()
      owner:cancel("enough")

      assert.equal("enough", raised(owner.join, owner).message)
    end)
  )

  it(
    "that came too late for a wait leaves nothing behind",
    task(function()
      lunasa.timeout(0.001, function()
        local started = lunasa.now()
        while lunasa.now() - started < 0.005 do
          started = started + 0 -- busy
        end
      end)

      lunasa.sleep(0.002)
    end)
  )
end)
