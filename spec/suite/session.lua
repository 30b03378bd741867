--- What a session tells, and what is set in it.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("session state", function()
    db:it("follows the database", function(conn)
      assert.equal(db.schema, conn:session_state().database)
      conn:select_db("test")
      assert.equal("test", conn:session_state().database)
      conn:query("USE " .. db.schema)
      assert.equal(db.schema, conn:session_state().database)
    end)

    db:it("has no database where there is none", function()
      local options = db:options()
      options.database = nil
      local conn = db:closing(lunasa.connect(options))

      assert.is_nil(conn:session_state().database)
    end)

    db:it("has the variables that servers track anyway", function(conn)
      conn:query("SET time_zone = '+03:00'")
      conn:query("SET autocommit = 0")

      local variables = conn:session_state().variables
      assert.equal("+03:00", variables.time_zone)
      assert.equal("OFF", variables.autocommit)
    end)

    db:it("has the variables that were asked for", function()
      local conn = db:connect({ session_track = { variables = { "wait_timeout" } } })
      conn:query("SET wait_timeout = 77")
      conn:query("SET NAMES latin1")

      local variables = conn:session_state().variables
      assert.equal("77", variables.wait_timeout)
      assert.equal("latin1", variables.character_set_client)
    end)

    db:it("has every variable when all are asked for", function()
      local conn = db:connect({ session_track = { variables = "*" } })
      conn:query("SET sort_buffer_size = 65536")

      assert.equal("65536", conn:session_state().variables.sort_buffer_size)
    end)

    db:it("has no variable that was not asked for", function(conn)
      conn:query("SET wait_timeout = 77")

      assert.is_nil(conn:session_state().variables.wait_timeout)
    end)

    db:it("holds values of any bytes and length", function()
      local conn = db:connect({ session_track = { variables = { "init_connect", "sql_mode" } } })
      conn:query("SET sql_mode = ''")

      assert.equal("", conn:session_state().variables.sql_mode)
    end)

    db:it("follows a transaction", function()
      local conn = db:connect({ session_track = { transaction = "state" } })
      local name = db:table(conn, "a INT")
      assert.equal("________", conn:session_state().transaction_state or "________")
      conn:query("START TRANSACTION")
      assert.equal("T_______", conn:session_state().transaction_state)
      conn:query("INSERT INTO " .. name .. " VALUES (1)")
      assert.matches("^T.*W", conn:session_state().transaction_state)
      conn:query("COMMIT")
      assert.equal("________", conn:session_state().transaction_state)
      assert.is_nil(conn:session_state().transaction_characteristics)
    end)

    db:it("has what a transaction is like", function()
      local conn = db:connect({ session_track = { transaction = "characteristics" } })
      conn:query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
      conn:query("START TRANSACTION READ ONLY")

      local characteristics = conn:session_state().transaction_characteristics
      assert.matches("SERIALIZABLE", characteristics)
      assert.matches("READ ONLY", characteristics)
    end)

    db:it("says that something changed", function()
      local conn = db:connect({ session_track = { state_change = true } })
      conn:query("SET @a = 1")

      assert.is_true(conn:session_state().state_changed)
    end)

    db:it("does not follow the database when told not to", function()
      local conn = db:connect({ session_track = { schema = false } })
      conn:query("USE test")

      assert.equal(db.schema, conn:session_state().database)
    end)

    db:it("begins anew with a reset, and goes on telling", function()
      local conn = db:connect({ session_track = { variables = { "wait_timeout" } } })
      conn:query("SET wait_timeout = 77")
      conn:reset()
      assert.is_true(conn:session_state().variables.wait_timeout ~= "77")
      conn:query("SET wait_timeout = 78")

      assert.equal("78", conn:session_state().variables.wait_timeout)
      assert.equal("it's", conn:scalar("SELECT ?", { "it's" }))
    end)

    db:it("is not asked for when the option is wrong", function()
      for _, wrong in ipairs({
        true,
        { variables = "autocommit" },
        { variables = { "a'; DROP" } },
        { variables = { 1 } },
        { transaction = "all" },
        { gtid = 1 },
        { gtids = true },
      }) do
        local err = failure(db.connect, db, { session_track = wrong })
        assert.equal("ArgumentError", err.class)
        assert.matches("session_track", err.message)
      end
    end)

    db:it("names the init command that the server refuses", function()
      local options = { session_track = { variables = { "no_such_variable" } } }
      local ok, err = pcall(db.connect, db, options)
      if not ok then -- MySQL refuses; MariaDB ignores what it does not know
        assert.matches("init command", err.message)
        assert.matches("no_such_variable", err.message)
      end
      local other = failure(db.connect, db, { init_command = "SET no_such_variable = 1" })
      assert.matches('init command "SET no_such_variable = 1"', other.message, 1, true)
      assert.equal(1193, other.errno)
    end)
  end)

  describe("an option file", function()
    db:it("C25: says where to connect, and as whom", function()
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write("[client]\nuser = nobody\nport = 1\n[app]\nuser = 'utf8pw'\n")
      file:write('password = "pä$$wörd €😀"\nhost = ' .. db.server.host .. "\n")
      file:write(("port = %d\nskip-ssl\ndatabase = home\n"):format(db.server.port))
      file:close()
      local options = { read_default_file = path, read_default_group = "app", database = "test" }
      if db.kind == "mysql" then
        options.server_public_key = db.server.public_key
      end
      local conn = db:closing(lunasa.connect(options))
      os.remove(path)

      assert.equal("utf8pw", conn:scalar("SELECT USER()"):match("^[^@]*"))
      assert.equal("test", conn:session_state().database)
    end)
  end)

  describe("set_charset", function()
    db:it("makes text go and come in another character set", function(conn)
      conn:set_charset("latin1")

      assert.equal("latin1", conn.charset)
      assert.equal("E9", conn:scalar("SELECT HEX(?)", { "\233" }))
      assert.equal("\233", conn:scalar("SELECT CONVERT(0xC3A9 USING utf8mb4)"))
    end)

    db:it("takes a collation", function(conn)
      conn:set_charset("utf8mb4", "utf8mb4_bin")

      assert.equal("utf8mb4_bin", conn:scalar("SELECT @@collation_connection"))
    end)

    db:it("refuses text where escaping is not safe", function(conn)
      conn:set_charset("gbk")
      local err = failure(conn.scalar, conn, "SELECT ?", { "\xbf'" })
      assert.matches("cannot be escaped safely", err.message)
      conn:set_charset("utf8mb4")

      assert.equal("é", conn:scalar("SELECT ?", { "é" }))
    end)

    db:it("refuses what is no name, before it is sent", function(conn)
      for _, name in ipairs({ "utf8mb4; DROP", "", 7, "a'b" }) do
        assert.equal("ArgumentError", failure(conn.set_charset, conn, name).class)
        assert.equal("ArgumentError", failure(conn.set_charset, conn, "utf8mb4", name).class)
      end
      assert.equal("ArgumentError", failure(conn.set_charset, conn).class)
    end)

    db:it("leaves everything as it was when the server does not know the name", function(conn)
      assert.equal(1115, failure(conn.set_charset, conn, "no_such_set").errno)

      assert.equal("utf8mb4", conn.charset)
      assert.equal("é", conn:scalar("SELECT ?", { "é" }))
    end)

    db:it("is undone by a reset", function(conn)
      conn:set_charset("latin1")
      conn:reset()

      assert.equal("utf8mb4", conn.charset)
      assert.equal("utf8mb4", conn:scalar("SELECT @@character_set_client"))
    end)

    db:it("is undone when the connection goes back to its pool", function()
      local pool = db:pool({ maxsize = 1 })
      pool:with(function(conn)
        conn:set_charset("latin1")
      end)

      pool:with(function(conn)
        assert.equal("utf8mb4", conn.charset)
        assert.equal("utf8mb4", conn:scalar("SELECT @@character_set_client"))
      end)
    end)
  end)

  describe("collation", function()
    for _, name in ipairs(db.features.collations) do
      db:it(name .. " is that of the connection", function()
        local conn = db:connect({ collation = name })

        assert.equal(name, conn:scalar("SELECT @@collation_connection"))
        assert.equal("utf8mb4", conn:scalar("SELECT @@character_set_client"))
        conn:reset()
        assert.equal(name, conn:scalar("SELECT @@collation_connection"))
      end)
    end

    db:it("that the server does not know is refused by name", function()
      local err = failure(db.connect, db, { collation = "utf8mb4_no_such" })

      assert.matches("utf8mb4_no_such", err.message, 1, true)
      assert.equal(1273, err.errno)
    end)
  end)

  describe("connection attributes", function()
    db:it("are refused when there are more than servers take", function()
      local err = failure(db.connect, db, { connect_attrs = { note = ("x"):rep(70000) } })

      assert.equal("ArgumentError", err.class)
      assert.matches("65535", err.message)
    end)

    db:it("may be as long as servers take", function()
      assert.equal(
        1,
        db:connect({ connect_attrs = { note = ("x"):rep(60000) } }):scalar("SELECT 1")
      )
    end)
  end)
end
