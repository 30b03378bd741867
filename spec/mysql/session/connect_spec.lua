local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local driver = require("lunasa.driver.mysql")
local wire = require("spec.mysql.wire")

local CAPABILITY = wire.CAPABILITY
local it_talks = conversation.it

-- The capabilities that the first packet of ours says.
local function agreed(talk, offered)
  talk:server(wire.frame(0, wire.greeting({ capabilities = offered })))
  local sent = talk:output()
  assert.equal(1, sent:byte(4))
  local low, high = sent:byte(5) + sent:byte(6) * 256, sent:byte(7) + sent:byte(8) * 256
  return high * 0x10000 + low
end

local function has(capabilities, flag)
  return math.floor(capabilities / flag) % 2 == 1
end

describe("connecting", function()
  it_talks("waits for the greeting", function(talk)
    talk:wants("read")
    assert.equal("connecting", (talk.session:state()))
    talk:client_sends("")
  end)

  it_talks("answers the greeting, and is open after OK", function(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk:wants("write")
    local expected = wire.uint(2 ^ 30, 4) .. "\255" .. ("\0"):rep(23) .. "root\0\0"
    assert.is_truthy(talk:output():find(expected .. "mysql_native_password\0\0", 1, true))
    talk:wants("read")
    talk:server(wire.frame(2, wire.ok()))

    talk:wants("nothing")
    assert.equal("open", (talk.session:state()))
  end)

  it_talks("knows the server's facts", function(talk)
    talk:log_in({ version = "5.5.5-10.11.19-MariaDB\27", capabilities = wire.ALL - 1 })

    assert.same({
      capabilities = 297705996,
      connection_id = 77,
      server_version = "10.11.19-MariaDB?",
      database = "shop",
      charset = "utf8mb4",
      auth_plugin = "mysql_native_password",
      is_mariadb = true,
      is_encrypted = false,
      is_verified = false,
      is_tls_resumed = false,
      tls_version = "",
      tls_cipher = "",
      is_autocommit = true,
      in_transaction = false,
    }, talk.session:facts())
  end, { database = "shop" })

  it_talks("asks for nothing that the server does not offer", function(talk)
    local least = CAPABILITY.PROTOCOL_41 + CAPABILITY.SECURE_CONNECTION + CAPABILITY.PLUGIN_AUTH
    assert.equal(least, agreed(talk, least))
  end, { database = "d", multi_statements = true, found_rows = true })

  it_talks("asks for no local files, no TLS and no database that nobody wants", function(talk)
    local capabilities = agreed(talk, wire.ALL)
    for _, flag in ipairs({ "LOCAL_FILES", "SSL", "CONNECT_WITH_DB" }) do
      assert.is_false(has(capabilities, CAPABILITY[flag]), flag)
    end
    for _, flag in ipairs({ "SESSION_TRACK", "DEPRECATE_EOF", "CONNECT_ATTRS" }) do
      assert.is_true(has(capabilities, CAPABILITY[flag]), flag)
    end
  end)

  for _, flag in ipairs({ "PROTOCOL_41", "SECURE_CONNECTION", "PLUGIN_AUTH" }) do
    it_talks("refuses a server without " .. flag, function(talk)
      talk:server(wire.frame(0, wire.greeting({ capabilities = wire.ALL - CAPABILITY[flag] })))
      talk:fails("UNSUPPORTED", "too old")
      talk:client_sends("")
    end)
  end

  it_talks("fails with the server's words instead of a greeting", function(talk)
    talk:server(wire.frame(0, "\255\16\4Too many connections"))
    talk:fails("SERVER", "^Too many connections$")
    assert.equal(1040, select(2, talk.session:state()).errno)
  end)

  it_talks("fails with the server's words after our answer", function(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk:output()
    talk:server(wire.frame(2, wire.err(1045, "Access denied", "28000")))
    talk:fails("SERVER", "^Access denied$")
    assert.equal("28000", select(2, talk.session:state()).sqlstate)
  end)

  for name, payload in pairs({
    ["an empty packet"] = "",
    ["protocol 9"] = "\9" .. wire.greeting():sub(2),
    ["an OK"] = wire.ok(),
    ["a greeting that is cut"] = wire.greeting():sub(1, 40),
    ["an ERR that is cut"] = "\255\16",
  }) do
    it_talks("refuses " .. name .. " for a greeting", function(talk)
      talk:server(wire.frame(0, payload))
      talk:fails("PROTOCOL", "malformed packet")
      talk:client_sends("")
    end)
  end

  it_talks("refuses a second greeting", function(talk)
    talk:server(wire.frames(0, { wire.greeting() }))
    talk:output()
    talk:server(wire.frame(2, wire.greeting()))
    talk:fails("PROTOCOL", "malformed packet")
  end)

  it_talks("refuses a greeting that does not begin at 0", function(talk)
    talk:server(wire.frame(1, wire.greeting()))
    talk:fails("PROTOCOL", "does not speak the MySQL protocol")
  end)

  it_talks("says that another protocol is none of MySQL's", function(talk)
    talk:server("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")
    talk:fails("PROTOCOL", "is the port right")
  end)

  it_talks("fails when the server hangs up", function(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk.session:hangup()
    talk:fails("IO", "closed the connection")
  end)

  it_talks("fails for the host's reason when that gives up", function(talk)
    talk.session:hangup("TIMEOUT", "no greeting within 10 s")
    talk:fails("TIMEOUT", "^no greeting within 10 s$")
  end)

  it_talks("refuses commands before the login is over", function(talk)
    local token, err = talk.session:query("SELECT 1")
    assert.is_nil(token)
    assert.equal("STATE", err.code)
  end)

  it("refuses options that the protocol cannot say", function()
    for name, value in pairs({
      user = "a\0b",
      database = "a\0b",
      charset = "utf8mb4; DROP",
      collation = "x'",
    }) do
      local config = { user = "u", charset = "utf8mb4", [name] = value }
      local session, err = core.session(driver, config, false)
      assert.is_nil(session)
      assert.equal("ARGUMENT", err.code)
    end
  end)

  it("says options that were read once as it says their table, whatever became of that", function()
    local function described(name)
      return {
        user = name:rep(3),
        password = name:rep(4),
        charset = "utf8mb4",
        collation = "utf8mb4_" .. name,
        tls = "disabled",
        limits = { max_columns = 7 },
        init_commands = { "SET @" .. name .. " = 1", "SET @b" .. name .. " = 2" },
        auth_answers = { name:rep(5), name:rep(6) },
        connect_attrs = { [name .. "_a"] = name:rep(9) },
      }
    end
    local function said(options)
      local session = assert(core.session(driver, options, false))
      session:feed(wire.frame(0, wire.greeting()))
      local parts = {}
      while session:want() == "write" do
        table.insert(parts, session:output())
      end
      session:feed(wire.frame(2, wire.ok()))
      while session:want() == "write" do
        table.insert(parts, session:output())
      end
      return table.concat(parts)
    end

    local name = ("x"):rep(40)
    local options = core.options(described(name))
    local from_table = said(described(name))
    for i = 1, 3 do
      collectgarbage()
      assert.equal(from_table, said(options), i)
      described(("y"):rep(40)) -- strings where those of the table were, had they not been kept
    end
    assert.is_truthy(from_table:find(("x"):rep(360), 1, true))
    assert.is_false((pcall(core.options, "x")))
    assert.is_false((pcall(core.session, driver, io.stdout, false)))
  end)
end)

describe("init commands", function()
  local config = { init_commands = { "SET @a = 1", "SELECT @a" } }
  local sent = wire.frame(0, "\3SET @a = 1") .. wire.frame(0, "\3SELECT @a")

  local function log_in(talk)
    talk:server(wire.frame(0, wire.greeting()))
    talk:output()
    talk:server(wire.frame(2, wire.ok()))
  end

  it_talks("leave in one write, and the login is over when all are answered", function(talk)
    log_in(talk)
    talk:client_sends(sent)
    talk:server(wire.frame(1, wire.ok()))
    assert.equal("connecting", (talk.session:state()))
    talk:server(wire.frames(1, { "\1", wire.column("@a"), wire.row("1"), wire.end_of_rows() }))
    assert.equal("open", (talk.session:state()))
    talk:wants("nothing")
  end, config)

  it_talks("end the login when they fail", function(talk)
    log_in(talk)
    talk:server(wire.frame(1, wire.ok()) .. wire.frame(1, wire.err(1193, "Unknown variable")))
    talk:fails("SERVER", '^init command "SELECT @a": Unknown variable$')
  end, config)

  it_talks("end the login when the server closes the connection instead", function(talk)
    log_in(talk)
    talk.session:hangup()
    talk:fails("IO", "^the server closed the connection$")
  end, config)

  it_talks("begin with SET NAMES where the handshake cannot say the charset", function(talk)
    log_in(talk)
    talk:client_sends(wire.frame(0, "\3SET NAMES gbk COLLATE gbk_bin") .. wire.frame(0, "\3DO 1"))
  end, { charset = "gbk", collation = "gbk_bin", init_commands = { "DO 1" } })

  it_talks("begin with SET NAMES for a collation that MariaDB would pass over", function(talk)
    talk:server(wire.frame(0, wire.greeting({ charset = 45 })))
    assert.equal(45, talk:output():byte(13))
    talk:server(wire.frame(2, wire.ok()))
    talk:client_sends(wire.frame(0, "\3SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci"))
    talk:server(wire.frame(1, wire.err(1273, "Unknown collation")))
    talk:fails(
      "SERVER",
      '^init command "SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci": Unknown collation$'
    )
  end, { collation = "utf8mb4_0900_ai_ci" })
end)
