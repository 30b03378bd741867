--- Functions that make the values of columns, by their type.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure, null = database.failure, lunasa.null
local FIELD_TYPE = lunasa.FIELD_TYPE

local SMALL = "SELECT CAST('2024-02-29' AS DATE) AS d, 7 AS n, CAST(NULL AS DATE) AS e"
local PACKED = SMALL .. (" UNION ALL " .. SMALL):rep(40)

local function day(text)
  return { day = tonumber(text:sub(9)) }
end

---@param db spec.Database
return function(db)
  local function with_days(more)
    local options = { conv = { [FIELD_TYPE.DATE] = day } }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return db:connect(options)
  end

  describe("option conv", function()
    local EXPECTED = { { day = 29 }, 7, null }

    for name, sql in pairs({ small = SMALL, packed = PACKED }) do
      db:it(("holds in every view of a %s result"):format(name), function()
        local conn = with_days()
        local res = conn:query(sql)
        local count = res.rowcount
        local last = count == 1 and 1 or 41

        assert.equal(last, count)
        assert.same({ d = { day = 29 }, n = 7, e = null }, res[1])
        assert.same({ day = 29 }, res[last].d)
        assert.same({ day = 29 }, res:get(last, "d"))
        assert.equal(null, res:get(last, "e"))
        assert.same(EXPECTED, { res:values()() })
        assert.same({ day = 29 }, res:column("d")[last])
        assert.same({ day = 29 }, res:columns().d[last])
        assert.same({ day = 29 }, res:all()[last].d)
        local seen = 0
        for row in res:rows() do
          assert.same({ day = 29 }, row.d)
          seen = seen + 1
        end
        assert.equal(count, seen)
        res:close()
      end)

      db:it(("holds in streams, cursors and pipelines of a %s result"):format(name), function()
        local conn = with_days({ rows = "array" })
        assert.same(EXPECTED, conn:first(sql))
        assert.same({ day = 29 }, conn:scalar(sql))

        local stream = conn:stream(sql)
        assert.same(EXPECTED, stream:fetch())
        stream:close()
        for d, n, e in conn:stream(sql):values() do
          assert.same(EXPECTED, { d, n, e })
        end
        for _, class in ipairs({ lunasa.Cursor, lunasa.SSCursor }) do
          local cur = conn:cursor(class)
          cur:execute(sql)
          assert.same(EXPECTED, cur:fetchone())
          for _, row in ipairs(cur:fetchall()) do
            assert.same(EXPECTED, row)
          end
          cur:close()
        end
        for _, class in ipairs({ lunasa.DictCursor, lunasa.SSDictCursor }) do
          local cur = conn:cursor(class)
          cur:execute(sql)
          assert.same({ d = { day = 29 }, n = 7, e = null }, cur:fetchone())
          cur:close()
        end
        local results = conn:pipeline(function(p)
          p:query(sql)
          p:query(sql, nil, { protocol = "binary" })
        end)
        assert.same(EXPECTED, results[1][1])
        assert.same(EXPECTED, results[2][1])
        assert.same(EXPECTED, conn:prepare(sql):query()[1])
      end)
    end

    db:it("gives the value as it is without options, and the column", function()
      local seen = {}
      local function keep(value, column)
        table.insert(seen, { value, column.name, column.table, column.type_code })
        return value
      end
      local conn = db:connect({
        conv = {
          [FIELD_TYPE.LONG] = keep,
          [FIELD_TYPE.NEWDECIMAL] = keep,
          [FIELD_TYPE.DATETIME] = keep,
          [FIELD_TYPE.VAR_STRING] = keep,
        },
        decimal = "number",
        datetime = "table",
        rows = "array",
      })
      local t = db:table(conn, "i INT, m DECIMAL(9, 2), w DATETIME(3), s VARCHAR(20)")
      local values = { 7, "1.50", "2024-02-29 01:02:03.500", "ž\0" }
      conn:execute(("INSERT INTO %s VALUES (?, ?, ?, ?)"):format(t), values)

      local row = conn:first(("SELECT i, m, w, s FROM %s AS x"):format(t))
      assert.same(values, row)
      table.sort(seen, function(a, b)
        return a[2] < b[2]
      end)
      assert.same({
        { 7, "i", "x", FIELD_TYPE.LONG },
        { "1.50", "m", "x", FIELD_TYPE.NEWDECIMAL },
        { "ž\0", "s", "x", FIELD_TYPE.VAR_STRING },
        { "2024-02-29 01:02:03.500", "w", "x", FIELD_TYPE.DATETIME },
      }, seen)
    end)

    db:it("is over the defaults, which the other columns keep", function()
      local conn = with_days({ decimal = "number" })
      local row = conn:first("SELECT CAST('2024-02-29' AS DATE) AS d, 1.5 AS n, NOW() AS w")

      assert.same({ day = 29 }, row.d)
      assert.equal(1.5, row.n)
      assert.equal("string", type(row.w))
      assert.same({ { 1 } }, conn:query("SELECT 1", nil, { rows = "array" }):all())
      assert.same({}, conn:query(SMALL .. " LIMIT 0"):all())
      assert.same({ { day = 29 } }, with_days({ null = "nil" }):query(SMALL):column("d"))
    end)

    db:it("is never given NULL, and makes it of nil", function()
      local function none(value)
        assert.equal("2024-02-29", value)
        return nil
      end
      local conn = db:connect({ conv = { [FIELD_TYPE.DATE] = none } })

      assert.same({ d = null, n = 7, e = null }, conn:first(SMALL))
      assert.same({ null, 7, null }, { conn:query(SMALL):values()() })
      assert.same({ null }, conn:query(SMALL):column("d"))
      assert.is_nil(conn:scalar(SMALL))
      assert.same({ n = 7 }, conn:query(SMALL, nil, { null = "nil" })[1])
      assert.same({ null, 7, null }, { conn:query(SMALL, nil, { null = "nil" }):values()() })
    end)

    db:it("may give false", function()
      local function no()
        return false
      end
      local conn = db:connect({ conv = { [FIELD_TYPE.DATE] = no } })

      assert.equal(false, conn:scalar(SMALL))
      assert.same({ false }, conn:query(SMALL):column("d"))
      assert.equal(false, conn:query(SMALL)[1].d)
    end)

    db:it("has two columns of one name apart", function()
      local conn = with_days()
      local res = conn:query("SELECT CAST('2024-01-01' AS DATE) AS x, 'a' AS x")

      assert.same({ x = { day = 1 } }, res[1])
      assert.same({ { day = 1 }, "a" }, { res:values()() })
      assert.same("a", res:get(1, 2))
    end)

    db:it("serves JSON columns of every server", function()
      local conn = db:connect({ conv = { [FIELD_TYPE.JSON] = lunasa.json.decode } })
      local t = db:table(conn, "v JSON, b TEXT")
      conn:execute(("INSERT INTO %s VALUES (?, ?)"):format(t), { "[1]", "[1]" })
      local row = conn:first("SELECT * FROM " .. t)

      assert.equal("[1]", row.b)
      local tells = conn:query("SELECT v FROM " .. t):fields()[1]
      if tells.type_code == FIELD_TYPE.JSON or tells.format == "json" then
        assert.same({ 1 }, row.v)
      else
        assert.equal("[1]", row.v)
      end
    end)

    db:it("raises what the function raises with the column's name, to who reads", function()
      local function refuse()
        error("no such day", 0)
      end
      local conn = db:connect({ conv = { [FIELD_TYPE.DATE] = refuse } })
      for _, sql in ipairs({ SMALL, PACKED }) do
        local res = conn:query(sql)
        local reads = {
          function()
            return res[1]
          end,
          function()
            return res:rows()()
          end,
          function()
            return res:values()()
          end,
          function()
            return res:get(1, "d")
          end,
          function()
            return res:column("d")
          end,
          function()
            return res:all()
          end,
          function()
            return conn:first(sql)
          end,
          function()
            return conn:stream(sql):fetch()
          end,
          function()
            return conn:stream(sql):values()()
          end,
        }
        for _, read in ipairs(reads) do
          local err = failure(read)
          assert.truthy(err:is("DataError"))
          assert.equal("conv of column 'd' raised: no such day", err.message)
          assert.equal("no such day", err.cause)
          assert.equal(7, conn:scalar("SELECT 7"))
        end
        assert.equal(7, res:get(1, "n"))
        res:close()
      end
    end)

    db:it("leaves an iterator at the rows that it could not read", function()
      local is_bad = true
      local function moody(text)
        return is_bad and error("not now") or text
      end
      local conn = db:connect({ conv = { [FIELD_TYPE.DATE] = moody }, rows = "array" })
      local next_row = conn:query(PACKED):rows()
      assert.truthy(failure(next_row):is("DataError"))
      is_bad = false

      local count = 0
      for row in next_row do
        assert.equal("2024-02-29", row[1])
        count = count + 1
      end
      assert.equal(41, count)
    end)

    db:it("survives a function that closes the result, or asks for another", function()
      local conn, res
      local function meddle(text)
        if res then
          res:close()
        end
        return text
      end
      conn = db:connect({ conv = { [FIELD_TYPE.DATE] = meddle } })
      res = conn:query(PACKED)
      assert.equal("2024-02-29", res[1].d)
      assert.truthy(failure(function()
        return res[1]
      end):is("InterfaceError"))

      local asking
      asking = db:connect({
        conv = {
          [FIELD_TYPE.DATE] = function()
            return asking:scalar("SELECT 1")
          end,
        },
      })
      assert.truthy(failure(function()
        return asking:first(SMALL)
      end):is("DataError"))
      assert.equal(7, asking:scalar("SELECT 7"))
    end)

    db:it("leaves FFI arrays and statements of the driver alone", function()
      local function text(value)
        return "<" .. tostring(value) .. ">"
      end
      local all = {}
      for _, code in pairs(FIELD_TYPE) do
        all[code] = text
      end
      local conn = db:connect({ conv = all })
      local res = conn:query("SELECT 7 AS n")
      local values, count = res:column("n", { ffi = true })

      assert.equal("<7>", res[1].n)
      assert.equal(1, count)
      assert.equal(7, tonumber(values[0]))
      conn:query("SELECT 1 + 'x'")
      assert.equal("Warning", conn:show_warnings()[1].level)
      local t = db:table(conn, "n INT")
      conn:executemany(("INSERT INTO %s VALUES (?)"):format(t), { { 1 }, { 2 } })
      assert.equal("<2>", conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("is of every connection of a pool", function()
      local pool = db:pool({ minsize = 1, maxsize = 2, conv = { [FIELD_TYPE.DATE] = day } })

      assert.same({ day = 29 }, pool:scalar(SMALL))
      pool:with(function(one)
        pool:with(function(other)
          assert.same({ day = 29 }, one:scalar(SMALL))
          assert.same({ day = 29 }, other:scalar(SMALL))
        end)
      end)
      assert.equal("2024-02-29", db:connect():scalar(SMALL))
    end)

    db:it("is a table of functions by number", function()
      for _, wrong in ipairs({ 7, "DATE", day, { DATE = day }, { [10] = "x" }, { [1.5] = day } }) do
        local err = failure(function()
          lunasa.connect(db:options({ conv = wrong }))
        end)
        assert.truthy(err:is("ArgumentError"))
        assert.truthy(err.message:find("a table of functions by lunasa.FIELD_TYPE", 1, true))
      end
    end)
  end)

  describe("option tinyint1", function()
    local function stored(conn)
      local t = db:table(conn, "a TINYINT(1), b TINYINT(1), c TINYINT(1), d TINYINT, n INT")
      conn:execute(("INSERT INTO %s VALUES (0, 5, NULL, 1, 1)"):format(t))
      return "SELECT * FROM " .. t
    end

    db:it('= "boolean" makes TINYINT(1) true and false, nothing else', function(conn)
      local select = stored(conn)
      local booleans = { a = false, b = true, c = null, d = 1, n = 1 }

      assert.same({ a = 0, b = 5, c = null, d = 1, n = 1 }, conn:first(select))
      assert.same(booleans, conn:first(select, nil, { tinyint1 = "boolean" }))
      local told = db:connect({ tinyint1 = "boolean" })
      assert.same(booleans, told:first(select))
      assert.same({ false }, told:query(select):column("a"))
      assert.same({ false, true, null, 1, 1 }, { told:stream(select):values()() })
      assert.equal(0, told:first(select, nil, { tinyint1 = "number" }).a)
      assert.equal(false, conn:scalar(select, nil, { tinyint1 = "boolean" }))
    end)

    db:it("gives way to conv", function()
      local function text(value)
        return "t" .. value
      end
      local conn = db:connect({ tinyint1 = "boolean", conv = { [FIELD_TYPE.TINY] = text } })

      assert.same({ a = "t0", b = "t5", c = null, d = "t1", n = 1 }, conn:first(stored(conn)))
    end)
  end)
end
