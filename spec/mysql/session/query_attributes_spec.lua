local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it

local TAKES = { capabilities = wire.ALL + wire.CAPABILITY.QUERY_ATTRIBUTES }
local MARIADB = { version = "10.11.19-MariaDB", capabilities = wire.MARIADB }

local ONE = { "a", "v" }
local ONE_ENCODED = "\1\1\0\1\253\0\1a\1v"

local function query(talk, sql, args, attributes)
  return talk.session:query(sql, args, false, false, false, false, attributes)
end

local function execute(talk, sql, args, attributes)
  return talk.session:execute(sql, args, false, false, nil, false, attributes)
end

describe("query attributes", function()
  it_talks("are two bytes in front of every text, when the server takes them", function(talk)
    talk:log_in(TAKES)
    talk:ask("SELECT 1")
    talk:client_sends(wire.frame(0, "\3\0\1SELECT 1"))
    talk:server(wire.frame(1, wire.ok()))
    assert(query(talk, "SELECT ?", { 2 }))
    talk:client_sends(wire.frame(0, "\3\0\1SELECT 2"))
  end)

  it_talks("are nothing when the server does not take them", function(talk)
    talk:log_in()
    talk:ask("SELECT 1")
    talk:client_sends(wire.frame(0, "\3SELECT 1"))
  end)

  it_talks("stand in front of the init commands", function(talk)
    talk:server(wire.frame(0, wire.greeting(TAKES)))
    talk:output()
    talk:server(wire.frame(2, wire.ok()))
    talk:client_sends(wire.frame(0, "\3\0\1SET a = 1"))
  end, { init_commands = { "SET a = 1" } })

  it_talks("stand in front of a text that is lent", function(talk)
    local sql = "SELECT '" .. ("x"):rep(100000) .. "'"
    talk:log_in(TAKES)
    assert(query(talk, sql))
    talk:client_sends(wire.frame(0, "\3\0\1" .. sql))
    talk:server(wire.frame(1, wire.ok()))
    assert(query(talk, sql, nil, ONE))
    talk:client_sends(wire.frame(0, "\3" .. ONE_ENCODED .. sql))
  end)

  it_talks("and the text fill a packet together", function(talk)
    local sql = ("x"):rep(2 ^ 24 - 1 - 3)
    talk:log_in(TAKES)
    assert(query(talk, sql))
    assert.equal(wire.frame(0, "\3\0\1" .. sql) .. wire.frame(1, ""), talk:output())
  end)

  it_talks("travel with a text, for once", function(talk)
    talk:log_in(TAKES)
    assert(query(talk, "SELECT 1", nil, ONE))
    talk:client_sends(wire.frame(0, "\3" .. ONE_ENCODED .. "SELECT 1"))
    talk:server(wire.frame(1, wire.ok()))
    assert(query(talk, "SELECT ?", { 1 }, ONE))
    talk:client_sends(wire.frame(0, "\3" .. ONE_ENCODED .. "SELECT 1"))
    talk:server(wire.frame(1, wire.ok()))
    talk:ask("SELECT 1")
    talk:client_sends(wire.frame(0, "\3\0\1SELECT 1"))
  end)

  it_talks("are long and have NUL bytes", function(talk)
    local long = ("x\0"):rep(40000)
    talk:log_in(TAKES)
    assert(query(talk, "SELECT 1", nil, { "", long }))
    talk:client_sends(wire.frame(0, "\3\1\1\0\1\253\0\0" .. wire.text(long) .. "SELECT 1"))
  end)

  it_talks("travel behind the parameters of a prepared statement", function(talk)
    talk:log_in(TAKES)
    assert(execute(talk, "SELECT ?", { 7 }, ONE))
    talk:client_sends(wire.frame(0, "\22SELECT ?"))
    talk:server(wire.frames(1, { wire.prepare_ok(5, 0, 1), wire.column("?") }))
    local types = "\0\1" .. "\8\0\0" .. "\253\0\1a"
    local values = "\7\0\0\0\0\0\0\0" .. "\1v"
    talk:client_sends(wire.frame(0, "\23\5\0\0\0\8\1\0\0\0\2" .. types .. values))
  end)

  it_talks("are refused before anything is sent when the server has none", function(talk)
    talk:log_in(MARIADB)
    for _, ask in ipairs({ query, execute }) do
      local token, err = ask(talk, "SELECT 1", nil, ONE)
      assert.is_nil(token)
      assert.equal("UNSUPPORTED", err.code)
      assert.matches("MariaDB 10.11.19", err.message, 1, true)
    end
    talk:client_sends("")
    talk:ask("SELECT 1")
    talk:client_sends(wire.frame(0, "\3SELECT 1"))
  end)

  it_talks("are refused with the name of what has no value", function(talk)
    talk:log_in(TAKES)
    for _, value in ipairs({ 0 / 0, {}, print, math.huge }) do
      local token, err = query(talk, "SELECT 1", nil, { "ok", 1, "odd", value })
      assert.is_nil(token)
      assert.equal("ARGUMENT", err.code)
      assert.matches("'odd'", err.message, 1, true)
    end
    talk:client_sends("")
    talk:wants("nothing")
  end)

  it_talks("and parameters are 65535 at most", function(talk)
    local attributes = {}
    for i = 1, 65535 do
      attributes[2 * i - 1], attributes[2 * i] = "a", i
    end
    talk:log_in(TAKES)
    local token, err = execute(talk, "SELECT ?", { 1 }, attributes)
    assert.is_nil(token)
    assert.equal("ARGUMENT", err.code)
    attributes[131071], attributes[131072] = "a", 1
    token, err = query(talk, "SELECT 1", nil, attributes)
    assert.is_nil(token)
    assert.equal("ARGUMENT", err.code)
    talk:client_sends("")
  end)
end)
