--- Options that change what values become, of a connection and of a call.

local assert = require("luassert")
local lunasa = require("lunasa")

local null = lunasa.null

--- Option, value, SQL, what becomes of it.
-- stylua: ignore
local CASES = {
  { "bigint", "auto", "SELECT 9007199254740993", 9007199254740993LL },
  { "bigint", "auto", "SELECT CAST(5 AS SIGNED)", 5 },
  { "bigint", "int64", "SELECT 4 + COUNT(*)", 5LL },
  { "bigint", "int64", "SELECT CAST(COUNT(*) AS UNSIGNED)", 1ULL },
  { "bigint", "int64", "SELECT COUNT(*)", 1LL },
  { "bigint", "int64", "SELECT CAST(18446744073709551615 AS UNSIGNED)", 18446744073709551615ULL },
  { "bigint", "string", "SELECT 9007199254740993", "9007199254740993" },
  { "bigint", "string", "SELECT -9223372036854775807", "-9223372036854775807" },
  { "bigint", "string", "SELECT 18446744073709551615", "18446744073709551615" },
  { "bigint", "string", "SELECT CAST(5 AS SIGNED)", 5 },
  { "bigint", "number", "SELECT 9223372036854775807", 2 ^ 63 },
  { "bigint", "number", "SELECT 18446744073709551615", 2 ^ 64 },
  { "decimal", "string", "SELECT 1.50", "1.50" },
  { "decimal", "number", "SELECT 1.50", 1.5 },
  { "decimal", "number", "SELECT -0.1", -0.1 },
  { "decimal", "number", "SELECT SUM(2)", 2 },
  { "bit", "string", "SELECT v FROM bits", ("\255"):rep(8) },
  { "bit", "number", "SELECT v FROM bits", 18446744073709551615ULL },
  { "bit", "number", "SELECT w FROM bits", 5 },
  { "bit", "number", "SELECT n FROM bits", null },
  { "json", "string", [[SELECT '{"a": 1}']], [[{"a": 1}]] },
  { "datetime", "string", "SELECT CAST('2024-02-29' AS DATE)", "2024-02-29" },
}

--- Type, text: what datetime = "table" makes prints the same text.
local MOMENTS = {
  { "DATE", "2024-02-29", { year = 2024, month = 2, day = 29 } },
  { "DATE", "0000-00-00", { year = 0, month = 0, day = 0 } },
  { "DATE", "2024-00-00", { year = 2024, month = 0, day = 0 } },
  { "DATETIME", "2024-02-29 23:59:58", { hour = 23, min = 59, sec = 58, usec = 0 } },
  { "DATETIME", "0000-00-00 00:00:00", { year = 0, hour = 0, sec = 0 } },
  { "DATETIME(6)", "2024-01-02 03:04:05.000006", { usec = 6 } },
  { "TIMESTAMP(3)", "2024-01-02 03:04:05.120", { usec = 120000 } },
  { "TIME", "-838:59:59", { neg = true, hours = 838, min = 59, sec = 59 } },
  { "TIME", "00:00:00", { neg = false, hours = 0 } },
  { "TIME(6)", "-00:00:00.000001", { neg = true, usec = 1 } },
}

local function same(expected, value)
  assert.equal(type(expected), type(value))
  assert.equal(tostring(expected), tostring(value))
end

---@param db spec.Database
return function(db)
  local function with_bits(conn)
    conn:execute("CREATE TEMPORARY TABLE bits (v BIT(64), w BIT(3), n BIT(3))")
    conn:execute("INSERT INTO bits VALUES (~0, 5, NULL)")
  end

  describe("option", function()
    for _, case in ipairs(CASES) do
      local name, value, sql, expected = unpack(case)

      db:it(("%s = %q for %s"):format(name, value, sql), function()
        local plain, told = db:connect(), db:connect({ [name] = value })
        with_bits(plain)
        with_bits(told)

        same(expected, plain:query(sql, nil, { [name] = value, rows = "array" })[1][1])
        same(expected, told:query(sql, nil, { rows = "array" })[1][1])
      end)
    end

    db:it('bigint = "int64" leaves narrower integers numbers', function(conn)
      local t = db:table(conn, "i INT UNSIGNED, y YEAR, b BIGINT")
      conn:execute(("INSERT INTO %s VALUES (4294967295, 2024, 1)"):format(t))

      local row = conn:first("SELECT * FROM " .. t, nil, { bigint = "int64" })
      same(4294967295, row.i)
      same(2024, row.y)
      same(1LL, row.b)
    end)

    for _, case in ipairs(MOMENTS) do
      db:it(('datetime = "table" for %s %s'):format(case[1], case[2]), function(conn)
        conn:execute("SET sql_mode = '', time_zone = '+00:00'")
        local t = db:table(conn, "v " .. case[1])
        conn:execute(("INSERT INTO %s VALUES (?)"):format(t), { case[2] })

        local value = conn:scalar("SELECT v FROM " .. t, nil, { datetime = "table" })
        assert.equal(case[2], tostring(value))
        for field, expected in pairs(case[3]) do
          assert.equal(expected, value[field])
        end
        assert.equal(1, conn:scalar(("SELECT COUNT(*) FROM %s WHERE v = ?"):format(t), { value }))
      end)
    end

    db:it('null = "nil" leaves NULL out of rows, but not of values()', function(conn)
      local res = conn:query("SELECT 1 AS a, NULL AS b", nil, { null = "nil" })

      assert.same({ { a = 1 } }, res:all())
      assert.same({ 1, null }, { res:values()() })
      assert.same({ null }, res:column("b"))
      assert.equal(null, res:get(1, "b"))
    end)

    db:it('null = "nil" does the same for a packed result', function(conn)
      local sql = "SELECT 1 AS a, NULL AS b" .. (" UNION ALL SELECT 1, NULL"):rep(40)
      local res = conn:query(sql, nil, { null = "nil" })

      assert.same({ a = 1 }, res[1])
      assert.same({ a = 1 }, res:rows()())
      assert.same({ 1, null }, { res:values()() })
      assert.equal(null, res:column("b")[41])
      assert.equal(null, res:get(41, "b"))
    end)

    db:it('rows = "array" makes lists', function(conn)
      local res = conn:query("SELECT 1 AS a, NULL AS b, 'x' AS c", nil, { rows = "array" })

      assert.same({ { 1, null, "x" } }, res:all())
      assert.equal("x", res:get(1, "c"))
    end)

    db:it("of a call wins over the connection's", function()
      local conn = db:connect({ rows = "array", decimal = "number", null = "nil" })

      assert.same({ 1.5 }, conn:first("SELECT 1.5, NULL"))
      local row = conn:first("SELECT 1.5 AS d, NULL AS n", nil, {
        rows = "dict",
        decimal = "string",
        null = "null",
      })
      assert.same({ d = "1.5", n = null }, row)
    end)
  end)

  describe("option json", function()
    local function stored(conn, text)
      local t = db:table(conn, "v JSON")
      conn:execute(("INSERT INTO %s VALUES (?)"):format(t), { text })
      return "SELECT v FROM " .. t
    end

    db:it_with("tells_json", '= "decode" makes tables of JSON columns', function(conn)
      local select = stored(conn, [[{"a": [1, null, "x"], "b": 12345678901234567}]])

      local value = conn:scalar(select, nil, { json = "decode" })
      assert.same({ 1, null, "x" }, value.a)
      same(12345678901234567LL, value.b)
    end)

    db:it('= "decode" leaves text columns alone', function(conn)
      assert.equal("[1]", conn:scalar("SELECT '[1]'", nil, { json = "decode" }))
    end)

    db:it("takes lunasa.json.encode as a parameter", function(conn)
      local select = stored(conn, lunasa.json.encode({ a = 1 }))

      assert.equal(1, lunasa.json.decode(conn:scalar(select)).a)
    end)
  end)
end
