--- What aiomysql's tests of cursors show, as programs written for it: docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local BOTH = { lunasa.Cursor, lunasa.SSCursor }
local BOTH_DICT = { lunasa.DictCursor, lunasa.SSDictCursor }

---@param db spec.Database
return function(db)
  --- A connection as aiomysql's are, and its table of three rows, or of other ones.
  local function prepare(more)
    local options = { paramstyle = "pyformat", multi_statements = true }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    local conn = db:connect(options)
    local t = db:table(conn, "id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255)")
    conn:execute(("INSERT INTO %s VALUES (1, 'a'), (2, 'b'), (3, 'c')"):format(t))
    return conn, t, "SELECT * FROM " .. t
  end

  local ROWS = { { 1, "a" }, { 2, "b" }, { 3, "c" } }
  local DICTS = { { id = 1, name = "a" }, { id = 2, name = "b" }, { id = 3, name = "c" } }

  describe("a cursor of aiomysql's", function()
    db:it("gives its rows to a loop, and is closed by its block", function()
      local conn, _, sql = prepare()
      for _, class in ipairs(BOTH) do
        local rows, kept = {}, nil
        local answer = conn:with_cursor(class, function(cur)
          kept = cur
          cur:execute(sql)
          for row in cur:rows() do
            table.insert(rows, row)
          end
          return "done"
        end)

        assert.same({ ROWS, "done", true }, { rows, answer, kept.closed })
        assert.is_true(conn:with_cursor(class, function(cur)
          return cur
        end).closed)
        local err = failure(conn.with_cursor, conn, class, function(cur)
          kept = cur
          cur:execute(sql)
          cur:execute("SELECT * FROM nowhere")
        end)
        assert.same({ 1146, true }, { err.errno, kept.closed })
      end
    end)

    db:it("describes rows, and nothing where there are none", function()
      local conn, _, sql = prepare()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        assert.is_nil(cur.description)
        cur:execute(sql)
        local columns = cur.description
        assert.same({ 2, "id", "name" }, { #columns, columns[1][1], columns[2].name })
        assert.same({ false, true }, { columns[1][7], columns[2].null_ok })
        assert.equal(lunasa.FIELD_TYPE.LONG, columns[1][2])
        cur:execute("DROP TABLE IF EXISTS foobar")

        assert.is_nil(cur.description)
      end
    end)

    db:it("knows its connection, and takes calls that mean nothing", function()
      local conn = prepare()
      local cur = conn:cursor()
      cur:setinputsizes()
      cur:setoutputsizes()

      assert.equal(conn, cur.connection)
      assert.is_false(cur.echo)
      assert.is_true(prepare({ echo = false }):cursor({ arraysize = 3 }).arraysize == 3)
    end)

    db:it("scrolls, and fetches what is left", function()
      local conn, _, sql = prepare()
      local cur = conn:cursor()
      cur:execute(sql)
      cur:scroll(1)
      assert.same({ { 2, "b" }, { 3, "c" } }, cur:fetchall())
      cur:scroll(2, "absolute")
      assert.same({ 3, "c" }, cur:fetchone())

      assert.equal("IndexError", failure(cur.scroll, cur, 1000).class)
      assert.equal("ProgrammingError", failure(cur.scroll, cur, 2, "not_valid_mode").class)
    end)

    db:it("gives sums as numbers where that is asked for, and exactly where not", function()
      local conn, _, sql = prepare()
      local sum = sql:gsub("%*", "SUM(id)")
      local cur = conn:cursor()
      cur:execute(sum)
      assert.same({ "6" }, cur:fetchone())
      cur:execute(sum, nil, { decimal = "number" })

      assert.same({ 6 }, cur:fetchone())
    end)

    db:it("says what it would send", function()
      local cur = prepare():cursor()
      local sql = "INSERT INTO tbl VALUES(%s, %s)"

      assert.equal("INSERT INTO tbl VALUES(1, 'a')", cur:mogrify(sql, { 1, "a" }))
      assert.equal("INSERT INTO tbl VALUES(2, 'b\\'')", cur:mogrify(sql, { 2, "b'" }))
      assert.equal("SELECT 7 % 2", cur:mogrify("SELECT 7 % 2"))
    end)

    db:it("may have options of its own, and nothing that is none", function()
      local conn, _, sql = prepare()
      local mine = lunasa.Cursor + { arraysize = 2 }
      local cur = conn:cursor(mine)
      cur:execute(sql)

      assert.same({ { 1, "a" }, { 2, "b" } }, cur:fetchmany())
      for _, wrong in ipairs({ 7, true, conn, { arraysise = 2 } }) do
        assert.equal("ArgumentError", failure(conn.cursor, conn, wrong).class)
      end
    end)

    db:it("takes percent signs in names, doubled", function()
      local conn = prepare()
      local cur = conn:cursor()
      cur:execute("CREATE TEMPORARY TABLE percentage (`A%` INT, `B%` INT)")
      cur:execute("INSERT INTO percentage (`A%%`, `B%%`) VALUES (%s, %s)", { 3, 4 })
      cur:execute("SELECT `A%`, `B%` FROM percentage")

      assert.same({ 3, 4 }, cur:fetchone())
    end)
  end)

  describe("a DictCursor of aiomysql's", function()
    db:it("has rows by name, however they are fetched", function()
      local conn, _, sql = prepare()
      for _, class in ipairs(BOTH_DICT) do
        local cur = conn:cursor(class)
        cur:execute(sql)
        assert.same(DICTS[1], cur:fetchone())
        assert.same({ DICTS[2] }, cur:fetchmany(1))
        assert.same({ DICTS[3] }, cur:fetchall())
        cur:execute(sql)
        local rows = {}
        for row in cur:rows() do
          table.insert(rows, row)
        end

        assert.same(DICTS, rows)
      end
    end)

    db:it("has rows of another type, by a function or a metatable", function()
      local conn, _, sql = prepare()
      local Person = {
        greet = function(self)
          return "I am " .. self.name
        end,
      }
      Person.__index = Person
      for _, class in ipairs(BOTH_DICT) do
        local cur = conn:cursor(class + { dict_type = Person })
        cur:execute(sql)
        assert.equal("I am a", cur:fetchone():greet())
        local listed = conn:cursor(class + {
          dict_type = function(keys, values)
            return keys[1] .. "=" .. values[1]
          end,
        })
        listed:execute(sql)

        assert.same({ "id=1", "id=2", "id=3" }, listed:fetchall())
      end
    end)

    db:it("keeps both of two columns of one name", function()
      local conn, t, _ = prepare()
      local sql = ("SELECT * FROM %s a JOIN %s b ON b.id = a.id + 1 ORDER BY a.id"):format(t, t)
      for _, class in ipairs(BOTH_DICT) do
        local cur = conn:cursor(class)
        cur:execute(sql)
        local row = cur:fetchone()

        assert.same({ id = 1, name = "a", ["b.id"] = 2, ["b.name"] = "b" }, row)
      end
    end)
  end)

  describe("a DeserializationCursor of aiomysql's", function()
    db:it("decodes JSON columns, and leaves text alone, in every kind of cursor", function()
      local conn = prepare()
      local t = db:table(conn, "j JSON, x TEXT")
      local cur = conn:cursor()
      local text = [[{"hello": ["wörld", 1]}]]
      cur:execute(("INSERT INTO %s VALUES (%%s, %%s)"):format(t), { text, text })
      local value = { hello = { "wörld", 1 } }
      local classes = lunasa.DeserializationCursor
      for _, class in ipairs(BOTH) do
        cur = conn:cursor(class + classes)
        cur:execute("SELECT * FROM " .. t)
        assert.same({ value, text }, cur:fetchone())
        cur:close()
        cur = conn:cursor(class + classes, lunasa.DictCursor)
        cur:execute("SELECT * FROM " .. t)

        assert.same({ j = value, x = text }, cur:fetchone())
      end
    end)
  end)

  describe("several results of aiomysql's", function()
    db:it("come one after the other, those without rows too", function()
      local conn = prepare()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1; COMMIT; SELECT 2")
        assert.same({ { 1 } }, cur:fetchall())
        assert.is_true(cur:nextset())
        assert.is_false(cur.has_rows)
        assert.is_true(cur:nextset())
        assert.same({ { 2 } }, cur:fetchall())

        assert.is_nil(cur:nextset())
      end
    end)

    db:it("may be skipped, by nextset and by the next statement", function()
      local conn = prepare()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1 UNION ALL SELECT 7; SELECT 2")
        assert.is_true(cur:nextset())
        assert.same({ 2 }, cur:fetchone())
        cur:execute("SELECT 1; SELECT 2")
        cur:execute("SELECT 42")

        assert.same({ { 42 } }, cur:fetchall())
        assert.is_nil(cur:nextset())
      end
    end)

    db:it("end where a statement fails, and the connection goes on", function()
      local conn = prepare()
      for _, class in ipairs(BOTH) do
        for i = 1, 3 do
          local cur = conn:cursor(class)
          cur:execute(("SELECT %d; xyzzy; SELECT 9"):format(i))
          assert.same({ { i } }, cur:fetchall())
          assert.equal(1064, failure(cur.nextset, cur).errno)
          assert.is_nil(cur:nextset())
        end
      end

      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("do not keep other cursors, nor COMMIT, from working", function()
      local conn = prepare()
      local first, second = conn:cursor(), conn:cursor()
      first:execute("SELECT 1; SELECT 2")
      second:execute("SELECT 3")
      conn:commit()

      assert.same({ 3 }, second:fetchone())
      assert.same({ 1 }, first:fetchone())
    end)
  end)

  describe("an SSCursor of aiomysql's", function()
    db:it("counts what is changed, and what is read", function()
      local conn, t, sql = prepare()
      local cur = conn:cursor(lunasa.SSCursor)
      assert.equal(3, cur:execute(("UPDATE %s SET name = %%s"):format(t), { "Foo" }))
      cur:execute(sql)
      assert.equal(-1, cur.rowcount)
      assert.equal(2, #cur:fetchmany(2))
      assert.equal(1, #cur:fetchmany())
      assert.is_nil(cur:fetchone())
      assert.equal(3, cur.rowcount)
      cur:close()

      cur:close()
    end)

    db:it("scrolls forward only", function()
      local conn, _, sql = prepare()
      local cur = conn:cursor(lunasa.SSCursor)
      cur:execute(sql)
      cur:scroll(1)
      assert.same({ 2, "b" }, cur:fetchone())
      assert.equal("NotSupportedError", failure(cur.scroll, cur, -2).class)
      assert.equal("NotSupportedError", failure(cur.scroll, cur, 1, "absolute").class)
      assert.equal("ProgrammingError", failure(cur.scroll, cur, 2, "not_valid_mode").class)

      cur:execute(sql)
      cur:scroll(2, "absolute")
      assert.same({ 3, "c" }, cur:fetchone())
    end)

    db:it("may be cancelled in the middle, and closed", function()
      local conn = prepare()
      local cur = conn:cursor(lunasa.SSCursor)
      cur:execute(
        "SELECT REPEAT('x', 10000) FROM information_schema.columns a, "
          .. "information_schema.columns b"
      )
      assert.equal(10000, #cur:fetchone()[1])
      local reader = lunasa.spawn(function()
        for _ in cur:rows() do
        end
      end)
      lunasa.sleep(0.01)
      reader:cancel()
      assert.equal("CancelledError", failure(reader.join, reader).class)
      cur:close()

      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("gives the rows of its second statement, not of its first", function()
      local conn = prepare()
      conn:with_cursor(lunasa.SSCursor, function(cur)
        cur:execute("SELECT 1 UNION ALL SELECT 3")
        cur:execute("SELECT 2")

        assert.same({ { 2 } }, cur:fetchall())
      end)
    end)

    db:it("ends with the server's limit, and the connection goes on", function()
      local conn, t = prepare()
      local cur = conn:cursor(lunasa.SSCursor)
      local err = failure(function()
        cur:execute(("SELECT SLEEP(30) FROM %s"):format(t), nil, { max_statement_time = 0.02 })
        cur:fetchall()
      end)

      assert.equal(db.features.limit_errno, err.errno)
      cur:execute("SELECT 1")
      assert.same({ 1 }, cur:fetchone())
    end)
  end)
end
