local login = require("lunasa.login")
local options = require("lunasa.options")

local function login_of(more)
  more.host = more.host or (not more.unix_socket and "db.example" or nil)
  more.user = "user"
  return login.of(options.connect(more))
end

local function failure(more)
  local ok, err = pcall(login_of, more)
  assert.is_false(ok)
  return err
end

describe("lunasa.login", function()
  it("is made once per configuration", function()
    local config = options.connect({ host = "db.example" })

    assert.equal(login.of(config), login.of(config))
    assert.not_equal(login.of(config), login_of({}))
  end)

  it("says where to connect", function()
    local stream = login_of({ port = 3307, connect_timeout = 5 }).stream

    assert.same({
      host = "db.example",
      port = "3307",
      connect_timeout = 5,
      read_timeout = 0,
      write_timeout = 0,
      server_name = "db.example",
    }, stream)
    assert.same(
      { path = "/run/s.sock", connect_timeout = 0, read_timeout = 0, write_timeout = 0 },
      login_of({ unix_socket = "/run/s.sock", connect_timeout = false }).stream
    )
  end)

  describe("init commands", function()
    it("C4: are in the order SQL mode, init_command, autocommit", function()
      local commands = login_of({
        init_command = "SET @a = 1",
        autocommit = false,
        sql_mode = "ANSI,NO_ZERO_DATE",
      }).session.init_commands

      assert.same({
        "SET SESSION sql_mode = 'ANSI,NO_ZERO_DATE'",
        "SET @a = 1",
        "COMMIT",
        "SET autocommit = 0",
      }, commands)
    end)

    it("set variables in a way that no SQL mode reads otherwise", function()
      local commands = login_of({
        session = { time_zone = "+02:00", b = true, long_query_time = 0.5, a = "x'\\y" },
      }).session.init_commands

      assert.same({
        "SET SESSION a = CONVERT(X'78275C79' USING utf8mb4), SESSION b = 1, "
          .. "SESSION long_query_time = 0.5, SESSION time_zone = '+02:00'",
      }, commands)
    end)

    it("set the isolation level", function()
      assert.same(
        { "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED" },
        login_of({ isolation_level = "read-committed" }).session.init_commands
      )
    end)

    it("are none unless asked for", function()
      assert.same({}, login_of({}).session.init_commands)
    end)

    it("follow SET NAMES after a reset", function()
      local reset =
        login_of({ charset = "latin1", collation = "latin1_bin", autocommit = true }).reset

      assert.same({ "SET NAMES latin1 COLLATE latin1_bin", "SET autocommit = 1" }, reset)
    end)

    it("choose the login's database after a reset", function()
      assert.same({ "SET NAMES utf8mb4", "USE `a``b`" }, login_of({ database = "a`b" }).reset)
    end)

    it("take no SQL in the place of modes", function()
      local err = failure({ sql_mode = "ANSI'; DROP TABLE users; --" })

      assert.equal("ArgumentError", err.class)
      assert.is_nil(err.message:find("DROP", 1, true))
    end)
  end)

  describe("TLS", function()
    local CASES = {
      { nil, "preferred" },
      { false, "disabled" },
      { true, "required" },
      { "preferred", "preferred" },
      { "required", "required" },
      { { mode = "verify-ca", ca = "x" }, "required" },
    }
    for _, case in ipairs(CASES) do
      it(("is %s for ssl = %s"):format(case[2], type(case[1])), function()
        assert.equal(case[2], login_of({ ssl = case[1] }).session.tls)
      end)
    end

    it("has no context when disabled", function()
      assert.is_nil(login.tls_context(login_of({ ssl = false })))
    end)

    it("keeps its context", function()
      local made = login_of({ ssl = "required" })

      assert.is_not_nil(login.tls_context(made))
      assert.equal(login.tls_context(made), login.tls_context(made))
    end)

    it("names an authority that cannot be read", function()
      local ok, err = pcall(login.tls_context, login_of({ ssl = { ca = "/nowhere/ca.pem" } }))

      assert.is_false(ok)
      assert.matches("/nowhere/ca.pem", err.message, 1, true)
    end)

    it("uses a server name of its own", function()
      local made = login_of({ ssl = { server_name = "other.example" } })

      assert.equal("other.example", made.stream.server_name)
    end)
  end)

  it("adds connection attributes to its own", function()
    local attributes = login_of({
      program_name = "program",
      connect_attrs = { team = "a" },
    }).session.connect_attrs

    assert.equal("lunasa", attributes._client_name)
    assert.equal("program", attributes.program_name)
    assert.equal("a", attributes.team)
  end)

  it("takes a key as PEM, and reads one from a path", function()
    local pem = "-----BEGIN PUBLIC KEY-----\nx"
    assert.equal(pem, login_of({ server_public_key = pem }).session.server_public_key)

    local err = failure({ server_public_key = "/nowhere/key.pem" })
    assert.equal("ArgumentError", err.class)
    assert.matches("/nowhere/key.pem", err.message, 1, true)
  end)
end)
