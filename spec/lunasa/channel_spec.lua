local lunasa = require("lunasa")
local sync = require("spec.support.sync")
local task = require("spec.support.task")

local raised, settle = sync.raised, sync.settle

--- A task that sends the values.
local function sender(channel, ...)
  local values, count = { ... }, select("#", ...)
  return lunasa.spawn(function()
    for i = 1, count do
      channel:send(values[i])
    end
  end)
end

--- A task that puts what it receives into `log`, with its name.
local function receiver(channel, log, name)
  return lunasa.spawn(function()
    table.insert(log, name .. " " .. tostring(channel:receive()))
  end)
end

describe("lunasa.channel", function()
  for _, capacity in ipairs({ 0, 1, 3, math.huge }) do
    it(
      ("with a capacity of %g carries values in order"):format(capacity),
      task(function()
        local channel, received = lunasa.channel(capacity), {}
        local sending = lunasa.spawn(function()
          for i = 1, 100 do
            channel:send(i)
            assert.is_true(channel.count <= capacity)
          end
          channel:close()
        end)

        for value in channel:values() do
          table.insert(received, value)
        end

        sending:join()
        assert.equal(100, #received)
        for i = 1, 100 do
          assert.equal(i, received[i])
        end
      end)
    )
  end

  it(
    "carries values of every kind, false and NULL too",
    task(function()
      local channel = lunasa.channel(10)
      local values = { false, true, 0, "", {}, lunasa.null, print, 0 / 0 }
      for _, value in ipairs(values) do
        channel:send(value)
      end
      channel:close()

      local count = 0
      for value in channel:values() do
        count = count + 1
        assert.is_true(rawequal(values[count], value) or value ~= value)
      end
      assert.equal(#values, count)
    end)
  )

  it(
    "refuses nil, and what is no capacity or time, at the caller's line",
    task(function()
      local channel = lunasa.channel()
      local attempts = {
        ["a channel carries no nil, .*: send lunasa.null"] = function()
          channel:send(nil)
        end,
        ["a channel carries no nil"] = function()
          channel:try_send()
        end,
        ["the timeout of channel:send is a number of seconds, got 2nd"] = function()
          channel:send(1, "2nd")
        end,
        ["the timeout of channel:receive is a number of seconds, got %-1"] = function()
          channel:receive(-1)
        end,
        ["a whole number from 0 on, got 1.5"] = function()
          lunasa.channel(1.5)
        end,
        ["a whole number from 0 on, got x"] = function()
          lunasa.channel("x")
        end,
      }
      for message, attempt in pairs(attempts) do
        local err = raised(attempt)
        assert.equal("ArgumentError", err.class)
        assert.matches(message, err.message)
        assert.matches("channel_spec.lua:%d+", err.position)
      end
    end)
  )

  it(
    "without room has send wait until the value is received",
    task(function()
      local channel, log = lunasa.channel(), {}
      local sending = sender(channel, "a")
      settle()
      assert.is_false(sending.done)

      receiver(channel, log, "first")
      settle()

      assert.is_true(sending.done)
      assert.same({ "first a" }, log)
    end)
  )

  it(
    "serves senders and receivers in the order in which they came",
    task(function()
      local channel, log = lunasa.channel(1), {}
      for i = 1, 5 do
        sender(channel, i)
      end
      settle()
      for i = 1, 8 do
        receiver(channel, log, "r" .. i)
      end
      settle()
      for i = 6, 8 do
        sender(channel, i)
      end
      settle()

      local expected = {}
      for i = 1, 8 do
        expected[i] = ("r%d %d"):format(i, i)
      end
      assert.same(expected, log)
    end)
  )

  it(
    "gives nobody who comes in between what another waits for",
    task(function()
      local channel, log = lunasa.channel(1), {}
      receiver(channel, log, "waiting")
      settle()
      channel:send("a")

      assert.is_nil(channel:try_receive())
      settle()
      assert.same({ "waiting a" }, log)
    end)
  )

  it("tries to send and receive outside of tasks", function()
    local channel = lunasa.channel(1)

    assert.is_nil(channel:try_receive())
    assert.is_true(channel:try_send("a"))
    assert.is_false(channel:try_send("b"))
    assert.equal("lunasa.sync.Channel(1 of 1)", tostring(channel))
    assert.equal("a", channel:try_receive())
    assert.is_nil(channel:try_receive())
  end)
end)

describe("channel:close", function()
  it(
    "leaves what was sent to be received, then nil for ever",
    task(function()
      local channel = lunasa.channel(2)
      channel:send("a")
      channel:send("b")
      channel:close()
      channel:close()

      assert.is_true(channel.closed)
      assert.same({ "a", "b" }, { channel:receive(), channel:receive() })
      assert.is_nil(channel:receive())
      assert.is_nil(channel:receive(0))
      assert.equal("lunasa.sync.Channel(0 of 2, closed)", tostring(channel))
    end)
  )

  it(
    "ends the wait of every receiver",
    task(function()
      local channel, log = lunasa.channel(2), {}
      for i = 1, 3 do
        receiver(channel, log, i)
      end
      settle()
      channel:close()
      settle()

      assert.same({ "1 nil", "2 nil", "3 nil" }, log)
    end)
  )

  it(
    "makes those who wait to send raise: their values are not received",
    task(function()
      local channel = lunasa.channel(1)
      local sending = sender(channel, "kept", "refused")
      settle()
      channel:close()

      local err = raised(sending.join, sending)
      assert.equal("InterfaceError", err.class)
      assert.equal("the channel was closed before the value was received", err.message)
      assert.matches("channel_spec.lua:%d+", err.position)
      assert.same({ "kept" }, { channel:receive(), channel:receive() })
    end)
  )

  it(
    "has later sends raise at the caller's line",
    task(function()
      local channel = lunasa.channel(1)
      channel:close()

      for _, method in ipairs({ "send", "try_send" }) do
        local err = raised(function()
          channel[method](channel, "late")
        end)
        assert.equal("InterfaceError", err.class)
        assert.equal("the channel is closed: nothing can be sent", err.message)
        assert.matches("channel_spec.lua:%d+", err.position)
      end
    end)
  )
end)

describe("a wait on a channel", function()
  it(
    "ends at its timeout, and leaves the line",
    task(function()
      local channel = lunasa.channel()
      local err = raised(channel.receive, channel, 0.001)
      assert.same({ "TimeoutError", "receive" }, { err.class, err.which })
      assert.equal("waited 0.001 s for a value from the channel", err.message)

      err = raised(channel.send, channel, "not sent", 0)
      assert.same({ "TimeoutError", "send" }, { err.class, err.which })
      assert.equal("waited 0 s for room in the channel", err.message)

      local sending = sender(channel, "sent")
      assert.equal("sent", channel:receive(60))
      sending:join()
    end)
  )

  it(
    "ends at a cancellation, and what was for it goes to the next",
    task(function()
      local channel, log = lunasa.channel(), {}
      local first = receiver(channel, log, "first")
      receiver(channel, log, "second")
      settle()
      first:cancel()
      channel:send("a")
      settle()

      assert.equal("CancelledError", raised(first.join, first).class)
      assert.same({ "second a" }, log)
    end)
  )

  it(
    "that was given a value keeps it when it is cancelled then; the next wait raises",
    task(function()
      local channel, log = lunasa.channel(), {}
      local receiving = lunasa.spawn(function()
        table.insert(log, channel:receive())
        channel:receive()
      end)
      settle()
      channel:send("a")
      receiving:cancel()

      assert.equal("CancelledError", raised(receiving.join, receiving).class)
      assert.same({ "a" }, log)
    end)
  )

  it(
    "that was relieved of its value is sent, when it is cancelled then; the next wait raises",
    task(function()
      local channel, log = lunasa.channel(), {}
      local sending = lunasa.spawn(function()
        channel:send("a")
        table.insert(log, "sent")
        channel:send("b")
      end)
      settle()
      assert.equal("a", channel:try_receive())
      sending:cancel()

      assert.equal("CancelledError", raised(sending.join, sending).class)
      assert.same({ "sent" }, log)
      assert.is_nil(channel:try_receive())
    end)
  )

  it(
    "of a cancelled sender does not send",
    task(function()
      local channel = lunasa.channel()
      local first = sender(channel, "a")
      local second = sender(channel, "b")
      settle()
      first:cancel()

      assert.equal("b", channel:receive())
      assert.equal("CancelledError", raised(first.join, first).class)
      second:join()
    end)
  )

  it("outside of any task is refused in words", function()
    local printed = task.script([[
      local channel = lunasa.channel()
      print(select(2, pcall(channel.receive, channel)))
      print(select(2, pcall(channel.send, channel, 1)))
    ]])
    local _, count = printed:gsub("InterfaceError: not inside a task", "")
    assert.equal(2, count, printed)
  end)

  it("that nothing can end is told with its place", function()
    local printed = task.script([[
      lunasa.run(function()
        lunasa.channel():receive()
      end)
    ]])
    assert.matches("deadlock: 1 task waits", printed, 1, true)
    assert.matches("in function 'receive'", printed, 1, true)
  end)

  it(
    "leaves no memory behind",
    task(function()
      local channel = lunasa.channel(3)
      local consumer = lunasa.spawn(function()
        for value in channel:values() do
          assert.is_number(value)
        end
      end)
      local empty = lunasa.channel()
      local growth = sync.growth(1000, function()
        for i = 1, 10 do
          channel:send(i)
        end
        pcall(empty.receive, empty, 0)
        local cancelled = lunasa.spawn(empty.receive, empty)
        lunasa.sleep(0)
        cancelled:cancel()
        pcall(cancelled.join, cancelled)
      end)
      channel:close()
      consumer:join()

      assert.is_true(growth < 20, ("%g KB"):format(growth))
    end)
  )
end)
