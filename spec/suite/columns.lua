--- Columns as FFI arrays.

local assert = require("luassert")
local database = require("spec.suite.database")
local ffi = require("ffi")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- A table of `count` rows: an id, half of it, its square as BIGINT UNSIGNED, a string.
  local function filled(conn, count)
    local t = db:table(conn, "i INT, d DOUBLE, u BIGINT UNSIGNED, s VARCHAR(9), b BIGINT")
    local rows = {}
    for i = 1, count do
      local d = i % 2 == 0 and "NULL" or tostring(i / 2)
      rows[i] = ("(%d, %s, 18446744073709551615, 'x', -9223372036854775808)"):format(i, d)
    end
    conn:execute(("INSERT INTO %s VALUES %s"):format(t, table.concat(rows, ", ")))
    return conn:query("SELECT * FROM " .. t .. " ORDER BY i")
  end

  local TYPES = { i = "int64_t", d = "double", u = "uint64_t", b = "int64_t" }

  for _, size in ipairs({ { "a small", 5 }, { "a packed", 40 } }) do
    describe("column{ffi = true} of " .. size[1] .. " result", function()
      local count = size[2]

      db:it("has the type of the column", function(conn)
        local res = filled(conn, count)

        for name, ctype in pairs(TYPES) do
          local values, length = res:column(name, { ffi = true })
          assert.is_true(ffi.istype(ffi.typeof(ctype .. "[?]"), values), name)
          assert.equal(count, length)
        end
      end)

      db:it("has every value, counted from 0", function(conn)
        local res = filled(conn, count)
        local i, u = res:column("i", { ffi = true }), res:column("u", { ffi = true })
        local b = res:column("b", { ffi = true })

        for at = 0, count - 1 do
          assert.equal(at + 1, tonumber(i[at]))
          assert.is_true(u[at] == 18446744073709551615ULL)
          assert.is_true(b[at] == -9223372036854775807LL - 1)
        end
      end)

      db:it("marks NULLs in a bitmap", function(conn)
        local d, length, nulls = filled(conn, count):column("d", { ffi = true })

        for at = 0, length - 1 do
          local is_null = math.floor(nulls[math.floor(at / 8)] / 2 ^ (at % 8)) % 2 == 1
          assert.equal((at + 1) % 2 == 0, is_null)
          assert.equal(is_null and 0 or (at + 1) / 2, d[at])
        end
      end)

      db:it("outlives the result", function(conn)
        local res = filled(conn, count)
        local i = res:column("i", { ffi = true })
        res:close()
        collectgarbage()

        assert.equal(count, tonumber(i[count - 1]))
      end)

      db:it("has strings that are made when they are asked for", function(conn)
        local res = filled(conn, count)
        local s, length, nulls = res:column("s", { ffi = true })

        assert.equal("lunasa.Strings(" .. count .. ")", tostring(s))
        assert.same({ count, count, count }, { length, #s, s.count })
        assert.same({ "x", "x" }, { s[0], s[count - 1] })
        assert.equal(0, nulls[0])
        for _, outside in ipairs({
          -1,
          count,
          0.5,
          -0.5,
          2 ^ 31,
          -2 ^ 31,
          2 ^ 53,
          1 / 0,
          -1 / 0,
          0 / 0,
        }) do
          assert.is_nil(s[outside])
          assert.is_nil(s:length(outside))
          assert.is_nil(s:pointer(outside))
          assert.is_nil(s:is_null(outside))
          assert.is_false(s:equals(outside, "x"))
        end
      end)
    end)
  end

  describe("columns", function()
    --- More than a small result has, and fewer than those for which the collector rests.
    local COUNT = 200
    local WIDE = [[
      SELECT d.n AS a, IF(d.n %% 3 = 0, NULL, d.n / 4) AS b, REPEAT('x', d.n * 2) AS c,
        %s AS d, NULL AS e, d.n * 2 AS f, CONCAT('g', d.n) AS g, 1.5 AS h,
        d.n * 1e0 AS i, NULL AS j, 'k' AS k
      FROM (%s) d ORDER BY d.n]]
    local SHORT = "IF(d.n % 5 = 0, NULL, 'short')"
    -- More than a mark has room for.
    local LONG = "REPEAT('y', 1100000)"

    local function wide(conn, count, fourth, protocol)
      local numbers = { "SELECT 1 AS n" }
      for n = 2, count do
        numbers[n] = "SELECT " .. n
      end
      local sql = WIDE:format(fourth, table.concat(numbers, " UNION ALL "))
      return conn:query(sql, nil, { protocol = protocol, rows = "array" })
    end

    local function assert_column(res, column, count)
      local values = res:column(column)
      for i = 1, count do
        assert.equal(res:get(i, column), values[i])
      end
    end

    for _, protocol in ipairs({ "text", "binary" }) do
      db:it("are read in any order, over the " .. protocol .. " protocol", function(conn)
        local res = wide(conn, COUNT, SHORT, protocol)

        for column in ("1 2 3 4 5 6 7 8 9 10 11 11 9 7 5 3 1 1 6 2 10 7 11 3"):gmatch("%d+") do
          assert_column(res, tonumber(column), COUNT)
        end
        local f = res:column("f", { ffi = true })
        assert.equal(COUNT * 2, tonumber(f[COUNT - 1]))
        for name, values in pairs(res:columns()) do
          assert.same(res:column(name), values)
        end
        assert_column(res, 7, COUNT)
      end)

      db:it("may begin far inside a row, over the " .. protocol .. " protocol", function(conn)
        local res = wide(conn, 2, LONG, protocol)

        for column in ("1 2 3 4 5 6 7 5 4 11"):gmatch("%d+") do
          assert_column(res, tonumber(column), 2)
        end
      end)

      db:it("may be read while another is, over the " .. protocol .. " protocol", function(conn)
        local res = wide(conn, COUNT, SHORT, protocol)
        local finalized = 0
        for _ = 1, 20 do
          local values = res:column(3)
          getmetatable(newproxy(true)).__gc = function()
            finalized = finalized + 1
            res:column(finalized % 11 + 1)
          end
          for column = 4, 11 do
            assert_column(res, column, COUNT)
          end
          assert.equal("xx", values[1])
        end
        collectgarbage()
        assert.is_true(finalized > 0)
      end)
    end
  end)

  describe("strings of a column{ffi = true}", function()
    local INSERT = "INSERT INTO %s VALUES (NULL, ?, ?, 12345678901234567890.5, "
      .. "'2024-02-29 01:02:03.5', '0001-01-01', '-838:59:59', 'y', 257)"
    local TEXTS = { "", "a\0b", "ä€𝄞", ("long "):rep(14000), "NULL", "'\\" }

    for _, size in ipairs({ { "a small", 1 }, { "a packed", 10 } }) do
      for _, protocol in ipairs({ "text", "binary" }) do
        local options = { protocol = protocol }

        --- The texts and a NULL, as often as `size` says, and strings of other types beside them.
        local function texts(conn, times)
          local t = db:table(
            conn,
            "n INT AUTO_INCREMENT PRIMARY KEY, s LONGTEXT CHARACTER SET utf8mb4, b LONGBLOB, "
              .. "d DECIMAL(30,2), at DATETIME(3), day DATE, t TIME, e ENUM('x','y'), bits BIT(9)"
          )
          conn:begin()
          for _ = 1, times do
            for _, text in ipairs(TEXTS) do
              local bytes = lunasa.binary(text .. "\255")
              conn:execute(INSERT:format(t), { text, bytes })
            end
            conn:execute(("INSERT INTO %s (s) VALUES (NULL)"):format(t))
          end
          conn:commit()
          return conn:query("SELECT * FROM " .. t .. " ORDER BY n", nil, options)
        end

        local title = ("of %s result, over the %s protocol, "):format(size[1], protocol)

        db:it(title .. "are what the column's values are", function(conn)
          local res = texts(conn, size[2])
          local columns, count, nulls, null_counts = res:columns({ ffi = true })

          assert.equal(7 * size[2], count)
          assert.equal(0, null_counts.n)
          for _, name in ipairs(res.names) do
            local values = res:column(name)
            local alone, length, bits, null_count = res:column(name, { ffi = true })
            local seen = 0
            assert.equal(count, length)
            for i = 0, count - 1 do
              local is_null = math.floor(bits[math.floor(i / 8)] / 2 ^ (i % 8)) % 2 == 1
              assert.equal(is_null, values[i + 1] == lunasa.null)
              seen = seen + (is_null and 1 or 0)
              assert.equal(bits[math.floor(i / 8)], nulls[name][math.floor(i / 8)])
              if name == "n" then
                assert.equal(values[i + 1], tonumber(alone[i]))
                assert.equal(values[i + 1], tonumber(columns.n[i]))
              else
                assert.equal(values[i + 1], alone[i])
                assert.equal(values[i + 1], columns[name][i])
              end
            end
            assert.same({ seen, seen }, { null_count, null_counts[name] })
          end
        end)

        db:it(title .. "can be looked at without making one", function(conn)
          local s = texts(conn, size[2]):column("s", { ffi = true })

          for i, text in ipairs(TEXTS) do
            local pointer, length = s:pointer(i - 1)
            assert.equal(#text, s:length(i - 1))
            assert.equal(text, ffi.string(pointer, length))
            assert.is_true(s:equals(i - 1, text))
            assert.is_false(s:equals(i - 1, text .. "x"))
            assert.is_false(s:equals(i - 1, ("x"):rep(#text + 1):sub(#text == 0 and 1 or 2)))
            assert.is_false(s:is_null(i - 1))
          end
          assert.is_true(s:is_null(6))
          assert.is_nil(s:length(6))
          assert.is_nil(s:pointer(6))
          assert.is_false(s:equals(6, ""))
          assert.equal(lunasa.null, s[6])
        end)

        db:it(title .. "stay when the result is closed and forgotten", function(conn)
          local res = texts(conn, size[2])
          local s = res:column("s", { ffi = true })
          local b = res:columns({ ffi = true }).b
          res:close()
          res = nil
          for _ = 1, 3 do
            collectgarbage()
          end

          assert.is_nil(res)
          for i, text in ipairs(TEXTS) do
            assert.equal(text, s[i - 1])
            assert.equal(text .. "\255", b[i - 1])
          end
        end)

        db:it(title .. "are refused where an option makes others of them", function(conn)
          local rows = {}
          for i = 1, 40 * size[2] - 30 do
            rows[i] = "SELECT 1.5 AS d, DATE('2024-02-29') AS t, 'x' AS s"
          end
          local sql = table.concat(rows, " UNION ALL ")
          for name, option in pairs({ d = { decimal = "number" }, t = { datetime = "table" } }) do
            option.protocol = protocol
            local res = conn:query(sql, nil, option)
            local message = ("column '%s' holds what an option has made"):format(name)
            for _, call in ipairs({
              { res.column, res, name, { ffi = true } },
              { res.columns, res, { ffi = true } },
            }) do
              local err = failure(unpack(call))
              assert.equal("ProgrammingError", err.class)
              assert.equal(message .. " of strings: ask for it without ffi", err.message)
            end
            assert.equal("x", res:column("s", { ffi = true })[0])
          end
        end)
      end
    end

    for _, protocol in ipairs({ "text", "binary" }) do
      db:it("are refused in one row of a connection's format, " .. protocol, function()
        local conn = db:connect({ decimal = "number", protocol = protocol })
        local res = conn:query("SELECT 1.5 AS d")
        local err = failure(res.column, res, "d", { ffi = true })
        local message =
          "column 'd' holds what an option has made of strings: ask for it without ffi"
        assert.same({ "ProgrammingError", message }, { err.class, err.message })
      end)
    end

    db:it("are compared with strings only", function(conn)
      local s = conn:query("SELECT REPEAT('x', 1000) AS s"):column("s", { ffi = true })
      local other = ffi.new("struct { int64_t a; }")

      for _, text in ipairs({ 5, {}, true, other, s }) do
        local err = failure(s.equals, s, 0, text)
        assert.equal("ArgumentError", err.class)
        assert.equal("equals compares with a string, got " .. type(text), err.message)
      end
      assert.equal("equals compares with a string, got nil", failure(s.equals, s, 0).message)
    end)

    db:it("are written to memory of their own, whoever asks", function(conn)
      local packed = conn:query("SELECT 'text' AS s" .. (" UNION ALL SELECT 'x'"):rep(99)).packed

      for _, column in ipairs({ ffi.new("uint8_t *[2]"), 0, 2, "s", {} }) do
        assert.is_false(pcall(packed.arrays, packed, column, "s", ffi.new("uint8_t *[2]"), 100))
      end
      local offsets, nulls, null_counts, owners, count = packed:arrays(1)
      assert.equal(101 * 4, ffi.sizeof(offsets[1]))
      assert.equal(13, ffi.sizeof(nulls[1]))
      assert.same({ 0 }, null_counts)
      assert.equal("userdata", type(owners[1]))
      assert.equal(100, count)
    end)

    db:it("are read while a finalizer closes the result", function(conn)
      local sql = {}
      for i = 1, 100 do
        sql[i] = "SELECT 'text' AS a, 1.5 AS b"
      end
      sql = table.concat(sql, " UNION ALL ")
      for _ = 1, 30 do
        local res = conn:query(sql)
        getmetatable(newproxy(true)).__gc = function()
          res:close()
        end
        collectgarbage("setpause", 10)
        local ok, s = pcall(res.column, res, "a", { ffi = true })
        collectgarbage("setpause", 200)
        assert.equal(ok and "text" or "the result is closed", ok and s[99] or s.message or s)
      end
    end)
  end)

  describe("columns{ffi = true}", function()
    db:it("has strings that are longer, or shorter, than the first ones", function(conn)
      local t = db:table(conn, "n INT AUTO_INCREMENT PRIMARY KEY, a INT")
      conn:execute(("INSERT INTO %s (a) VALUES (1), (2), (3), (4)"):format(t))
      for _ = 1, 5 do
        conn:execute(
          ("INSERT INTO %s (a) SELECT x.a FROM %s x, (SELECT 1 UNION SELECT 2) y"):format(t, t)
        )
      end
      local lengths = { "n", "3000 - n", "IF(n < 900, 0, 500)", "IF(n < 900, 500, 0)", "0", "9" }
      for i, length in ipairs(lengths) do
        lengths[i] = ("REPEAT('x', %s) AS s%d, GREATEST(0, %s) AS l%d"):format(length, i, length, i)
      end
      local sql = "SELECT %s FROM %s ORDER BY n"
      local res = conn:query(sql:format(table.concat(lengths, ", "), t))
      local columns, count = res:columns({ ffi = true })

      assert.equal(972, count)
      for i = 1, #lengths do
        local s, l = columns["s" .. i], columns["l" .. i]
        local alone = res:column("s" .. i, { ffi = true })
        for row = 0, count - 1 do
          if s:length(row) ~= tonumber(l[row]) or s[row]:find("[^x]") or alone[row] ~= s[row] then
            assert.equal(("x"):rep(tonumber(l[row])), s[row])
            assert.equal(s[row], alone[row])
          end
        end
      end
    end)

    db:it("is the first column of a name", function(conn)
      for _, more in ipairs({ "", (" UNION ALL SELECT 3, 'c', 4"):rep(40) }) do
        local columns, count = conn:query("SELECT 1 AS a, 'b' AS s, 2 AS a" .. more):columns({
          ffi = true,
        })
        assert.equal(1, tonumber(columns.a[0]))
        assert.equal("b", columns.s[0])
        assert.equal(more == "" and 1 or 41, count)
      end
    end)

    db:it("of no rows and of no columns is empty", function(conn)
      local res = conn:query("SELECT 1 AS a, 'x' AS s FROM DUAL WHERE 1 = 0")
      local columns, count = res:columns({ ffi = true })

      assert.equal(0, count)
      assert.equal(0, #columns.s)
      assert.is_nil(columns.s[0])
      assert.same({}, (conn:query("DO 1"):columns({ ffi = true })))
    end)

    db:it("of a closed result raises", function(conn)
      for _, more in ipairs({ "", (" UNION ALL SELECT 2"):rep(40) }) do
        local res = conn:query("SELECT 1 AS a" .. more)
        res:close()
        assert.equal("the result is closed", failure(res.columns, res, { ffi = true }).message)
        assert.equal("the result is closed", failure(res.columns, res).message)
      end
    end)
  end)

  describe("column{ffi = true}", function()
    db:it("of no rows is empty", function(conn)
      local values, count = conn:query("SELECT 1 AS a FROM DUAL WHERE 1 = 0"):column("a", {
        ffi = true,
      })

      assert.equal(0, count)
      assert.equal(0, ffi.sizeof(values))
    end)

    db:it("gives no integers that were rounded", function()
      local conn = db:connect({ bigint = "number" })
      local LARGE = { "9007199254740993", "-9007199254740993", "18446744073709551615" }
      for _, digits in ipairs(LARGE) do
        local sql = ("SELECT 9007199254740991 AS a, %s AS b, 2e18 AS c"):format(digits)
        local few = conn:query(sql)
        for _, err in ipairs({
          failure(few.column, few, "b", { ffi = true }),
          failure(few.columns, few, { ffi = true }),
        }) do
          assert.equal("ProgrammingError", err.class)
          local message = "column 'b' holds integers that bigint = \"number\" has rounded: "
          assert.equal(message .. "ask for it without ffi", err.message)
        end
        assert.is_true(few:column("a", { ffi = true })[0] == 9007199254740991LL)
        assert.equal(2e18, few:column("c", { ffi = true })[0])

        local many = conn:query(sql .. (" UNION ALL " .. sql):rep(40))
        local b = many:column("b", { ffi = true })
        assert.equal(digits, (tostring(b[40]):gsub("U?LL$", "")))
      end
    end)

    db:it("does not mind how values of rows are given", function(conn)
      local options = { bigint = "string", null = "nil", rows = "array" }
      local values, count, nulls = conn
        :query("SELECT 9007199254740993 AS a UNION ALL SELECT NULL", nil, options)
        :column("a", { ffi = true })

      assert.equal(2, count)
      assert.is_true(values[0] == 9007199254740993LL)
      assert.equal(2, nulls[0])
    end)
  end)
end
