--- Unbuffered cursors: rows as they come, and what becomes of a cursor that is left early.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- A statement of 10^digits rows: the number of each, in no order, and another expression.
local function numbers(digits, expression)
  local sum, from = {}, {}
  for i = 1, digits do
    sum[i] = ("t%d.d * %d"):format(i, 10 ^ (i - 1))
    from[i] = ("%s t%d"):format(DIGITS, i)
  end
  local columns = ("%s AS n, %s AS x"):format(table.concat(sum, " + "), expression or "1")
  return ("SELECT %s FROM %s"):format(columns, table.concat(from, " CROSS JOIN "))
end

local THOUSAND = numbers(3)

--- More than is thrown away to save a connection.
local HUGE = numbers(5, "REPEAT('x', 500)") -- some 50 MB

local function resident()
  local maps = io.open("/proc/self/maps")
  if not maps then
    return nil
  end
  local has_sanitizer = maps:read("*a"):find("libasan", 1, true)
  maps:close()
  local status = io.open("/proc/self/status")
  local kilobytes = tonumber(status:read("*a"):match("VmRSS:%s*(%d+)"))
  status:close()
  return not has_sanitizer and kilobytes or nil
end

---@param db spec.Database
return function(db)
  local function streaming(conn, sql, more)
    local cur = conn:cursor(lunasa.SSCursor + (more or {}))
    cur:execute(sql)
    return cur
  end

  describe("an SSCursor", function()
    db:it("U1: knows the count behind the last row", function(conn)
      local cur = streaming(conn, THOUSAND)
      assert.equal(-1, cur.rowcount)
      cur:fetchmany(10)
      assert.same({ -1, 10 }, { cur.rowcount, cur.rownumber })
      assert.equal(990, #cur:fetchall())
      assert.same({ 1000, 1000 }, { cur.rowcount, cur.rownumber })
      cur:execute("SELECT 1 FROM DUAL WHERE 1 = 0")
      assert.equal(-1, cur.rowcount)
      assert.is_true(cur.has_rows)
      assert.is_nil(cur:fetchone())
      assert.equal(0, cur.rowcount)
      cur:execute("SELECT 5")
      for five in cur:values() do
        assert.equal(5, five)
      end
      assert.same({ 1, 1 }, { cur.rowcount, cur.rownumber })
    end)

    db:it("U2: gives nil and empty tables behind the last row", function(conn)
      local cur = streaming(conn, "SELECT 1 UNION ALL SELECT 2")
      assert.same({ { 1 }, { 2 } }, cur:fetchmany(5))
      assert.same({}, cur:fetchmany(5))
      assert.is_nil(cur:fetchone())
      assert.is_nil(cur:fetchone())
      assert.same({}, cur:fetchall())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U3: raises when its connection has run something else", function(conn)
      for _, sql in ipairs({ THOUSAND, "SELECT 1 UNION ALL SELECT 2", HUGE }) do
        local cur = streaming(conn, sql)
        cur:fetchone()
        local other = conn:cursor()
        other:execute("SELECT 'other'")
        assert.same({ "other" }, other:fetchone())
        for _, method in ipairs({ "fetchone", "fetchmany", "fetchall", "nextset", "rows" }) do
          local err = failure(cur[method], cur)
          assert.equal("InterfaceError", err.class)
          assert.matches("another command was run", err.message, 1, true)
        end
        assert.equal("InterfaceError", failure(cur.scroll, cur, 1).class)
        cur:execute("SELECT 7")
        assert.same({ 7 }, cur:fetchone())
        cur:close()
      end
    end)

    db:it("U3: gives way to another unbuffered one", function(conn)
      local first = streaming(conn, THOUSAND)
      first:fetchone()
      local second = streaming(conn, THOUSAND)
      assert.equal(1000, #second:fetchall())
      assert.equal("InterfaceError", failure(first.fetchone, first).class)
      first:close()
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U4: scrolls forward only", function(conn)
      local cur = streaming(conn, THOUSAND .. " ORDER BY 1")
      cur:scroll(10)
      assert.equal(10, cur:fetchone()[1])
      assert.equal(11, cur.rownumber)
      cur:scroll(500, "absolute")
      assert.equal(500, cur:fetchone()[1])
      for _, back in ipairs({ { -1 }, { 500, "absolute" } }) do
        local err = failure(cur.scroll, cur, unpack(back))
        assert.equal("NotSupportedError", err.class)
        assert.matches("Backwards scrolling not supported by this cursor", err.message, 1, true)
      end
      cur:scroll(0)
      assert.equal(501, cur:fetchone()[1])
      cur:scroll(5000)
      assert.is_nil(cur:fetchone())
      assert.equal(1000, cur.rowcount)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U5: is closed early at little cost, on the same connection", function(conn)
      local id = conn:thread_id()
      for _, sql in ipairs({ "SELECT 1 UNION ALL SELECT 2", THOUSAND, HUGE }) do
        local cur = streaming(conn, sql)
        cur:fetchone()
        cur:close()
        cur:close()
        assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
      end
      local cur = streaming(conn, HUGE)
      cur:fetchone()
      cur:execute("SELECT 2")
      assert.same({ 2 }, cur:fetchone())
    end)

    db:it("U5: is closed while the server says nothing", function()
      local conn = db:connect({ cancel_timeout = 0.5 })
      local cur = streaming(conn, "SELECT REPEAT('x', 200000) UNION ALL SELECT SLEEP(30)")
      cur:close()
      assert.is_true(cur.closed)
    end)

    db:it("U6: raises behind the rows what ended them, once", function(conn)
      local t = db:table(conn, "n INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s SELECT n FROM (%s) AS q"):format(t, THOUSAND))
      local bad = "CASE WHEN n < 900 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END AS x"
      local cur = streaming(conn, ("SELECT n, %s FROM %s ORDER BY n"):format(bad, t))
      local seen = 0
      local err = failure(function()
        for _ in cur:rows() do
          seen = seen + 1
        end
      end)
      assert.same({ 1242, 900 }, { err.errno, seen })
      assert.is_nil(cur:fetchone())
      assert.same({}, cur:fetchall())
      assert.same({ -1, 900 }, { cur.rowcount, cur.rownumber })
      assert.is_nil(cur:nextset())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U7: streams every result", function()
      local conn = db:connect({ multi_statements = true, protocol = "text" })
      local cur = streaming(conn, ("%s; %s; SELECT 1; %s"):format(THOUSAND, THOUSAND, HUGE))
      assert.equal(-1, cur.rowcount)
      assert.equal(1000, #cur:fetchall())
      assert.is_true(cur:nextset())
      assert.equal(-1, cur.rowcount)
      cur:fetchone()
      assert.is_true(cur:nextset())
      assert.same({ { 1 } }, cur:fetchall())
      assert.is_true(cur:nextset())
      local count = 0
      for _ in cur:values() do
        count = count + 1
      end
      assert.same({ 100000, 100000 }, { count, cur.rowcount })
      assert.is_nil(cur:nextset())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U8: is closed without an error after its task was cancelled", function(conn)
      local id = conn:thread_id()
      local cur = conn:cursor(lunasa.SSCursor)
      local reader = lunasa.spawn(cur.execute, cur, "SELECT 1, SLEEP(30)")
      lunasa.sleep(0.01)
      reader:cancel("enough")
      local ok, err = pcall(reader.join, reader)
      assert.is_false(ok)
      assert.equal("CancelledError", err.class)
      assert.equal("ProgrammingError", failure(cur.fetchone, cur).class)
      cur:close()
      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("U8: is cancelled in the middle of a fetch", function(conn)
      local id = conn:thread_id()
      local cur = streaming(conn, "SELECT REPEAT('x', 200000) UNION ALL SELECT SLEEP(30)")
      local reader = lunasa.spawn(cur.fetchall, cur)
      lunasa.sleep(0.01)
      reader:cancel("enough")
      assert.is_false((pcall(reader.join, reader)))
      cur:close()
      assert.is_true(cur.closed)
      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("U8: is closed by a block that was cancelled", function(conn)
      local kept
      local reader = lunasa.spawn(conn.with_cursor, conn, lunasa.SSCursor, function(cur)
        kept = cur
        cur:execute(HUGE)
        cur:fetchone()
        lunasa.sleep(30)
      end)
      while not kept or kept.rownumber < 1 do
        lunasa.sleep(0.001)
      end
      reader:cancel("enough")
      local ok, err = pcall(reader.join, reader)
      assert.is_false(ok)
      assert.equal("CancelledError", err.class)
      assert.is_true(kept.closed)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("U9: holds no more than a window of the rows", function(conn)
      collectgarbage()
      local pause = collectgarbage("setpause", 100) -- or garbage grows to the size of the heap
      local before = resident()
      local cur = streaming(conn, HUGE)
      local count = 0
      for n in cur:values() do
        count = count + 1
        assert.is_number(n)
      end
      assert.equal(100000, count)
      collectgarbage("setpause", pause)
      collectgarbage()
      local after = resident()
      assert.is_true(not before or after - before < 20 * 1024, "the rows are in memory")
    end)

    db:it("reads by a cursor of the server with fetch_size", function(conn)
      local cur = streaming(conn, THOUSAND, { fetch_size = 100 })
      cur:fetchone()
      cur:close()
      local sizes = conn:cursor(lunasa.SSCursor)
      sizes:execute(THOUSAND, nil, { fetch_size = 7 })
      assert.equal(1000, #sizes:fetchall())
      assert.equal("ArgumentError", failure(conn.cursor, conn, { fetch_size = 7 }).class)
    end)

    db:it("frees its connection when it is collected", function(conn)
      streaming(conn, THOUSAND):fetchone()
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 'other'")
      lunasa.sleep(0)
      collectgarbage()
      collectgarbage()
      assert.equal("other", other:join())
    end)

    db:it("ends when the server drops the connection", function(conn)
      local cur = streaming(conn, HUGE)
      cur:fetchone()
      db:administrate("KILL " .. conn:thread_id())
      local err = failure(cur.fetchall, cur)
      assert.is_true(err:is_disconnect())
      assert.is_true(conn.closed)
      assert.is_nil(cur:fetchone())
      assert.equal(-1, cur.rowcount)
      cur:close()
      local buffered = db:connect():cursor()
      buffered:execute("SELECT 1 UNION ALL SELECT 2")
      db:administrate("KILL " .. buffered.connection:thread_id())
      assert.equal(2, #buffered:fetchall())
      assert.is_true(failure(buffered.execute, buffered, "SELECT 1"):is_disconnect())
      buffered:close()
    end)
  end)

  describe("a cursor and its connection", function()
    db:it("may be closed in either order", function()
      for _, class in ipairs({ lunasa.Cursor, lunasa.SSCursor }) do
        local conn = db:connect()
        local cur = conn:cursor(class)
        cur:execute(THOUSAND)
        cur:fetchone()
        conn:close()
        assert.equal("InterfaceError", failure(cur.execute, cur, "SELECT 1").class)
        cur:close()
        assert.is_true(cur.closed)
      end
    end)

    db:it("go back to a pool before all rows were read", function()
      local pool = db:pool({ maxsize = 1 })
      local streamed, buffered
      local id = pool:with(function(conn)
        buffered = conn:cursor()
        buffered:execute("SELECT 1 UNION ALL SELECT 2")
        streamed = streaming(conn, THOUSAND)
        streamed:fetchone()
        return conn:thread_id()
      end)
      assert.equal("InterfaceError", failure(streamed.fetchone, streamed).class)
      assert.same({ { 1 }, { 2 } }, buffered:fetchall())
      local err = failure(buffered.execute, buffered, "SELECT 1")
      assert.matches("released to its pool", err.message, 1, true)
      streamed:close()
      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)
  end)

  describe("two tasks with cursors of one connection", function()
    db:it("C15: are each given their own rows", function(conn)
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = lunasa.spawn(function()
          local cur = conn:cursor(i % 2 == 0 and lunasa.SSCursor or lunasa.Cursor)
          for round = 1, 2 do
            cur:execute("SELECT ?, n FROM (" .. THOUSAND .. ") AS q", i * 100 + round)
            for mark in cur:values() do
              assert.equal(i * 100 + round, tonumber(mark))
            end
            assert.equal(1000, cur.rowcount)
          end
          cur:close()
        end)
      end
      for _, running in ipairs(tasks) do
        running:join()
      end
    end)

    db:it("C15: wait for a stream, under their own timeouts", function(conn)
      local cur = streaming(conn, THOUSAND)
      local other = conn:cursor()
      local late = lunasa.spawn(other.execute, other, "SELECT 1", nil, { timeout = 0.02 })
      assert.equal("TimeoutError", failure(late.join, late).class)
      local patient = lunasa.spawn(other.execute, other, "SELECT 2")
      lunasa.sleep(0)
      assert.equal(1000, #cur:fetchall())
      patient:join()
      assert.same({ 2 }, other:fetchone())
    end)

    db:it("are told when both want rows of one cursor", function(conn)
      local slow = "SELECT REPEAT('x', 200000) UNION ALL SELECT SLEEP(0.2)"
      local cur = streaming(conn, slow)
      local reader = lunasa.spawn(cur.fetchall, cur)
      lunasa.sleep(0)
      for _, method in ipairs({ "fetchone", "close" }) do
        local err = failure(cur[method], cur)
        assert.equal("InterfaceError", err.class)
        assert.matches("another task waits", err.message, 1, true)
      end
      assert.equal("InterfaceError", failure(cur.execute, cur, "SELECT 1").class)
      assert.equal(2, #reader:join())
      assert.same({ 2, 2 }, { cur.rownumber, cur.rowcount })
      cur:close()
    end)

    db:it("leave the cursor to the last to execute", function(conn)
      local cur = conn:cursor()
      local first = lunasa.spawn(cur.execute, cur, "SELECT 1")
      local second = lunasa.spawn(cur.execute, cur, "SELECT 2")
      first:join()
      second:join()
      assert.same({ { 2 } }, cur:fetchall())
      local late = lunasa.spawn(cur.execute, cur, "SELECT SLEEP(0.01)")
      lunasa.sleep(0)
      cur:close()
      assert.equal("ProgrammingError", failure(late.join, late).class)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)
end
