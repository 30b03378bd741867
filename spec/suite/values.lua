--- What the values of every column type become, in a small result and in a packed one.

local assert = require("luassert")
local lunasa = require("lunasa")

local null = lunasa.null

local EMOJI = "日本語 é 😀"

local every_byte = {}
for byte = 0, 255 do
  every_byte[byte + 1] = string.char(byte)
end
every_byte = table.concat(every_byte)

--- The point (1 2): SRID, byte order, type, two doubles.
local POINT = "\0\0\0\0" .. "\1" .. "\1\0\0\0" .. "\0\0\0\0\0\0\240\63" .. "\0\0\0\0\0\0\0\64"

--- Type, SQL, the value in Lua, and in the binary protocol where that is another one.
-- stylua: ignore
local CASES = {
  { "TINYINT", "-128", -128 }, { "TINYINT", "127", 127 }, { "TINYINT UNSIGNED", "255", 255 },
  { "BOOLEAN", "TRUE", 1 }, { "BOOLEAN", "FALSE", 0 },
  { "SMALLINT", "-32768", -32768 }, { "SMALLINT UNSIGNED", "65535", 65535 },
  { "MEDIUMINT", "-8388608", -8388608 }, { "MEDIUMINT UNSIGNED", "16777215", 16777215 },
  { "INT", "-2147483648", -2147483648 }, { "INT", "2147483647", 2147483647 },
  { "INT UNSIGNED", "4294967295", 4294967295 }, { "INT(5) ZEROFILL", "42", 42 },
  { "BIGINT", "0", 0 }, { "BIGINT", "-1", -1 },
  { "BIGINT", "9007199254740992", 2 ^ 53 }, { "BIGINT", "-9007199254740992", -2 ^ 53 },
  { "BIGINT", "9007199254740993", 9007199254740993LL },
  { "BIGINT", "-9007199254740993", -9007199254740993LL },
  { "BIGINT", "9223372036854775807", 9223372036854775807LL },
  { "BIGINT", "-9223372036854775808", -9223372036854775807LL - 1 },
  { "BIGINT UNSIGNED", "7", 7 }, { "BIGINT UNSIGNED", "9007199254740993", 9007199254740993ULL },
  { "BIGINT UNSIGNED", "9223372036854775808", 9223372036854775808ULL },
  { "BIGINT UNSIGNED", "18446744073709551615", 18446744073709551615ULL },
  { "YEAR", "1901", 1901 }, { "YEAR", "2155", 2155 }, { "YEAR", "0", 0 },
  { "FLOAT", "1.5", 1.5 }, { "FLOAT", "-0.25", -0.25 }, { "FLOAT", "1234567", 1234570, 1234567 },
  { "DOUBLE", "0.1", 0.1 }, { "DOUBLE", "-1.7976931348623157e308", -1.7976931348623157e308 },
  { "DOUBLE", "2.2250738585072014e-308", 2.2250738585072014e-308 }, { "DOUBLE", "1e22", 1e22 },
  { "DOUBLE", "1", 1 }, { "DOUBLE", "123456789.12345678", 123456789.12345678 },
  { "DECIMAL(5,2)", "-999.99", "-999.99" }, { "DECIMAL(10,0)", "0", "0" },
  { "DECIMAL(65,30)", "12345678901234567890123456789012345.123456789012345678901234567890",
    "12345678901234567890123456789012345.123456789012345678901234567890" },
  { "DATE", "'2024-02-29'", "2024-02-29" }, { "DATE", "'0000-00-00'", "0000-00-00" },
  { "DATE", "'2024-00-00'", "2024-00-00" }, { "DATE", "'9999-12-31'", "9999-12-31" },
  { "DATETIME", "'2024-02-29 23:59:58'", "2024-02-29 23:59:58" },
  { "DATETIME", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00" },
  { "DATETIME(6)", "'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999" },
  { "DATETIME(3)", "'2024-01-01 00:00:00.5'", "2024-01-01 00:00:00.500" },
  { "TIMESTAMP", "'2038-01-19 03:14:07'", "2038-01-19 03:14:07" },
  { "TIMESTAMP(6)", "'1970-01-01 00:00:01.000001'", "1970-01-01 00:00:01.000001" },
  { "TIME", "'-838:59:59'", "-838:59:59" }, { "TIME", "'838:59:59'", "838:59:59" },
  { "TIME", "'00:00:00'", "00:00:00" }, { "TIME(6)", "'-00:00:00.000001'", "-00:00:00.000001" },
  { "CHAR(10)", "'abc'", "abc" }, { "VARCHAR(50)", "''", "" }, { "VARCHAR(50)", "' '", " " },
  { "VARCHAR(50)", "'" .. EMOJI .. "'", EMOJI }, { "TINYTEXT", "'a'", "a" },
  { "TEXT", "REPEAT('ab', 20000)", ("ab"):rep(20000) }, { "MEDIUMTEXT", "'m'", "m" },
  { "LONGTEXT", "REPEAT('x', 70000)", ("x"):rep(70000) },
  { "ENUM('a', 'b')", "'b'", "b" }, { "SET('x', 'y', 'z')", "'z,x'", "x,z" },
  { "SET('x', 'y')", "''", "" },
  { "BINARY(4)", "'a'", "a\0\0\0" }, { "VARBINARY(300)", every_byte, every_byte },
  { "BLOB", every_byte, every_byte }, { "TINYBLOB", "", "" }, { "LONGBLOB", "\0\0", "\0\0" },
  { "BIT(1)", "b'1'", "\1" }, { "BIT(8)", "b'10000001'", "\129" }, { "BIT(10)", "b'1'", "\0\1" },
  { "BIT(64)", "~0", ("\255"):rep(8) },
  { "POINT", "POINT(1, 2)", POINT },
  { "JSON", [['{"a": [1, null]}']], [[{"a": [1, null]}]] },
}

--- A packed result is one of more than 32 rows.
local PACKED = 33

local function same(expected, value)
  assert.equal(type(expected), type(value))
  assert.equal(tostring(expected), tostring(value))
end

---@param db spec.Database
return function(db)
  --- Makes a table with one column and so many rows of the same value.
  local function filled(conn, column, sql, count)
    conn:execute("SET sql_mode = '', time_zone = '+00:00'")
    local name = db:table(conn, "v " .. column)
    local is_bytes = column:find("BLOB") or column:find("VARBINARY")
    local value = is_bytes and conn:literal(lunasa.binary(sql)) or sql
    local rows = ("(%s), "):format(value):rep(count)
    conn:execute(("INSERT INTO %s VALUES %s"):format(name, rows:sub(1, -3)))
    return "SELECT v FROM " .. name
  end

  local function title(case)
    local sql = case[2]:gsub("%c", "?")
    return ("%s %s"):format(case[1], #sql < 40 and not sql:find("[\128-\255]") and sql or "…")
  end

  describe("values", function()
    for _, case in ipairs(CASES) do
      db:it("of " .. title(case), function(conn)
        local select = filled(conn, case[1], case[2], PACKED)
        local small, packed = conn:query(select .. " LIMIT 2"), conn:query(select)

        local expected = db:is_binary() and case[4] or case[3]
        for _, res in ipairs({ small, packed }) do
          same(expected, res[2].v)
          same(expected, res:get(2, "v"))
          same(expected, res:column("v")[2])
          same(expected, res:values()())
          same(expected, res:rows()().v)
          same(expected, res:all()[2].v)
        end
      end)
    end

    local OTHERS = db.features.own_types
    for _, case in ipairs(OTHERS) do
      db:it(("of its own: %s"):format(case[1]), function(conn)
        same(case[3], conn:scalar(filled(conn, case[1], case[2], 1)))
      end)
    end

    db:it("NULL is lunasa.null in every type", function(conn)
      for _, case in ipairs(CASES) do
        if case[1] ~= "BOOLEAN" and not case[1]:find("^TIMESTAMP") then
          local select = filled(conn, case[1] .. " NULL", "NULL", 1)
          if not case[1]:find("BLOB") and not case[1]:find("VARBINARY") then
            assert.equal(null, conn:first(select).v)
          end
        end
      end
    end)

    db:it("empty is not NULL, and neither is the word", function(conn)
      local row = conn:first("SELECT '' AS a, NULL AS b, 'NULL' AS c, x'' AS d")

      assert.same({ a = "", b = null, c = "NULL", d = "" }, row)
    end)

    db:it("without a table", function(conn)
      local row = conn:first("SELECT 1 AS i, 1.50 AS d, 1e0 AS f, 'x' AS s, TRUE AS b, NULL AS n")

      assert.same({ i = 1, d = "1.50", f = 1, s = "x", b = 1, n = null }, row)
    end)

    db:it("of aggregates", function(conn)
      local row = conn:first("SELECT COUNT(*) AS c, SUM(1) AS s, AVG(1) AS a, MAX('x') AS m")

      assert.same({ c = 1, s = "1", a = "1.0000", m = "x" }, row)
    end)

    db:it("given as parameters come back", function(conn)
      local t = db:table(
        conn,
        "i BIGINT UNSIGNED, f DOUBLE, d DECIMAL(30,10), dt DATETIME(6), t TIME(3), b BLOB, "
          .. "s TEXT, n INT"
      )
      local values = {
        18446744073709551615ULL,
        0.1,
        "12345678901234567890.0123456789",
        lunasa.datetime("2024-02-29 23:59:58.000001"),
        lunasa.duration("-800:00:00.5"),
        lunasa.binary(every_byte),
        EMOJI,
        null,
      }
      conn:execute(("INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?, ?, ?)"):format(t), values)

      local row = conn:first("SELECT * FROM " .. t)
      same(values[1], row.i)
      row.i = nil
      assert.same({
        f = 0.1,
        d = values[3],
        dt = "2024-02-29 23:59:58.000001",
        t = "-800:00:00.500",
        b = every_byte,
        s = EMOJI,
        n = null,
      }, row)
      assert.equal(0, conn:query("SELECT 1").warning_count)
    end)
  end)
end
