--- The options of a connection that say what its session is like, and where it goes to.

local database = require("spec.suite.database")
local lunasa = require("lunasa")
local peer = require("spec.support.peer")

local failure = database.failure

---@param db spec.Database
return function(db)
  local server = db.server

  describe("session options", function()
    db:it("C4: take SQL modes with and without quotes", function()
      for _, modes in ipairs({ "ANSI_QUOTES,NO_ZERO_DATE", "'ANSI_QUOTES, NO_ZERO_DATE'" }) do
        local conn = db:connect({ sql_mode = modes })

        assert.equal("ANSI_QUOTES,NO_ZERO_DATE", conn:scalar("SELECT @@sql_mode"))
        assert.equal(1, conn:scalar('SELECT 1 AS "a b"'))
      end
    end)

    db:it("set variables, whatever is in them", function()
      local conn = db:connect({
        sql_mode = "NO_BACKSLASH_ESCAPES",
        session = {
          time_zone = "+03:00",
          wait_timeout = 4321,
          sql_big_selects = true,
          lc_time_names = "de_DE",
          default_week_format = 3,
        },
      })

      assert.equal("+03:00", conn:scalar("SELECT @@time_zone"))
      assert.equal(4321, conn:scalar("SELECT @@wait_timeout"))
      assert.equal("de_DE", conn:scalar("SELECT @@lc_time_names"))
      conn:query("SET SESSION time_zone = '+01:00'")
      conn:reset()
      assert.equal("+03:00", conn:scalar("SELECT @@time_zone"))
    end)

    db:it("let no SQL in through a variable", function()
      local err = failure(db.connect, db, {
        session = { time_zone = "\\' OR 1; SET @a = 1 -- '" },
      })

      assert.equal(1298, err.errno) -- unknown time zone
    end)

    db:it("set the isolation level", function()
      local conn = db:connect({ isolation_level = "read committed" })
      local ok, level = pcall(conn.scalar, conn, "SELECT @@transaction_isolation")

      assert.equal("READ-COMMITTED", ok and level or conn:scalar("SELECT @@tx_isolation"))
    end)

    db:it("commit what init_command did, with autocommit off", function(conn)
      local t = db:table(conn, "v INT")
      db:connect({ autocommit = false, init_command = ("INSERT INTO %s VALUES (1)"):format(t) })

      assert.equal(1, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("C5: fail with the server's words, and leave nothing open", function()
      local err = failure(db.connect, db, { init_command = "SELECT * FROM nowhere" })

      assert.equal(1146, err.errno)
      assert.equal(1193, failure(db.connect, db, { session = { no_such_variable = 1 } }).errno)
    end)

    db:it("C11: have the names that people know", function()
      for _, name in ipairs({ "utf8", "UTF-8", "utf8mb4" }) do
        local conn = db:connect({ charset = name })
        assert.equal("utf8mb4", conn:scalar("SELECT @@character_set_client"))
        assert.equal("é€😀", conn:scalar("SELECT ?", { "é€😀" }))
      end
      local conn = db:connect({ charset = "latin1" })
      assert.equal("\233", conn:scalar("SELECT ?", { "\233" }))
      assert.equal("latin1", conn.charset)
    end)

    db:it("C11: have the same names in set_charset", function(conn)
      conn:set_charset("latin1")
      conn:set_charset("UTF-8")

      assert.equal("utf8mb4", conn:character_set_name())
      assert.equal("€😀", conn:scalar("SELECT ?", { "€😀" }))
    end)

    db:it("C11: refuse an unknown character set, and stay as they are", function(conn)
      local err = failure(conn.set_charset, conn, "klingon")

      assert.equal("ProgrammingError", err.class)
      assert.equal("utf8mb4", conn.charset)
      assert.equal("é", conn:scalar("SELECT ?", { "é" }))
    end)
  end)

  describe("found_rows", function()
    db:it("K3: counts the rows that an UPDATE finds", function()
      local plain = db:connect()
      local t = db:table(plain, "v INT")
      plain:execute(("INSERT INTO %s VALUES (1), (1)"):format(t))
      local update = ("UPDATE %s SET v = 1"):format(t)

      assert.equal(0, (plain:execute(update)))
      assert.equal(2, (db:connect({ found_rows = true }):execute(update)))
      assert.equal(2, (db:connect({ client_flag = lunasa.CLIENT.FOUND_ROWS }):execute(update)))
    end)
  end)

  describe("client_flag", function()
    db:it("asks for more capabilities", function()
      local conn = db:connect({ client_flag = { "INTERACTIVE", "IGNORE_SPACE" } })

      local flags = conn.server_capabilities
      assert.equal(1, math.floor(flags / lunasa.CLIENT.INTERACTIVE) % 2)
      assert.equal(1, conn:scalar("SELECT COUNT (*) FROM (SELECT 1) AS t"))
    end)
  end)

  describe("bind_address", function()
    db:it("is where the connection comes from", function()
      local conn = db:connect({ bind_address = "127.0.0.1" })

      assert.matches(
        "^127%.0%.0%.1:",
        conn:scalar([[
        SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()]])
      )
    end)

    db:it("is named when it is not ours", function()
      local err = failure(db.connect, db, { bind_address = "192.0.2.1" })

      assert.equal(2003, err.errno)
      assert.matches("not available", err.message)
    end)
  end)

  describe("hosts", function()
    local function several(hosts, more)
      local options = db:options(more)
      options.host, options.hosts = nil, hosts
      return options
    end

    db:it("are tried until one is there", function()
      local closing = peer.start("closing")
      local ok, err = pcall(function()
        local options = several({
          ("127.0.0.1:%d"):format(closing.port),
          { host = "127.0.0.1", port = 1 },
          ("%s:%d"):format(server.host, server.port),
        })
        local conn = db:closing(lunasa.connect(options))
        assert.same({ server.host, server.port }, { conn.host, conn.port })
        conn:close()
        conn:ping(true)
        assert.equal(server.port, conn.port)
        local pool = db:closing(lunasa.create_pool(options, { minsize = 0 }))
        assert.equal(1, pool:scalar("SELECT 1"))
      end)
      closing:close()
      assert.is_true(ok, tostring(err))
    end)

    db:it("share the time for connecting, so that a silent one does not use it up", function()
      local silent = peer.start("silent")
      local ok, err = pcall(function()
        local conn = db:closing(lunasa.connect(several({
          ("127.0.0.1:%d"):format(silent.port),
          ("%s:%d"):format(server.host, server.port),
        }, { connect_timeout = 2 })))
        assert.equal(server.port, conn.port)
      end)
      silent:close()
      assert.is_true(ok, tostring(err))
    end)

    db:it("are all named when none is there", function()
      local err = failure(lunasa.connect, several({ "127.0.0.1:1", "127.0.0.1:2" }))

      assert.equal(2003, err.errno)
      assert.matches("127.0.0.1:1", err.message, 1, true)
      assert.matches("127.0.0.1:2", err.message, 1, true)
      assert.equal("OperationalError", err.class)
    end)

    db:it("end where another one would not help", function()
      local here = ("%s:%d"):format(server.host, server.port)
      local err = failure(
        lunasa.connect,
        several({ here, "127.0.0.1:1" }, {
          user = db.features.wrong_password,
          password = "wrong",
          ssl = "preferred",
        })
      )

      assert.equal(1045, err.errno)
    end)
  end)

  describe("read_timeout", function()
    db:it("C17: closes a connection whose server is silent", function()
      local conn = db:connect({ read_timeout = 0.1 })

      local err = failure(conn.query, conn, db.features.slow)

      assert.same({ "TimeoutError", "read", 2013 }, { err.class, err.which, err.errno })
      assert.is_true(err:is_disconnect())
      assert.is_true(conn.closed)
    end)

    db:it("counts neither time between statements nor before rows are read", function()
      local conn = db:connect({ read_timeout = 0.1, local_infile = true })
      lunasa.sleep(0.15)
      assert.equal(1, conn:scalar("SELECT 1"))

      local t = db:table(conn, "v INT")
      local pieces = { "1\n", "2\n" }
      conn:load_data("LOAD DATA LOCAL INFILE 'x' INTO TABLE " .. t, function()
        lunasa.sleep(0.15)
        return table.remove(pieces, 1)
      end)

      local count = conn:each(
        ("SELECT a.v, REPEAT('x', 200000) FROM %s a, %s b, %s c, %s d"):format(t, t, t, t),
        function(row)
          if row.v == 2 then
            return false
          end
          lunasa.sleep(0.03)
        end
      )
      assert.is_true(count > 0)
    end)
  end)
end
