--- conn:stream with fetch_size: rows that the server keeps, and gives some at a time.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- A statement of 1000 rows: the number of each, in order, and another expression.
local function numbers(expression)
  local sql = "SELECT a.d + 10 * b.d + 100 * c.d AS n, %s FROM %s a CROSS JOIN %s b "
    .. "CROSS JOIN %s c ORDER BY 1"
  return sql:format(expression or "'x' AS x", DIGITS, DIGITS, DIGITS)
end

local THOUSAND = numbers()
local SIZES = { 1, 7, 100, 1000, 5000 }

local function by(size)
  return { fetch_size = size }
end

--- What the server has counted of COM_STMT_FETCH in this session.
local function fetches(conn)
  return tonumber(conn:first("SHOW SESSION STATUS LIKE 'Com_stmt_fetch'").Value)
end

local function count(stream)
  local rows = 0
  for row in stream:rows() do
    assert.equal(rows, row.n)
    rows = rows + 1
  end
  return rows
end

---@param db spec.Database
return function(db)
  describe("a stream with fetch_size", function()
    db:it("leaves its statement fit for an execution without a cursor", function(conn)
      local sql = "SELECT d AS n, CONCAT(?, d) AS t FROM " .. DIGITS .. " a"
      for _, first in ipairs({ "cursor", "prepared" }) do
        if first == "prepared" then
          conn:prepare(sql)
        end
        assert.equal(10, count(conn:stream(sql, { "x" }, by(3))))
        local rows = conn:query(sql, { "y" }, { protocol = "binary" }):all()
        assert.same({ 10, "y9" }, { #rows, rows[10].t })
        assert.equal(10, count(conn:stream(sql, { "x" }, by(3))))
        conn:reset()
      end
    end)

    db:it("gives every row once, whatever the size", function(conn)
      local id = conn:thread_id()
      for _, size in ipairs(SIZES) do
        assert.equal(1000, count(conn:stream(THOUSAND, nil, by(size))), size)
      end

      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("gets its rows by COM_STMT_FETCH, no more often than needed", function(conn)
      local before = fetches(conn)
      count(conn:stream(THOUSAND, nil, by(300)))

      assert.equal(4, fetches(conn) - before)
    end)

    db:it("gives no rows where there are none, but their names", function(conn)
      local stream = conn:stream("SELECT 1 AS a FROM DUAL WHERE 1 = ?", { 0 }, by(10))

      assert.same({ "a" }, stream.names)
      assert.is_nil(stream:fetch())
      assert.is_true(stream.closed)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("gives what a query gives, NULL and types among it", function(conn)
      local sql = numbers(
        "NULLIF(a.d, 3) AS z, 18446744073709551615 AS b, CAST('1.50' AS DECIMAL(9,2)) AS d, "
          .. "CAST('2024-02-29 01:02:03.5' AS DATETIME(1)) AS t, _binary'\\0x' AS raw, ? AS p"
      )
      local expected = conn:query(sql, { "ä" }, { protocol = "binary" }):all()
      for _, size in ipairs(SIZES) do
        local rows = {}
        for row in conn:stream(sql, { "ä" }, by(size)):rows() do
          table.insert(rows, row)
        end
        assert.same(expected, rows)
      end
    end)

    db:it("of a statement is prepared once", function(conn)
      local statement = conn:prepare(THOUSAND)
      for _ = 1, 3 do
        assert.equal(1000, count(statement:stream(nil, by(400))))
      end
      statement:close()

      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("has large rows", function(conn)
      local stream = conn:stream(numbers("REPEAT('x', 20000) AS x"), nil, by(50))
      local rows = 0
      for n, x in stream:values() do
        assert.same({ rows, 20000 }, { n, #x })
        rows = rows + 1
      end

      assert.equal(1000, rows)
    end)

    db:it("reaches over TLS and compression", function()
      local options = { { ssl = "required" }, { compress = true } }
      for _, more in ipairs(options) do
        local conn = db:connect(more)
        assert.equal(1000, count(conn:stream(THOUSAND, nil, by(64))))
        assert.equal(0, conn:stream(THOUSAND, nil, by(64)):fetch().n)
        assert.equal(1, conn:scalar("SELECT 1"))
      end
    end)

    db:it("raises behind the rows what ended them", function(conn)
      local t = db:table(conn, "n INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s SELECT n FROM (%s) AS q"):format(t, THOUSAND))
      local bad = "CASE WHEN n < 900 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END AS x"
      local sql = ("SELECT n, %s FROM %s ORDER BY n"):format(bad, t)
      local err = failure(function()
        count(conn:stream(sql, nil, by(10)))
      end)

      assert.equal(1242, err.errno)
      assert.is_false(conn.closed)
      assert.equal(1000, count(conn:stream(THOUSAND, nil, by(10))))
      assert.equal(1064, failure(conn.stream, conn, "SELEC 1", nil, by(10)).errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("is an ordinary one where there is no cursor", function(conn)
      local t = db:table(conn, "v INT")
      local stream = conn:stream(("INSERT INTO %s VALUES (?)"):format(t), { 7 }, by(1))
      assert.is_nil(stream:fetch())
      assert.equal(1, stream.affected_rows)
      assert.equal(7, conn:scalar("SELECT v FROM " .. t))
    end)

    db:it("goes through the results of a procedure", function(conn)
      conn:execute("DROP PROCEDURE IF EXISTS two_cursors")
      conn:execute([[CREATE PROCEDURE two_cursors() BEGIN
        DECLARE a INT;
        DECLARE c CURSOR FOR SELECT 7;
        OPEN c; FETCH c INTO a; CLOSE c;
        SELECT a AS first UNION ALL SELECT 2; SELECT 'last' AS z; END]])
      local stream = conn:stream("CALL two_cursors()", nil, by(1))
      assert.same({ first = 7 }, stream:fetch())
      assert.same({ first = 2 }, stream:fetch())
      assert.is_nil(stream:fetch())
      assert.is_true(stream:nextset())
      assert.same({ z = "last" }, stream:fetch())
      stream:close()

      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)

  describe("a stream with fetch_size that is left early", function()
    db:it("is closed on the server, and the rest is not sent", function()
      local conn = db:connect({ stream_discard_limit = 0 })
      local id = conn:thread_id()
      local before = fetches(conn)
      for row in conn:stream(numbers("REPEAT('x', 20000) AS x"), nil, by(7)):rows() do
        if row.n == 20 then
          break
        end
      end

      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
      assert.is_true(fetches(conn) - before <= 4)
      assert.equal(1000, count(conn:stream(THOUSAND, nil, by(7))))
    end)

    db:it("by close frees the connection, inside a transaction too", function(conn)
      conn:transaction(function()
        local stream = conn:stream(THOUSAND, nil, by(3))
        stream:fetch()
        stream:close()
        assert.equal(2, conn:scalar("SELECT 2"))
        assert.equal("InterfaceError", failure(stream.fetch, stream).class)
      end)
    end)

    db:it("gives way to another of the same text", function(conn)
      local first = conn:stream(THOUSAND, nil, by(10))
      assert.equal(0, first:fetch().n)
      assert.equal(1000, count(conn:stream(THOUSAND, nil, by(10))))
      assert.equal("InterfaceError", failure(first.batch, first).class)
    end)

    db:it("frees the connection when it is collected", function(conn)
      conn:stream(THOUSAND, nil, by(10)):fetch()
      collectgarbage()
      collectgarbage()

      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("is ended by the release to a pool", function()
      local pool = db:pool({ maxsize = 1 })
      local stream
      local id = pool:with(function(conn)
        stream = conn:stream(THOUSAND, nil, by(10))
        stream:fetch()
        return conn:thread_id()
      end)

      assert.equal("InterfaceError", failure(stream.fetch, stream).class)
      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("survives the cancellation of its reader", function(conn)
      local id = conn:thread_id()
      local reader = lunasa.spawn(function()
        while true do
          count(conn:stream(THOUSAND, nil, by(1)))
        end
      end)
      lunasa.sleep(0.02)
      reader:cancel("enough")
      local ok, err = pcall(reader.join, reader)

      assert.is_false(ok)
      assert.equal("CancelledError", err.class)
      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
      assert.equal(1000, count(conn:stream(THOUSAND, nil, by(100))))
    end)

    db:it("ends when the server drops the connection", function(conn)
      local stream = conn:stream(THOUSAND, nil, by(10))
      db:administrate("KILL " .. conn:thread_id())
      local err = failure(count, stream)

      assert.is_true(err:is_disconnect())
      assert.is_true(conn.closed)
    end)
  end)

  describe("the option fetch_size", function()
    db:it("is refused where it means nothing", function(conn)
      local err = failure(conn.query, conn, "SELECT 1", nil, by(1))
      assert.same("ArgumentError", err.class)
      assert.matches("is for streams", err.message, 1, true)
      local text = { fetch_size = 1, protocol = "text" }
      err = failure(conn.stream, conn, "SELECT 1", nil, text)
      assert.same("ArgumentError", err.class)
      assert.matches('needs protocol = "binary"', err.message, 1, true)
      for _, size in ipairs({ 0, -1, 1.5, 2 ^ 32, "x", false }) do
        err = failure(conn.stream, conn, "SELECT 1", nil, by(size))
        assert.same("ArgumentError", err.class)
      end
      assert.equal(1, count(conn:stream("SELECT 0 AS n", nil, by(2 ^ 32 - 1))))
    end)
  end)
end
