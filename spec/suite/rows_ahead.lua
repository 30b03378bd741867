--- Iterators that LuaJIT compiles into the user's loop give what C gives, whatever is in the rows
--- and whatever happens meanwhile; with and without the compiler.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

local NUMBERS = ("(SELECT a.d + b.d * 10 + c.d * 100 AS n FROM %s a, %s b, %s c "):format(
  DIGITS,
  DIGITS,
  DIGITS
)

--- A statement of 1000 rows, of expressions of `n`, the number of the row from 0.
local function thousand(expressions)
  return ("SELECT %s FROM %s) r ORDER BY r.n"):format(expressions, NUMBERS)
end

--- The first ones of them.
local FEW = 400

local function few(expressions)
  return ("SELECT %s FROM %s WHERE c.d < %d) r ORDER BY r.n"):format(
    expressions,
    NUMBERS,
    FEW / 100
  )
end

local NULL_AT_TIMES = "IF(n %% %d = 3, NULL, %s)"

--- Columns, each of them of one kind of values.
local KINDS = {
  n = "n",
  negative = "-n",
  null = NULL_AT_TIMES:format(5, "n"),
  text = "CONCAT('text ', n)",
  null_text = NULL_AT_TIMES:format(7, "CONCAT('t', n)"),
  never = "NULL",
  empty = "''",
  unicode = "CONCAT(n, ' äß☃𝄞')",
  bytes = "CAST(CHAR(n % 256, 0, 255 - n % 256) AS BINARY)",
  lengths = "REPEAT('x', n)",
  long = "IF(n % 100 = 50, REPEAT('y', 70000), 'y')",
  exact = "CAST(9007199254740992 - 500 + n AS SIGNED)",
  inexact = "CAST(-9007199254740992 + 500 - n AS SIGNED)",
  natural = "CAST(18446744073709551615 - n AS UNSIGNED)",
  least = "CAST(-9223372036854775807 - 1 + n AS SIGNED)",
  real = "n / 7e0",
  decimal = "CAST(n AS DECIMAL(20, 5)) / 3",
  bits = "CAST(n AS UNSIGNED) & b'1010101'",
  date = "DATE_ADD('2024-01-01', INTERVAL n DAY)",
  moment = "TIMESTAMP(DATE_ADD('2024-01-01 10:20:30.5', INTERVAL n SECOND))",
  time = "SEC_TO_TIME(n * 61 - 10000)",
}

local FORMATS = {
  {},
  { rows = "array" },
  { null = "nil" },
  { rows = "array", null = "nil" },
  { bigint = "string" },
  { bigint = "number" },
  { bigint = "int64" },
  { decimal = "number", datetime = "table" },
}

local function names_of(prefix, count)
  local names = {}
  for i = 1, count do
    names[i] = prefix .. i
  end
  return table.concat(names, ", ")
end

--- Gathers values in a loop of its own, as a user would write it.
local function gather_values(width, next_values, state)
  local names = names_of("v", width)
  local text = "local next_values, state = ... local rows = {} for %s in next_values, state do "
    .. "rows[#rows + 1] = { %s } end return rows"
  return assert(loadstring(text:format(names, names)))(next_values, state)
end

local function gather_rows(next_row, state)
  local rows = {}
  for row in next_row, state do
    rows[#rows + 1] = row
  end
  return rows
end

local function text_of(value)
  local kind = type(value)
  return kind == "table" and kind .. lunasa.json.encode(value) or kind .. tostring(value)
end

local function is_same_row(expected, row)
  for key, value in pairs(expected) do
    if row[key] ~= value and text_of(row[key]) ~= text_of(value) then
      return false
    end
  end
  for key in pairs(row) do
    if expected[key] == nil then
      return false
    end
  end
  return true
end

local function assert_same_rows(expected, rows, what)
  assert.equal(#expected, #rows, what)
  for i, row in ipairs(expected) do
    if not is_same_row(row, rows[i]) then
      assert.same(row, rows[i], ("%s, row %d"):format(what, i))
      error(("%s, row %d"):format(what, i))
    end
  end
end

--- Reads in all ways, and compares with what C makes of the rows.
local function compare(conn, sql, options, what)
  local res = conn:query(sql, nil, options)
  local width, packed = #res.names, res.packed
  local values = gather_values(width, packed:values())
  local rows = res:all()
  assert.equal(FEW, #rows)
  assert_same_rows(values, gather_values(width, res:values()), what .. ", values")
  assert_same_rows(rows, gather_rows(res:rows()), what .. ", rows")
  local stream = conn:stream(sql, nil, options)
  assert_same_rows(values, gather_values(width, stream:values()), what .. ", a stream's values")
  assert_same_rows(
    rows,
    gather_rows(conn:stream(sql, nil, options):rows()),
    what .. ", a stream's rows"
  )
end

--- Runs `body` compiled, as far as LuaJIT does, and interpreted.
local function either_way(body)
  body("compiled")
  jit.off()
  local ok, err = pcall(body, "interpreted")
  jit.on()
  if not ok then
    error(err, 0)
  end
end

local function sum_of_rows(next_row, state)
  local sum, count = 0, 0
  for row in next_row, state do
    sum, count = sum + row.n + #row.s, count + 1
  end
  return sum, count
end

local PLAIN = thousand("n, CONCAT('s', n) AS s")

---@param db spec.Database
return function(db)
  describe("rows that are read ahead", function()
    for name, expression in pairs(KINDS) do
      db:it("are what C makes of them, here " .. name, function(conn)
        local alone = few(expression .. " AS v")
        local between = few(("n AS a, %s AS v, CONCAT('b', n) AS b"):format(expression))
        either_way(function(how)
          compare(conn, alone, nil, how .. ", alone")
          for i = 1, how == "compiled" and #FORMATS or 2 do
            compare(conn, between, FORMATS[i], ("%s, format %d"):format(how, i))
          end
        end)
      end)
    end

    db:it("may have any number of columns", function(conn)
      for _, width in ipairs({ 1, 2, 15, 16, 17, 40 }) do
        local list = {}
        for i = 1, width do
          local is_text = i % 3 == 0
          list[i] = ("%s AS c%d"):format(is_text and "CONCAT(n, ':')" or "n * " .. i, i)
        end
        local sql = few(table.concat(list, ", "))
        either_way(function(how)
          for _, options in ipairs({ {}, { rows = "array" } }) do
            compare(conn, sql, options, ("%s, %d columns"):format(how, width))
          end
        end)
      end
    end)

    db:it("may have any names", function(conn)
      local odd = {
        "end",
        "a b",
        '"] = os.exit(1), ["',
        "new\nline",
        "re\rturn",
        "back\\slash",
        "tab\tbell\7",
        "it's",
        "%s%d%q$NAMES",
        "ünïcödé ☃",
        "]]",
        "nil",
        "1",
      }
      local list = {}
      for i, name in ipairs(odd) do
        list[i] = ("n + %d AS `%s`"):format(i, name)
      end
      list[#list + 1] = "'first' AS twice"
      list[#list + 1] = "n AS twice"
      local sql = few(table.concat(list, ", "))
      either_way(function(how)
        compare(conn, sql, nil, how)
        local i = 0
        for row in conn:query(sql):rows() do
          i = i + 1
          assert(row["end"] == i and row["1"] == i + 12 and row.twice == "first")
        end
      end)
    end)

    db:it("keep their names though somebody changed those of a result", function(conn)
      for _ = 1, 2 do
        local res = conn:query(PLAIN)
        res.names[1], res.names[2] = "other", "names"
        assert.same({ n = 0, s = "s0" }, res:rows()())
        local stream = conn:stream(PLAIN)
        stream.names[1] = "another"
        assert.same({ n = 0, s = "s0" }, stream:rows()(stream))
        stream:close()
      end
    end)

    db:it("are each loop's own", function(conn)
      either_way(function()
        local res, steps = conn:query(PLAIN), 0
        local left, right = res:values(), res:values()
        for i = 0, 999 do
          assert(left() == i)
          if i % 3 == 0 then
            assert(right() == i / 3)
            steps = steps + 1
          end
        end
        assert.is_nil(left())
        assert.is_nil(left())
        assert.equal(steps, (right()))
        local count = 0
        for n in res:values() do
          for row in res:rows() do
            count = count + 1
            if row.n > n % 50 then
              break
            end
          end
        end
        assert.equal(26500, count)
      end)
    end)

    db:it("are read on by tasks in turns", function(conn)
      local res = conn:query(PLAIN)
      either_way(function()
        local next_row, seen, tasks = res:rows(), {}, {}
        for i = 1, 5 do
          tasks[i] = lunasa.spawn(function()
            for row in next_row do
              table.insert(seen, row.n)
              if row.n % 3 == 0 then
                lunasa.sleep(0)
              end
            end
          end)
        end
        for i = 1, 5 do
          tasks[i]:join()
        end
        assert.equal(1000, #seen)
        for i, n in ipairs(seen) do
          assert(n == i - 1)
        end
      end)
    end)

    db:it("are given once, wherever a finalizer asks for some of them", function(conn)
      local res = conn:query(thousand("n, CONCAT('string ', n) AS s"))
      for round = 1, 100 do
        local next_values, seen, asked, is_over = res:values(), {}, 0, false
        local function note(n, s)
          if n then
            assert(s == "string " .. n)
            seen[n] = (seen[n] or 0) + 1
          end
        end
        local function plant()
          getmetatable(newproxy(true)).__gc = function()
            if not is_over then
              asked = asked + 1
              if asked < 100 then
                plant()
              end
              note(next_values())
            end
          end
        end
        for _ = 1, 20 do
          plant()
        end
        if round % 5 == 0 then
          jit.flush() -- a finalizer can run whenever a loop that was compiled is left
        end
        collectgarbage("setpause", 20)
        for n, s in next_values do
          note(n, s)
          local _ = { n, s .. " is garbage" }
        end
        collectgarbage("setpause", 200)
        is_over = true
        for n = 0, 999 do
          assert(seen[n] == 1, ("row %d was given %d times"):format(n, seen[n] or 0))
        end
      end
    end)

    db:it("are none when they are closed in a loop", function(conn)
      either_way(function()
        for _, method in ipairs({ "values", "rows" }) do
          local res, count = conn:query(PLAIN), 0
          local ok, err = pcall(function()
            for n in res[method](res) do
              count = count + 1
              assert(method == "rows" or n == count - 1)
              if count == 777 then
                res:close()
              end
            end
          end)
          assert.is_false(ok)
          assert.matches("the result is closed$", tostring(err))
          assert.equal(777, count)
        end
      end)
    end)
  end)

  describe("rows of a stream that are read ahead", function()
    db:it("are given once, in whatever ways", function(conn)
      either_way(function()
        local stream = conn:stream(PLAIN)
        local next_n, next_row = stream:values(), stream:rows()
        for i = 0, 999 do
          local n
          local way = i < 300 and 0 or i % 5
          if way < 3 then
            n = next_n()
          elseif way == 3 then
            n = next_row(stream).n
          else
            n = stream:fetch().n
          end
          assert(n == i)
        end
        assert.is_nil(next_n())
        assert.is_nil(next_row(stream))
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end)

    db:it("leave the others to batch", function(conn)
      local stream, count = conn:stream(PLAIN), 0
      for n in stream:values() do
        assert.equal(count, n)
        count = count + 1
        if n % 100 == 99 then
          for _, row in ipairs(stream:batch() or {}) do
            assert.equal(count, row.n)
            count = count + 1
          end
        end
      end
      assert.equal(1000, count)
    end)

    db:it("end where the stream is closed", function(conn)
      either_way(function()
        for _, method in ipairs({ "values", "rows" }) do
          local stream, count = conn:stream(PLAIN), 0
          local err = failure(function()
            for _ in stream[method](stream) do
              count = count + 1
              if count == 500 then
                stream:close()
              end
            end
          end)
          assert.equal("InterfaceError", err.class)
          assert.equal(500, count)
          assert.equal(1, conn:scalar("SELECT 1"))
        end
      end)
    end)

    db:it("end where another command took the connection", function(conn)
      local stream, count = conn:stream(PLAIN), 0
      local err = failure(function()
        for _ in stream:values() do
          count = count + 1
          if count == 321 then
            conn:execute("DO 1")
          end
        end
      end)
      assert.equal("InterfaceError", err.class)
      assert.matches("suite/rows_ahead.lua", err.position, 1, true)
      assert.equal(321, count)
    end)

    db:it("end where the server ends the connection", function(conn)
      local id, other = conn:thread_id(), db:connect()
      local stream, count = conn:stream(thousand("n, REPEAT('x', 50000) AS s")), 0
      local err = failure(function()
        for n, s in stream:values() do
          assert(n == count and #s == 50000)
          count = count + 1
          if count == 10 then
            other:execute("KILL " .. id)
          end
        end
      end)
      assert.is_true(count >= 10 and count < 1000)
      assert.equal("OperationalError", err.class)
    end)

    db:it("end with the error that ended them", function(conn)
      local bad = "CASE WHEN n < 900 THEN n ELSE (SELECT 1 UNION SELECT 2 + n) END AS bad"
      local t = db:table(conn, "n INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s %s"):format(t, thousand("n")))
      either_way(function()
        local count = 0
        local err = failure(function()
          for n in conn:stream(("SELECT n, %s FROM %s ORDER BY n"):format(bad, t)):values() do
            assert(n == count)
            count = count + 1
          end
        end)
        assert.equal(1242, err.errno)
        assert.equal(900, count)
      end)
    end)

    db:it_in_text("go on with other results, of whatever kind", function()
      local conn = db:connect({ multi_statements = true })
      local results = {
        { PLAIN, "n", "s", 1, 2 },
        { thousand("CONCAT('s', n) AS s, n"), "n", "s", 2, 1 },
        { thousand("n AS s, CONCAT('s', n) AS n"), "s", "n", 1, 2 },
        { "DO 1" },
        { PLAIN, "n", "s", 1, 2 },
      }
      local parts = {}
      for i, result in ipairs(results) do
        parts[i] = result[1]
      end
      either_way(function()
        local stream = conn:stream(table.concat(parts, "; "))
        local next_values, next_row = stream:values(), stream:rows()
        for at, result in ipairs(results) do
          for i = 0, result[2] and 999 or -1 do
            local is_even = i % 2 == 0
            local row = is_even and { next_values() } or next_row(stream)
            assert(row[result[is_even and 4 or 2]] == i, at)
            assert(row[result[is_even and 5 or 3]] == "s" .. i, at)
          end
          assert.is_nil(next_row(stream))
          assert.is_nil(next_values())
          assert.equal(at < #results, stream:nextset())
        end
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end)

    db:it("are the same in a loop that is compiled for others already", function(conn)
      local shapes = { "n, 's' AS s", "n, 'text' AS s, n AS x", "n, 'u' AS x, 'v' AS s" }
      for _ = 1, 5 do
        for i, shape in ipairs(shapes) do
          local expected = 499500 + 1000 * (i == 2 and 4 or 1)
          assert.same({ expected, 1000 }, { sum_of_rows(conn:query(thousand(shape)):rows()) })
          assert.same({ expected, 1000 }, { sum_of_rows(conn:stream(thousand(shape)):rows()) })
        end
      end
    end)
  end)
end
