--- Statements and values as text, as they would be sent.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local every_byte = {}
for byte = 0, 255 do
  every_byte[byte + 1] = string.char(byte)
end
every_byte = table.concat(every_byte)

---@param db spec.Database
return function(db)
  describe("mogrify", function()
    local CASES = {
      { "SELECT ?, ?", { 1, "it's" }, [[SELECT 1, 'it\'s']] },
      { "SELECT :a, ':a'", { a = lunasa.null }, "SELECT NULL, ':a'" },
      { "SELECT 1 IN ?", { { 1, "x" } }, "SELECT 1 IN (1, 'x')" },
      { "SELECT 7 % 2 ?", nil, "SELECT 7 % 2 ?" },
      { "SELECT 1", {}, "SELECT 1" },
    }
    for _, case in ipairs(CASES) do
      db:it("K13: gives the text of " .. case[1], function(conn)
        local cur = conn:cursor()
        assert.equal(case[3], conn:mogrify(case[1], case[2]))
        assert.equal(case[3], cur:mogrify(case[1], case[2]))
      end)
    end

    db:it("K13: is what is sent", function(conn)
      local cur = conn:cursor()
      local sql, args = "SELECT ?, ?, '?'", { "\\'", lunasa.binary("\0") }
      local text = cur:mogrify(sql, args)
      cur:execute(sql, args)

      assert.equal(text, cur.last_executed)
      assert.same(cur:fetchone(), conn:first(text, nil, { rows = "array" }))
    end)

    db:it("K14: collapses %% when args are given, and only then", function(conn)
      local options = { paramstyle = "pyformat" }
      local cur = conn:cursor(options)
      for _, args in ipairs({ { 5 }, {}, false }) do
        local sql = args and args[1] and "SELECT %s, '%%'" or "SELECT 5, '%%'"
        local expected = args and "SELECT 5, '%'" or "SELECT 5, '%%'"
        assert.equal(expected, conn:mogrify(sql, args or nil, options))
        assert.equal(expected, cur:mogrify(sql, args or nil))
      end
    end)

    db:it("K14: names the placeholder that has no value", function(conn)
      local WRONG = {
        { "SELECT ?, ?", { 1 }, "more placeholders than parameters" },
        { "SELECT ?", { 1, 2 }, "1 placeholders, and 2 parameters" },
        { "SELECT :name", { other = 1 }, ":name" },
      }
      for _, case in ipairs(WRONG) do
        local err = failure(conn.mogrify, conn, case[1], case[2])
        assert.is_true(err:is("ProgrammingError"))
        assert.matches(case[3], err.message, 1, true)
      end
    end)

    db:it("K15: reads no placeholder in a value", function(conn)
      local hostile = "%s %(a)s %% ? :a"
      assert.equal(
        ("SELECT '%s', '%s'"):format(hostile, hostile),
        conn:mogrify("SELECT %s, %s", { hostile, hostile }, { paramstyle = "pyformat" })
      )
      assert.equal(("SELECT '%s', 1"):format(hostile), conn:mogrify("SELECT ?, ?", { hostile, 1 }))
    end)

    db:it("raises for what is wrong", function(conn)
      for _, args in ipairs({ "x", 5 }) do
        assert.equal("ArgumentError", failure(conn.mogrify, conn, "SELECT ?", args).class)
      end
      assert.equal("ArgumentError", failure(conn.mogrify, conn, nil).class)
      local err = failure(conn.mogrify, conn, "SELECT ?", { 1 }, { nonsense = 1 })
      assert.matches("unknown option 'nonsense'", err.message)
      conn:close()
      assert.equal("InterfaceError", failure(conn.mogrify, conn, "SELECT 1").class)
    end)
  end)

  describe("escape", function()
    db:it("C10: follows the SQL mode of the session", function(conn)
      assert.equal([['foo\'bar']], conn:escape("foo'bar"))
      assert.equal([[foo\'b\\r]], conn:escape_string([[foo'b\r]]))
      conn:execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
      assert.equal([['foo''bar']], conn:escape("foo'bar"))
      assert.equal([[foo''b\r]], conn:escape_string([[foo'b\r]]))
      assert.equal([[('a''\', x'5C27')]], conn:escape({ "a'\\", lunasa.binary("\\'") }))
      assert.equal([[SELECT ('\', '''')]], conn:mogrify("SELECT ?", { { "\\", "'" } }))
      assert.same(
        { "\\'", 1 },
        conn:first("SELECT ?, ? IN ?", { "\\'", "\\", { "'", "\\" } }, { rows = "array" })
      )
    end)

    db:it("gives every kind of value as text", function(conn)
      local VALUES = {
        { nil, "NULL" },
        { lunasa.null, "NULL" },
        { true, "1" },
        { false, "0" },
        { 5, "5" },
        { 2 ^ 53, "9007199254740992" },
        { 9223372036854775807LL, "9223372036854775807" },
        { 18446744073709551615ULL, "18446744073709551615" },
        { 0.1, "0.1e0" },
        { 1e100, "1e+100" },
        { "", "''" },
        { lunasa.binary("\0a"), "x'0061'" },
        { lunasa.datetime("2024-01-02 03:04:05"), "'2024-01-02 03:04:05'" },
        { lunasa.datetime("2024-01-02 03:04:05.000006"), "'2024-01-02 03:04:05.000006'" },
        { lunasa.duration("-00:00:01"), "'-00:00:01'" },
        { lunasa.duration("48:00:05.5"), "'48:00:05.5'" },
        { { { 1, 2 }, { 3, 4 } }, "((1, 2), (3, 4))" },
      }
      for i = 1, 17 do
        assert.equal(VALUES[i][2], conn:escape(VALUES[i][1]))
        assert.equal(VALUES[i][2], conn:literal(VALUES[i][1]))
      end
    end)

    db:it("K16, K17, K18: raises for what SQL cannot say", function(conn)
      for _, value in ipairs({ {}, { a = 1 }, print, 0 / 0, math.huge, -math.huge, io.stdout }) do
        assert.is_true(failure(conn.escape, conn, value):is("ProgrammingError"))
      end
      for _, value in ipairs({ 5, {}, true, lunasa.null }) do
        assert.equal("ArgumentError", failure(conn.escape_string, conn, value).class)
      end
    end)

    db:it("K19: keeps all bytes, without a warning", function(conn)
      local res = conn:query("SELECT ? AS b", { lunasa.binary(every_byte) })

      assert.equal(every_byte, res[1].b)
      assert.equal(0, res.warning_count)
    end)

    db:it("K20: dates and durations arrive as they are", function(conn)
      local t = db:table(conn, "a DATETIME(6), b TIME(6), c TIME")
      local row = {
        lunasa.datetime("2024-02-29 23:59:59.999999"),
        lunasa.duration("-00:00:01.500000"),
        lunasa.duration("-838:59:59"),
      }
      conn:execute("INSERT INTO " .. t .. " VALUES (?, ?, ?)", row)

      local got = conn:first("SELECT * FROM " .. t, nil, { rows = "array" })
      assert.same({ "2024-02-29 23:59:59.999999", "-00:00:01.500000", "-838:59:59" }, got)
    end)

    db:it("is not to be had without a connection", function()
      for _, name in ipairs({ "escape_string", "escape_sequence", "escape_dict" }) do
        local err = failure(lunasa[name], "x")
        assert.equal("NotSupportedError", err.class)
        assert.matches("conn:escape", err.message, 1, true)
      end
    end)
  end)
end
