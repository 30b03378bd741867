local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local LOAD = "LOAD DATA LOCAL INFILE 'a' INTO TABLE t"
local OFFERS = { local_infile = true }
local END = wire.frame(2, "")

local function it_talks(sentence, body)
  conversation.it(sentence, body, OFFERS)
end

local function request(name, sequence)
  return wire.frame(sequence or 1, "\251" .. name)
end

--- Asks for a statement that offers data.
local function load(talk, sql)
  local token = assert(talk.session:query(sql or LOAD, nil, false, false, true))
  talk:output()
  return token
end

local function failure(talk, token)
  assert.is_true(talk.session:done(token))
  local _, err = talk:take(token)
  return err
end

describe("data that a command offers", function()
  it_talks("is sent when asked for, in packets, up to the end", function(talk)
    talk:log_in()
    local token = load(talk)
    assert.is_nil(talk.session:asked_file(token))
    talk:server(request("a"))
    assert.equal("a", talk.session:asked_file(token))
    assert.is_true(talk.session:done(token))

    assert(talk.session:data(token, ("x"):rep(65537)))
    assert.is_false(talk.session:done(token))
    talk:client_sends(wire.frame(2, ("x"):rep(65536)) .. wire.frame(3, "x"))
    assert.is_true(talk.session:done(token))
    assert(talk.session:data(token))
    talk:client_sends(wire.frame(4, ""))
    assert.is_nil(talk.session:asked_file(token))
    assert.is_false(talk.session:done(token))
    talk:wants("read")
    talk:server(wire.frame(5, wire.ok({ affected_rows = 1 })))
    assert.equal(1, talk:take(token).affected_rows)
    talk:wants("nothing")
  end)

  it_talks("may be none, and numbers go on from 255 to 0", function(talk)
    talk:log_in()
    local token = load(talk)
    talk:server(request("a"))
    for i = 2, 257 do
      assert(talk.session:data(token, "x"))
      talk:client_sends(wire.frame(i % 256, "x"))
    end
    assert(talk.session:data(token, ""))
    talk:client_sends(wire.frame(2, ""))
    talk:server(wire.frame(3, wire.ok()))
    talk:wants("nothing")
  end)

  it_talks("is taken for another file by nobody", function(talk)
    talk:log_in()
    load(talk)
    talk:server(request("/etc/passwd"))
    talk:fails("PROTOCOL", "another file than the statement names")
  end)

  it_talks("is sent once", function(talk)
    local more = wire.STATUS.AUTOCOMMIT + wire.STATUS.MORE_RESULTS
    talk:log_in()
    local token = load(talk)
    talk:server(request("a"))
    talk.session:data(token)
    talk:client_sends(END)
    talk:server(wire.frame(3, wire.ok({ status = more })) .. request("a", 4))
    assert.is_nil(talk.session:asked_file(token))
    talk:client_sends(wire.frame(5, ""))
    talk:server(wire.frame(6, wire.ok()))

    assert.is_table(talk:take(token))
    assert.equal("ARGUMENT", failure(talk, token).code)
    talk:wants("nothing")
  end)

  it_talks("has nothing sent behind its command", function(talk)
    talk:log_in()
    local token = load(talk)
    local refused, err = talk.session:query("SELECT 1")
    assert.is_nil(refused)
    assert.equal("STATE", err.code)
    talk:server(request("a"))
    assert.is_nil((talk.session:command("quit")))
    talk.session:data(token)
    talk:client_sends(END)
    talk:server(wire.frame(3, wire.ok()))
    assert.is_number(talk.session:query("SELECT 1"))
  end)

  it_talks("may be refused before it is sent, and between its packets", function(talk)
    talk:log_in()
    local token = load(talk)
    talk:server(request("a") .. wire.frame(2, wire.err(1148, "no")))
    assert.equal(1148, failure(talk, token).errno)
    talk:wants("nothing")

    token = load(talk)
    talk:server(request("a"))
    talk.session:data(token, "x")
    talk:output()
    talk:server(wire.frame(3, wire.err(1062, "duplicate")))
    assert.equal(1062, failure(talk, token).errno)
    assert.is_nil((talk.session:data(token, "y")))
    talk:wants("nothing")
  end)

  it_talks("that the server has not read ends the session with its words", function(talk)
    talk:log_in()
    local token = load(talk)
    talk:server(request("a"))
    talk.session:data(token, "x")
    talk:output()
    talk:server(wire.frame(2, wire.err(1053, "shutdown")))
    talk:fails("SERVER", "shutdown")
  end)

  it_talks("is answered by nothing else before its end", function(talk)
    talk:log_in()
    load(talk)
    talk:server(request("a") .. wire.frame(2, wire.ok()))
    talk:fails("PROTOCOL", "before the data")
  end)
end)

describe("a request for a local file", function()
  it_talks("that no command offered gets none, and the session goes on", function(talk)
    talk:log_in()
    local token = talk:ask(LOAD)
    talk:output()
    talk:server(request("/etc/passwd"))
    talk:client_sends(END)
    talk:server(wire.frame(3, wire.ok()))

    assert.matches("not offered with the statement", failure(talk, token).message, 1, true)
    talk:wants("nothing")
  end)

  it_talks("with commands in flight ends the session", function(talk)
    talk:log_in()
    talk:ask("SELECT 1")
    talk:ask("SELECT 2")
    talk:output()
    talk:server(request("a"))
    talk:fails("PROTOCOL", "commands in flight")
  end)

  conversation.it("without the capability ends the session", function(talk)
    talk:log_in()
    talk:ask(LOAD)
    talk:output()
    talk:server(request("a"))
    talk:fails("PROTOCOL", "no command offered")
  end)

  it_talks("in answer to a ping ends the session", function(talk)
    talk:log_in()
    talk:ask("!ping")
    talk:output()
    talk:server(request("a"))
    talk:fails("PROTOCOL", "no command offered")
  end)

  it_talks("must be for a name that the statement has", function(talk)
    talk:log_in()
    for _, sql in ipairs({
      "SELECT 1",
      "LOAD DATA INFILE 'a' INTO TABLE t",
      "SELECT 'LOCAL INFILE ''a'''",
      "LOAD DATA LOCAL INFILE `a` INTO TABLE t",
      "LOAD DATA LOCAL INFILE",
      "# LOCAL INFILE 'a'",
      "/* LOCAL INFILE 'a'",
      "LOCAL",
      "",
    }) do
      local token, err = talk.session:query(sql, nil, false, false, true)
      assert.is_nil(token, sql)
      assert.equal("ARGUMENT", err.code)
    end
    talk:wants("nothing")
  end)
end)
