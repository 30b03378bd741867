--- One statement for many rows of parameters, by a cursor.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local PYFORMAT = { paramstyle = "pyformat" }

---@param db spec.Database
return function(db)
  local function count(conn, command)
    return tonumber(conn:first(("SHOW SESSION STATUS LIKE '%s'"):format(command)).Value)
  end

  describe("a cursor's executemany", function()
    db:it("E1: sends one text for all rows", function(conn)
      local t = db:table(conn, "id INT, name VARCHAR(20), age INT, height INT")
      local cur = conn:cursor(PYFORMAT)
      local rows = { { 0, "bob", 21, 123 }, { 1, "jim", 56, 45 }, { 2, "fred", 100, 180 } }
      local sql = "INSERT INTO " .. t .. " (id, name, age, height) VALUES (%s,%s,%s,%s);"

      assert.equal(3, cur:executemany(sql, rows))
      local expected = "INSERT INTO "
        .. t
        .. " (id, name, age, height) VALUES (0,'bob',21,123),(1,'jim',56,45),(2,'fred',100,180)"
      assert.equal(expected, cur.last_executed)
      assert.equal(expected, cur.executed)
      assert.same({ 3, 0, false }, { cur.rowcount, cur.lastrowid, cur.has_rows })
      assert.is_nil(cur.description)
      cur:execute("SELECT * FROM " .. t .. " ORDER BY id")
      assert.same(rows, cur:fetchall())
    end)

    db:it("E1: keeps lines and blanks; takes maps, one row, and REPLACE", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY, name VARCHAR(20)")
      local cur = conn:cursor(PYFORMAT)
      cur:executemany("insert\n into " .. t .. " (id,\n name)\n values (%s,\n %s )\n ; ", {
        { 1, "a" },
        { 2, "b" },
      })
      assert.equal(
        "insert\n into " .. t .. " (id,\n name)\n values (1,\n 'a' ),(2,\n 'b' )",
        cur.last_executed
      )
      local sql = "replace into " .. t .. " (id, name) values (%(id)s,%(name)s)"
      assert.equal(2, cur:executemany(sql, { { id = 1, name = "c" } }))
      assert.equal("replace into " .. t .. " (id, name) values (1,'c')", cur.last_executed)
      cur:execute("SELECT name FROM " .. t .. " ORDER BY id")
      assert.same({ { "c" }, { "b" } }, cur:fetchall())
    end)

    db:it("E3: collapses %% around the list", function(conn)
      local t = db:table(conn, "`%a` INT PRIMARY KEY, b INT")
      local cur = conn:cursor(PYFORMAT)
      local sql = "INSERT INTO %s (`%%%%a`, b) VALUES (%%s, 9 %%%% 4) "
        .. "ON DUPLICATE KEY UPDATE `%%%%a` = `%%%%a` + 10 %%%% 7"
      cur:executemany(sql:format(t), { { 1 }, { 2 }, { 2 } })
      assert.matches("UPDATE `%a` = `%a` + 10 % 7", cur.last_executed, 1, true)

      cur:execute("SELECT * FROM " .. t .. " ORDER BY 1")
      assert.same({ { 1, 1 }, { 5, 1 } }, cur:fetchall())
    end)

    db:it("E4: splits by max_stmt_length, and gives the total", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, a TEXT")
      local cur = conn:cursor()
      local sql = ("INSERT INTO %s (a) VALUES (?)"):format(t)
      local row = { ("x"):rep(20) }
      local before = count(conn, "Com_insert")
      assert.equal(1024000, cur.max_stmt_length)
      cur.max_stmt_length = #sql - 3 + 2 * 24 + 1

      assert.equal(5, cur:executemany(sql, { row, row, row, row, row }))
      assert.equal(before + 3, count(conn, "Com_insert"))
      assert.equal(#sql - 3 + 24, #cur.last_executed)
      assert.equal(5, cur.lastrowid)
      local own = conn:cursor({ max_stmt_length = 10 })
      assert.equal(2, own:executemany(sql, { row, row }))
      assert.equal(before + 5, count(conn, "Com_insert"))
      assert.equal(2, own:executemany(sql, { row, row }, { max_stmt_length = 1000 }))
      assert.equal(before + 6, count(conn, "Com_insert"))
    end)

    db:it("E5: does nothing without rows", function(conn)
      local cur = conn:cursor()
      cur:execute("SELECT 1 UNION SELECT 2")
      local before = count(conn, "Questions")

      assert.is_nil(cur:executemany("INSERT INTO nothing VALUES (?)", {}))
      assert.is_nil(cur:executemany("INSERT INTO nothing VALUES (?)", nil))
      assert.equal(before + 1, count(conn, "Questions"))
      assert.equal(2, cur.rowcount)
      assert.same({ { 1 }, { 2 } }, cur:fetchall())
      local none = function() end
      assert.is_nil(cur:executemany("INSERT INTO nothing VALUES (?)", none))
    end)

    db:it("E6: runs anything else row by row, and keeps the last result", function(conn)
      local cur = conn:cursor()
      assert.equal(3, cur:executemany("SELECT ? + 1", { { 1 }, { 2 }, { 3 } }))
      assert.same({ { 4 } }, cur:fetchall())
      assert.equal("SELECT 3 + 1", cur.last_executed)

      local t = db:table(conn, "a INT PRIMARY KEY, b INT")
      cur:executemany("INSERT INTO " .. t .. " (a) VALUES (?)", { 1, 2, 3, 4 })
      local sql = "UPDATE " .. t .. " SET b = ? WHERE a <= ?"
      assert.equal(6, cur:executemany(sql, { { 1, 2 }, { 2, 4 } }))
      assert.equal(6, cur.rowcount)
      local err = failure(cur.executemany, cur, "INSERT INTO " .. t .. " SELECT ?, 0", { 5, 4, 6 })
      assert.same({ 1062, 2, 1 }, { err.errno, err.row, err.affected_rows })
      assert.equal(5, conn:scalar("SELECT MAX(a) FROM " .. t))
    end)

    db:it("E7: says which row is wrong, and what was stored before", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY")
      local sql = "INSERT INTO " .. t .. " VALUES (?)"
      local cur = conn:cursor({ max_stmt_length = #sql + 4 })
      local err = failure(cur.executemany, cur, sql, { { 1 }, { 2 }, { 3 }, { 4, 4 } })

      assert.is_true(err:is("ProgrammingError"))
      assert.same({ 4, 2 }, { err.row, err.affected_rows })
      assert.equal(2, conn:scalar("SELECT COUNT(*) FROM " .. t))
      assert.equal(1, conn:scalar("SELECT 1"))
      err = failure(cur.executemany, cur, sql, { { 5 }, { 6 }, { 7 }, { 2 } })
      assert.same({ 1062, 3, 2 }, { err.errno, err.row, err.affected_rows })
      assert.equal("INSERT INTO " .. t .. " VALUES (7),(2)", cur.last_executed)
      assert.equal(4, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("takes rows from a function, and from single values", function(conn)
      local t = db:table(conn, "a TEXT")
      local cur = conn:cursor()
      local source = conn:cursor()
      source:execute("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")
      assert.equal(3, cur:executemany("INSERT INTO " .. t .. " VALUES (?)", source))
      local values = { "x", lunasa.binary("y"), 5, true, lunasa.null }
      assert.equal(5, cur:executemany("INSERT INTO " .. t .. " VALUES (?)", values))

      cur:execute("SELECT a FROM " .. t)
      local expected = { { "1" }, { "2" }, { "3" }, { "x" }, { "y" }, { "5" }, { "1" } }
      expected[8] = { lunasa.null }
      assert.same(expected, cur:fetchall())
    end)

    db:it_with("has_returning", "gives the rows of all statements with RETURNING", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, a INT")
      local sql = "INSERT INTO " .. t .. " (a) VALUES (?) RETURNING id, a"
      for _, length in ipairs({ #sql, 1000000 }) do
        local cur = conn:cursor({ dict = true, max_stmt_length = length })
        conn:execute("TRUNCATE " .. t)
        assert.equal(3, cur:executemany(sql, { 7, 8, 9 }))
        assert.same({ { id = 1, a = 7 }, { id = 2, a = 8 }, { id = 3, a = 9 } }, cur:fetchall())
        assert.equal("id", cur.description[1].name)
      end
      local cur = conn:cursor({ protocol = "binary" })
      local ids = {}
      for i = 1, 2000 do
        ids[i] = i
      end
      assert.equal(2000, cur:executemany(sql, ids))
      assert.equal(2000, #cur:fetchall())
    end)

    db:it("raises once it is closed, and for what it cannot do", function(conn)
      local cur = conn:cursor()
      for _, rows in ipairs({ "x", 5, { a = 1 } }) do
        assert.equal("ArgumentError", failure(cur.executemany, cur, "DO ?", rows).class)
      end
      assert.equal("ArgumentError", failure(cur.executemany, cur, nil, { 1 }).class)
      local options = { attributes = { a = 1 } }
      assert.equal("ArgumentError", failure(cur.executemany, cur, "DO ?", { 1 }, options).class)
      cur:close()
      assert.equal("Cursor closed", failure(cur.executemany, cur, "DO ?", { 1 }).message)
    end)
  end)
end
