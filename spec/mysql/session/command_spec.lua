local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local STATUS = wire.STATUS

describe("a command", function()
  for text, payload in pairs({
    ["SELECT 1"] = "\3SELECT 1",
    [""] = "\3",
    ["!ping"] = "\14",
    ["!reset"] = "\31",
    ["!select_database shop"] = "\2shop",
  }) do
    it_talks("is sent at once and answered: '" .. text .. "'", function(talk)
      talk:log_in()
      local token = talk:ask(text)
      talk:wants("write")
      talk:client_sends(wire.frame(0, payload))
      talk:wants("read")
      assert.is_false(talk.session:done(token))

      talk:server(wire.frame(1, wire.ok()))

      talk:wants("nothing")
      assert.is_true(talk.session:done(token))
      assert.is_truthy(talk:take(token))
    end)
  end

  it_talks("tells what it did", function(talk)
    talk:log_in()
    local token = talk:ask("INSERT")
    talk:server(
      wire.frame(
        1,
        wire.ok({ affected_rows = 3, insert_id = 2 ^ 40, warnings = 2, info = "Records: 3" })
      )
    )

    assert.same({
      rows = {},
      affected_rows = 3,
      count = 0,
      insert_id = 2 ^ 40,
      warnings = 2,
      info = "Records: 3",
      has_more = false,
    }, talk:take(token))
  end)

  it_talks("fails alone", function(talk)
    talk:log_in()
    local token = talk:ask("SELEC")
    talk:output()
    talk:server(wire.frame(1, wire.err(1064, "You have an error", "42000")))

    local result, err = talk:take(token)
    assert.is_nil(result)
    assert.same({
      code = "SERVER",
      errno = 1064,
      sqlstate = "42000",
      message = "You have an error",
    }, err)
    talk:wants("nothing")
    assert.equal("open", (talk.session:state()))
  end)

  it_talks("keeps the facts current", function(talk)
    talk:log_in()
    talk:ask("START TRANSACTION")
    talk:server(wire.frame(1, wire.ok({ status = STATUS.IN_TRANS })))
    assert.is_true(talk.session:in_transaction())
    assert.is_false(talk.session:facts().is_autocommit)
    talk:ask("COMMIT")
    talk:server(wire.frame(1, wire.ok()))
    assert.is_false(talk.session:in_transaction())
    assert.is_true(talk.session:facts().is_autocommit)
  end)

  it_talks("may be answered before all of it has left", function(talk)
    talk:log_in()
    local token = talk:ask("SELECT 1")
    talk:server(wire.frame(1, wire.err(1, "no")))
    assert.is_true(talk.session:done(token))
    talk:wants("write")
    talk:client_sends(wire.frame(0, "\3SELECT 1"))
    talk:wants("nothing")
  end)

  for name, payload in pairs({
    ["nothing"] = "",
    ["an OK that is cut"] = wire.ok():sub(1, 5),
    ["an OK that goes on"] = wire.ok({ info = "x" }) .. "x",
    ["an ERR that is cut"] = "\255\40",
    ["an EOF"] = wire.eof(),
    ["a column count"] = "\1",
  }) do
    it_talks("other than a statement is not answered by " .. name, function(talk)
      talk:log_in()
      local token = talk:ask("!ping")
      talk:server(wire.frame(1, payload))
      talk:fails("PROTOCOL", "malformed packet")
      assert.equal("PROTOCOL", select(2, talk:take(token)).code)
    end)
  end

  it_talks("is never answered by the request for a local file", function(talk)
    for _, text in ipairs({ "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t", "SELECT 1" }) do
      local other = conversation.new(nil, false, talk.step)
      other:log_in()
      other:ask(text)
      other:output()
      other:server(wire.frame(1, "\251/etc/passwd"))
      other:fails("PROTOCOL", "local file that no command offered")
      other:client_sends("")
    end
  end)

  it_talks("is refused on a session that has failed, for the reason of that", function(talk)
    talk:log_in()
    talk.session:hangup("TIMEOUT", "took too long")
    local token, err = talk.session:query("SELECT 1")
    assert.is_nil(token)
    assert.same({ code = "TIMEOUT", message = "took too long" }, err)
  end)
end)

describe("hanging up", function()
  it_talks("while nobody waits is an orderly end", function(talk)
    talk:log_in()
    talk.session:hangup()
    assert.same({ "closed" }, { talk.session:state() })
    talk:wants("closed")
    assert.equal("STATE", select(2, talk.session:query("SELECT 1")).code)
  end)

  it_talks("while somebody waits is an error, told to all", function(talk)
    talk:log_in()
    local first, second = talk:ask("SELECT 1"), talk:ask("SELECT 2")
    talk.session:hangup()
    talk:fails("IO", "closed the connection")
    assert.equal("IO", select(2, talk:take(first)).code)
    assert.equal("IO", select(2, talk:take(second)).code)
  end)

  it_talks("twice is once", function(talk)
    talk:log_in()
    talk.session:hangup("IO", "first")
    talk.session:hangup("IO", "second")
    talk:server(wire.frame(1, wire.ok()))
    talk:fails("IO", "^first$")
  end)
end)

describe("quitting", function()
  it_talks("ends the session when it is said", function(talk)
    talk:log_in()
    assert.equal(0, talk:ask("!quit"))
    talk:wants("write")
    talk:client_sends(wire.frame(0, "\1"))
    talk:wants("closed")
    assert.same({ "closed" }, { talk.session:state() })
  end)

  it_talks("waits for what was asked before", function(talk)
    talk:log_in()
    local token = talk:ask("SELECT 1")
    talk:ask("!quit")
    talk:client_sends(wire.frame(0, "\3SELECT 1") .. wire.frame(0, "\1"))
    talk:wants("read")
    talk:server(wire.frame(1, wire.ok()))
    assert.is_truthy(talk:take(token))
    talk:wants("closed")
    assert.same({ "closed" }, { talk.session:state() })
  end)

  it_talks("leaves no way to ask for more", function(talk)
    talk:log_in()
    talk:ask("!quit")
    assert.equal("STATE", select(2, talk.session:query("SELECT 1")).code)
    assert.equal("STATE", select(2, talk.session:command("quit")).code)
  end)
end)
