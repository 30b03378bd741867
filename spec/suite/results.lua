--- Results: small ones, whose rows are a table, and packed ones, whose rows are made on demand,
--- have the same fields and methods.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

--- A result of so many rows { n = 1 … count, s = "row 1" … }.
local function numbers(conn, count, options)
  local rows = {}
  for i = 1, count do
    rows[i] = ("SELECT %d AS n, 'row %d' AS s"):format(i, i)
  end
  return conn:query(table.concat(rows, " UNION ALL "), nil, options)
end

local function expected(count)
  local rows = {}
  for i = 1, count do
    rows[i] = { n = i, s = "row " .. i }
  end
  return rows
end

---@param db spec.Database
return function(db)
  for _, size in ipairs({ { "a small", 3 }, { "the largest small", 32 }, { "a packed", 300 } }) do
    local kind, count = unpack(size)

    describe(kind .. " result", function()
      db:it("has its counts and names", function(conn)
        local res = numbers(conn, count)

        assert.equal(count, res.rowcount)
        assert.same({ "n", "s" }, { unpack(res.names) })
        assert.equal(0, res.warning_count)
        assert.is_nil(res:nextset())
        assert.equal(("lunasa.Result(%d rows of 2 columns)"):format(count), tostring(res))
      end)

      db:it("gives rows by iteration, index and at once", function(conn)
        local res, rows, indexed = numbers(conn, count), {}, {}
        for row in res:rows() do
          table.insert(rows, row)
        end
        for i, row in res:irows() do
          indexed[i] = row
        end

        assert.same(expected(count), rows)
        assert.same(expected(count), indexed)
        assert.same(expected(count), res:all())
        assert.same({ n = count, s = "row " .. count }, res[count])
      end)

      db:it("gives values", function(conn)
        local values = {}
        for n, s in numbers(conn, count):values() do
          table.insert(values, { n = n, s = s })
        end

        assert.same(expected(count), values)
      end)

      db:it("gives cells and columns", function(conn)
        local res = numbers(conn, count)

        assert.equal("row 2", res:get(2, "s"))
        assert.equal(2, res:get(2, 1))
        assert.equal(count, #res:column("n"))
        assert.equal("row 1", res:column(2)[1])
        assert.equal(count, res:columns().n[count])
        assert.equal("row 3", res:columns().s[3])
      end)

      db:it("has nothing outside its rows", function(conn)
        local res = numbers(conn, count)

        for _, i in ipairs({ 0, -1, count + 1 }) do
          assert.is_nil(res[i])
          assert.is_nil(res:get(i, 1))
        end
      end)

      db:it("names its columns when one is not found", function(conn)
        local res = numbers(conn, count)

        for _, column in ipairs({ "x", 0, 3, 1.5 }) do
          local err = failure(res.get, res, 1, column)
          assert.equal("ProgrammingError", err.class)
          assert.matches("its columns are 'n', 's'", err.message, 1, true)
          assert.equal("ProgrammingError", failure(res.column, res, column).class)
        end
      end)

      db:it("raises when used after close", function(conn)
        local res = numbers(conn, count)
        res:close()
        res:close()

        for _, method in ipairs({ "rows", "irows", "values", "all", "columns", "get", "column" }) do
          local err = failure(res[method], res, 1, 1)
          assert.same({ "InterfaceError", "the result is closed" }, { err.class, err.message })
        end
        assert.equal(
          "InterfaceError",
          failure(function()
            return res[1]
          end).class
        )
        assert.equal("lunasa.Result(closed)", tostring(res))
      end)

      db:it("outlives later statements and its connection", function(conn)
        local res = numbers(conn, count)
        conn:query("SELECT 'other' AS s")
        conn:close()
        collectgarbage()

        assert.same(expected(count), res:all())
      end)

      db:it("can be iterated twice, and from within", function(conn)
        local res, pairs_seen = numbers(conn, count), 0
        for _ in res:rows() do
          for _ in res:values() do
            pairs_seen = pairs_seen + 1
          end
        end

        assert.equal(count * count, pairs_seen)
      end)

      db:it('rows = "array" gives lists', function(conn)
        local res = numbers(conn, count, { rows = "array" })

        assert.same({ count, "row " .. count }, res[count])
        assert.same({ 1, "row 1" }, res:rows()())
        assert.same({ 1, "row 1" }, res:all()[1])
        assert.equal("row 2", res:get(2, "s"))
      end)
    end)
  end

  describe("a result", function()
    db:it("without rows has names", function(conn)
      local res = conn:query("SELECT 1 AS a FROM DUAL WHERE 1 = 0")

      assert.same({}, res:all())
      assert.same({ "a" }, { unpack(res.names) })
      assert.equal(0, res.rowcount)
      assert.is_nil(res:rows()())
      assert.same({ a = {} }, res:columns())
    end)

    db:it("of a statement without rows has no names", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")
      local res = conn:query("INSERT INTO " .. t .. " (v) VALUES (1), (2)")

      assert.is_nil(res.names)
      assert.same({ 2, 2, 1 }, { res.rowcount, res.affected_rows, res.insert_id })
      assert.equal("Records: 2  Duplicates: 0  Warnings: 0", res.info)
      assert.same({}, res:all())
      assert.same({}, res:columns())
      assert.is_nil(res:rows()())
      assert.is_nil(res:values()())
      assert.equal("ProgrammingError", failure(res.get, res, 1, 1).class)
      assert.equal("lunasa.Result(2 rows affected)", tostring(res))
    end)

    db:it("counts warnings", function(conn)
      conn:execute("SET sql_mode = ''")

      assert.equal(1, conn:query("SELECT CAST('x' AS SIGNED)").warning_count)
      assert.equal(1, conn:query("DROP TABLE IF EXISTS nowhere").warning_count)
      assert.equal(0, conn:query("SELECT 1").warning_count)
    end)

    db:it("tells what an UPDATE matched", function(conn)
      local t = db:table(conn, "v INT")
      conn:execute("INSERT INTO " .. t .. " VALUES (1), (2)")

      local res = conn:query("UPDATE " .. t .. " SET v = 2")
      assert.equal(1, res.affected_rows)
      assert.equal("Rows matched: 2  Changed: 1  Warnings: 0", res.info)
    end)

    db:it("wider than 16 KB in few rows is packed and complete", function(conn)
      local res = conn:query("SELECT REPEAT('x', 20000) AS v UNION ALL SELECT 'y'")

      assert.equal(("x"):rep(20000), res[1].v)
      assert.same({ "y" }, { res[2].v })
      assert.equal(2, res.rowcount)
    end)

    db:it("has room for many columns", function(conn)
      local columns = {}
      for i = 1, 1000 do
        columns[i] = ("%d AS c%d"):format(i, i)
      end

      local res = conn:query("SELECT " .. table.concat(columns, ", "))
      assert.equal(1000, #res.names)
      assert.equal(777, res[1].c777)
      assert.equal(1000, select("#", res:values()()))
    end)
  end)

  db:it("that is taken for an iterator says how to iterate", function(conn)
    local cur = conn:cursor()
    cur:execute("SELECT 1")
    local things = { result = conn:query("SELECT 1"), cursor = cur }
    things.packed = conn:query("SELECT REPEAT('x', 100000)")

    for name, thing in pairs(things) do
      local err = database.failure(function()
        for _ in thing do
          error("nothing comes")
        end
      end)
      local word = name == "packed" and "result" or name
      assert.equal("ArgumentError", err.class)
      assert.matches(("write 'for row in %s:rows() do'"):format(word), err.message, 1, true)
      assert.matches("suite/results.lua", err.position, 1, true)
    end
  end)

  describe("columns of the same name", function()
    db:it("are all there by position, in values and as lists", function(conn)
      local sql = "SELECT 1 AS a, 2 AS a, 3 AS b"
      local res = conn:query(sql)

      assert.same({ "a", "a", "b" }, { unpack(res.names) })
      assert.same({ 1, 2, 3 }, { res:values()() })
      assert.same({ 1, 2 }, { res:get(1, 1), res:get(1, 2) })
      assert.same({ 1, 2, 3 }, conn:first(sql, nil, { rows = "array" }))
    end)

    db:it("mean the first by name", function(conn)
      local res = conn:query("SELECT 1 AS a, 2 AS a")

      assert.equal(1, res:get(1, "a"))
      assert.same({ 1 }, res:column("a"))
      assert.same({ a = { 1 } }, res:columns())
      assert.equal(1, res[1].a)
    end)
  end)

  describe("a large result", function()
    local LARGE = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < %d) "
      .. "SELECT n, REPEAT('x', n %% 100) AS s, IF(n %% 3, n, NULL) AS o FROM r"

    db:it("has every row in order", function(conn)
      local count = 50000
      local depth = conn.is_mariadb and "max_recursive_iterations" or "cte_max_recursion_depth"
      conn:execute(("SET SESSION %s = 100000"):format(depth))
      local res, i = conn:query(LARGE:format(count)), 0

      for n, s, o in res:values() do
        i = i + 1
        assert(n == i and #s == i % 100 and o == (i % 3 > 0 and i or lunasa.null), i)
      end
      assert.equal(count, i)
      assert.equal(count, res.rowcount)
    end)
  end)
end
