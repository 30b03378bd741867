--- Columns some rows at a time: of results that are there, and of streams.

local assert = require("luassert")
local database = require("spec.suite.database")
local ffi = require("ffi")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- A statement of up to 10,000 rows, in order, with their number as `n`.
local function rows(expressions, count)
  local n, from, power = "1", {}, 1
  for name in ("abcd"):gmatch(".") do
    if power < count or power == 1 then
      n = ("%s + %s.d * %d"):format(n, name, power)
      table.insert(from, ("%s %s"):format(DIGITS, name))
      power = power * 10
    end
  end
  return ("SELECT t.n, %s FROM (SELECT %s AS n FROM %s) t WHERE t.n <= %d ORDER BY t.n"):format(
    expressions,
    n,
    table.concat(from, " JOIN "),
    count
  )
end

local MIXED = "IF(t.n % 3 = 0, NULL, t.n / 4e0) AS d, "
  .. "IF(t.n % 5 = 0, NULL, REPEAT('x', t.n % 7)) AS s, "
  .. "CAST(18446744073709551615 - t.n AS UNSIGNED) AS u, "
  .. "DATE('2024-02-29') AS day, NULL AS nothing, t.n * 1.5 AS m, -t.n AS minus"

--- How rows are asked for.
local FORMS = {
  result = function(conn, sql, options)
    return conn:query(sql, nil, options)
  end,
  stream = function(conn, sql, options)
    return conn:stream(sql, nil, options)
  end,
}

--- A cell as `res:values()` gives it, whatever form an array has it in.
local function plain(value)
  local number = type(value) == "cdata" and tonumber(value)
  return number or value
end

local function is_null(bits, i)
  return math.floor(bits[math.floor(i / 8)] / 2 ^ (i % 8)) % 2 == 1
end

local function assert_counts(seen, null_counts)
  for name, null_count in pairs(null_counts or {}) do
    if null_count ~= (seen[name] or 0) then
      assert.equal(seen[name] or 0, null_count)
    end
  end
end

--- Puts batches together again: a list of rows, and how many each batch had.
local function together(source, options)
  local list, sizes = {}, {}
  for columns, count, nulls, null_counts in source:column_batches(options) do
    table.insert(sizes, count)
    local seen = {}
    if not options.ffi then
      assert.is_nil(nulls)
      assert.is_nil(columns.n[count + 1])
    end
    for i = 0, count - 1 do
      local row = {}
      for c, name in ipairs(source.names) do
        local values = columns[name]
        if not options.ffi then
          row[c] = plain(values[i + 1])
        elseif is_null(nulls[name], i) then
          row[c] = lunasa.null
          seen[name] = (seen[name] or 0) + 1
        else
          row[c] = plain(values[i])
        end
      end
      table.insert(list, row)
    end
    assert_counts(seen, null_counts)
  end
  return list, sizes
end

local function expected_rows(conn, sql, options)
  local list = {}
  for row in conn:query(sql, nil, options):rows() do
    for i, value in pairs(row) do
      row[i] = plain(value)
    end
    table.insert(list, row)
  end
  return list
end

--- Compares rows, more quickly than `assert.same`.
local function assert_rows(expected, list)
  assert.equal(#expected, #list)
  for i, row in ipairs(expected) do
    for c, value in ipairs(row) do
      if list[i][c] ~= value then
        assert.same(row, list[i])
      end
    end
  end
end

--- How many rows batches of `size` have.
local function sizes_of(count, size)
  local sizes = {}
  while count > 0 do
    table.insert(sizes, math.min(count, size))
    count = count - sizes[#sizes]
  end
  return sizes
end

---@param db spec.Database
return function(db)
  for form, ask in pairs(FORMS) do
    describe("column_batches of a " .. form, function()
      for _, protocol in ipairs({ "text", "binary" }) do
        local options = { protocol = protocol, rows = "array" }

        db:it("have all values, over the " .. protocol .. " protocol", function(conn)
          for _, count in ipairs({ 1, 31, 100, 1000 }) do
            local sql = rows(MIXED, count)
            local expected = expected_rows(conn, sql, options)
            for _, size in ipairs({ 1, 10, 33, 100, 5000 }) do
              for _, is_ffi in ipairs({ false, true }) do
                local batch = { ffi = is_ffi, batch_size = size }
                local list, sizes = together(ask(conn, sql, options), batch)
                assert.same(sizes_of(count, size), sizes)
                assert_rows(expected, list)
              end
            end
          end
        end)

        db:it("have 50 columns, over the " .. protocol .. " protocol", function(conn)
          local expressions = {}
          for i = 1, 49 do
            expressions[i] = ("IF((t.n + %d) %% 10 = 0, NULL, %s) AS c%d"):format(
              i,
              i % 2 == 0 and "t.n + " .. i or ("CONCAT('text %d of ', t.n)"):format(i),
              i
            )
          end
          local sql = rows(table.concat(expressions, ", "), 200)
          local expected = expected_rows(conn, sql, options)

          assert_rows(
            expected,
            (together(ask(conn, sql, options), { ffi = true, batch_size = 64 }))
          )
          assert_rows(expected, (together(ask(conn, sql, options), { batch_size = 64 })))
        end)
      end

      db:it("have 4096 rows", function(conn)
        for _, count in ipairs({ 4095, 4096, 4097, 8192 }) do
          local list, sizes = together(ask(conn, rows("1 AS one", count)), { ffi = true })
          assert.same(sizes_of(count, 4096), sizes)
          assert.equal(count, list[count][1])
        end
      end)

      db:it("have fewer rows of many columns", function(conn)
        local sql = rows(("1 AS x, "):rep(18) .. "2 AS y", 1639 + 5)
        local sizes = {}
        for _, count in ask(conn, sql):column_batches({ ffi = true }) do
          table.insert(sizes, count)
        end
        assert.same({ 1639, 5 }, sizes)
      end)

      db:it("are none of no rows, and of no columns", function(conn)
        for _, sql in ipairs({ "SELECT 1 AS a FROM DUAL WHERE 1 = 0", "DO 1" }) do
          for _, options in ipairs({ { ffi = true }, {} }) do
            local next_batch = ask(conn, sql):column_batches(options)
            assert.is_nil(next_batch())
            assert.is_nil(next_batch())
          end
        end
      end)

      db:it("are the first column of a name", function(conn)
        local sql = "SELECT 1 AS a, 'b' AS s, 2 AS a" .. (" UNION ALL SELECT 1, 'c', 4"):rep(40)
        for columns, count in ask(conn, sql):column_batches({ ffi = true, batch_size = 9 }) do
          assert.equal(1, tonumber(columns.a[count - 1]))
        end
        for columns, count in ask(conn, sql):column_batches({ batch_size = 9 }) do
          assert.equal(1, columns.a[count])
        end
      end)

      db:it("are used again, and a string that was kept is one of the next batch", function(conn)
        local sql = rows("REPEAT(CHAR(97 + t.n % 26), t.n * 3) AS s, NULLIF(t.n % 2, 0) AS h", 1000)
        local kept, pointers, first = nil, {}, nil
        local options = { ffi = true, batch_size = 64 }
        for columns, count, nulls in ask(conn, sql):column_batches(options) do
          if kept then
            assert.equal(kept.s, columns.s)
            assert.equal(first, columns)
            assert.equal(kept.h, columns.h)
          end
          kept, first = { s = columns.s, h = columns.h }, columns
          assert.equal(count, #kept.s)
          assert.equal(count, columns.s.count)
          table.insert(pointers, { columns.s:pointer(count - 1) })
          assert.is_nil(columns.s[count])
          assert.equal(string.char(97 + tonumber(columns.n[0]) % 26), columns.s[0]:sub(1, 1))
          assert.equal(tonumber(columns.n[0]) % 2 == 0, is_null(nulls.h, 0))
        end
        collectgarbage()

        assert.equal(16, #pointers)
        assert.equal(1000 % 64, #kept.s)
        for _, pointer in ipairs(pointers) do -- no longer what they were, but memory still
          assert.equal(pointer[2], #ffi.string(pointer[1], pointer[2]))
        end
        assert.equal(3000, kept.s:length(1000 % 64 - 1))
      end)

      db:it("are each their own without reuse", function(conn)
        local sql = rows("IF(t.n % 4 = 0, NULL, REPEAT('y', t.n)) AS s", 1000)
        local batches = {}
        local options = { ffi = true, batch_size = 64, reuse = false }
        for columns, count, nulls, null_counts in ask(conn, sql):column_batches(options) do
          table.insert(batches, { columns, count, nulls, null_counts })
        end
        collectgarbage()

        local n = 0
        for _, batch in ipairs(batches) do
          local columns, count, nulls, null_counts = unpack(batch)
          assert.equal(math.floor(count / 4), null_counts.s)
          for i = 0, count - 1 do
            n = n + 1
            assert.equal(n, tonumber(columns.n[i]))
            assert.equal(n % 4 == 0, is_null(nulls.s, i))
            assert.equal(n % 4 == 0 and lunasa.null or ("y"):rep(n), columns.s[i])
          end
        end
        assert.equal(1000, n)
      end)

      db:it("outlive what they are of", function(conn)
        local source = ask(conn, rows("'text' AS s", 100))
        local columns, count = source:column_batches({ ffi = true })()
        source:close()
        source = nil
        collectgarbage()
        collectgarbage()

        assert.is_nil(source)
        assert.equal("text", columns.s[count - 1])
        assert.equal(count, tonumber(columns.n[count - 1]))
      end)

      db:it("cannot be read when it is closed", function(conn)
        for _, options in ipairs({ { ffi = true, batch_size = 9 }, { batch_size = 9 } }) do
          for _, count in ipairs({ 20, 1000 }) do
            local source = ask(conn, rows("'text' AS s", count))
            local next_batch = source:column_batches(options)
            local columns = next_batch()
            source:close()
            local err = failure(next_batch)
            assert.equal("InterfaceError", err.class)
            assert.equal("text", columns.s[1])
          end
        end
      end)

      db:it("may be left, and begun again", function(conn)
        local source = ask(conn, rows("'text' AS s", 1000))
        local columns = source:column_batches({ ffi = true, batch_size = 100 })()
        assert.equal(1, tonumber(columns.n[0]))
        columns = source:column_batches({ batch_size = 10 })()
        assert.equal(form == "result" and 1 or 101, columns.n[1])
        source:close()
        assert.equal(1, conn:scalar("SELECT 1"))
      end)

      db:it("may be read by a finalizer while they are filled", function(conn)
        local source = ask(conn, rows("REPEAT('x', t.n % 9) AS s", 2000))
        local seen, wrong = 0, 0
        collectgarbage("setpause", 10)
        for columns, count in source:column_batches({ ffi = true, batch_size = 50 }) do
          getmetatable(newproxy(true)).__gc = function()
            seen = seen + 1
            for i = 0, 60 do
              local text = columns.s[i]
              wrong = wrong + (text and text:find("[^x]") and 1 or 0)
            end
          end
          assert.equal(50, count)
        end
        collectgarbage("setpause", 200)
        collectgarbage()
        assert.is_true(seen > 0)
        assert.equal(0, wrong)
      end)

      db:it("may be asked for by a finalizer", function(conn)
        local source = ask(conn, rows("'x' AS s", 2000))
        local next_batch = source:column_batches({ ffi = true, batch_size = 10 })
        local total, asked = 0, 0
        local function look(columns, count)
          total = total + (count or 0)
          return columns
        end
        collectgarbage("setpause", 10)
        local ok, err = pcall(function()
          repeat
            getmetatable(newproxy(true)).__gc = function()
              asked = asked + 1
              pcall(function()
                look(next_batch())
              end)
            end
          until not look(next_batch())
        end)
        collectgarbage("setpause", 200)
        collectgarbage()

        assert.is_true(asked > 0)
        assert.is_true(ok or err.class == "InterfaceError")
        assert.is_true(total <= 2000)
        source:close()
      end)

      db:it("are not of strings that an option has made others of", function(conn)
        for _, count in ipairs({ 1, 100 }) do
          local source = ask(conn, rows("1.5 AS m", count), { decimal = "number" })
          local err = failure(source.column_batches, source, { ffi = true })
          assert.equal("ProgrammingError", err.class)
          local message = "column 'm' holds what an option has made of strings: "
          assert.equal(message .. "ask for it without ffi", err.message)
          assert.equal(1.5, source:column_batches()().m[1])
          source:close()
        end
      end)

      db:it("have options", function(conn)
        local wrong = {
          ["unknown option 'batchsize' of column_batches — did you mean 'batch_size'?"] = {
            batchsize = 1,
          },
          ["option 'ffi' of column_batches must be a boolean, got number"] = { ffi = 1 },
          ["option 'reuse' of column_batches must be a boolean, got string"] = { reuse = "no" },
          ["option 'batch_size' of column_batches must be a number, got string"] = {
            batch_size = "9",
          },
          ["the options of column_batches must be a table, got number"] = 9,
        }
        local source = ask(conn, rows("1 AS one", 100))
        for message, options in pairs(wrong) do
          local err = failure(source.column_batches, source, options)
          assert.equal("ArgumentError", err.class)
          assert.equal(message, err.message)
        end
        local range = "option 'batch_size' of column_batches must be an integer from 1 to 16777216"
        for _, size in ipairs({ 0, 1.5, -1, 2 ^ 24 + 1, 1 / 0, -1 / 0, 0 / 0 }) do
          local err = failure(source.column_batches, source, { batch_size = size })
          assert.equal(("%s, got %s"):format(range, size), err.message)
        end
        local _, count = source:column_batches({ batch_size = 2 ^ 24 })()
        assert.equal(100, count)
      end)
    end)
  end

  describe("column_batches", function()
    db:it("are not of integers that were rounded", function()
      local conn = db:connect({ bigint = "number" })
      local res = conn:query("SELECT 9007199254740993 AS a")
      local message = "column 'a' holds integers that bigint = \"number\" has rounded: "
        .. "ask for it without ffi"
      assert.equal(message, failure(res.column_batches, res, { ffi = true }).message)
    end)

    db:it("are the values that `conv` makes, without ffi", function()
      local conn = db:connect({
        conv = {
          [lunasa.FIELD_TYPE.VAR_STRING] = function(text)
            assert(text ~= "text 70", "no such text")
            return text:upper()
          end,
        },
      })
      local next_batch =
        conn:query(rows("CONCAT('text ', t.n) AS s", 100)):column_batches({ batch_size = 30 })
      assert.equal("TEXT 30", next_batch().s[30])
      assert.equal("TEXT 31", next_batch().s[1])
      assert.is_truthy(tostring(failure(next_batch)):find("no such text", 1, true))
    end)
  end)

  describe("column_batches", function()
    --- Reads batches while the function that makes the value of row 14 reads rows, too.
    local function read_twice(form, other)
      local source, next_batch
      local seen, total, refused = {}, 0, 0
      local function note(columns, count)
        for i = 1, columns and count or 0 do
          assert(not seen[columns.n[i]], "given twice")
          seen[columns.n[i]], total = true, total + 1
        end
        return columns
      end
      local has_asked = false
      local function make(text)
        if text == "text 14" and not has_asked then
          has_asked = true
          note(other(source, next_batch))
        end
        return text
      end
      local conn = db:connect({ conv = { [lunasa.FIELD_TYPE.VAR_STRING] = make } })
      source = FORMS[form](conn, rows("CONCAT('text ', t.n) AS s", 100))
      next_batch = source:column_batches({ batch_size = 10 })
      repeat
        local ok, columns, count = pcall(next_batch)
        refused = refused + (ok and 0 or 1)
        if not ok then
          assert.equal("rows were asked for while a batch was being made of them", columns.message)
        end
      until ok and not note(columns, count)
      assert.same({ true, 1, 100 }, { has_asked, refused, total })
    end

    for form in pairs(FORMS) do
      db:it("of a " .. form .. " do not give rows twice that a converter asked for", function()
        read_twice(form, function(_, next_batch)
          return next_batch()
        end)
      end)
    end

    db:it("of a stream do not give rows twice that a converter fetched", function()
      read_twice("stream", function(stream)
        return { n = { stream:fetch().n } }, 1
      end)
    end)
  end)

  describe("column_batches of a stream", function()
    local SLOW = "SELECT 1 AS n, REPEAT('x', 2000000) AS s UNION ALL SELECT 2, SLEEP(30)"

    --- Rows of which the last 1000 cannot be made.
    local function broken(conn)
      local t = db:table(conn, "n INT PRIMARY KEY, s VARCHAR(100)")
      local sql = "INSERT INTO %s SELECT r.n, REPEAT('x', 100) FROM (%s) r"
      conn:execute(sql:format(t, rows("1", 10000)))
      local bad = "CASE WHEN n <= 9000 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END AS c"
      return ("SELECT n, s, %s FROM %s ORDER BY n"):format(bad, t)
    end

    for _, is_ffi in ipairs({ true, false }) do
      db:it(
        "are the rows in front of an error, too" .. (is_ffi and ", by ffi" or ""),
        function(conn)
          local sql = broken(conn)
          for _, form in ipairs({ "object", "string" }) do
            local reader = db:connect({ errors = form })
            local next_batch =
              reader:stream(sql):column_batches({ ffi = is_ffi, batch_size = 4000 })
            local sizes, last = {}, nil
            local ok, err = pcall(function()
              for columns, count in next_batch do
                table.insert(sizes, count)
                last = tonumber(columns.n[is_ffi and count - 1 or count])
              end
            end)
            assert.is_false(ok)
            assert.equal(form, type(err) == "string" and "string" or "object")
            assert.same({ false, err }, { pcall(next_batch) })
            local total = 0
            for i, count in ipairs(sizes) do
              assert.is_true(count == 4000 or i == #sizes)
              total = total + count
            end
            assert.is_true(total > 1000 and total <= 9000)
            assert.equal(total, last)
            assert.equal(1, reader:scalar("SELECT 1"))
          end
        end
      )
    end

    db:it("wait until they are full, or longer than they may", function(conn)
      local next_batch =
        conn:stream(SLOW, nil, { timeout = 0.5 }):column_batches({ ffi = true, batch_size = 10 })
      local columns, count = next_batch()
      assert.equal(1, count)
      assert.equal(2000000, columns.s:length(0))
      local err = failure(next_batch)
      assert.same({ "TimeoutError", "statement" }, { err.class, err.which })
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    for _, form in ipairs({ "object", "string" }) do
      db:it("are cancelled with their task, errors = " .. form, function()
        local conn = db:connect({ errors = form })
        local stream = conn:stream(SLOW)
        local given = 0
        local reader = lunasa.spawn(function()
          for _ in stream:column_batches({ ffi = true, batch_size = 10 }) do
            given = given + 1
          end
        end)
        lunasa.sleep(0.01)
        local other = failure(stream.fetch, stream)
        assert.matches("another task waits for rows", other.message, 1, true)
        reader:cancel()
        local ok, err = pcall(reader.join, reader)
        assert.is_false(ok)
        assert.matches("cancelled", tostring(err):lower(), 1, true)
        assert.equal(0, given)
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end

    db:it("hide what is being written from who kept it", function(conn)
      local large = "SELECT REPEAT('x', 1000000) AS s UNION ALL "
      local stream = conn:stream(large:rep(3) .. "SELECT SLEEP(30)", nil, { timeout = 0.5 })
      local next_batch = stream:column_batches({ ffi = true, batch_size = 2 })
      local columns = next_batch()
      assert.equal(2, #columns.s)
      local waiter = lunasa.spawn(next_batch)
      repeat
        lunasa.sleep(0)
      until #columns.s ~= 2
      assert.equal(0, #columns.s)
      assert.is_nil(columns.s[0])
      waiter:join()
    end)

    db:it("go on behind rows that were fetched", function(conn)
      local stream = conn:stream(rows("'text' AS s", 1000))
      assert.equal(1, stream:fetch().n)
      local columns, count = stream:column_batches({ ffi = true, batch_size = 10 })()
      assert.same({ 2, 10 }, { tonumber(columns.n[0]), count })
      assert.equal(12, stream:fetch().n)
      for n in stream:values() do
        if n == 20 then
          break
        end
      end
      columns = stream:column_batches({ ffi = true, batch_size = 10 })()
      assert.equal(21, tonumber(columns.n[0]))
      local rest = 0
      for _ in stream:values() do
        rest = rest + 1
      end
      assert.equal(970, rest)
    end)

    db:it("keep the connection until the last one, which is not full", function(conn)
      local sql = rows("1 AS one", 1000)
      local stream = conn:stream(sql)
      local next_batch = stream:column_batches({ batch_size = 600 })
      next_batch()
      assert.is_false(stream.closed)
      local _, count = next_batch()
      assert.equal(400, count)
      assert.is_true(stream.closed)
      assert.equal(1, conn:scalar("SELECT 1"))
      assert.is_nil(next_batch())
    end)

    db:it("do not end quietly when another command ended them", function(conn)
      local next_batch = conn:stream(rows("1 AS one", 1000)):column_batches({ batch_size = 600 })
      next_batch()
      assert.equal(2, conn:scalar("SELECT 2"))
      local err = failure(next_batch)
      assert.equal("InterfaceError", err.class)
      assert.matches("another command was run on its connection", err.message, 1, true)
    end)

    db:it_in_text("are of one result", function()
      local conn = db:connect({ multi_statements = true })
      local sql = "SELECT 1 AS a; SELECT 'x' AS b, 2 AS a; SELECT 3 AS a, 'y' AS s, 'z' AS t"
      for _, is_ffi in ipairs({ true, false }) do
        local stream = conn:stream(sql)
        local next_batch = stream:column_batches({ ffi = is_ffi })
        assert.equal(1, select(2, next_batch()))
        assert.is_nil(next_batch())
        assert.is_true(stream:nextset())
        local columns, count = stream:column_batches({ ffi = is_ffi })()
        assert.same({ "x", 1 }, { columns.b[is_ffi and 0 or 1], count })
        assert.is_true(stream:nextset())
        local err = failure(next_batch)
        assert.equal("InterfaceError", err.class)
        assert.equal("the columns are others now: ask for column_batches again", err.message)
        assert.is_false(stream:nextset())
      end
    end)

    db:it_in_text("are of the result that was there when they were asked for", function()
      local conn = db:connect({ multi_statements = true })
      for _, is_ffi in ipairs({ true, false }) do
        local stream = conn:stream("SET @a = 1; SELECT 1 AS a")
        local next_batch = stream:column_batches({ ffi = is_ffi })
        assert.is_nil(next_batch())
        assert.is_true(stream:nextset())
        local message = "the columns are others now: ask for column_batches again"
        assert.equal(message, failure(next_batch).message)
        assert.equal(1, stream:fetch().a)
        stream:close()
      end
    end)

    db:it("go on when they could not wait", function(conn)
      local stream = conn:stream(rows("REPEAT('x', 1000) AS s", 2000))
      local next_batch = stream:column_batches({ batch_size = 300 })
      local total = 0
      local function take()
        local columns, count = next_batch()
        total = total + (count or 0)
        return columns
      end
      local err = failure(string.gsub, ("x"):rep(10), ".", function()
        take()
      end)
      assert.matches("cannot be suspended here", err.message, 1, true)
      while take() do
      end
      assert.equal(2000, total)
    end)

    db:it("are not spoiled by a task that is refused", function(conn)
      local stream =
        conn:stream("SELECT 1 AS n, REPEAT('x', 100000) AS s UNION ALL SELECT 2, SLEEP(0.2)")
      local next_batch = stream:column_batches({ ffi = true, batch_size = 10 })
      local reader = lunasa.spawn(next_batch)
      lunasa.sleep(0.05)
      assert.matches("another task waits for rows", failure(next_batch).message, 1, true)
      assert.equal(2, select(2, reader:join()))
    end)

    db:it("are over when the server ends the connection", function(conn)
      local reader = db:connect()
      local id = reader:thread_id()
      local next_batch = reader
        :stream(rows("REPEAT('x', 30000) AS s", 1000))
        :column_batches({ ffi = true, batch_size = 7 })
      local columns = next_batch()
      conn:execute("KILL " .. id)
      local err = failure(function()
        repeat
        until not next_batch()
      end)
      assert.equal("OperationalError", err.class)
      assert.is_true(reader.closed)
      assert.is_true(#columns.s <= 7)
    end)

    db:it("come from a server that keeps the rows", function(conn)
      local stream = conn:stream(rows("'x' AS s", 1000), nil, { fetch_size = 70 })
      local _, sizes = together(stream, { ffi = true, batch_size = 300 })
      assert.same({ 300, 300, 300, 100 }, sizes)
    end)
  end)
end
