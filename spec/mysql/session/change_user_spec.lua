local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local NATIVE = "mysql_native_password"
local LONG = ("0123456789abcdef"):rep(2)

local function change(talk, more)
  local config = { user = "other", password = "secret", charset = "utf8mb4" }
  for name, value in pairs(more or {}) do
    config[name] = value
  end
  return talk.session:change_user(config)
end

--- Answers to the end that a result told: the command is over.
local function is_changed(talk, token)
  assert.is_true(talk.session:done(token))
  assert.is_table(talk:take(token))
  assert.equal("open", (talk.session:state()))
  talk:wants("nothing")
end

describe("changing the user", function()
  it_talks("sends an answer to the greeting's scramble, and may be over with that", function(talk)
    talk:log_in()
    local token = change(talk, { database = "db" })
    local sent = talk:output()
    assert.equal("\17other\0\20", sent:sub(5, 12))
    assert.equal(0, sent:byte(4))
    assert.is_truthy(sent:find("db\0\255\0" .. NATIVE .. "\0", 30, true))
    talk:server(wire.frame(1, wire.ok()))
    is_changed(talk, token)
    assert.equal("db", talk.session:facts().database)
  end)

  it_talks("forgets what was told about the session before", function(talk)
    talk:log_in()
    talk:ask("SET autocommit = 0")
    talk:output()
    talk:server(wire.frame(1, wire.ok({ state = wire.variable("autocommit", "OFF") })))
    assert.same({ autocommit = "OFF" }, talk.session:session_state().variables)
    local token = change(talk)
    talk:output()
    talk:server(wire.frame(1, wire.ok({ state = wire.variable("time_zone", "UTC") })))
    is_changed(talk, token)
    assert.same({ time_zone = "UTC" }, talk.session:session_state().variables)
  end)

  it_talks("follows a switch", function(talk)
    talk:log_in()
    local token = change(talk)
    talk:output()
    talk:server(wire.frame(1, wire.auth_switch("parsec", LONG)))
    talk:client_sends("\0\0\0\2")
    talk:server(wire.frame(3, "P\0" .. ("s"):rep(18)))
    assert.equal("\96\0\0\4", talk:output():sub(1, 4))
    talk:server(wire.frame(5, wire.ok()))
    is_changed(talk, token)
    assert.equal("parsec", talk.session:facts().auth_plugin)
  end)

  it_talks("runs the init commands again, and is over after them", function(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk:output()
    talk:server(wire.frame(2, wire.ok()))
    talk:client_sends(wire.frame(0, "\3SET @a = 1"))
    talk:server(wire.frame(1, wire.ok()))
    local token = change(talk)
    talk:output()
    talk:server(wire.frame(1, wire.ok()))
    assert.is_false(talk.session:done(token))
    talk:client_sends(wire.frame(0, "\3SET @a = 1"))
    talk:server(wire.frame(1, wire.ok()))
    is_changed(talk, token)
  end, { init_commands = { "SET @a = 1" } })

  it_talks("says the character set where the packet cannot", function(talk)
    talk:log_in()
    local token = change(talk, { collation = "utf8mb4_uca1400_ai_ci" })
    talk:output()
    talk:server(wire.frame(1, wire.ok()))
    talk:client_sends(wire.frame(0, "\3SET NAMES utf8mb4 COLLATE utf8mb4_uca1400_ai_ci"))
    talk:server(wire.frame(1, wire.ok()))
    is_changed(talk, token)
  end)

  it_talks("can be done again and again, and commands follow", function(talk)
    talk:log_in()
    for _ = 1, 3 do
      local token = change(talk)
      talk:output()
      talk:server(wire.frame(1, wire.ok()))
      is_changed(talk, token)
    end
    local token = talk:ask("!ping")
    talk:client_sends(wire.frame(0, "\14"))
    talk:server(wire.frame(1, wire.ok()))
    assert.is_table(talk:take(token))
  end)

  it_talks("ends the session where it is refused", function(talk)
    talk:log_in()
    local token = change(talk)
    talk:output()
    talk:server(wire.frame(1, wire.err(1045, "Access denied", "28000")))
    talk:fails("SERVER", "Access denied")
    local result, err = talk:take(token)
    assert.is_nil(result)
    assert.equal(1045, err.errno)
  end)

  it_talks("ends the session where an init command fails", function(talk)
    talk:log_in()
    local token = change(talk, { collation = "utf8mb4_uca1400_ai_ci" })
    talk:output()
    talk:server(wire.frame(1, wire.ok()))
    talk:output()
    talk:server(wire.frame(1, wire.err(1273, "Unknown collation")))
    talk:fails("SERVER", "Unknown collation")
    assert.equal(1273, select(2, talk:take(token)).errno)
  end)

  it_talks("ends with the connection", function(talk)
    talk:log_in()
    local token = change(talk)
    talk:output()
    talk.session:hangup()
    talk:fails("IO", "closed the connection")
    assert.equal("IO", select(2, talk:take(token)).code)
  end)

  it_talks("is not begun while anything is in flight, and nothing is while it lasts", function(talk)
    talk:log_in()
    local token = talk:ask("!ping")
    local none, err = change(talk)
    assert.is_nil(none)
    assert.equal("STATE", err.code)
    assert.matches("in flight", err.message)
    talk:output()
    talk:server(wire.frame(1, wire.ok()))
    assert.is_table(talk:take(token))
    change(talk)
    none, err = talk.session:command("ping")
    assert.is_nil(none)
    assert.equal("STATE", err.code)
  end)

  it_talks("sends no password in the open, either", function(talk)
    talk:log_in()
    change(talk)
    talk:output()
    talk:server(wire.frame(1, wire.auth_switch("mysql_clear_password", "")))
    talk:fails("AUTH", "verified certificate")
    talk:client_sends("")
  end)

  it_talks("bounds what a server may ask for", function(talk)
    talk:log_in()
    change(talk)
    talk:output()
    for round = 1, 2 do
      talk:server(wire.frame(2 * round - 1, wire.auth_switch(NATIVE)))
      talk:output()
    end
    talk:server(wire.frame(5, wire.auth_switch(NATIVE)))
    talk:fails("LIMIT", "more than 2 times")
  end)

  it_talks("refuses names that cannot be sent, and goes on", function(talk)
    talk:log_in()
    local WRONG = { { user = "a\0b" }, { database = "\0" }, { charset = "utf8; DROP" } }
    for _, wrong in ipairs(WRONG) do
      local none, err = change(talk, wrong)
      assert.is_nil(none)
      assert.equal("ARGUMENT", err.code)
    end
    talk:client_sends("")
    talk:wants("nothing")
  end)

  for name, payload in pairs({
    ["a column count"] = "\3",
    ["an empty packet"] = "",
    ["an OK that is cut"] = "\0\0",
    ["data that nobody asked for"] = "\1\4",
  }) do
    it_talks("refuses " .. name, function(talk)
      talk:log_in()
      change(talk)
      talk:output()
      talk:server(wire.frame(1, payload))
      talk:fails("PROTOCOL", "malformed packet")
      talk:client_sends("")
    end)
  end
end)
