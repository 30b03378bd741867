local lunasa = require("lunasa")
local sync = require("spec.support.sync")
local task = require("spec.support.task")

local raised, settle = sync.raised, sync.settle

local function waiting(event, log, name)
  return lunasa.spawn(function()
    event:wait()
    table.insert(log, name)
  end)
end

describe("lunasa.event", function()
  it(
    "wakes everybody who waits, in order, and lets later ones pass",
    task(function()
      local event, log = lunasa.event(), {}
      for i = 1, 3 do
        waiting(event, log, i)
      end
      settle()
      assert.same({}, log)
      assert.is_false(event:is_set())
      assert.equal("lunasa.sync.Event(not set, waiting 3)", tostring(event))

      event:set()
      event:set()
      settle()
      event:wait()

      assert.same({ 1, 2, 3 }, log)
      assert.is_true(event:is_set())
      assert.equal("lunasa.sync.Event(set, waiting 0)", tostring(event))
    end)
  )

  it(
    "cleared right after it was set still wakes those who waited, and no others",
    task(function()
      local event, log = lunasa.event(), {}
      waiting(event, log, "before")
      settle()
      event:set()
      event:clear()
      local after = waiting(event, log, "after")
      settle()

      assert.same({ "before" }, log)
      after:cancel()
    end)
  )

  it("is set and cleared outside of tasks", function()
    local event = lunasa.event()
    event:set()
    assert.is_true(event:is_set())
    event:clear()
    event:clear()
    assert.is_false(event:is_set())
  end)

  it(
    "ends a wait at its timeout, and at a cancellation",
    task(function()
      local event, log = lunasa.event(), {}
      local err = raised(event.wait, event, 0.001)
      assert.same({ "TimeoutError", "event" }, { err.class, err.which })
      assert.equal("waited 0.001 s for the event", err.message)

      local cancelled = waiting(event, log, "cancelled")
      settle()
      cancelled:cancel()
      assert.equal("CancelledError", raised(cancelled.join, cancelled).class)

      err = raised(function()
        event:wait("1")
      end)
      assert.equal("ArgumentError", err.class)
      assert.matches("event_spec.lua:%d+", err.position)
      event:set()
      settle()
      assert.same({}, log)
    end)
  )

  it(
    "leaves no memory behind",
    task(function()
      local event = lunasa.event()
      local growth = sync.growth(1000, function()
        pcall(event.wait, event, 0)
        local woken = lunasa.spawn(event.wait, event, 60)
        lunasa.sleep(0)
        event:set()
        woken:join()
        event:clear()
      end)

      assert.is_true(growth < 20, ("%g KB"):format(growth))
    end)
  )
end)
