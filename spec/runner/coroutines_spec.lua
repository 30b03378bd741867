local lunasa = require("lunasa")
local program = require("spec.runner.program")

--- Suspends, as a query does.
local function wait()
  lunasa.sleep(0.001)
end

local function pack(...)
  return { n = select("#", ...), ... }
end

describe("a coroutine of the script", function()
  after_each(program.clean)

  it("may wait for the database while it generates", function()
    local values = {}

    for value in
      coroutine.wrap(function()
        for i = 1, 3 do
          wait()
          coroutine.yield(i)
          wait()
        end
      end)
    do
      table.insert(values, value)
    end

    assert.same({ 1, 2, 3 }, values)
  end)

  it("may do so inside another", function()
    local inner = coroutine.wrap(function()
      wait()
      coroutine.yield("inner")
    end)
    local outer = coroutine.wrap(function()
      wait()
      coroutine.yield(inner())
    end)

    assert.equal("inner", outer())
  end)

  it("passes values both ways", function()
    local co = coroutine.create(function(a, b)
      wait()
      local c = coroutine.yield(a + b)
      wait()
      return c, nil
    end)

    assert.same({ n = 2, true, 3 }, pack(coroutine.resume(co, 1, 2)))
    assert.same({ n = 3, true, "c" }, pack(coroutine.resume(co, "c")))
    assert.equal("dead", coroutine.status(co))
  end)

  it("raises through wrap as ever", function()
    local object = {}
    local text = coroutine.wrap(function()
      wait()
      error("text", 0)
    end)
    local thrown = coroutine.wrap(function()
      wait()
      error(object)
    end)

    local _, message = pcall(function()
      local _ = text()
    end)
    local _, err = pcall(thrown)

    assert.matches("coroutines_spec%.lua:%d+: text$", message)
    assert.equal(object, err)
  end)

  it("cannot be resumed by another task while it waits", function()
    local co = coroutine.create(wait)
    local other = lunasa.spawn(function()
      return coroutine.status(co), coroutine.resume(co)
    end)

    assert.same({ true }, { coroutine.resume(co) })
    assert.same(
      { "normal", false, "cannot resume a coroutine that waits for the database" },
      { other:join() }
    )
  end)

  it("gets the error that ends its wait", function()
    local caught
    local task = lunasa.spawn(function()
      coroutine.wrap(function()
        caught = select(2, pcall(lunasa.sleep, 60))
      end)()
    end)

    lunasa.sleep(0)
    task:cancel()
    task:join()

    assert.is_true(caught:is_cancelled())
  end)

  it("may query", function()
    local outcome = program.run({
      "--server",
      "-e",
      [[local conn = require("lunasa").connect()
        local function numbers(count)
          return coroutine.wrap(function()
            for i = 1, count do
              coroutine.yield(conn:scalar("SELECT ? * 2", { i }))
            end
          end)
        end
        for number in numbers(3) do
          print(number)
        end]],
    })

    assert.same({ status = 0, out = "2\n4\n6\n", err = "" }, outcome)
  end)
end)
