--- Logging in as somebody else on a connection that is open.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  local server = db.server

  describe("change_user", function()
    for _, account in ipairs(db.features.accounts) do
      local user, password, plugin = unpack(account)

      db:it(("logs in %s of %s, and root again"):format(user, plugin), function()
        local conn = db:connect({ ssl = "required", database = "test" })
        local root = conn.auth_plugin

        conn:change_user({ user = user, password = password })
        assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
        assert.same({ user, plugin }, { conn.user, conn.auth_plugin })

        conn:change_user({ user = "root" })
        assert.equal("root", conn:scalar("SELECT USER()"):match("^[^@]*"))
        assert.same({ "root", root }, { conn.user, conn.auth_plugin })
      end)
    end

    local user, password = unpack(db.features.accounts[1])

    db:it("begins the session anew, as a login does", function()
      local conn = db:connect({ ssl = "required", database = "test", init_command = "SET @i = 7" })
      local id = conn:thread_id()
      conn:query("SET @a = 1, autocommit = 0")

      conn:change_user({ user = user, password = password })
      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
      assert.is_nil(conn:scalar("SELECT @a"))
      assert.equal(7, conn:scalar("SELECT @i"))
      assert.is_true(conn:get_autocommit())
      assert.equal("test", conn.database)
      assert.equal("utf8mb4", conn:scalar("SELECT @@character_set_client"))
      assert.equal("ü€😀", conn:scalar("SELECT ?", { "ü€😀" }))
    end)

    db:it("logs the same user in again when none is named", function()
      local options = { ssl = "required", user = user, password = password, database = "test" }
      local conn = db:connect(options)
      conn:change_user({ charset = "latin1" })

      assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
      assert.equal("test", conn:scalar("SELECT DATABASE()"))
    end)

    db:it("changes the character set, which reset leaves", function()
      local conn = db:connect({ ssl = "required", database = "test" })

      conn:change_user({ charset = "latin1" })
      for _ = 1, 2 do
        assert.equal("latin1", conn.charset)
        assert.equal("latin1", conn:scalar("SELECT @@character_set_client"))
        conn:reset()
      end
    end)

    db:it("asks a function for the password", function()
      local conn = db:connect({ ssl = "required", database = "test" })
      conn:change_user({
        user = user,
        password = function(login)
          assert(login.user == user)
          return password
        end,
      })

      assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
    end)

    db:it("closes the connection when it is refused", function()
      local conn = db:connect({ ssl = "required", database = "test" })
      local err = failure(conn.change_user, conn, { user = user, password = password .. "x" })

      assert.equal(1045, err.errno)
      assert.is_true(conn.closed)
      failure(conn.query, conn, "SELECT 1")
    end)

    db:it("refuses what is no login before anything is sent", function(conn)
      local CASES = {
        { 7, "options must be a table" },
        { { host = "other" }, "option 'host' belongs to lunasa.connect" },
        { { usr = "x" }, "unknown option 'usr'" },
        { { password = 7 }, "option 'password' must be a string" },
      }
      for _, case in ipairs(CASES) do
        local err = failure(conn.change_user, conn, case[1])
        assert.equal("ArgumentError", err.class)
        assert.matches(case[2], err.message, 1, true)
      end
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("is refused inside a transaction block", function(conn)
      local err = failure(conn.transaction, conn, function()
        conn:change_user({ user = user, password = password })
      end)

      assert.equal("InterfaceError", err.class)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("has a pool replace the connection", function()
      local pool = db:pool({ ssl = "required", database = "test", minsize = 0, maxsize = 1 })
      local first
      pool:with(function(conn)
        first = conn:thread_id()
        conn:change_user({ user = user, password = password })
      end)

      pool:with(function(conn)
        assert.is_true(first ~= conn:thread_id())
        assert.equal("root", conn:scalar("SELECT USER()"):match("^[^@]*"))
        assert.equal("root", conn.user)
      end)
      assert.equal(1, pool.size)
    end)

    db:it("that was given up closes the connection, also for a pool", function()
      local pool = db:pool({ ssl = "required", database = "test", minsize = 0, maxsize = 1 })
      local conn = pool:acquire()
      local changing = lunasa.spawn(conn.change_user, conn, { user = user, password = password })
      lunasa.sleep(0)
      changing:cancel()
      assert.is_false((pcall(changing.join, changing)))

      assert.is_true(conn.closed)
      pool:release(conn)
      assert.equal("root", pool:scalar("SELECT USER()"):match("^[^@]*"))
    end)

    db:it("works over a unix socket", function()
      local conn = db:connect({ unix_socket = server.socket, database = "test" })
      conn:change_user({ user = user, password = password })

      assert.equal(user, conn.user)
    end)
  end)
end
