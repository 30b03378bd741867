--- What a cursor says of the columns of its rows, and in which shape it gives them.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure
local FIELD_TYPE, FLAG = lunasa.FIELD_TYPE, lunasa.FLAG
local BOTH = { lunasa.Cursor, lunasa.SSCursor }

--- The columns of `t`, and what is to be said of each.
local COLUMNS =
  [[id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, price DECIMAL(10, 2) NOT NULL,
  fee DECIMAL(7, 0) UNSIGNED, name VARCHAR(20) CHARACTER SET utf8mb4, raw BLOB, d DATE, r DOUBLE,
  e ENUM('x', 'y')]]

local function has_flag(column, flag)
  return column.flags % (2 * flag) >= flag
end

---@param db spec.Database
return function(db)
  describe("a cursor's description", function()
    db:it("K2: is nil where there are no rows", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1 AS a, 2 AS b")
        assert.equal(2, #cur.description)
        assert.same({ "a", "b" }, cur.columns)
        cur:execute("DO 1")
        assert.is_nil(cur.description)
        assert.is_nil(cur.columns)
        cur:execute("SELECT 1 AS c")
        assert.equal("c", cur.description[1].name)
        pcall(cur.execute, cur, "SELEC 1")
        assert.is_nil(cur.description)
        assert.equal(-1, cur.rowcount)
      end
    end)

    db:it("K2: has the seven fields of each column, and more", function(conn)
      local t = db:table(conn, COLUMNS)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(
          ("SELECT id AS i, price, fee, name, raw, d, r, e, 1 + 1 AS two FROM %s AS x"):format(t)
        )
        local columns = cur.description
        local id, price, fee, name, raw, d, r, e, two = unpack(columns)
        for _, column in ipairs(columns) do
          assert.equal(7, #column)
          assert.same(
            { column.name, column.type_code, column.internal_size, column.precision, column.scale },
            { column[1], column[2], column[4], column[5], column[6] }
          )
          assert.equal(column.null_ok, column[7])
          assert.is_nil(column.display_size)
          assert.equal(lunasa.null, column[3])
        end
        assert.same({ "i", "id", "x", t, db.schema }, {
          id.name,
          id.org_name,
          id.table,
          id.org_table,
          id.database,
        })
        assert.is_nil(two.table)
        assert.is_nil(two.org_name)
        assert.same({ FIELD_TYPE.LONG, true, false }, { id.type_code, id.is_unsigned, id.null_ok })
        assert.is_true(has_flag(id, FLAG.PRI_KEY) and has_flag(id, FLAG.AUTO_INCREMENT))
        assert.same(
          { FIELD_TYPE.NEWDECIMAL, 10, 2 },
          { price.type_code, price.precision, price.scale }
        )
        assert.same({ 7, 0, true }, { fee.precision, fee.scale, fee.null_ok })
        assert.is_true(fee.is_unsigned)
        assert.same({ FIELD_TYPE.VAR_STRING, 80 }, { name.type_code, name.internal_size })
        assert.is_true(name.null_ok)
        assert.same({ FIELD_TYPE.BLOB, 63 }, { raw.type_code, raw.charset })
        assert.same({ FIELD_TYPE.DATE, FIELD_TYPE.DOUBLE }, { d.type_code, r.type_code })
        assert.is_true(has_flag(e, FLAG.ENUM))
        assert.equal(columns, cur.description)
        cur:fetchall()
      end
    end)

    db:it("is of the present result, wide ones and empty names too", function(conn)
      local names = {}
      for i = 1, 400 do
        names[i] = ("%d AS a_column_with_quite_a_long_name_%d"):format(i, i)
      end
      local cur = conn:cursor()
      cur:execute("SELECT " .. table.concat(names, ", "))
      assert.equal("a_column_with_quite_a_long_name_400", cur.description[400].name)
      assert.equal(400, cur:fetchone()[400])
      cur:execute("SELECT 1 AS `x y`")
      assert.equal("x y", cur.description[1].name)
      assert.equal(1, #cur.description)
    end)

    db:it("K2: is there for a result and a stream, too", function(conn)
      assert.equal("a", conn:query("SELECT 1 AS a"):fields()[1].name)
      assert.is_nil(conn:query("DO 1"):fields())
      local stream = conn:stream("SELECT 1 AS b")
      assert.equal("b", stream:fields()[1].name)
    end)
  end)

  describe("a DictCursor", function()
    db:it("gives rows by name, as they come or not", function(conn)
      for _, class in ipairs({ lunasa.DictCursor, lunasa.SSDictCursor, { dict = true } }) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1 AS a, NULL AS b UNION ALL SELECT 2, 'x'")
        assert.same({ a = 1, b = lunasa.null }, cur:fetchone())
        assert.same({ { a = 2, b = "x" } }, cur:fetchall())
      end
    end)

    db:it("keeps every column of a name", function(conn)
      local t = db:table(conn, "a INT, b INT")
      conn:execute(("INSERT INTO %s VALUES (1, 2), (3, NULL)"):format(t))
      local sql = (
        "SELECT x.a, y.a, y.a, y.a, x.b, 5 AS a, 6 AS b FROM %s x JOIN %s y USING (a) "
        .. "ORDER BY x.a"
      ):format(t, t)
      for _, class in ipairs({ lunasa.DictCursor, lunasa.SSDictCursor }) do
        local cur = conn:cursor(class)
        cur:execute(sql)
        local first = {
          a = 1,
          ["y.a"] = 1,
          ["y.a.2"] = 1,
          ["y.a.3"] = 1,
          b = 2,
          [".a"] = 5,
          [".b"] = 6,
        }
        assert.same(first, cur:fetchone())
        cur:execute(sql)
        local rows = cur:fetchall()
        assert.same(first, rows[1])
        assert.equal(lunasa.null, rows[2].b)
        cur:execute("SELECT 1 AS a, 2 AS a, 3 AS `.a`")
        local row = cur:fetchone()
        assert.same({ 1, 2, 3 }, { row.a, row[".a"], row["..a"] })
        assert.same({ "a", "a", ".a" }, cur.columns)
      end
    end)

    db:it("makes rows with dict_type", function(conn)
      local Row = {}
      Row.__index = Row
      function Row:sum()
        return self.a + self.b
      end
      local function make(keys, values)
        return ("%s=%s %s=%s"):format(keys[1], values[1], keys[2], values[2])
      end
      for _, unbuffered in ipairs({ false, true }) do
        local cur = conn:cursor({ dict_type = Row, unbuffered = unbuffered })
        cur:execute("SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4")
        assert.equal(3, cur:fetchone():sum())
        assert.equal(7, cur:fetchall()[1]:sum())
        local other = conn:cursor(lunasa.DictCursor + { dict_type = make, unbuffered = unbuffered })
        other:execute("SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4")
        assert.same({ "a=1 b=2", "a=3 b=4" }, other:fetchall())
      end
      for _, class in ipairs({ lunasa.DictCursor, lunasa.SSDictCursor }) do
        local nothing = conn:cursor(class + { dict_type = function() end })
        nothing:execute("SELECT 1 UNION ALL SELECT 2")
        local err = failure(nothing.fetchone, nothing)
        assert.matches("dict_type made nil", err.message, 1, true)
        nothing:close()
      end
      local rows = conn:cursor(lunasa.DictCursor + { rows = "array", dict_type = Row })
      rows:execute("SELECT 1")
      assert.same({ 1 }, rows:fetchone())
    end)

    db:it("leaves NULL out when told to", function(conn)
      for _, unbuffered in ipairs({ false, true }) do
        local options = { dict = true, null = "nil", unbuffered = unbuffered }
        local cur = conn:cursor(options)
        cur:execute("SELECT NULL AS a, 2 AS b, NULL AS a")
        assert.same({ b = 2 }, cur:fetchone())
        cur:execute("SELECT NULL AS a, 2 AS b")
        for a, b in cur:values() do
          assert.same({ lunasa.null, 2 }, { a, b })
        end
      end
    end)
  end)

  describe("a DeserializationCursor", function()
    db:it("decodes JSON columns", function(conn)
      local t = db:table(conn, "id INT, j JSON")
      conn:execute(
        ("INSERT INTO %s VALUES (1, ?), (2, NULL), (3, '[]')"):format(t),
        { '{"a": [1, "x"]}' }
      )
      local classes = {
        lunasa.DeserializationCursor,
        lunasa.DeserializationCursor + lunasa.SSCursor,
        { json = true },
      }
      for _, class in ipairs(classes) do
        local cur = conn:cursor(class)
        cur:execute(("SELECT j, id FROM %s ORDER BY id"):format(t))
        assert.same({ { { a = { 1, "x" } }, 1 }, { lunasa.null, 2 }, { {}, 3 } }, cur:fetchall())
      end
      local cur = conn:cursor(lunasa.DictCursor, lunasa.DeserializationCursor)
      cur:execute(("SELECT j FROM %s WHERE id = 1"):format(t))
      assert.equal("x", cur:fetchone().j.a[2])
      local plain = conn:cursor({ json = false })
      plain:execute(("SELECT j FROM %s WHERE id = 3"):format(t))
      assert.equal("[]", plain:fetchone()[1])
    end)
  end)

  describe("the option cursorclass", function()
    db:it("is what conn:cursor makes", function()
      for _, class in ipairs({ lunasa.SSDictCursor, "SSDictCursor", { dict = true } }) do
        local conn = db:connect({ cursorclass = class })
        local cur = conn:cursor()
        cur:execute("SELECT 1 AS a")
        assert.same({ a = 1 }, cur:fetchone())
        local other = conn:cursor(lunasa.Cursor)
        other:execute("SELECT 1 AS a")
        assert.same({ { 1 } }, other:fetchall())
      end
    end)
  end)

  describe("conn:cursor", function()
    db:it("refuses what is no class, and what is no option", function(conn)
      for _, wrong in ipairs({ 5, true, print, "Cursr" }) do
        local err = failure(conn.cursor, conn, wrong)
        assert.equal("ArgumentError", err.class)
        assert.matches("a cursor class must be", err.message, 1, true)
      end
      local err = failure(conn.cursor, conn, { dcit = true })
      assert.matches("did you mean 'dict'", err.message, 1, true)
      err = failure(conn.cursor, conn, { infile = true })
      assert.matches("give it to execute", err.message, 1, true)
      err = failure(conn.cursor, conn, { arraysize = -1 })
      assert.matches("option 'arraysize' must be", err.message, 1, true)
      err = failure(conn.cursor, conn, { fetch_size = 10 })
      assert.matches("fetch_size", err.message, 1, true)
      conn:close()
      assert.equal("InterfaceError", failure(conn.cursor, conn).class)
    end)
  end)
end
