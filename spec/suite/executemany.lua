--- One statement for many rows of parameters, on a connection.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local TEXT, BINARY = { protocol = "text" }, { protocol = "binary" }

---@param db spec.Database
return function(db)
  --- How many statements of a kind the session has run.
  local function count(conn, command)
    return tonumber(conn:first(("SHOW SESSION STATUS LIKE '%s'"):format(command)).Value)
  end

  local function numbers(n)
    local rows = {}
    for i = 1, n do
      rows[i] = { i }
    end
    return rows
  end

  for _, way in ipairs({ { "text", TEXT }, { "binary", BINARY }, { "its own choice", nil } }) do
    local options = way[2]
    describe("executemany by " .. way[1], function()
      db:it("inserts rows of lists", function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY, b TEXT, c DOUBLE")
        local rows = {}
        for i = 1, 3000 do
          rows[i] = { i, i % 7 == 0 and lunasa.null or ("'"):rep(i % 50), i / 2 }
        end
        local sql = "INSERT INTO " .. t .. " VALUES (?, ?, ?)"

        assert.equal(3000, (conn:executemany(sql, rows, options)))
        local row = conn:first(
          "SELECT COUNT(*), COUNT(b), SUM(a), SUM(LENGTH(b)), SUM(c) FROM " .. t,
          nil,
          { rows = "array", decimal = "number" }
        )
        local length = 0
        for i = 1, 3000 do
          length = length + (i % 7 == 0 and 0 or i % 50)
        end
        assert.same({ 3000, 3000 - 428, 4501500, length, 2250750 }, row)
      end)

      db:it("inserts rows of maps, of several kinds and sizes", function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY, b LONGBLOB")
        local large = ("y"):rep(1500000)
        local sql = "INSERT INTO " .. t .. " VALUES (:id, :data)"
        local data = { "text", lunasa.binary("\255\0"), 12.5, large, lunasa.binary(large), "\\'\0" }
        local rows = {}
        for i, value in ipairs(data) do
          rows[i] = { id = i, data = value }
        end

        assert.equal(6, (conn:executemany(sql, rows, options)))
        assert.same(
          { "text", "\255\0", "12.5", large, large, "\\'\0" },
          conn:query("SELECT b FROM " .. t .. " ORDER BY a"):column("b")
        )
      end)

      db:it("takes rows from a function", function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY")
        local i = 0
        local function next_row()
          i = i + 1
          lunasa.sleep(i == 300 and 0.001 or 0)
          return i <= 1000 and { i } or nil
        end

        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        assert.equal(1000, (conn:executemany(sql, next_row, options)))
        assert.equal(500500, tonumber(conn:scalar("SELECT SUM(a) FROM " .. t)))
        assert.equal(0, (conn:executemany(sql, function() end, options)))
      end)

      db:it("takes rows from a result, and from a stream of another connection", function(conn)
        local t = db:table(conn, "a INT, b TEXT")
        local sql = "SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL"
        local into = "INSERT INTO " .. t .. " VALUES (:a, :b)"
        assert.equal(2, (conn:executemany(into, conn:query(sql), options)))
        assert.equal(2, (conn:executemany(into, db:connect():stream(sql), options)))

        assert.same({ 1, 2, 1, 2 }, conn:query("SELECT a FROM " .. t):column("a"))
      end)

      db:it("E6: runs any other statement for each row", function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY, b INT")
        conn:executemany("INSERT INTO " .. t .. " (a) VALUES (?)", numbers(300), options)
        local rows = {}
        for i = 1, 300 do
          rows[i] = { i * 2, i }
        end

        local sql = "UPDATE " .. t .. " SET b = ? WHERE a = ?"
        assert.equal(300, (conn:executemany(sql, rows, options)))
        assert.equal(300, conn:scalar("SELECT COUNT(*) FROM " .. t .. " WHERE b = a * 2"))
      end)

      db:it("E7: names the row that cannot be sent, and sends nothing of it", function(conn)
        local t = db:table(conn, "a INT")
        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        for _, bad in ipairs({ { print }, {}, { 1, 2 }, 5, { a = 1 }, { {} }, { 0 / 0 } }) do
          local err = failure(conn.executemany, conn, sql, { { 1 }, bad, { 3 } }, options)

          assert.is_true(err:is("ProgrammingError"))
          assert.matches("^row 2: ", err.message)
          assert.same({ 2, 0, sql }, { err.row, err.affected_rows, err.sql })
        end
        assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
      end)

      db:it("gives the id of the last statement", function(conn)
        local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, a INT")
        local sql = "INSERT INTO " .. t .. " (a) VALUES (?)"
        local affected, id = conn:executemany(sql, numbers(3), options)

        assert.equal(3, affected)
        assert.is_true(id >= 1 and id <= 3)
      end)

      db:it("leaves the connection to others when it is done, and when it failed", function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY")
        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        local seen
        local other = lunasa.spawn(function()
          seen = conn:scalar("SELECT COUNT(*) FROM " .. t)
        end)
        conn:executemany(sql, numbers(10), options)
        other:join()

        assert.is_true(seen == 0 or seen == 10)
        assert.equal(1062, failure(conn.executemany, conn, sql, { { 1 } }, options).errno)
        assert.equal(10, conn:scalar("SELECT COUNT(*) FROM " .. t))
      end)

      db:it("raises what the function raises, and what it is not allowed", function(conn)
        local t = db:table(conn, "a INT")
        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        local boom = lunasa.exc.new("DataError", "boom")

        assert.equal(
          boom,
          failure(conn.executemany, conn, sql, function()
            error(boom, 0)
          end, options)
        )
        local err = failure(conn.executemany, conn, sql, function()
          return { conn:scalar("SELECT 1") }
        end, options)
        assert.matches("the connection is sending data", err.message)
        assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
      end)
    end)
  end

  describe("executemany", function()
    db:it("E2: sends one INSERT for all rows", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY, b INT, c VARCHAR(9) DEFAULT 'x'")
      local before = count(conn, "Com_insert")
      for i, sql in ipairs({
        "INSERT INTO %s (a) VALUES(?)",
        "/* VALUES (?) */ insert into %s (a, b) values (?, 7 + 1);",
        "INSERT INTO %s (a, b) VALUES (?, FLOOR(3.5)) ON DUPLICATE KEY UPDATE b = VALUES(b)",
        "INSERT IGNORE INTO %s (c, a) VALUES ('?),(', ?) -- done",
      }) do
        local rows = {}
        for k = 1, 50 do
          rows[k] = { i * 100 + k }
        end
        assert.equal(50, (conn:executemany(sql:format(t), rows, TEXT)))
      end

      assert.equal(before + 4, count(conn, "Com_insert"))
      assert.equal("?),(", conn:scalar("SELECT c FROM " .. t .. " WHERE a = 401"))
    end)

    db:it("E2: sends each row where a value is outside of the list", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY, b INT")
      local before = count(conn, "Com_insert")
      local sql = "INSERT INTO %s VALUES (?, 1) ON DUPLICATE KEY UPDATE b = ?"

      conn:executemany(sql:format(t), { { 1, 5 }, { 2, 6 }, { 1, 7 } }, TEXT)
      assert.equal(before + 3, count(conn, "Com_insert"))
      assert.same({ 7, 1 }, conn:query("SELECT b FROM " .. t .. " ORDER BY a"):column("b"))
    end)

    db:it_with("has_row_alias", "E2: knows the alias of new rows", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY, b INT")
      local before = count(conn, "Com_insert")
      local sql = "INSERT INTO %s VALUES (?, ?) AS new ON DUPLICATE KEY UPDATE b = new.b"

      conn:executemany(sql:format(t), { { 1, 5 }, { 2, 6 }, { 1, 7 } })
      assert.equal(before + 1, count(conn, "Com_insert"))
      assert.same({ 7, 6 }, conn:query("SELECT b FROM " .. t .. " ORDER BY a"):column("b"))
    end)

    db:it("E4: keeps statements below max_stmt_length, but for single rows", function(conn)
      local t = db:table(conn, "a TEXT")
      local sql = "INSERT INTO " .. t .. " VALUES (?)"
      local before = count(conn, "Com_insert")
      local row = { ("x"):rep(100) }
      local length = #sql - 3 + 2 * 104 + 1

      local options = { protocol = "text", max_stmt_length = length }
      assert.equal(5, (conn:executemany(sql, { row, row, row, row, row }, options)))
      assert.equal(before + 3, count(conn, "Com_insert"))
      options.max_stmt_length = 50
      assert.equal(5, (conn:executemany(sql, { row, row, row, row, row }, options)))
      assert.equal(before + 8, count(conn, "Com_insert"))
      local other = db:connect({ max_stmt_length = length })
      other:executemany(sql, { row, row, row, row, row }, TEXT)
      assert.equal(3, count(other, "Com_insert"))
    end)

    db:it("keeps statements below what the server takes", function(conn)
      local most = tonumber(conn:scalar("SELECT @@GLOBAL.max_allowed_packet"))
      conn:execute("SET GLOBAL max_allowed_packet = 1024")
      local ok, err = pcall(function()
        local other = db:connect()
        local t = db:table(other, "a TEXT")
        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        local rows = {}
        for i = 1, 100 do
          rows[i] = { ("%03d"):format(i) .. ("x"):rep(97) }
        end
        assert.equal(100, (other:executemany(sql, rows, TEXT)))
        local tenth = count(other, "Com_insert")
        assert.is_true(tenth >= 11 and tenth <= 13, tenth)

        rows[50] = { ("y"):rep(2000) }
        local refusal = failure(other.executemany, other, sql, rows, TEXT)
        assert.same({ "DataError", 1153, 50 }, { refusal.class, refusal.errno, refusal.row })
        assert.equal(1, other:scalar("SELECT 1"))
        assert.equal(refusal.affected_rows + 100, other:scalar("SELECT COUNT(*) FROM " .. t))
      end)
      conn:execute("SET GLOBAL max_allowed_packet = " .. most)
      if not ok then
        error(err, 0)
      end
    end)

    db:it("E7: says what was done before a batch that failed", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY")
      local sql = "INSERT INTO " .. t .. " VALUES (?)"
      local options = { protocol = "text", max_stmt_length = #sql + 8 }
      local rows = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 2 }, { 7 } }
      local err = failure(conn.executemany, conn, sql, rows, options)

      assert.same({ 1062, 4, 3 }, { err.errno, err.row, err.affected_rows })
      assert.matches("^rows 4 to 6: Duplicate entry", err.message)
      assert.matches("%(rows 1 to 3 executed before%)$", err.message)
      assert.equal(3, conn:scalar("SELECT COUNT(*) FROM " .. t))

      rows[6] = { 6, 6 }
      conn:execute("DELETE FROM " .. t)
      err = failure(conn.executemany, conn, sql, rows, options)
      assert.same({ "ArgumentError", 6, 3 }, { err.class, err.row, err.affected_rows })
      assert.matches("^row 6: ", err.message)
      assert.matches("%(rows 1 to 3 executed before%)$", err.message)
      assert.equal(3, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    for _, protocol in ipairs({ "text", "binary" }) do
      db:it("does not call rows executed whose batch was not sent: " .. protocol, function(conn)
        local t = db:table(conn, "a INT PRIMARY KEY")
        local rows = { { 1 }, { 2 }, { print }, { 4 } }
        local err = failure(
          conn.executemany,
          conn,
          "INSERT INTO " .. t .. " VALUES (?)",
          rows,
          { protocol = protocol }
        )

        assert.same({ "ArgumentError", 3, 0 }, { err.class, err.row, err.affected_rows })
        assert.equal("row 3: parameter 1: function cannot be a parameter", err.message)
        assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
      end)
    end

    db:it("is undone with its transaction", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY")
      local sql = "INSERT INTO " .. t .. " VALUES (?)"
      local options = { max_stmt_length = #sql }
      failure(conn.transaction, conn, function()
        conn:executemany(sql, { { 1 }, { 2 }, { 1 } }, options)
      end)

      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("escapes by the SQL mode of the session", function(conn)
      conn:execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')")
      local t = db:table(conn, "a TEXT")
      local values = { "\\", "\\'", "'", "'),('", '\\"' }
      local rows = {}
      for i, value in ipairs(values) do
        rows[i] = { value }
      end
      conn:executemany("INSERT INTO " .. t .. " VALUES (?)", rows, TEXT)

      assert.same(values, conn:query("SELECT a FROM " .. t):column("a"))
    end)

    db:it("takes pyformat", function(conn)
      local t = db:table(conn, "`a%` INT, b TEXT")
      local options = { paramstyle = "pyformat" }
      local sql = "INSERT INTO " .. t .. " (`a%%`, b) VALUES (%(a)s, CONCAT('%%', %(b)s))"
      conn:executemany(sql, { { a = 1, b = "%s" }, { a = 2, b = "%%" } }, options)

      assert.same(
        { { ["a%"] = 1, b = "%%s" }, { ["a%"] = 2, b = "%%%" } },
        conn:query("SELECT * FROM " .. t):all()
      )
    end)

    db:it("takes rows while garbage is collected at every moment", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY, b TEXT")
      local rows = {}
      for i = 1, 40 do
        rows[i] = { i, "b" .. i }
      end
      local pause = collectgarbage("setpause", 0)
      local multiplier = collectgarbage("setstepmul", 1e8) -- a whole cycle in each step
      local ok, err = pcall(function()
        for _ = 1, 20 do
          conn:executemany("REPLACE INTO " .. t .. " VALUES (?, ?)", rows, BINARY)
        end
      end)
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", multiplier)

      assert.is_true(ok, err)
      assert.equal("b40", conn:scalar("SELECT b FROM " .. t .. " WHERE a = 40"))
      assert.equal(40, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("can be given up, and leaves the connection", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY")
      conn:execute("INSERT INTO " .. t .. " VALUES (1)")
      local other = db:connect()
      other:begin()
      other:execute("DELETE FROM " .. t)
      local options = { timeout = 0.05, protocol = "text" }
      local sql = "INSERT INTO " .. t .. " VALUES (?)"
      local err = failure(conn.executemany, conn, sql, { { 1 }, { 2 } }, options)

      assert.equal("TimeoutError", err.class)
      other:rollback()
      assert.equal(1, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("refuses what it cannot do", function(conn)
      local sql = "INSERT INTO t VALUES (?)"
      for _, rows in ipairs({ {}, "x", 5, { a = 1 } }) do
        assert.equal("ArgumentError", failure(conn.executemany, conn, sql, rows).class)
      end
      assert.equal("ArgumentError", failure(conn.executemany, conn, sql).class)
      assert.equal("ArgumentError", failure(conn.executemany, conn, nil, { { 1 } }).class)
      for name, value in pairs({ attributes = { a = 1 }, infile = { data = "x" }, no = 1 }) do
        local options = { [name] = value }
        local err = failure(function()
          conn:executemany(sql, { { 1 } }, options)
        end)
        assert.equal("ArgumentError", err.class)
        assert.matches("'" .. name .. "'", err.message)
        assert.matches("executemany.lua", err.position)
      end
    end)
  end)
end
