--- Columns as FFI arrays.

local assert = require("luassert")
local database = require("spec.suite.database")
local ffi = require("ffi")

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

      db:it("is refused for strings", function(conn)
        local res = filled(conn, count)

        local err = failure(res.column, res, "s", { ffi = true })
        assert.equal("ProgrammingError", err.class)
        assert.equal("column 's' holds no numbers", err.message)
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

  describe("column{ffi = true}", function()
    db:it("of no rows is empty", function(conn)
      local values, count = conn:query("SELECT 1 AS a FROM DUAL WHERE 1 = 0"):column("a", {
        ffi = true,
      })

      assert.equal(0, count)
      assert.equal(0, ffi.sizeof(values))
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
