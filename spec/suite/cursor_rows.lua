--- conn:cursor: what a cursor says of a statement, and how its rows are fetched.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- 1000 rows, more than are made at once.
local THOUSAND = (
  "SELECT a.d + 10 * b.d + 100 * c.d AS n, 'x' AS x FROM %s a CROSS JOIN %s b "
  .. "CROSS JOIN %s c ORDER BY 1"
):format(DIGITS, DIGITS, DIGITS)
local THREE = "SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y' UNION ALL SELECT 3, NULL"

local FETCHING = { "fetchone", "fetchmany", "fetchall", "rows", "irows", "values" }

local BOTH = { lunasa.Cursor, lunasa.SSCursor }

local function raised(class, message, work, ...)
  local err = failure(work, ...)
  assert.equal(class, err.class)
  assert.matches(message, err.message, 1, true)
end

---@param db spec.Database
return function(db)
  describe("a cursor", function()
    db:it("K1: has nothing before execute", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        assert.same({ -1, 0, false }, { cur.rowcount, cur.rownumber, cur.has_rows })
        assert.is_nil(cur.description)
        assert.is_nil(cur.lastrowid)
        assert.is_nil(cur.columns)
        assert.is_nil(cur.executed)
        assert.equal(1, cur.arraysize)
        assert.equal(conn, cur.connection)
        for _, method in ipairs(FETCHING) do
          raised("ProgrammingError", "execute() first", cur[method], cur)
        end
        raised("ProgrammingError", "execute() first", cur.scroll, cur, 1)
        raised("ProgrammingError", "execute() first", cur.each, cur, print)
        assert.is_nil(cur:nextset())
      end
    end)

    db:it("K3: counts rows and changes", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY, v INT")
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        local function count(sql)
          return cur:execute(sql:format(t))
        end
        assert.equal(0, count("TRUNCATE TABLE %s"))
        assert.equal(3, count("INSERT INTO %s VALUES (1, 1), (2, 2), (3, 3)"))
        assert.equal(0, count("UPDATE %s SET v = 1 WHERE id = 1"))
        assert.equal(1, count("UPDATE %s SET v = 9 WHERE id = 1"))
        assert.equal(4, count("REPLACE INTO %s VALUES (1, 5), (2, 6)"))
        assert.equal(2, count("INSERT INTO %s VALUES (1, 7) ON DUPLICATE KEY UPDATE v = 8"))
        assert.equal(2, cur.rowcount)
        assert.equal(1, count("DELETE FROM %s WHERE id = 3"))
        assert.equal(0, count("ALTER TABLE %s COMMENT 'x'"))
        cur:close()
      end
      local cur = conn:cursor()
      assert.equal(2, cur:execute("SELECT * FROM " .. t))
      assert.equal(0, cur:execute("SELECT * FROM " .. t .. " WHERE id = 99"))
      assert.is_true(cur.has_rows)
      assert.is_nil(cur:fetchone())
    end)

    db:it("K4: has the first identifier of an insert", function(conn)
      local t = db:table(conn, "id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, v INT")
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(("TRUNCATE TABLE %s"):format(t))
        cur:execute(("INSERT INTO %s (v) VALUES (1), (2), (3)"):format(t))
        assert.equal(1, cur.lastrowid)
        cur:execute(("UPDATE %s SET v = 4"):format(t))
        assert.equal(0, cur.lastrowid)
        cur:execute("SELECT 1")
        assert.is_nil(cur.lastrowid)
        cur:fetchall()
        cur:execute(("INSERT INTO %s VALUES (9223372036854775818, 1)"):format(t))
        cur:execute(("INSERT INTO %s (v) VALUES (1)"):format(t))
        assert.equal("9223372036854775819", lunasa.int.tostring(cur.lastrowid))
      end
    end)

    db:it("K5: gives the rest, then nothing", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(THREE)
        assert.same({ 1, "x" }, cur:fetchone())
        assert.equal(1, cur.rownumber)
        assert.same({ { 2, "y" }, { 3, lunasa.null } }, cur:fetchall())
        assert.equal(3, cur.rownumber)
        assert.is_nil(cur:fetchone())
        assert.is_nil(cur:fetchone())
        assert.same({}, cur:fetchmany(5))
        assert.same({}, cur:fetchall())
        assert.equal(3, cur.rowcount)

        cur:execute("DO 1")
        assert.is_false(cur.has_rows)
        assert.is_nil(cur:fetchone())
        assert.same({}, cur:fetchmany())
        assert.same({}, cur:fetchall())
        for _ in cur:rows() do
          error("a row of nothing")
        end
        for _ in cur:values() do
          error("values of nothing")
        end
      end
    end)

    db:it("K6: gives as many as arraysize", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(THREE)
        assert.same({}, cur:fetchmany(0))
        assert.same({ { 1, "x" } }, cur:fetchmany())
        assert.equal(1, cur.rownumber)
        cur.arraysize = 10
        assert.equal(2, #cur:fetchmany())
        assert.same({}, cur:fetchmany())
        assert.equal(20, conn:cursor(class + { arraysize = 20 }).arraysize)
        for _, size in ipairs({ -1, 1.5, "x", 0 / 0 }) do
          raised("ArgumentError", "a number of rows", cur.fetchmany, cur, size)
        end
      end
    end)

    db:it("gives every row once, whatever the method", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(THOUSAND)
        local expected = 0
        local function check(n)
          assert.equal(expected, n)
          expected = expected + 1
        end
        check(cur:fetchone()[1])
        for _, row in ipairs(cur:fetchmany(300)) do
          check(row[1])
        end
        for n, x in cur:values() do
          check(n)
          assert.equal("x", x)
          if n == 400 then
            break
          end
        end
        for row in cur:rows() do
          check(row[1])
          if row[1] == 500 then
            break
          end
        end
        for i, row in cur:irows() do
          check(row[1])
          assert.equal(i, expected)
          if i == 600 then
            break
          end
        end
        cur:each(function(row)
          check(row[1])
        end)
        assert.equal(1000, expected)
        assert.equal(1000, cur.rowcount)
      end
    end)

    db:it("gives the right row after any steps", function(conn)
      math.randomseed(7)
      local place, cur
      local steps = {
        function()
          return { cur:fetchone() }
        end,
        function()
          return cur:fetchmany(math.random(0, 140))
        end,
        function()
          return { { (cur:values()()) } }
        end,
        function(size)
          local by = math.random(0, 60)
          if place + by < size then
            cur:scroll(by)
            place = place + by
          end
          return {}
        end,
      }
      for _, class in ipairs(BOTH) do
        cur = conn:cursor(class)
        for _, size in ipairs({ 0, 1, 31, 32, 33, 127, 128, 129, 257, 700 }) do
          cur:execute(THOUSAND .. " LIMIT " .. size)
          place = 0
          for _ = 1, 12 do
            for _, row in ipairs(steps[math.random(#steps)](size)) do
              assert.equal(place < size and place or nil, row[1])
              place = math.min(place + 1, size)
            end
            assert.equal(place, cur.rownumber)
          end
          assert.equal(size - place, #cur:fetchall())
          assert.same({ size, size }, { cur.rownumber, cur.rowcount })
        end
      end
    end)

    db:it("K7: scrolls", function(conn)
      local cur = conn:cursor()
      cur:execute(THREE)
      cur:fetchall()
      cur:scroll(-3)
      assert.equal(0, cur.rownumber)
      cur:scroll(2, "absolute")
      assert.same({ 3, lunasa.null }, cur:fetchone())
      cur:scroll(1, "absolute")
      local outside = { { 3, "absolute" }, { -1, "absolute" }, { 2 }, { -2, "relative" } }
      for _, wrong in ipairs(outside) do
        raised("IndexError", "out of range", cur.scroll, cur, unpack(wrong))
        assert.equal(1, cur.rownumber)
      end
      assert.is_true(failure(cur.scroll, cur, 5):is("ProgrammingError"))
      raised("ProgrammingError", "unknown scroll mode", cur.scroll, cur, 1, "sideways")
      raised("ArgumentError", "an integer", cur.scroll, cur, "1")
      cur:execute("DO 1")
      raised("ProgrammingError", "no rows", cur.scroll, cur, 0)

      cur:execute(THOUSAND)
      for _, n in ipairs({ 999, 0, 500, 501, 3, 127, 128, 129 }) do
        cur:scroll(n, "absolute")
        assert.equal(n, cur:fetchone()[1])
      end
      assert.equal(870, #cur:fetchall())
    end)

    db:it("K8: is closed for good", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(THREE)
        cur:fetchone()
        cur:close()
        cur:close()
        assert.is_true(cur.closed)
        assert.is_nil(cur.connection)
        for _, method in ipairs(FETCHING) do
          raised("ProgrammingError", "Cursor closed", cur[method], cur)
        end
        raised("ProgrammingError", "Cursor closed", cur.nextset, cur)
        raised("ProgrammingError", "Cursor closed", cur.execute, cur, "SELECT 1")
        raised("ProgrammingError", "Cursor closed", cur.mogrify, cur, "SELECT 1")
        raised("ProgrammingError", "Cursor closed", cur.warnings, cur)
        assert.equal("lunasa.Cursor(closed)", tostring(cur))
      end
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)
end
