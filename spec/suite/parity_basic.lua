--- What aiomysql's test_basic.py shows, where no other theme does: docs/aiomysql-parity.md.

local assert = require("luassert")
local lunasa = require("lunasa")

local null = lunasa.null

local TWELVE = "b BIT, i INT, l BIGINT, f REAL, s VARCHAR(32), u VARCHAR(32), bb BLOB, d DATE, "
  .. "dt DATETIME, td TIME, t TIME, st DATETIME"
local INSERT = "INSERT INTO %s VALUES (" .. ("%%s, "):rep(11) .. "%%s)"

---@param db spec.Database
return function(db)
  local conn, t

  describe("a program written for aiomysql", function()
    local function connect(autocommit)
      conn = db:connect({ paramstyle = "pyformat", rows = "array", autocommit = autocommit })
      t = db:table(conn, TWELVE)
    end

    db:it("has twelve types back as they went in", function()
      connect()
      local now = lunasa.datetime(os.date("%Y-%m-%d %H:%M:%S"))
      conn:execute(INSERT:format(t), {
        true,
        -3,
        123456789012,
        5.7,
        "hello'\" world",
        "Espa\195\177ol",
        lunasa.binary("binary\0data"),
        lunasa.datetime("1988-02-02"),
        now,
        lunasa.duration("120:00:06"),
        lunasa.duration("16:32:00"),
        "2013-11-12 09:09:09",
      })

      assert.same({
        "\1",
        -3,
        123456789012,
        5.7,
        "hello'\" world",
        "Espa\195\177ol",
        "binary\0data",
        "1988-02-02",
        tostring(now),
        "120:00:06",
        "16:32:00",
        "2013-11-12 09:09:09",
      }, conn:first("SELECT * FROM " .. t))
    end)

    db:it("has NULL back in twelve types, from nil and from lunasa.null", function()
      connect()
      local twelve = {}
      for i = 1, 12 do
        twelve[i] = null
      end
      conn:execute(INSERT:format(t), twelve)
      conn:execute(INSERT:format(t), lunasa.pack(unpack({}, 1, 12)))

      assert.same({ twelve, twelve }, conn:query("SELECT * FROM " .. t):all())
    end)

    db:it("compares with a list, and with values by name", function()
      connect()
      conn:execute(("INSERT INTO %s (i, l) VALUES (2, 4), (6, 8), (10, 12)"):format(t))
      local sql = "SELECT l FROM " .. t .. " WHERE i IN %s ORDER BY i"

      assert.same({ 4, 8 }, conn:query(sql, { { 2, 6 } }):column("l"))
      assert.same({ 12 }, conn:query(sql, { { 10 } }):column("l"))
      local row = conn:first("SELECT %(c)s, %(a)s, %(b)s", { a = 1, b = 2, c = 3 })
      assert.same({ 3, 1, 2 }, row)
    end)

    db:it("has times of both signs, with fractions", function()
      connect()
      local row = conn:first(
        "SELECT TIME('12:30'), TIME('23:12:59'), TIME('23:12:59.05100'), TIME('-12:30'), "
          .. "TIME('-23:12:59'), TIME('-23:12:59.05100'), TIME('-00:30')",
        nil,
        { datetime = "table" }
      )
      local seconds = {}
      for i, value in ipairs(row) do
        seconds[i] = value:total_seconds()
      end

      assert.same({ 45000, 83579, 83579.051, -45000, -83579, -83579.051, -1800 }, seconds)
    end)

    db:it("has microseconds, which the table keeps", function()
      connect()
      local sql = "SELECT CAST('2013-11-12 09:09:09.12345' AS DATETIME(6))"

      assert.equal("2013-11-12 09:09:09.123450", conn:scalar(sql))
      assert.equal(123450, conn:scalar(sql, nil, { datetime = "table" }).usec)
    end)

    db:it("undoes by rollback what was not committed, and a SELECT sees it before", function()
      connect(false)
      conn:execute(("INSERT INTO %s (i) VALUES (%%s)"):format(t), { 1 })
      assert.same({ { 1 } }, conn:query("SELECT i FROM " .. t):all())
      conn:rollback()

      assert.same({}, conn:query("SELECT i FROM " .. t):all())
      conn:rollback()
    end)

    db:it("has JSON text of any alphabet", function()
      connect()
      local j = db:table(conn, "id INT PRIMARY KEY, json JSON NOT NULL")
      local text = '{"hello": "こんにちは"}'
      conn:execute(("INSERT INTO %s VALUES (42, %%s)"):format(j), { text })
      local stored = conn:scalar(("SELECT json FROM %s WHERE id = 42"):format(j))

      assert.same({ hello = "こんにちは" }, lunasa.json.decode(stored))
    end)
  end)
end
