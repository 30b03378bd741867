--- Prepared statements: by hand, behind protocol = "binary", and for many rows.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local BINARY = { protocol = "binary" }

---@param db spec.Database
return function(db)
  --- How many of a kind of command the session has sent.
  local function sent(conn, command)
    return tonumber(conn:first("SHOW SESSION STATUS LIKE 'Com_stmt_" .. command .. "'").Value)
  end

  --- How many statements the server holds prepared for the session. What others hold changes at
  --- any time: a server closes the statements of a connection some time after the connection.
  local function prepared_count(conn)
    return sent(conn, "prepare") - sent(conn, "close")
  end

  local function prepared_by_all(conn)
    return tonumber(conn:first("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'").Value)
  end

  describe("a statement", function()
    db:it("knows its parameters and columns", function(conn)
      local st = conn:prepare("SELECT ? AS a, ? AS b")

      assert.equal(2, st.parameter_count)
      assert.same({ "a", "b" }, { unpack(st.names) })
      assert.equal("lunasa.Statement(2 parameters)", tostring(st))
      assert.is_nil(conn:prepare("DO ?").names)
    end)

    db:it("runs as the connection's methods do", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")
      local insert = conn:prepare("INSERT INTO " .. t .. " (v) VALUES (?)")
      assert.same({ 1, 1 }, { insert:execute({ 5 }) })
      assert.same({ 1, 2 }, { insert:execute({ 6 }) })

      local select = conn:prepare("SELECT id, v FROM " .. t .. " WHERE v >= ?")
      assert.same({ { id = 1, v = 5 }, { id = 2, v = 6 } }, select:query({ 0 }):all())
      assert.same({ id = 2, v = 6 }, select:first({ 6 }))
      assert.same({ 2, 6 }, select:first({ 6 }, { rows = "array" }))
      assert.equal(2, select:scalar({ 6 }))
      assert.is_nil(select:scalar({ 7 }))
      local seen = {}
      for row in select:stream({ 0 }):rows() do
        table.insert(seen, row.v)
      end
      assert.same({ 5, 6 }, seen)
    end)

    db:it("refuses when it is prepared what it refuses before", function(conn)
      local long = {}
      for i = 1, 40 do
        long[i] = i
      end
      local st = conn:prepare("SELECT ? AS a, ? AS b")
      assert.same({ a = 1, b = "x" }, st:first({ 1, "x" }))
      local REFUSED = {
        { { 1 }, "1" },
        { { 1, 2, 3 }, "3" },
        { {}, "0" },
        { long, "40" },
        { { 1, nil, 3 }, "parameter 2: nil inside a list" },
        { { nil, 2 }, "parameter 1: nil inside a list" },
        { { 1, 0 / 0 }, "parameter 2: NaN" },
        { { -math.huge, 1 }, "parameter 1: infinity" },
        { { 1, print }, "parameter 2: function" },
      }
      for round = 1, 2 do
        for i, case in ipairs(REFUSED) do
          local err = failure(st.query, st, case[1])
          assert.equal("ArgumentError", err.class)
          assert.matches(case[2], err.message, 1, true, round .. "." .. i)
        end
        local given = { true, lunasa.null }
        assert.same({ a = 1, b = lunasa.null }, st:first(given))
        assert.same({ a = "", b = -0.5 }, st:first({ "", -0.5 }))
        assert.same({ a = "p", b = lunasa.null }, st:first(lunasa.pack("p", nil)))
        assert.same({ a = "\0\255", b = 2 ^ 53 }, st:first({ lunasa.binary("\0\255"), 2 ^ 53 }))
      end
    end)

    db:it("is prepared once, whoever uses its text", function(conn)
      local before = sent(conn, "prepare")
      local st = conn:prepare("SELECT ? + 41")
      for i = 1, 5 do
        assert.equal(41 + i, st:scalar({ i }))
        assert.equal(41 + i, conn:scalar("SELECT ? + 41", { i }, BINARY))
        assert.equal(41 + i, conn:prepare("SELECT ? + 41"):scalar({ i }))
      end

      assert.equal(before + 1, sent(conn, "prepare"))
    end)

    db:it("works after a reset", function(conn)
      local st = conn:prepare("SELECT ? + 1")
      conn:reset()

      assert.equal(3, st:scalar({ 2 }))
    end)

    db:it("works after it was evicted, and few are kept", function()
      local conn = db:connect({ statement_cache_size = 2 })
      local before = prepared_count(conn)
      local st = conn:prepare("SELECT ? + 1")
      for i = 1, 10 do
        assert.equal(i, conn:scalar("SELECT ? * " .. i, { 1 }, BINARY))
      end

      assert.equal(3, st:scalar({ 2 }))
      assert.is_true(prepared_count(conn) <= before + 2)
    end)

    db:it("is closed after each use where none is kept", function()
      local conn = db:connect({ statement_cache_size = 0 })
      local before = prepared_count(conn)
      local st = conn:prepare("SELECT ? + 1")
      assert.same({ 2, 3, 4 }, { st:scalar({ 1 }), st:scalar({ 2 }), st:scalar({ 3 }) })

      assert.equal(before, prepared_count(conn))
    end)

    db:it("is given back by close", function(conn)
      local st = conn:prepare("SELECT ? + 1")
      local before = prepared_count(conn)
      st:close()
      st:close()
      local err = failure(st.query, st, { 1 })

      assert.same({ "InterfaceError", "the statement is closed" }, { err.class, err.message })
      assert.equal(before - 1, prepared_count(conn))
      assert.equal(2, conn:prepare("SELECT ? + 1"):scalar({ 1 }))
    end)

    db:it("raises once its connection is closed or released", function(conn)
      local st = conn:prepare("SELECT ? + 1")
      conn:close()
      assert.equal("the connection is closed", failure(st.query, st, { 1 }).message)
      st:close()
      local released = db:pool():with(function(lent)
        return lent:prepare("SELECT 1")
      end)
      assert.matches("released to its pool", failure(released.query, released).message)
    end)

    db:it("is shared by those who borrow a connection", function()
      local pool = db:pool({ maxsize = 1, protocol = "binary" })
      local before = pool:with(function(conn)
        local count = sent(conn, "prepare")
        conn:scalar("SELECT ? + 5", { 1 })
        return count
      end)
      assert.equal(6, pool:scalar("SELECT ? + 5", { 1 }))
      pool:with(function(conn)
        assert.is_true(sent(conn, "prepare") <= before + 2)
      end)
    end)

    db:it("follows its table", function(conn)
      local t = db:table(conn, "a INT, b VARCHAR(10)")
      conn:execute("INSERT INTO " .. t .. " VALUES (1, 'x')")
      local st = conn:prepare("SELECT * FROM " .. t .. " WHERE a > ?")
      assert.same({ a = 1, b = "x" }, st:first({ 0 }))

      conn:execute("ALTER TABLE " .. t .. " ADD c DOUBLE DEFAULT 1.5, MODIFY a VARCHAR(20)")
      assert.same({ a = "1", b = "x", c = 1.5 }, st:first({ 0 }))
      assert.same({ a = "1", b = "x", c = 1.5 }, st:first({ 0 }))
      conn:execute("ALTER TABLE " .. t .. " DROP b, MODIFY a BIGINT UNSIGNED")
      assert.same({ a = 1, c = 1.5 }, st:first({ 0 }))
      conn:execute("DROP TABLE " .. t)
      assert.equal(1146, failure(st.first, st, { 0 }).errno)
    end)

    db:it("that is wrong says so when it is prepared, and leaves the connection", function(conn)
      assert.equal(1064, failure(conn.prepare, conn, "SELEC ?").errno)
      assert.equal(1064, failure(conn.query, conn, "SELEC ?", { 1 }, BINARY).errno)
      assert.equal(1, conn:scalar("SELECT 1", nil, BINARY))
    end)

    db:it("that the server cannot prepare is not sent as text", function(conn)
      local sql = "PREPARE x FROM 'SELECT 1'"
      assert.equal(1295, failure(conn.execute, conn, sql, nil, BINARY).errno)
      assert.equal(1295, failure(conn.prepare, conn, sql).errno)
    end)

    db:it("with other parameters is not run", function(conn)
      local st = conn:prepare("SELECT ?, ?")
      for _, args in ipairs({ {}, { 1 }, { 1, 2, 3 } }) do
        assert.equal("ArgumentError", failure(st.query, st, args).class)
      end
      assert.equal("ArgumentError", failure(conn.query, conn, "SELECT ?", { 0 / 0 }, BINARY).class)
      assert.equal(1, st:scalar({ 1, 2 }))
    end)

    db:it("finds room when the server is full", function(conn)
      local other = db:connect()
      for i = 1, 5 do
        conn:scalar("SELECT ? + " .. i, { 1 }, BINARY)
      end
      local most = conn:scalar("SELECT @@max_prepared_stmt_count")
      other:execute("SET GLOBAL max_prepared_stmt_count = " .. prepared_by_all(conn))
      local ok, value = pcall(conn.scalar, conn, "SELECT ? * 7", { 6 }, BINARY)
      other:execute("SET GLOBAL max_prepared_stmt_count = 0")
      local err = failure(conn.scalar, conn, "SELECT ? * 8", { 6 }, BINARY)
      other:execute("SET GLOBAL max_prepared_stmt_count = " .. tostring(most))

      assert.same({ true, 42 }, { ok, value })
      assert.equal(1461, err.errno)
      assert.equal(48, conn:scalar("SELECT ? * 8", { 6 }, BINARY))
    end)

    db:it("is one of a pipeline", function(conn)
      local before = sent(conn, "execute")
      local results = conn:pipeline(BINARY, function(p)
        for i = 1, 10 do
          p:query("SELECT ? + 1", { i })
        end
        p:query("SELECT 'text'", nil, { protocol = "text" })
      end)

      assert.equal(11, results[10]:get(1, 1))
      assert.equal("text", results[11]:get(1, 1))
      assert.equal(before + 10, sent(conn, "execute"))
    end)

    db:it("takes values of any size", function(conn)
      conn:execute("SET SESSION sql_mode = ''")
      for _, size in ipairs({ 0, 250, 251, 65536, 2 ^ 20, 3 * 2 ^ 20 }) do
        local sql = "SELECT LENGTH(?) + ?, CRC32(?)"
        local text = ("x"):rep(size)
        local row = conn:first(sql, { text, 1, text }, { protocol = "binary", rows = "array" })
        assert.same({ size + 1, conn:scalar("SELECT CRC32(?)", { text }) }, row)
      end
    end)
  end)

  describe("a procedure", function()
    db:it("gives its rows, what it gives out, and an end", function(conn)
      conn:execute("DROP PROCEDURE IF EXISTS give")
      conn:execute(
        "CREATE PROCEDURE give(IN n INT, OUT twice INT, INOUT word TEXT) "
          .. "BEGIN SELECT n, 'a' AS s; SET twice = n * 2; SET word = CONCAT(word, '!'); END"
      )
      local st = conn:prepare("CALL give(?, ?, ?)")
      for n = 1, 3 do
        local res = st:query({ n, lunasa.null, "hi" })
        assert.same({ { n = n, s = "a" } }, res:all())
        assert.is_false(res.is_out_parameters)
        local out = res:nextset()
        assert.same({ twice = 2 * n, word = "hi!" }, out[1])
        assert.is_true(out.is_out_parameters)
        assert.is_nil(out:nextset().names)
      end
    end)
  end)
end
