--- What a connection can be asked: statements, ping, default database, reset; and how it refuses.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("query", function()
    db:it("gives rows by name", function(conn)
      local res = conn:query("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'")

      assert.same({ { a = 1, b = "x" }, { a = 2, b = "y" } }, res:all())
      assert.same({ "a", "b" }, { unpack(res.names) })
    end)

    db:it("raises what the server says, with the statement", function(conn)
      local err = failure(conn.query, conn, "SELECT * FROM nowhere WHERE a = ?", { "secret" })

      assert.equal("ProgrammingError", err.class)
      assert.equal(1146, err.errno)
      assert.equal("42S02", err.sqlstate)
      assert.equal("SELECT * FROM nowhere WHERE a = ?", err.sql)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("never shows values in an error", function(conn)
      local err = failure(conn.query, conn, "SELECT nowhere FROM DUAL WHERE ? = 1", { "s3cret" })

      assert.is_nil((tostring(err) .. (err.traceback or "")):find("s3cret", 1, true))
    end)

    db:it("classifies by number", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY, name VARCHAR(3) NOT NULL")
      conn:execute("INSERT INTO " .. t .. " VALUES (1, 'a')")

      local CASES = {
        { "INSERT INTO " .. t .. " VALUES (1, 'b')", "IntegrityError", 1062 },
        { "INSERT INTO " .. t .. " VALUES (2, NULL)", "IntegrityError", 1048 },
        { "INSERT INTO " .. t .. " VALUES (2, 'abcd')", "DataError", 1406 },
        { "SELEC", "ProgrammingError", 1064 },
        { "DROP TABLE nowhere", "ProgrammingError", 1051 },
        { "SELECT nothing FROM " .. t, "ProgrammingError", 1054 },
      }
      for _, case in ipairs(CASES) do
        local err = failure(conn.execute, conn, case[1])
        assert.same({ case[2], case[3] }, { err.class, err.errno })
      end
    end)

    db:it("gives a statement text up to its last byte", function(conn)
      assert.equal("a\0b", conn:scalar("SELECT 'a\0b'"))
    end)

    db:it("refuses an empty statement as the server does", function(conn)
      assert.equal(1065, failure(conn.query, conn, "").errno)
    end)
  end)

  describe("execute", function()
    db:it("gives affected rows and the insert id", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")

      assert.same({ 3, 1 }, { conn:execute("INSERT INTO " .. t .. " (v) VALUES (1), (2), (2)") })
      assert.same({ 2, 0 }, { conn:execute("UPDATE " .. t .. " SET v = 3 WHERE v = 2") })
      assert.same({ 0, 0 }, { conn:execute("UPDATE " .. t .. " SET v = 3 WHERE v = 3") })
      assert.same({ 1, 4 }, { conn:execute("INSERT INTO " .. t .. " (v) VALUES (9)") })
      assert.same({ 4, 0 }, { conn:execute("DELETE FROM " .. t) })
    end)

    db:it("gives an insert id beyond 2^53 exactly", function(conn)
      local t = db:table(conn, "id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY")

      local _, id = conn:execute("INSERT INTO " .. t .. " VALUES (18446744073709551614)")

      assert.equal("18446744073709551614", lunasa.int.tostring(id))
    end)
  end)

  describe("first", function()
    db:it("gives the first row, nil without one", function(conn)
      assert.same({ a = 1 }, conn:first("SELECT 1 AS a UNION ALL SELECT 2"))
      assert.is_nil(conn:first("SELECT 1 FROM DUAL WHERE 1 = 0"))
      assert.is_nil(conn:first("DO 1"))
    end)
  end)

  describe("scalar", function()
    db:it("gives the first cell, nil for NULL, without a row and without columns", function(conn)
      assert.equal("x", conn:scalar("SELECT 'x', 'y' UNION ALL SELECT 'z', 'z'"))
      assert.is_nil(conn:scalar("SELECT NULL"))
      assert.is_nil(conn:scalar("SELECT 1 FROM DUAL WHERE 1 = 0"))
      assert.is_nil(conn:scalar("DO 1"))
    end)

    db:it("takes options of a call", function(conn)
      local options = { decimal = "number", null = "nil", rows = "dict" }

      assert.equal(1.5, conn:scalar("SELECT 1.5", nil, options))
    end)
  end)

  describe("ping", function()
    db:it("returns while the server is there", function(conn)
      conn:ping()
      conn:ping(5)
    end)

    db:it("raises when the server has closed the connection", function(conn)
      db:connect():execute("KILL ?", { conn:thread_id() })

      local err = failure(conn.ping, conn)
      assert.is_true(err:is_disconnect())
      assert.is_true(conn.closed)
    end)
  end)

  describe("select_db", function()
    db:it("changes the default database", function(conn)
      conn:select_db("test")

      assert.equal("test", conn:scalar("SELECT DATABASE()"))
      assert.equal("test", conn.database)
    end)

    db:it("notices USE", function(conn)
      conn:query("USE test")

      assert.equal("test", conn.database)
    end)

    db:it("refuses an unknown database and stays usable", function(conn)
      assert.equal(1049, failure(conn.select_db, conn, "lunasa_nowhere").errno)
      assert.equal(db.schema, conn:scalar("SELECT DATABASE()"))
    end)

    db:it("refuses what is no name", function(conn)
      assert.equal("ArgumentError", failure(conn.select_db, conn, "").class)
      assert.equal("ArgumentError", failure(conn.select_db, conn, nil).class)
    end)
  end)

  describe("reset", function()
    db:it("forgets variables and transactions, keeps what the login said", function()
      local conn = db:connect({ charset = "latin1", sql_mode = "ANSI", autocommit = false })
      conn:execute("SET @a = 1, autocommit = 1, NAMES utf8mb4")
      conn:execute("START TRANSACTION")

      conn:reset()

      assert.is_false(conn:get_transaction_status())
      assert.is_nil(conn:scalar("SELECT @a"))
      assert.equal("latin1", conn:scalar("SELECT @@character_set_client"))
      assert.equal(0, conn:scalar("SELECT @@autocommit"))
      assert.matches("ANSI", conn:scalar("SELECT @@sql_mode"), 1, true)
    end)
  end)

  describe("timeout", function()
    db:it("C17: ends a statement of the call, and the connection goes on", function(conn)
      local started = lunasa.now()

      local err = failure(conn.query, conn, db.features.slow, nil, { timeout = 0.05 })

      assert.equal("TimeoutError", err.class)
      assert.equal("statement", err.which)
      assert.equal(db.features.slow, err.sql)
      assert.is_true(err:is_timeout())
      assert.is_true(lunasa.now() - started < 5)
      assert.equal(conn:thread_id(), conn:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("may be the connection's, and false for a call", function()
      local conn = db:connect({ timeout = 0.2 })

      assert.equal(0, conn:scalar("SELECT SLEEP(0.3)", nil, { timeout = false }))
      assert.equal("TimeoutError", failure(conn.query, conn, db.features.slow).class)
      assert.equal(1, conn:scalar("SELECT 1", nil, { timeout = false }))
    end)

    db:it("leaves an ordinary error of a closed connection behind", function()
      local conn = db:connect({ cancel_timeout = 0 })
      failure(conn.query, conn, db.features.slow, nil, { timeout = 0.02 })

      local err = failure(conn.query, conn, "SELECT 1")
      assert.equal("InterfaceError", err.class)
      assert.matches("closed", err.message, 1, true)
    end)
  end)

  describe("misuse", function()
    local CASES = {
      { "a statement that is no string", { 42 }, "a statement must be a string, got number" },
      { "parameters that are no table", { "SELECT ?", 1 }, "parameters must be a table" },
      { "an unknown option", { "SELECT 1", nil, { timeot = 1 } }, "timeout" },
      { "a wrong option", { "SELECT 1", nil, { rows = "list" } }, "'dict', 'array'" },
      { "an option of connect", { "SELECT 1", nil, { charset = "x" } }, "lunasa.connect" },
    }
    for _, case in ipairs(CASES) do
      for _, method in ipairs({ "query", "execute", "first", "scalar" }) do
        db:it(("of %s: %s is named with its line"):format(method, case[1]), function(conn)
          local args = case[2]
          local err = failure(function()
            conn[method](conn, args[1], args[2], args[3])
          end)

          assert.equal("ArgumentError", err.class)
          assert.matches(case[3], err.message, 1, true)
          assert.matches("suite/commands.lua:%d+", err.position)
        end)
      end
    end
  end)
end
