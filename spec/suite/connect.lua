--- Ways to connect, and what a connection knows and does when it is there.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  local server = db.server

  describe("connect", function()
    local function user_of(target, more)
      local conn = db:closing(lunasa.connect(target, more))
      return (conn:scalar("SELECT USER()"):match("^[^@]*"))
    end

    db:it("takes a URL", function()
      assert.equal("root", user_of(server:url_of("root", nil, db.schema)))
    end)

    db:it("takes a URL of either scheme, with options", function()
      local url = ("mariadb://root@%s:%d/%s?charset=latin1"):format(
        server.host,
        server.port,
        db.schema
      )
      local conn = db:closing(lunasa.connect(url))

      assert.equal("latin1", conn:scalar("SELECT @@character_set_client"))
      assert.equal(db.schema, conn:scalar("SELECT DATABASE()"))
    end)

    db:it("takes a table", function()
      assert.equal("root", user_of(db:options()))
    end)

    db:it("takes a URL and a table, which wins", function()
      assert.equal("home", user_of(server:url_of("root"), { user = "home", password = "home-pw" }))
    end)

    db:it("takes a unix socket", function()
      local conn = db:closing(lunasa.connect({ unix_socket = server.socket, user = "root" }))

      assert.equal("root@localhost", conn:scalar("SELECT USER()"))
      assert.is_false(conn.is_encrypted)
    end)

    db:it("resolves a host name", function()
      assert.equal("root", user_of(db:options({ host = "localhost" })))
    end)

    db:it("needs no database", function()
      local options = db:options()
      options.database = nil
      local conn = db:closing(lunasa.connect(options))

      assert.is_nil(conn:scalar("SELECT DATABASE()"))
      assert.is_nil(conn.database)
    end)

    db:it("C4: sets the SQL mode, then runs init_command, then sets autocommit", function()
      local conn = db:connect({
        sql_mode = "STRICT_TRANS_TABLES,NO_ZERO_DATE",
        autocommit = false,
        init_command = "SET @at_login = CONCAT(@@autocommit + 0, @@sql_mode)",
      })

      assert.equal("1STRICT_TRANS_TABLES,NO_ZERO_DATE", conn:scalar("SELECT @at_login"))
      assert.is_false(conn:get_autocommit())
    end)

    db:it("leaves autocommit to the server unless told", function(conn)
      assert.equal(1, conn:scalar("SELECT @@autocommit"))
      assert.is_true(conn:get_autocommit())
    end)

    db:it("sets character set and collation", function()
      local conn = db:connect({ charset = "utf8mb4", collation = "utf8mb4_bin" })

      assert.same(
        { "utf8mb4", "utf8mb4_bin" },
        conn:first("SELECT @@character_set_client, @@collation_connection", nil, { rows = "array" })
      )
    end)

    db:it("knows its server", function(conn)
      assert.equal(conn:scalar("SELECT CONNECTION_ID()"), conn:thread_id())
      assert.equal(conn:scalar("SELECT VERSION()"), conn.server_version)
      assert.equal(db.kind == "mariadb", conn.is_mariadb)
      assert.equal("root", conn.user)
      assert.equal(server.port, conn.port)
    end)

    db:it("shows itself", function(conn)
      local where = ("root@%s:%d"):format(server.host, server.port)

      assert.equal(("lunasa.Connection(%s, open)"):format(where), tostring(conn))
      conn:close()
      assert.equal(("lunasa.Connection(%s, closed)"):format(where), tostring(conn))
    end)
  end)

  describe("a refused login", function()
    local function refused(more)
      return failure(lunasa.connect, db:options(more))
    end

    local CASES = {
      { "a wrong password", { user = db.features.wrong_password, password = "wrong" }, 1045 },
      { "no password", { user = db.features.wrong_password }, 1045 },
      { "an unknown database", { database = "lunasa_nowhere" }, 1049 },
      { "a locked account", { user = "locked", password = "locked-pw" }, db.features.locked_errno },
      { "another's database", { user = "home", password = "home-pw", database = "mysql" }, 1044 },
      { "a failing init_command", { init_command = "SELECT * FROM nowhere" }, 1146 },
    }
    for _, case in ipairs(CASES) do
      db:it("C2: has the server's number for " .. case[1], function()
        local more = case[2]
        more.ssl = "preferred"

        assert.equal(case[3], refused(more).errno)
      end)
    end

    db:it("keeps the password to itself", function()
      local err = refused({ user = db.features.wrong_password, password = "s3cret-word" })

      assert.is_nil((tostring(err) .. err.traceback):find("s3cret-word", 1, true))
    end)

    db:it("C1: names a socket that is not there", function()
      local err = failure(lunasa.connect, { unix_socket = "/nowhere/s.sock", user = "root" })

      assert.equal(2003, err.errno)
      assert.matches("/nowhere/s.sock", err.message, 1, true)
    end)

    db:it("names an unknown character set", function()
      local err = refused({ charset = "klingon" })

      assert.matches("klingon", err.message, 1, true)
    end)
  end)

  describe("close", function()
    db:it("says good-bye: the server counts no aborted client", function()
      local watcher = db:connect()
      local aborted = "SHOW GLOBAL STATUS LIKE 'Aborted_clients'"
      local before = watcher:first(aborted).Value
      local conn = lunasa.connect(db:options())
      local id = conn:thread_id()

      conn:close()

      local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
      while watcher:scalar(listed, { id }) > 0 do
        lunasa.sleep(0.001)
      end
      assert.equal(before, watcher:first(aborted).Value)
    end)

    db:it("C7: may be called twice", function(conn)
      conn:close()
      conn:close()

      assert.is_true(conn.closed)
    end)

    db:it("C7: makes every later use raise", function(conn)
      conn:close()

      local uses = {
        { conn.query, "SELECT 1" },
        { conn.execute, "SELECT 1" },
        { conn.ping },
        { conn.select_db, "test" },
        { conn.reset },
        { conn.begin },
        { conn.transaction, function() end },
        { conn.get_transaction_status },
        { conn.literal, 1 },
      }
      for _, use in ipairs(uses) do
        local err = failure(use[1], conn, use[2])
        assert.equal("InterfaceError", err.class)
        assert.equal("the connection is closed", err.message)
      end
    end)

    db:it("names the line of the later use", function(conn)
      conn:close()

      assert.matches(
        "suite/connect.lua:%d+",
        failure(function()
          conn:query("SELECT 1")
        end).position
      )
    end)
  end)
end
