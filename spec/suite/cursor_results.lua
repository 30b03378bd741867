--- What a cursor does with parameters, several results, errors and warnings.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure
local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- 1000 rows, more than are made at once.
local THOUSAND = (
  "SELECT a.d + 10 * b.d + 100 * c.d AS n FROM %s a CROSS JOIN %s b " .. "CROSS JOIN %s c"
):format(DIGITS, DIGITS, DIGITS)

local BOTH = { lunasa.Cursor, lunasa.SSCursor }

---@param db spec.Database
return function(db)
  describe("cur:execute", function()
    db:it("takes a list, a map, or one value", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        local function value(sql, args, options)
          cur:execute(sql, args, options)
          local row = cur:fetchone()
          cur:fetchall()
          return row[1]
        end
        -- Texts of their own: MySQL keeps the type that a parameter of a prepared text had first.
        assert.equal("7", tostring(value("SELECT ? + 0 AS n", { 7 })))
        assert.equal("x", value("SELECT :name AS x", { name = "x" }))
        assert.equal("it's", value("SELECT ? AS s", "it's"))
        assert.equal(1, tonumber(value("SELECT ? AS b", true)))
        assert.equal(5, value("SELECT ? + 0 AS i", 5LL))
        assert.equal("\0\255", value("SELECT ? AS raw", lunasa.binary("\0\255")))
        assert.equal(lunasa.null, value("SELECT ? AS z", lunasa.null))
        assert.equal(lunasa.null, value("SELECT ? AS z", lunasa.pack(nil)))
        assert.equal("50%", value("SELECT '50%'"))
        assert.equal("a%", value("SELECT %s AS s", "a%", { paramstyle = "pyformat" }))
        assert.equal(
          2,
          tonumber(value("SELECT %(n)s AS n", { n = 2 }, { paramstyle = "pyformat" }))
        )
      end
      local cur = conn:cursor({ paramstyle = "pyformat" })
      cur:execute("SELECT %s, '100%%'", { 1 })
      assert.same({ 1, "100%" }, { tonumber((cur:fetchone())[1]), "100%" })
    end)

    db:it("K17: raises before anything is sent", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        local wrong = {
          { 5 },
          { "SELECT ?", { 1, 2 } },
          { "SELECT ?", {} },
          { "SELECT ?", print },
          { "SELECT ?", { { a = 1 } } },
          { "SELECT ?", 0 / 0 },
          { "SELECT 1", nil, { timout = 5 } },
          { "SELECT 1", nil, { timeout = "x" } },
          { "SELECT 1", nil, 5 },
        }
        for _, args in ipairs(wrong) do
          local err = failure(cur.execute, cur, unpack(args, 1, 3))
          assert.is_true(err:is("ArgumentError") or err:is("ProgrammingError"), tostring(err))
          assert.is_nil(err.errno)
        end
        assert.is_nil(cur.executed)
        cur:execute("SELECT 1")
        cur:fetchall()
      end
    end)

    db:it("says what was sent", function(conn)
      local cur = conn:cursor()
      cur:execute("SELECT ? AS a", "it's")
      if not db:is_binary() then
        assert.equal(cur:mogrify("SELECT ? AS a", "it's"), cur.last_executed)
        assert.matches("it\\'s", cur.last_executed, 1, true)
      end
      local sent = cur.last_executed
      assert.equal(sent, cur.executed)
      failure(cur.execute, cur, "SELEC 1")
      assert.same({ "SELEC 1", sent }, { cur.last_executed, cur.executed })
      failure(cur.fetchone, cur)
      assert.equal("SELECT 5% AS x", cur:mogrify("SELECT 5% AS x"))
    end)

    db:it("K15: does not look into parameters for placeholders", function(conn)
      local cur = conn:cursor()
      for _, text in ipairs({ "%s", "%(a)s", "%%", "?", ":a", "??" }) do
        cur:execute("SELECT ?, ?", { text, text })
        assert.same({ text, text }, cur:fetchone())
      end
    end)
  end)

  describe("several results of a cursor", function()
    local function connect()
      return db:connect({ multi_statements = true, protocol = "text" })
    end

    db:it("K10: come one after another", function()
      local conn = connect()
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")
      local sql = (
        "SELECT 1 AS a UNION ALL SELECT 2; COMMIT; INSERT INTO %s (v) VALUES (7), (8); "
        .. "SELECT 3 AS b"
      ):format(t)
      for i, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(sql)
        assert.equal("a", cur.description[1].name)
        assert.same({ { 1 }, { 2 } }, cur:fetchall())
        assert.equal(2, cur.rowcount)
        assert.is_true(cur:nextset())
        assert.same({ 0, 0 }, { cur.rowcount, cur.rownumber })
        assert.is_nil(cur.description)
        assert.is_true(cur:nextset())
        assert.same({ 2, 2 * i - 1 }, { cur.rowcount, cur.lastrowid })
        assert.is_nil(cur:fetchone())
        assert.is_true(cur:nextset())
        assert.equal("b", cur.description[1].name)
        assert.is_nil(cur.lastrowid)
        assert.same({ 3 }, cur:fetchone())
        assert.is_nil(cur:fetchone())
        assert.is_nil(cur:nextset())
        assert.is_nil(cur:nextset())
        assert.equal(1, conn:scalar("SELECT 1"))
      end
    end)

    db:it("U7: are passed over with rows unread", function()
      local conn = connect()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1 UNION ALL SELECT 2; SELECT 3 UNION ALL SELECT 4; SELECT 5; SELECT 6")
        assert.same({ 1 }, cur:fetchone())
        assert.is_true(cur:nextset())
        assert.same({ 3 }, cur:fetchone())
        assert.is_true(cur:nextset())
        assert.is_true(cur:nextset())
        assert.same({ { 6 } }, cur:fetchall())
        assert.is_nil(cur:nextset())
        assert.is_nil(cur:fetchone())
      end
    end)

    db:it("may be gone on to inside a loop", function()
      local conn = connect()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(("%s; SELECT 7, 8, 9 UNION ALL SELECT 4, 5, NULL; SELECT 3"):format(THOUSAND))
        local seen = {}
        for a, b, c in cur:values() do
          if a == 500 then
            assert.is_true(cur:nextset())
          elseif cur.columns[3] then
            table.insert(seen, { a, b, c })
          end
        end
        assert.same({ { 7, 8, 9 }, { 4, 5, lunasa.null } }, seen)
        assert.same({ 2, 2 }, { cur.rownumber, cur.rowcount })
        local again = cur:values()
        cur:execute("SELECT 1")
        assert.equal("InterfaceError", failure(again).class)
      end
    end)

    db:it("K9: are dropped by the next execute, and by close", function()
      local conn = connect()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1; SELECT 2; SELECT 3")
        cur:execute("SELECT 4 AS x; SELECT 5")
        assert.same({ 4 }, cur:fetchone())
        cur:close()
        assert.equal(1, conn:scalar("SELECT 1"))
      end
    end)

    db:it("K10: of a buffered cursor survive what others do", function()
      local conn = connect()
      local cur, other = conn:cursor(), conn:cursor()
      cur:execute("SELECT 1 AS a; SELECT 2 AS b")
      other:execute("SELECT 3; SELECT 4")
      assert.same({ 1 }, cur:fetchone())
      assert.is_true(cur:nextset())
      assert.same({ 2 }, cur:fetchone())
      assert.is_true(other:nextset())
      assert.same({ 4 }, other:fetchone())
    end)

    db:it("K11: end with the error of a later statement, once", function()
      local conn = connect()
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1; SELECT * FROM nowhere; SELECT 3")
        cur:fetchall()
        assert.equal(1146, failure(cur.nextset, cur).errno)
        assert.is_nil(cur:nextset())
        assert.is_nil(cur:fetchone())
        assert.same({}, cur:fetchall())
        assert.is_nil(cur.description)
        assert.same({ -1, false }, { cur.rowcount, cur.has_rows })
        assert.equal(1, conn:scalar("SELECT 1"))
      end
    end)

    db:it("K11: of a procedure", function(conn)
      local name = "cursor_results_" .. (db:is_binary() and "b" or "t")
      local create = ("CREATE PROCEDURE %s() BEGIN SELECT 1 AS a; SELECT 2 AS b; END"):format(name)
      conn:execute("DROP PROCEDURE IF EXISTS " .. name, nil, { protocol = "text" })
      conn:execute(create, nil, { protocol = "text" })
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(("CALL %s()"):format(name))
        assert.same({ { 1 } }, cur:fetchall())
        assert.is_true(cur:nextset())
        assert.same({ { 2 } }, cur:fetchall())
        assert.is_true(cur:nextset()) -- the procedure's own end
        assert.equal(0, cur.rowcount)
        assert.is_nil(cur:nextset())
      end
    end)
  end)

  describe("a cursor's warnings", function()
    db:it("K21: are counted, and asked for by nobody else", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(2)")
      conn:execute("SET sql_mode = ''")
      for i, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute(("INSERT INTO %s (v) VALUES ('long')"):format(t))
        assert.same({ 1, i }, { cur.warning_count, cur.lastrowid })
        local list = cur:warnings()
        assert.equal(1, #list)
        assert.same({ "Warning", 1265 }, { list[1].level, list[1].code })
        assert.same({ list[1].level, list[1].code, list[1].message }, { unpack(list[1]) })
        assert.equal(1, cur.warning_count)
        cur:execute("SELECT id FROM " .. t)
        assert.equal(0, cur.warning_count)
        cur:fetchall()
        assert.same({}, cur:warnings())
      end
    end)

    db:it("K21: wait for the rows", function(conn)
      local cur = conn:cursor(lunasa.SSCursor)
      cur:execute("SELECT 1 UNION ALL SELECT 2")
      assert.equal("ProgrammingError", failure(cur.warnings, cur).class)
      assert.equal(2, #cur:fetchall())
      assert.same({}, cur:warnings())
    end)
  end)

  describe("a cursor's block", function()
    db:it("closes behind itself, and gives what its function gives", function(conn)
      local kept
      local a, b, c = conn:with_cursor(lunasa.SSCursor, function(cur)
        kept = cur
        cur:execute("SELECT 1 UNION ALL SELECT 2")
        return cur:fetchone()[1], nil, "c"
      end)
      assert.same({ 1, nil, "c" }, { a, b, c })
      assert.is_true(kept.closed)
      local err = failure(conn.with_cursor, conn, function(cur)
        kept = cur
        cur:execute("SELECT 1; SELEC")
      end)
      assert.equal(1064, err.errno)
      assert.is_true(kept.closed)
      local own = {}
      local ok, raised = pcall(conn.with_cursor, conn, lunasa.SSCursor, function(cur)
        cur:execute("SELECT 1 UNION ALL SELECT 2")
        error(own, 0)
      end)
      assert.is_false(ok)
      assert.equal(own, raised)
      assert.equal(1, conn:scalar("SELECT 1"))
      assert.equal("ArgumentError", failure(conn.with_cursor, conn, lunasa.Cursor).class)
      local cur = conn:cursor()
      assert.equal("ArgumentError", failure(cur.with, cur).class)
      assert.equal(
        3,
        cur:with(function()
          return 3
        end)
      )
      assert.equal("ProgrammingError", failure(cur.with, cur, print).class)
    end)

    db:it("each stops at false, and closes", function(conn)
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        cur:execute("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")
        local seen = {}
        cur:each(function(row)
          table.insert(seen, row[1])
          return row[1] < 2
        end)
        assert.same({ 1, 2 }, seen)
        assert.is_true(cur.closed)
        local other = conn:cursor(class)
        other:execute("SELECT 1 UNION ALL SELECT 2")
        local ok, err = pcall(other.each, other, function()
          error("mine", 0)
        end)
        assert.same({ false, "mine" }, { ok, err })
        assert.is_true(other.closed)
        assert.equal(1, conn:scalar("SELECT 1"))
      end
    end)
  end)

  describe("LOAD DATA LOCAL in a cursor", function()
    db:it("K22: takes its data from execute", function()
      local conn = db:connect({ local_infile = true })
      local t = db:table(conn, "id INT, v VARCHAR(9)")
      for _, class in ipairs(BOTH) do
        local cur = conn:cursor(class)
        local sql = ("LOAD DATA LOCAL INFILE 'x' INTO TABLE %s"):format(t)
        assert.equal(2, cur:execute(sql, nil, { infile = { data = "1\ta\n2\tb\n" } }))
        assert.matches("Records: 2", cur.info, 1, true)
        assert.equal(sql, cur.last_executed)
      end
    end)
  end)
end
