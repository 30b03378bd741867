--- Values in statements: what arrives is what was given, whatever the SQL mode and the character
--- set are, and none of it is read as SQL.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local every_byte = {}
for byte = 0, 255 do
  every_byte[byte + 1] = string.char(byte)
end
every_byte = table.concat(every_byte)

--- Strings that would do harm if they got out of their quotes.
local HOSTILE = {
  "' OR '1'='1",
  "\\' OR 1=1 -- ",
  "\\",
  "\\\\'",
  "''",
  '"; DROP TABLE users; --',
  "`",
  "a\0b",
  "\r\n\t\b\26",
  "%s %(a)s %% ? :a",
  "/* */ # --",
  "日本語 ä é 😀",
  "",
  "_%\\_\\%",
  (("'"):rep(1000)),
  (("\\"):rep(1001)),
}

---@param db spec.Database
return function(db)
  local MODES = {
    { "backslashes", "" },
    { "NO_BACKSLASH_ESCAPES", "NO_BACKSLASH_ESCAPES" },
    { "ANSI_QUOTES", "ANSI_QUOTES" },
    { "both", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES" },
  }
  for _, mode in ipairs(MODES) do
    describe("a string under " .. mode[1], function()
      db:it("arrives as it is", function(conn)
        conn:execute(("SET sql_mode = '%s'"):format(mode[2]))
        for _, text in ipairs(HOSTILE) do
          assert.equal(text, conn:scalar("SELECT ?", { text }))
          assert.equal(text, conn:scalar("SELECT :text", { text = text }))
          assert.equal(text, conn:scalar("SELECT %s", { text }, { paramstyle = "pyformat" }))
        end
      end)

      db:it("arrives as it is in a list", function(conn)
        conn:execute(("SET sql_mode = '%s'"):format(mode[2]))
        for _, text in ipairs(HOSTILE) do
          assert.equal(1, conn:scalar("SELECT BINARY ? IN ?", { text, { "x", text } }))
        end
      end)

      db:it("arrives as it is when lunasa.binary", function(conn)
        conn:execute(("SET sql_mode = '%s'"):format(mode[2]))

        assert.equal(every_byte, conn:scalar("SELECT ?", { lunasa.binary(every_byte) }))
        assert.equal("", conn:scalar("SELECT ?", { lunasa.binary("") }))
      end)
    end)
  end

  describe("escaping", function()
    db:it("follows a change of SQL mode made by the same text", function()
      local conn = db:connect({ multi_statements = true })

      conn:query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 1")
      assert.equal([['a\''b']], conn:literal([[a\'b]]))
      conn:query("SET sql_mode = ''; SELECT 1")
      assert.equal([['a\\\'b']], conn:literal([[a\'b]]))
    end)

    db:it("follows a placeholder scan under NO_BACKSLASH_ESCAPES", function(conn)
      conn:execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")

      assert.same({ "\\", 1 }, conn:first([[SELECT '\', ?]], { 1 }, { rows = "array" }))
    end)

    for _, charset in ipairs({ "gbk", "sjis", "big5" }) do
      db:it("is refused after SET NAMES " .. charset .. " by hand", function(conn)
        conn:query("SET NAMES " .. charset)

        local err = failure(conn.query, conn, "SELECT ?", { "\191'" })
        assert.equal("ArgumentError", err.class)
        assert.matches(charset, err.message, 1, true)
        assert.equal("\191'", conn:scalar("SELECT ?", { lunasa.binary("\191'") }))
        assert.equal(5, conn:scalar("SELECT ?", { 5 }))
      end)

      db:it("works again after " .. charset .. " is left", function(conn)
        conn:query("SET NAMES " .. charset)
        conn:query("SET NAMES utf8mb4")

        assert.equal("é", conn:scalar("SELECT ?", { "é" }))
      end)
    end

    db:it("is refused when only the client's character set is changed", function(conn)
      conn:query("SET character_set_client = gbk")

      assert.equal("ArgumentError", failure(conn.query, conn, "SELECT ?", { "x" }).class)
    end)

    db:it("is refused from the start in such a character set", function()
      local conn = db:connect({ charset = "gbk" })

      assert.equal("ArgumentError", failure(conn.query, conn, "SELECT ?", { "x" }).class)
    end)

    db:it("works in latin1", function()
      local conn = db:connect({ charset = "latin1" })

      assert.equal("\233'\\", conn:scalar("SELECT ?", { "\233'\\" }))
    end)
  end)

  describe("a number", function()
    local NUMBERS = {
      { 0, "0" },
      { 1, "1" },
      { -1, "-1" },
      { 2 ^ 53, "9007199254740992" },
      { -2 ^ 53, "-9007199254740992" },
      { 9223372036854775807LL, "9223372036854775807" },
      { -9223372036854775807LL - 1, "-9223372036854775808" },
      { 18446744073709551615ULL, "18446744073709551615" },
      { true, "1" },
      { false, "0" },
    }
    for _, case in ipairs(NUMBERS) do
      db:it(("%s is sent exactly"):format(case[2]), function(conn)
        assert.equal(case[2], conn:scalar("SELECT CAST(? AS CHAR)", { case[1] }))
      end)
    end

    db:it("with a fraction comes back bit by bit", function(conn)
      for _, number in ipairs({ 0.1, -0.1, 1 / 3, 1e100, 5e-324, 1.7976931348623157e308 }) do
        assert.equal(number, conn:scalar("SELECT ? + 0e0", { number }))
      end
    end)

    db:it("serves LIMIT", function(conn)
      local res = conn:query("SELECT 1 UNION ALL SELECT 2 LIMIT ? OFFSET ?", { 1, 1 })

      assert.equal(1, res.rowcount)
    end)
  end)

  describe("literal", function()
    db:it("gives SQL text", function(conn)
      assert.equal([['it\'s']], conn:literal("it's"))
      assert.equal("NULL", conn:literal(lunasa.null))
      assert.equal("NULL", conn:literal(nil))
      assert.equal("1", conn:literal(true))
      assert.equal("-0e0", conn:literal(-0.0))
      assert.equal("(1, 'a')", conn:literal({ 1, "a" }))
      assert.equal("x'00FF'", conn:literal(lunasa.binary("\0\255")))
    end)

    db:it("gives a table of dates and times as the server reads it", function(conn)
      local value = lunasa.datetime("2024-02-29 23:59:58.000001")

      assert.equal("'2024-02-29 23:59:58.000001'", conn:literal(value))
      assert.equal("'-838:59:59'", conn:literal(lunasa.duration("-838:59:59")))
    end)

    db:it("C10: is also called escape, and escape_string gives no quotes", function(conn)
      assert.equal([['foo\'bar']], conn:escape("foo'bar"))
      assert.equal([[foo\'bar]], conn:escape_string("foo'bar"))
      conn:execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
      assert.equal("'foo''bar'", conn:escape("foo'bar"))
      assert.equal("foo''bar\\", conn:escape_string("foo'bar\\"))
      assert.equal("('a''b', x'5C')", conn:escape({ "a'b", lunasa.binary("\\") }))
      assert.equal("", conn:escape_string(""))

      assert.equal("ArgumentError", failure(conn.escape_string, conn, 7).class)
      conn:close()
      local err = failure(function()
        conn:escape_string("x")
      end)
      assert.equal("InterfaceError", err.class)
      assert.matches("suite/", err.position, 1, true)
    end)

    db:it("raises for what cannot be said", function(conn)
      assert.equal("ArgumentError", failure(conn.literal, conn, print).class)
    end)
  end)

  describe("quote_identifier", function()
    db:it("doubles backticks", function(conn)
      assert.equal("`a``b`", conn:quote_identifier("a`b"))
      assert.equal(1, conn:first("SELECT 1 AS " .. conn:quote_identifier("a`; b"))["a`; b"])
    end)

    db:it("needs a name", function(conn)
      local err = failure(conn.quote_identifier, conn, nil)

      assert.equal("ArgumentError", err.class)
      assert.matches("quote_identifier needs a name, got nil", err.message, 1, true)
    end)

    for _, charset in ipairs({ "gbk", "sjis", "big5" }) do
      db:it("refuses half of a character in " .. charset .. ", and ASCII stays", function(conn)
        conn:query("SET NAMES " .. charset)
        for _, evil in ipairs({ "\149`; SELECT 1 -- ", "\149" }) do
          for method, call in pairs({
            quote_identifier = function()
              conn:quote_identifier(evil)
            end,
            savepoint = function()
              conn:savepoint(evil)
            end,
            callproc = function()
              conn:callproc(evil, { 1 })
            end,
            ["callproc of a cursor"] = function()
              conn:cursor():callproc(evil)
            end,
          }) do
            local err = failure(call)
            assert.equal("ArgumentError", err.class, method)
            assert.matches(charset, err.message, 1, true)
            assert.matches("suite/escaping", err.position, 1, true)
          end
        end
        assert.equal("`a``b`", conn:quote_identifier("a`b"))
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end
  end)
end
