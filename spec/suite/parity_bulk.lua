--- What aiomysql's test_bulk_inserts.py and its procedures show: docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local ROWS = { { 0, "bob", 21, 123 }, { 1, "jim", 56, 45 }, { 2, "fred", 100, 180 } }
local LIST = "(0,'bob',21,123),(1,'jim',56,45),(2,'fred',100,180)"

---@param db spec.Database
return function(db)
  --- A cursor as aiomysql's are, and a table for bobs.
  local function prepare()
    local conn = db:connect({ paramstyle = "pyformat" })
    local t = db:table(conn, "id INT, name CHAR(20), age INT, height INT, PRIMARY KEY (id, name)")
    return conn:cursor(), t
  end

  local function rows_of(cur, t)
    cur:execute(("SELECT * FROM %s ORDER BY id"):format(t))
    return cur:fetchall()
  end

  describe("many rows of aiomysql's", function()
    db:it("are one statement, as it is written", function()
      local cur, t = prepare()
      local head = ("INSERT INTO %s (id, name, age, height) VALUES "):format(t)
      assert.equal(3, cur:executemany(head .. "(%s,%s,%s,%s)", ROWS))
      assert.equal(head .. LIST, cur.last_executed)
      assert.same(ROWS, rows_of(cur, t))

      head = ("REPLACE INTO %s (id, name, age, height) VALUES "):format(t)
      assert.equal(3, cur:executemany(head .. "(%s,%s,%s,%s);", ROWS))
      assert.equal(head .. LIST, cur.last_executed)
      cur:executemany(head .. "(%s,%s,%s,%s)", { ROWS[1] })
      assert.equal(head .. "(0,'bob',21,123)", cur.last_executed)
    end)

    db:it("keep lines and blanks of the statement", function()
      local cur, t = prepare()
      local head = ("\n  INSERT INTO %s (id, name,\n  age, height)\n  VALUES "):format(t)
      cur:executemany(head .. "(%s,%s,%s,%s)\n  ", ROWS)

      assert.equal(head .. LIST, (cur.last_executed:gsub("%s+$", "")))
      assert.same(ROWS, rows_of(cur, t))
    end)

    db:it("may be maps", function()
      local cur, t = prepare()
      local maps = {}
      for i, row in ipairs(ROWS) do
        maps[i] = { id = row[1], name = row[2], age = row[3], height = row[4] }
      end
      cur:executemany(
        ("INSERT INTO %s VALUES (%%(id)s,%%(name)s,%%(age)s,%%(height)s)"):format(t),
        maps
      )

      assert.same(ROWS, rows_of(cur, t))
    end)

    db:it("have what stands behind them once", function()
      local cur, t = prepare()
      local sql = ("INSERT INTO %s (id, name, age, height) VALUES (%%s,%%s,%%s,%%s) "):format(t)
      local tail = "ON DUPLICATE KEY UPDATE age = VALUES(age)"
      cur:executemany(sql .. tail, ROWS)

      assert.equal(
        sql:gsub("%(%%s,%%s,%%s,%%s%)", (LIST:gsub("%%", "%%%%"))) .. tail,
        cur.last_executed
      )
      assert.equal(0, cur:executemany(sql .. tail, ROWS))
    end)

    db:it("take percent signs in names, doubled", function()
      local cur, t = prepare()
      cur:execute(("ALTER TABLE %s ADD COLUMN `A%%` INT"):format(t))
      cur:executemany(
        ("INSERT INTO %s (id, name, `A%%%%`) VALUES (%%s, %%s, %%s)"):format(t),
        { { 3, "x", 4 }, { 5, "x", 6 } }
      )

      cur:execute(("SELECT `A%%` FROM %s ORDER BY id"):format(t))
      assert.same({ { 4 }, { 6 } }, cur:fetchall())
    end)

    db:it("run any other statement one by one, and none for no rows", function()
      local cur, t = prepare()
      cur:executemany(("INSERT INTO %s VALUES (%%s,%%s,%%s,%%s)"):format(t), ROWS)
      local sql = ("SELECT name FROM %s WHERE id = %%s;"):format(t)
      assert.equal(3, cur:executemany(sql, { 0, 1, 2 }))
      assert.same({ { "fred" } }, cur:fetchall())
      local executed = cur.last_executed

      assert.is_nil(cur:executemany(sql, {}))
      assert.equal(executed, cur.last_executed)
    end)

    db:it("are counted by an unbuffered cursor too", function()
      local cur, t = prepare()
      local unbuffered = cur.connection:cursor(lunasa.SSCursor)
      unbuffered:executemany(("INSERT INTO %s VALUES (%%s,%%s,%%s,%%s)"):format(t), ROWS)

      assert.equal(3, unbuffered.rowcount)
    end)
  end)

  describe("a procedure of aiomysql's", function()
    db:it("gives its rows, and what became of its parameters", function()
      local cur = prepare()
      cur:execute("DROP PROCEDURE IF EXISTS parity_inc")
      cur:execute(
        "CREATE PROCEDURE parity_inc(p1 INT, OUT p2 INT) "
          .. "BEGIN SELECT p1 + 1; SET p2 = p1 + 2; END"
      )
      local args = { 1, 0 }
      assert.equal(args, cur:callproc("parity_inc", args))
      assert.same({ { 2 } }, cur:fetchall())
      cur:execute("SELECT @_parity_inc_0, @_parity_inc_1")
      assert.same({ 1, 3 }, cur:fetchone())
      cur:close()

      assert.equal("ProgrammingError", failure(cur.callproc, cur, "parity_inc", args).class)
    end)

    db:it("D27: is called by its name, whatever that holds", function()
      local cur = prepare()
      local name = "parity`; DROP TABLE users; --"
      local quoted = cur.connection:quote_identifier(name)
      cur:execute("DROP PROCEDURE IF EXISTS " .. quoted)
      cur:execute(("CREATE PROCEDURE %s() SELECT 'called'"):format(quoted))
      cur:callproc(quoted)

      assert.same({ { "called" } }, cur:fetchall())
      cur:execute("DROP PROCEDURE " .. quoted)
      assert.equal(1305, failure(cur.callproc, cur, "nowhere").errno)
    end)
  end)
end
