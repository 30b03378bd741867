local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local MOST_IN_FLIGHT = 4096

local function rows(...)
  local packets = { "\1", wire.column("a") }
  for _, cell in ipairs({ ... }) do
    table.insert(packets, wire.row(cell))
  end
  table.insert(packets, wire.end_of_rows())
  return wire.frames(1, packets)
end

describe("commands in flight", function()
  it_talks("leave in one write, each from 0 on", function(talk)
    talk:log_in()
    talk:ask("SELECT 1")
    talk:ask("!ping")
    talk:ask("SELECT 2")
    talk:client_sends(
      wire.frame(0, "\3SELECT 1") .. wire.frame(0, "\14") .. wire.frame(0, "\3SELECT 2")
    )
  end)

  it_talks("are answered in their order, each to who asked", function(talk)
    talk:log_in()
    local first, second, third = talk:ask("SELECT 1"), talk:ask("SELECT 2"), talk:ask("!ping")
    talk:output()

    talk:server(rows("1"))
    assert.same({ true, false, false }, {
      talk.session:done(first),
      talk.session:done(second),
      talk.session:done(third),
    })
    talk:wants("read")
    talk:server(rows("2", "3") .. wire.frame(1, wire.ok()))

    assert.same({}, talk:take(third).rows)
    assert.same({ { 2 }, { 3 } }, talk:take(second).rows)
    assert.same({ { 1 } }, talk:take(first).rows)
    talk:wants("nothing")
  end)

  it_talks("go on behind one that fails", function(talk)
    talk:log_in()
    local first, second, third = talk:ask("SELECT 1"), talk:ask("SELEC"), talk:ask("SELECT 3")
    talk:server(rows("1") .. wire.frame(1, wire.err(1064, "no")) .. rows("3"))

    assert.same({ { 1 } }, talk:take(first).rows)
    assert.equal(1064, select(2, talk:take(second)).errno)
    assert.same({ { 3 } }, talk:take(third).rows)
  end)

  it_talks("may be joined by others at any time", function(talk)
    talk:log_in()
    local first = talk:ask("SELECT 1")
    local answer = rows("1")
    talk:server(answer:sub(1, 20))
    local second = talk:ask("SELECT 2")
    talk:server(answer:sub(21))
    talk:server(rows("2"))

    assert.same({ { 1 } }, talk:take(first).rows)
    assert.same({ { 2 } }, talk:take(second).rows)
  end)

  it_talks("have tokens of their own, never used twice", function(talk)
    talk:log_in()
    local seen = {}
    for _ = 1, 50 do
      local token = talk:ask("!ping")
      assert.is_nil(seen[token])
      assert.is_true(token > 0)
      seen[token] = true
      talk:server(wire.frame(1, wire.ok()))
    end
  end)

  it_talks("all fail when the session does", function(talk)
    talk:log_in()
    local first, second, third = talk:ask("SELECT 1"), talk:ask("SELECT 2"), talk:ask("SELECT 3")
    talk:server(rows("1") .. wire.frame(7, wire.ok()))

    talk:fails("PROTOCOL", "out of order")
    assert.same({ { 1 } }, talk:take(first).rows)
    assert.equal("PROTOCOL", select(2, talk:take(second)).code)
    assert.equal("PROTOCOL", select(2, talk:take(third)).code)
  end)

  it_talks("that nobody waits for any more are answered in silence", function(talk)
    talk:log_in()
    local first, second = talk:ask("SELECT 1"), talk:ask("SELECT 2")
    talk.session:abandon(first)
    talk:server(rows("1") .. rows("2"))
    assert.same({ { 2 } }, talk:take(second).rows)
    assert.equal("STATE", select(2, talk:take(first)).code)
  end)

  it("are at most " .. MOST_IN_FLIGHT, function()
    local talk = conversation.new()
    talk:log_in()
    for _ = 1, MOST_IN_FLIGHT do
      assert(talk.session:command("ping"))
    end
    local token, err = talk.session:command("ping")
    assert.is_nil(token)
    assert.equal("LIMIT", err.code)
    talk:server(wire.frame(1, wire.ok()):rep(MOST_IN_FLIGHT))
    talk:output()
    talk:wants("nothing")
    assert.is_truthy(talk.session:command("ping"))
  end)
end)
