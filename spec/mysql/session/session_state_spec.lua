local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local MOST_STATE = 1024 * 1024

local function change(talk, state)
  talk:ask("SET")
  talk:output()
  talk:server(wire.frame(1, wire.ok({ state = state })))
end

describe("the state of a session", function()
  it_talks("follows the schema", function(talk)
    talk:log_in()
    change(talk, wire.change(1, wire.text("shop")))
    assert.equal("shop", talk.session:facts().database)
    change(talk, wire.change(1, wire.text("")))
    assert.equal("", talk.session:facts().database)
  end)

  it_talks("follows the schema at login", function(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk:output()
    talk:server(wire.frame(2, wire.ok({ state = wire.change(1, wire.text("home")) })))
    assert.equal("home", talk.session:facts().database)
  end)

  it_talks("follows the character set, and refuses to escape where that is not safe", function(talk)
    talk:log_in()
    assert.equal([['it\'s']], talk.session:literal("it's"))
    change(talk, wire.variable("character_set_client", "gbk"))

    local literal, err = talk.session:literal("it's")
    assert.is_nil(literal)
    assert.same("ARGUMENT", err.code)
    assert.matches("character set 'gbk'", err.message)
    assert.equal("ARGUMENT", select(2, talk.session:query("SELECT ?", { "it's" })).code)
    talk:client_sends("")

    change(talk, wire.variable("character_set_client", "latin1"))
    assert.equal([['it\'s']], talk.session:literal("it's"))
  end)

  it_talks("is heard at the end of rows too", function(talk)
    talk:log_in()
    talk:ask("SELECT")
    local state = wire.variable("character_set_client", "sjis")
    talk:server(wire.frames(1, { "\1", wire.column("a"), wire.end_of_rows({ state = state }) }))
    assert.equal("sjis", talk.session:facts().charset)
  end)

  it_talks("decides about backslashes", function(talk)
    talk:log_in()
    talk:ask("SET sql_mode")
    talk:server(wire.frame(1, wire.ok({ status = wire.STATUS.NO_BACKSLASH_ESCAPES })))
    assert.equal([['it''s \']], talk.session:literal([[it's \]]))
    talk:ask("SET sql_mode")
    talk:server(wire.frame(1, wire.ok()))
    assert.equal([['it\'s \\']], talk.session:literal([[it's \]]))
  end)

  it_talks("keeps the last value of everything that was told", function(talk)
    talk:log_in()
    local facts = talk.session:facts()
    change(talk, wire.variable("autocommit", "OFF") .. wire.variable("empty", ""))
    change(talk, wire.variable("autocommit", "ON") .. wire.change(3, "\0" .. wire.text("gtid:1")))
    change(talk, wire.change(2, "1") .. wire.change(200, "??"))
    change(talk, wire.change(4, wire.text("BEGIN;")) .. wire.change(5, wire.text("T_______")))

    assert.same({
      variables = { autocommit = "ON", empty = "" },
      gtid = "gtid:1",
      transaction_state = "T_______",
      transaction_characteristics = "BEGIN;",
      state_changed = true,
    }, talk.session:session_state())
    assert.same(facts, talk.session:facts())
  end)

  it_talks("is forgotten when a reset succeeds", function(talk)
    talk:log_in()
    change(talk, wire.variable("autocommit", "OFF") .. wire.change(2, "1"))
    talk:ask("!reset")
    talk:output()
    assert.equal("OFF", talk.session:session_state().variables.autocommit)
    talk:server(wire.frame(1, wire.ok({ state = wire.variable("time_zone", "UTC") })))

    local state = { variables = { time_zone = "UTC" }, state_changed = false }
    assert.same(state, talk.session:session_state())
  end)

  it_talks("holds no more variables than anyone has", function(talk)
    talk:log_in()
    local variables = {}
    for i = 1, 2048 do
      variables[i] = wire.variable("v" .. i, "")
    end
    change(talk, table.concat(variables))
    assert.equal("", talk.session:session_state().variables.v2048)
    change(talk, wire.variable("v1", "again"))
    change(talk, wire.variable("v2049", ""))
    talk:fails("LIMIT", "session state")
  end)

  it("holds no more bytes than anyone needs, over many answers", function()
    local talk = conversation.new()
    talk:log_in()
    for i = 1, 3 do
      change(talk, wire.variable("v" .. i, ("x"):rep(MOST_STATE / 3 - 10)))
      change(talk, wire.variable("v" .. i, ("y"):rep(MOST_STATE / 3 - 10)))
    end
    assert.equal("open", (talk.session:state()))
    change(talk, wire.variable("v4", ("x"):rep(100)))
    talk:fails("LIMIT", "session state")
  end)

  it_talks("waits for an answer that may change how text is escaped", function(talk)
    local statements = { "SET @@sql_mode = ''", "SET NAMES utf8mb4", "CALL p", "EXECUTE s" }
    for _, statement in ipairs(statements) do
      talk = conversation.new(nil, nil, talk.step)
      talk:log_in()
      assert.is_true(talk.session:is_settled())
      assert(talk.session:query("SELECT 1", nil, false, false, false, true))
      assert.is_true(talk.session:is_settled())
      assert(talk.session:query(statement, nil, false, false, false, true))
      assert.is_false(talk.session:is_settled())
      local token, err = talk.session:query("SELECT ?", { "a" }, false, false, false, true)
      assert.is_nil(token)
      assert.equal("STATE", err.code)
      assert(talk.session:query("SELECT 2", nil, false, false, false, true))
      talk:output()
      talk:server(wire.frame(1, wire.ok()))
      assert.is_false(talk.session:is_settled())
      talk:server(wire.frame(1, wire.err(1305, "PROCEDURE p does not exist")))
      assert.is_true(talk.session:is_settled())
    end
  end)

  it_talks("is settled when the session is over", function(talk)
    talk:log_in()
    assert(talk.session:query("CALL p", nil, false, false, false, true))
    assert(talk.session:command("reset"))
    talk.session:hangup()
    assert.is_true(talk.session:is_settled())
  end)

  it_talks("formats statements without sending them", function(talk)
    talk:log_in()
    assert.equal([[SELECT 'it\'s', 7]], talk.session:format("SELECT ?, ?", { "it's", 7 }))
    assert.equal("SELECT 'a'", talk.session:format("SELECT %(x)s", { x = "a" }, true))
    assert.equal("ARGUMENT", select(2, talk.session:format("SELECT ?", {})).code)
    talk:client_sends("")
  end)

  it_talks("takes a long name for an unknown one", function(talk)
    talk:log_in()
    change(talk, wire.variable("character_set_client", "utf8mb4" .. ("x"):rep(1000)))
    assert.is_nil((talk.session:literal("x")))
    assert.equal(31, #talk.session:facts().charset)
  end)

  it_talks("is refused when it is malformed, and changes nothing", function(talk)
    talk:log_in()
    local state = wire.variable("character_set_client", "gbk") .. "\1\9x"
    change(talk, state)
    talk:fails("PROTOCOL", "session state")
    assert.equal("utf8mb4", talk.session:facts().charset)
  end)

  it("is refused when it is larger than anyone needs", function()
    local talk = conversation.new()
    talk:log_in()
    change(talk, wire.change(3, "\0" .. wire.text(("g"):rep(MOST_STATE))))
    talk:fails("LIMIT", "session state")
  end)
end)
