--- What we escape for is what the server reads: the character set of the client, whoever sets it.
local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local UNTRACKED = { capabilities = wire.ALL - wire.CAPABILITY.SESSION_TRACK }
local TRACKED = { capabilities = wire.ALL }

local function answered(talk, statement, state)
  talk:ask(statement)
  talk:client_sends(wire.frame(0, "\3" .. statement))
  talk:server(wire.frame(1, wire.ok({ state = state })))
end

local function assert_refuses_strings(talk)
  local token, err = talk.session:query("SELECT ?", { "it's" })
  assert.is_nil(token)
  assert.equal("ARGUMENT", err.code)
  assert.matches("character set", err.message)
  assert.is_nil((talk.session:literal("it's")))
  talk:client_sends("")
end

local function assert_takes_strings(talk)
  assert(talk.session:query("SELECT ?", { "it's" }))
  talk:client_sends(wire.frame(0, "\3SELECT 'it\\'s'"))
end

describe("the character set of a login", function()
  --- Logs in to a server whose own character set is that of this collation.
  local function greeted(talk, charset)
    talk:server(wire.frame(0, wire.greeting({ charset = charset })))
    talk:output()
    talk:server(wire.frame(2, wire.ok()))
  end

  for name, charset in pairs({ gbk = 28, latin1 = 8, utf8mb3 = 33, binary = 63, unknown = 1 }) do
    it_talks("is said by SET NAMES where the server's own is " .. name, function(talk)
      greeted(talk, charset)
      assert.equal("connecting", (talk.session:state()))
      talk:client_sends(wire.frame(0, "\3SET NAMES utf8mb4"))
      talk:server(wire.frame(1, wire.ok()))

      assert.equal("open", (talk.session:state()))
      assert_takes_strings(talk)
    end)
  end

  for _, charset in ipairs({ 45, 46, 224, 255 }) do
    it_talks(
      "needs no SET NAMES where the server's own is the same, here " .. charset,
      function(talk)
        greeted(talk, charset)
        talk:client_sends("")
        assert.equal("open", (talk.session:state()))
      end
    )
  end

  it_talks("is said before the init commands", function(talk)
    greeted(talk, 28)
    talk:client_sends(wire.frame(0, "\3SET NAMES utf8mb4") .. wire.frame(0, "\3DO 1"))
  end, { init_commands = { "DO 1" } })

  it_talks("leaves the init commands alone where it need not be said", function(talk)
    greeted(talk, 45)
    talk:client_sends(wire.frame(0, "\3DO 1"))
  end, { init_commands = { "DO 1" } })

  it_talks("is said when another one than the server's is wanted", function(talk)
    greeted(talk, 45)
    talk:client_sends(wire.frame(0, "\3SET NAMES latin1"))
  end, { charset = "latin1" })

  it_talks("need not be said when the wanted one is the server's", function(talk)
    greeted(talk, 8)
    talk:client_sends("")
    assert.equal("open", (talk.session:state()))
  end, { charset = "latin1" })
end)

describe("a character set that was set by hand", function()
  for _, statement in ipairs({
    "SET NAMES gbk",
    "  set names gbk",
    "SET\tNAMES 'gbk'",
    "SET CHARACTER SET gbk",
    "SET CHARSET gbk",
    "SET @@character_set_client = gbk",
    "SET sql_mode = '', character_set_client = 28",
  }) do
    it_talks(
      ("refuses strings on a server that does not track, by %q"):format(statement),
      function(talk)
        talk:log_in(UNTRACKED)
        assert_takes_strings(talk)
        talk:server(wire.frame(1, wire.ok()))

        answered(talk, statement)

        assert_refuses_strings(talk)
      end
    )

    it_talks(("refuses strings once tracking is off, by %q"):format(statement), function(talk)
      talk:log_in(TRACKED)
      answered(talk, "SET session_track_system_variables = ''")
      answered(talk, statement)

      assert_refuses_strings(talk)
    end)

    it_talks(("is what the server says where it tracks, by %q"):format(statement), function(talk)
      talk:log_in(TRACKED)
      answered(talk, statement, wire.variable("character_set_client", "latin1"))

      assert_takes_strings(talk)
      assert.equal("latin1", talk.session:facts().charset)
    end)

    it_talks(
      ("refuses strings where the server tracks nothing, by %q"):format(statement),
      function(talk)
        talk:log_in(TRACKED)
        answered(talk, statement)

        assert_refuses_strings(talk)
      end
    )
  end

  it_talks("is what a plain SET NAMES said where the server does not tell", function(talk)
    talk:log_in(UNTRACKED)
    answered(talk, "SET NAMES gbk")
    assert_refuses_strings(talk)
    answered(talk, "SET NAMES latin1 COLLATE latin1_bin")

    assert_takes_strings(talk)
  end)

  for _, statement in ipairs({
    "SET NAMES utf8mb4;",
    "SET NAMES utf8mb4, @a = 1",
    "SET NAMES 'utf8mb4'",
  }) do
    it_talks(("is not guessed from %q"):format(statement), function(talk)
      talk:log_in(UNTRACKED)
      answered(talk, statement)

      assert_refuses_strings(talk)
    end)
  end

  it_talks("stays in doubt when the SET NAMES fails", function(talk)
    talk:log_in(UNTRACKED)
    talk:ask("SET NAMES utf8mb4")
    talk:output()
    talk:server(wire.frame(1, wire.err(1115, "Unknown character set")))

    assert_refuses_strings(talk)
  end)

  it_talks("is no matter for a SET once the server has told a variable", function(talk)
    talk:log_in(TRACKED)
    answered(talk, "SET autocommit = 1", wire.variable("autocommit", "ON"))
    answered(talk, "SET @names = 1")

    assert_takes_strings(talk)
  end)

  it_talks("refuses strings when one statement ends the tracking too", function(talk)
    talk:log_in(TRACKED)
    answered(talk, "SET session_track_system_variables = '', character_set_client = gbk")

    assert_refuses_strings(talk)
  end)

  it_talks("lets numbers pass", function(talk)
    talk:log_in(UNTRACKED)
    answered(talk, "SET NAMES gbk")

    assert(talk.session:query("SELECT ?", { 7 }))
    talk:client_sends(wire.frame(0, "\3SELECT 7"))
  end)

  it_talks("is not meant by a statement without its words", function(talk)
    talk:log_in(UNTRACKED)
    answered(talk, "SET sql_mode = ''")

    assert_takes_strings(talk)
  end)

  -- A needless refusal is an error message, a missed change an injection.
  for _, statement in ipairs({ "SELECT 1; SET NAMES gbk", "EXECUTE p", "SELECT 'names'" }) do
    it_talks(("may be meant by %q"):format(statement), function(talk)
      talk:log_in(UNTRACKED)
      answered(talk, statement)

      assert_refuses_strings(talk)
    end)
  end
end)
