--- conn:stream: rows as they come, and what becomes of a stream that is left early.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- A statement of 10^digits rows: the number of each, and another expression.
local function numbers(digits, expression)
  local sum, from = {}, {}
  for i = 1, digits do
    sum[i] = ("t%d.d * %d"):format(i, 10 ^ (i - 1))
    from[i] = ("%s t%d"):format(DIGITS, i)
  end
  local n = table.concat(sum, " + ")
  local columns = ("%s AS n%s"):format(n, expression and ", " .. expression or "")
  return ("SELECT %s FROM %s"):format(columns, table.concat(from, " CROSS JOIN "))
end

local THOUSAND = numbers(3)

--- More than is thrown away to save a connection.
local HUGE = numbers(5, "REPEAT('x', 100) AS x")

local function first_cells(rows)
  local cells = {}
  for row in rows do
    cells[#cells + 1] = row
  end
  return cells
end

local function contents_of(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text
end

--- What lunasa holds in memory, in kilobytes; nil where nobody can tell, and under a sanitizer,
--- which keeps what is freed.
local function resident()
  if contents_of("/proc/self/maps"):find("libasan", 1, true) then
    return nil
  end
  return tonumber(contents_of("/proc/self/status"):match("VmRSS:%s*(%d+)"))
end

---@param db spec.Database
return function(db)
  describe("a stream", function()
    db:it("gives the rows that a query gives", function(conn)
      local sql = numbers(3, "NULLIF(t1.d, 3) AS x") .. " ORDER BY 1"
      local expected = conn:query(sql):all()
      local rows = {}
      for row in conn:stream(sql):rows() do
        table.insert(rows, row)
      end

      assert.same(expected, rows)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("gives arrays, and other values, when told to", function(conn)
      local options = { rows = "array", null = "nil", bigint = "string" }
      local sql = "SELECT 1, NULL, 18446744073709551615 UNION ALL SELECT 2, 'x', 1"
      local stream = conn:stream(sql, nil, options)

      assert.same({ 1, nil, "18446744073709551615" }, stream:fetch())
      assert.same({ 2, "x", "1" }, stream:fetch())
      assert.is_nil(stream:fetch())
      assert.is_nil(stream:fetch())
      assert.is_true(stream.closed)
    end)

    db:it("gives values without tables", function(conn)
      local count, sum, nulls = 0, 0, 0
      for n, x in conn:stream(numbers(3, "NULLIF(t1.d, 3)")):values() do
        count, sum = count + 1, sum + n
        nulls = nulls + (x == lunasa.null and 1 or 0)
      end

      assert.same({ 1000, 499500, 100 }, { count, sum, nulls })
    end)

    db:it("lets a collector that was stopped rest", function(conn)
      collectgarbage("stop")
      local count = 0
      for _ in conn:stream(numbers(4)):values() do
        count = count + 1
      end
      for _ in conn:query(numbers(4)):values() do
        count = count + 1
      end
      local is_running = collectgarbage("isrunning")
      collectgarbage("restart")
      assert.equal(20000, count)
      assert.is_false(is_running)
    end)

    db:it("gives rows, batches and values in turn, each row once", function(conn)
      local stream = conn:stream(THOUSAND .. " ORDER BY 1")
      local seen = { stream:fetch().n, stream:fetch().n }
      for _, row in ipairs(stream:batch()) do
        table.insert(seen, row.n)
      end
      table.insert(seen, stream:fetch().n)
      for n in stream:values() do
        table.insert(seen, n)
        if #seen % 10 == 0 and #seen < 1000 then
          table.insert(seen, stream:fetch().n)
        end
      end

      assert.equal(1000, #seen)
      for i, n in ipairs(seen) do
        assert.equal(i - 1, n)
      end
    end)

    db:it("takes parameters, and rows of every size", function(conn)
      local sizes = { 0, 1, 250, 251, 65535, 65536, 70000, 1000000, 3 }
      local parts, args = {}, {}
      for i, size in ipairs(sizes) do
        parts[i] = "SELECT ? AS i, REPEAT('y', ?) AS y"
        table.insert(args, i)
        table.insert(args, size)
      end
      local i = 0
      for row in conn:stream(table.concat(parts, " UNION ALL "), args):rows() do
        i = i + 1
        assert.same({ i, sizes[i] }, { row.i, #row.y })
      end

      assert.equal(#sizes, i)
    end)

    db:it("may have no rows, or none to have", function(conn)
      local t = db:table(conn, "v INT")
      local empty = conn:stream("SELECT v FROM " .. t)
      assert.same({ "v" }, empty.names)
      assert.same({}, first_cells(empty:values()))
      local insert = conn:stream(("INSERT INTO %s VALUES (1), (2)"):format(t))
      assert.is_nil(insert.names)
      assert.is_nil(insert:fetch())
      assert.equal(2, insert.affected_rows)
      assert.equal(2, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("raises at once what the statement raised", function(conn)
      assert.equal(1146, failure(conn.stream, conn, "SELECT * FROM nowhere").errno)
      assert.equal("ArgumentError", failure(conn.stream, conn, 1).class)
      assert.equal("ArgumentError", failure(conn.stream, conn, "SELECT 1", nil, { x = 1 }).class)
      assert.equal("ArgumentError", failure(conn.stream, conn, "SELECT ?", {}).class)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("gives the rows that came with the error that ended them", function(conn)
      local t = db:table(conn, "n INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s VALUES (1), (2), (3)"):format(t))
      local bad = "CASE WHEN n < 3 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END"
      local stream = conn:stream(("SELECT n, %s FROM %s ORDER BY n"):format(bad, t))

      assert.same({ 1, 2 }, { stream:fetch().n, stream:fetch().n })
      assert.equal(1242, failure(stream.fetch, stream).errno)
      assert.is_nil(stream:fetch())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("raises behind the rows what ended them", function(conn)
      local t = db:table(conn, "n INT PRIMARY KEY, x VARCHAR(100)")
      conn:execute(("INSERT INTO %s %s"):format(t, numbers(4, "REPEAT('x', 100)")))
      local bad = "CASE WHEN n < 9000 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END"
      local stream = conn:stream(("SELECT n, x, %s FROM %s ORDER BY n"):format(bad, t))
      local count = 0
      local err = failure(function()
        for _ in stream:rows() do
          count = count + 1
        end
      end)

      assert.equal(1242, err.errno)
      assert.is_true(count > 1000 and count <= 9000)
      assert.is_true(stream.closed)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it_in_text("goes on to the next result", function()
      local conn = db:connect({ multi_statements = true })
      local t = db:table(conn, "v INT")
      local sql = "%s; INSERT INTO %s VALUES (1), (2); SELECT 'last' AS z"
      local stream = conn:stream(sql:format(THOUSAND, t))

      assert.is_number(stream:fetch().n)
      assert.is_true(stream:nextset())
      assert.equal(2, stream.affected_rows)
      assert.is_true(stream:nextset())
      assert.same({ z = "last" }, stream:fetch())
      assert.is_nil(stream:fetch())
      assert.is_false(stream:nextset())
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("holds no more than a window of rows", function(conn)
      if not resident() then
        return
      end
      local begun
      local function read(stream, behind)
        local count = 0
        for _ in stream:rows() do
          count = count + 1
          if count == 100000 then
            begun = resident()
          end
        end
        assert.equal(behind, count)
        -- Kept, they would take some 30 MiB.
        assert.is_true(resident() - begun < 16 * 1024, "the rows are kept")
      end

      collectgarbage()
      -- Or garbage grows to the size of the heap, or to half of it while that is marked.
      local pause = collectgarbage("setpause", 100)
      local speed = collectgarbage("setstepmul", 1000)
      local options = { rows = "array" }
      read(conn:stream(numbers(6, "'abcdefghijkl', 0.5"), nil, options), 1000000)
      local encrypted = db:connect({ ssl = "required" })
      read(encrypted:stream(numbers(6, "'abcdefghijkl', 0.5"), nil, options), 1000000)
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", speed)
    end)

    db:it("has the server wait while nobody reads", function(conn)
      if not resident() then
        return
      end
      for _, ssl in ipairs({ "disabled", "required" }) do
        local reader = db:connect({ ssl = ssl })
        local sql = numbers(4, "REPEAT('x', 10000)")
        local stream = reader:stream(sql)
        local before = resident()
        for _ = 1, 20 do
          assert.equal(0, conn:scalar("SELECT SLEEP(0.01)"))
        end
        assert.is_true(resident() - before < 8 * 1024, "the rows are received")
        local count = 0
        for _ in stream:values() do
          count = count + 1
        end
        assert.equal(10000, count)
      end
    end)
  end)

  describe("a stream that is left early", function()
    db:it("is discarded by the next command, and does not end quietly", function(conn)
      local stream = conn:stream(THOUSAND)
      assert.is_number(stream:fetch().n)
      assert.equal(2, conn:scalar("SELECT 2"))

      local err = failure(stream.fetch, stream)
      assert.equal("InterfaceError", err.class)
      assert.matches("another command was run on its connection", err.message, 1, true)
      assert.equal("InterfaceError", failure(stream.batch, stream).class)
      assert.equal("InterfaceError", failure(stream:values()).class)
      assert.is_false(conn.closed)
    end)

    db:it("is discarded also when all of it came already", function(conn)
      local stream = conn:stream("SELECT 1 AS a UNION ALL SELECT 2")
      local err = failure(function()
        for _ in stream:rows() do
          conn:execute("DO 1")
        end
      end)

      assert.equal("InterfaceError", err.class)
    end)

    db:it("C14: by break leaves the connection as it was", function(conn)
      conn:transaction(function()
        for n in conn:stream(THOUSAND):values() do
          if n == 5 then
            break
          end
        end
      end)
      for row in conn:stream(THOUSAND):rows() do
        if row.n == 7 then
          break
        end
      end

      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("by close frees the connection, and gives no more rows", function(conn)
      local stream = conn:stream(THOUSAND)
      stream:fetch()
      stream:close()
      stream:close()

      assert.is_true(stream.closed)
      assert.equal("InterfaceError", failure(stream.fetch, stream).class)
      assert.equal("lunasa.Stream(closed)", tostring(stream))
      assert.equal(3, lunasa.spawn(conn.scalar, conn, "SELECT 3"):join())
    end)

    db:it("is ended on the server when too much is left of it", function(conn)
      local id = conn:thread_id()
      local stream = conn:stream(HUGE)
      assert.is_number(stream:fetch().n)

      assert.equal(id, conn:scalar("SELECT CONNECTION_ID()"))
      assert.equal("InterfaceError", failure(stream.fetch, stream).class)
    end)

    db:it("lets a block around it end while it is discarded", function(conn)
      local slow = "SELECT REPEAT('x', 2000000) AS a UNION ALL SELECT SLEEP(30)"
      local err = failure(lunasa.timeout, 0.004, function()
        local stream = conn:stream(slow)
        assert.is_false(stream.closed)
        conn:query("SELECT SLEEP(30)")
      end)

      assert.same({ "TimeoutError", "block" }, { err.class, err.which })
    end)

    db:it("costs the connection when it cannot be ended", function()
      local conn = db:connect({ cancel_timeout = 0 })
      local stream = conn:stream(HUGE)
      assert.is_number(stream:fetch().n)

      assert.equal("InterfaceError", failure(conn.scalar, conn, "SELECT 2").class)
      assert.is_true(conn.closed)
      assert.equal("InterfaceError", failure(stream.fetch, stream).class)
    end)

    db:it("costs nothing when the limit allows it", function()
      local conn = db:connect({ stream_discard_limit = 2 ^ 30 })
      conn:stream(HUGE):fetch()

      assert.equal(2, conn:scalar("SELECT 2"))
    end)

    db:it("has other tasks wait until it is closed", function(conn)
      local stream = conn:stream(THOUSAND)
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 'other'")
      lunasa.sleep(0)
      assert.equal("TimeoutError", failure(other.join, other, 0.01).class)
      assert.equal(1000, #first_cells(stream:values()))
      assert.equal("other", other:join())
    end)

    db:it("has other tasks wait no longer than their timeout", function(conn)
      local stream = conn:stream(THOUSAND)
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 1", nil, { timeout = 0.02 })

      local err = failure(other.join, other)
      assert.same({ "TimeoutError", "statement" }, { err.class, err.which })
      assert.equal(1000, #first_cells(stream:values()))
    end)

    db:it("frees the connection when it is collected", function(conn)
      conn:stream(THOUSAND):fetch()
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 'other'")
      lunasa.sleep(0)
      collectgarbage()
      collectgarbage()

      assert.equal("other", other:join())
      conn:stream(THOUSAND):fetch()
      collectgarbage()
      collectgarbage()
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("frees the connection when the task that read it has failed", function(conn)
      local reader = lunasa.spawn(function()
        for _ in conn:stream("SELECT 1 UNION ALL SELECT 2"):rows() do
          lunasa.sleep(0.01)
          error("no more")
        end
      end)
      lunasa.sleep(0.005)
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 3")

      assert.is_false((pcall(reader.join, reader)))
      assert.equal(3, other:join(5))
    end)

    db:it("frees the connection when nothing but it could wake who waits", function(conn)
      local reader = lunasa.spawn(function()
        local stream = conn:stream(THOUSAND)
        stream:fetch()
        lunasa.sleep(0.01)
      end)
      local waiter = lunasa.spawn(conn.scalar, conn, "SELECT 42")
      reader:join()
      assert.equal(42, waiter:join())
    end)

    db:it("may be read by another task, which then is its owner", function(conn)
      local stream = conn:stream(THOUSAND)
      stream:fetch()
      lunasa
        .spawn(function()
          while stream:batch() do
          end
          assert.equal(1, conn:scalar("SELECT 1"))
        end)
        :join()

      assert.is_nil(stream:fetch())
    end)
  end)

  describe("a stream in a pool", function()
    db:it("is discarded by the release", function()
      local pool = db:pool({ maxsize = 1 })
      local stream
      local id = pool:with(function(conn)
        stream = conn:stream(THOUSAND)
        stream:fetch()
        return conn:thread_id()
      end)

      assert.equal("InterfaceError", failure(stream.fetch, stream).class)
      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("keeps the connection when too much is left of it", function()
      local pool = db:pool({ maxsize = 1 })
      local id = pool:with(function(conn)
        conn:stream(HUGE):fetch()
        return conn:thread_id()
      end)

      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)
  end)

  describe("a wait for rows", function()
    local slow = "SELECT 1 AS a, SLEEP(30) AS b"

    db:it("ends at its timeout", function(conn)
      local err = failure(conn.stream, conn, slow, nil, { timeout = 0.02 })

      assert.same({ "TimeoutError", "statement" }, { err.class, err.which })
    end)

    db:it("is cancelled", function(conn)
      local reader = lunasa.spawn(conn.stream, conn, slow)
      lunasa.sleep(0.01)
      reader:cancel("enough")

      local ok, err = pcall(reader.join, reader)
      assert.is_false(ok)
      assert.equal("CancelledError", err.class)
    end)

    db:it("ends when the server drops the connection", function(conn)
      local stream = conn:stream(HUGE)
      db:administrate("KILL " .. conn:thread_id())
      local err = failure(function()
        for _ in stream:rows() do
        end
      end)

      assert.is_true(err:is_disconnect())
      assert.is_true(conn.closed)
    end)
  end)
end
