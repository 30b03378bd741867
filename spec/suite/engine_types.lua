--- What an engine does with the values of columns: defaults, and their types in both directions.

local assert = require("luassert")
local database = require("spec.suite.database")
local engines = require("spec.support.engines")
local int = require("lunasa.int")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local failure = database.failure
local NULL = sa.NULL

---@param db spec.Database
return function(db)
  local function it(name, body)
    db:it(name, function()
      body(engines.connect(db))
    end)
  end

  --- A table whose columns have defaults of every kind.
  local function defaulted(conn, made)
    return engines.table(
      conn,
      sa.Column("id", sa.Integer, { primary_key = true }),
      sa.Column("name", sa.String(20)),
      sa.Column("kind", sa.String(20), { default = "plain" }),
      sa.Column("flag", sa.Boolean, { default = true }),
      sa.Column("made", sa.String(30), { default = made }),
      sa.Column("len", sa.Integer, { default = sa.func.length("qwerty") }),
      sa.Column("server", sa.Integer, { server_default = "7" }),
      sa.Column("version", sa.Integer, { default = 1, onupdate = 2 }),
      sa.Column("by_fn", sa.Integer, {
        onupdate = function()
          return 42
        end,
      }),
      sa.Column("by_sql", sa.Integer, { onupdate = sa.func.length("abc") })
    )
  end

  describe("defaults", function()
    it("S3: are for the columns that are not given", function(conn)
      local count = 0
      local t = defaulted(conn, function(context)
        count = count + 1
        return ("%s-%d"):format(context.current_parameters.name or "none", count)
      end)
      local columns = sa.select(t.c.kind, t.c.flag, t.c.made, t.c.len, t.c.server, t.c.version)
      local function row_of(...)
        local key = conn:execute(...).lastrowid
        local values = sa.row.values(conn:first(columns:where(t.c.id:eq(key))))
        return values
      end
      local insert = t:insert()
      assert.same({ n = 6, "plain", true, "a-1", 6, 7, 1 }, row_of(insert, { name = "a" }))
      assert.same({ n = 6, "plain", true, "b-2", 6, 7, 1 }, row_of(insert:values({ name = "b" })))
      assert.same({ n = 6, "plain", true, "none-3", 6, 7, 1 }, row_of(insert))
      assert.same(
        { n = 6, "own", false, "x", 0, 8, 9 },
        row_of(insert, { kind = "own", flag = false, made = "x", len = 0, server = 8, version = 9 })
      )
      conn:execute(insert, { { name = "c" }, { name = "d" } })
      local made = sa.select(t.c.made):where(t.c.name:in_({ "c", "d" })):order_by(t.c.id)
      assert.same({ "c-4", "d-5", n = 2 }, conn:execute(made):scalars():all())
      conn:execute(insert:values({ { name = "e" }, { name = "f" } }))
      made = sa.select(t.c.made):where(t.c.name:in_({ "e", "f" })):order_by(t.c.id)
      assert.same({ "e-6", "f-7", n = 2 }, conn:execute(made):scalars():all())
    end)

    it("S3: are not for a column that is given NULL", function(conn)
      local t = defaulted(conn, "x")
      local nulls = { kind = NULL, flag = NULL, made = NULL, len = NULL, server = NULL }
      conn:execute(t:insert(), nulls)
      conn:execute(t:insert():values(nulls))
      for row in conn:rows(sa.select(t.c.kind, t.c.flag, t.c.made, t.c.len, t.c.server)) do
        assert.same({ n = 5 }, sa.row.values(row))
      end
    end)

    it("S4: of updates apply unless a value is given", function(conn)
      local t = defaulted(conn, "x")
      conn:execute(t:insert(), { name = "a" })
      local now = sa.select(t.c.name, t.c.version, t.c.by_fn, t.c.by_sql)
      assert.same({ n = 4, "a", 1 }, sa.row.values(conn:first(now)))
      conn:execute(t:update():where(t.c.id:eq(1)):values({ name = "b" }))
      assert.same({ n = 4, "b", 2, 42, 3 }, sa.row.values(conn:first(now)))
      conn:execute(t:update(), { name = "c", version = 5, by_fn = NULL, by_sql = 6 })
      assert.same({ n = 4, "c", 5, nil, 6 }, sa.row.values(conn:first(now)))
    end)

    it("are part of the key of a row that was inserted", function(conn)
      local t = engines.table(
        conn,
        sa.Column("code", sa.String(10), { primary_key = true, default = "k1" }),
        sa.Column("part", sa.Integer, { primary_key = true, autoincrement = false }),
        sa.Column("v", sa.Integer)
      )
      local key = conn:execute(t:insert(), { part = 5 }).inserted_primary_key
      assert.same({ "k1", 5, code = "k1", part = 5 }, key)
      key = conn:execute(t:insert():values({ code = "k2", part = 6 })).inserted_primary_key
      assert.same({ "k2", 6, code = "k2", part = 6 }, key)
    end)
  end)

  --- Stores values in a column, and gives what is read.
  local function round_trip(conn, type_, values)
    local t = engines.table(
      conn,
      sa.Column("id", sa.Integer, { primary_key = true }),
      sa.Column("v", type_)
    )
    local given = {}
    for i, value in ipairs(values) do
      conn:execute(t:insert(), { id = i, v = value })
      given[i] = conn:scalar(sa.select(t.c.v):where(t.c.id:eq(i)))
    end
    return given, t
  end

  describe("the type of a column", function()
    it("S12: Boolean is true and false", function(conn)
      local given, t = round_trip(conn, sa.Boolean, { true, false, NULL, 1, 0 })
      assert.same({ true, false, nil, true, false }, given)
      assert.equal(2, #conn:all(sa.select(t):where(t.c.v)))
      assert.is_true(conn:scalar(sa.select(t.c.id:eq(1)):where(t.c.id:eq(1))))
      local err = failure(conn.execute, conn, t:insert(), { v = "yes" })
      assert.truthy(tostring(err):find("neither a boolean", 1, true))
    end)

    it("S12: Integer is a number, also of SUM, and exact beyond that", function(conn)
      local given, t = round_trip(conn, sa.BigInteger, { 5, -7, 9007199254740993LL, 2 ^ 53 })
      assert.same({ 5, -7, 2 ^ 53 }, { given[1], given[2], given[4] })
      assert.equal("9007199254740993", int.tostring(given[3]))
      local sum = sa.select(sa.func.sum(t.c.v))
      assert.equal(-2, conn:scalar(sum:where(t.c.id:le(2))))
      assert.equal("18014398509481983", int.tostring(conn:scalar(sum)))
    end)

    it("S12: Numeric is exact digits, or a number", function(conn)
      local values = { "12345678901234.50", sa.decimal("-0.10"), 1.5, 2, NULL }
      local given = round_trip(conn, sa.Numeric(16, 2), values)
      assert.same({ "12345678901234.50", "-0.10", "1.50", "2.00" }, given)
      given = round_trip(conn, sa.Numeric(10, 2, { asdecimal = false }), { "1.50", 2 })
      assert.same({ 1.5, 2 }, given)
      assert.equal(0.1, round_trip(conn, sa.mysql.DOUBLE, { 0.1 })[1])
      assert.equal("0.5", conn:scalar(sa.select(sa.type_coerce(sa.literal(0.5), sa.Numeric))))
    end)

    it("S12: Date, DateTime and Time are values of their own", function(conn)
      local dates = round_trip(conn, sa.Date, { sa.date(2024, 2, 29), "1999-12-31", NULL })
      assert.same({ sa.date(2024, 2, 29), sa.date(1999, 12, 31) }, dates)
      assert.same({ 2024, "2024-02-29" }, { dates[1].year, tostring(dates[1]) })

      local at = sa.datetime(2024, 2, 29, 1, 2, 3)
      local plain = { year = 2020, month = 1, day = 2, hour = 3, min = 4, sec = 5 }
      local times = round_trip(conn, sa.DateTime, { at, plain, "1999-12-31 23:59:59" })
      assert.equal(at, times[1])
      assert.equal("2020-01-02 03:04:05", tostring(times[2]))
      assert.equal(59, times[3].sec)

      local usec = sa.datetime(2024, 1, 1, 0, 0, 0, 123456)
      assert.equal(usec, round_trip(conn, sa.mysql.DATETIME({ fsp = 6 }), { usec })[1])

      local of_day = round_trip(conn, sa.mysql.TIME({ fsp = 6 }), {
        sa.time(1, 2, 3),
        sa.time(23, 59, 59, 5),
        lunasa.duration("-26:00:01"),
      })
      assert.same({ sa.time(1, 2, 3), sa.time(23, 59, 59, 5) }, { of_day[1], of_day[2] })
      assert.same({ true, 26 }, { of_day[3].neg, of_day[3].hours })
    end)

    it("S12: Interval is a span of time, before 1970 too", function(conn)
      local values = {
        sa.interval({ days = 1, hours = 2 }),
        sa.interval({ seconds = 0 }),
        sa.interval({ days = -400, seconds = 1 }),
        sa.interval({ weeks = 2000 }),
        lunasa.duration("01:30:00"),
        60,
      }
      local given, seconds = round_trip(conn, sa.Interval, values), {}
      for i, interval in ipairs(given) do
        seconds[i] = interval.seconds
      end
      assert.same({ 93600, 0, -34559999, 1209600000, 5400, 60 }, seconds)
    end)

    it("S12: Enum is one of its strings", function(conn)
      local given, t =
        round_trip(conn, sa.Enum({ "red", "green", name = "color" }), { "red", NULL })
      assert.same({ "red" }, given)
      conn:execute(("ALTER TABLE %s MODIFY v VARCHAR(10)"):format(t.name))
      conn:execute(t:insert(), { id = 3, v = "blue" })
      local err = failure(conn.scalar, conn, sa.select(t.c.v):where(t.c.id:eq(3)))
      assert.truthy(tostring(err):find("the database has 'blue'", 1, true))
      local strict = sa.Enum({ "a", name = "s", validate_strings = true })
      assert.truthy(
        tostring(failure(round_trip, conn, strict, { "b" })):find("'b' is not one", 1, true)
      )
    end)

    it("S12: JSON is tables, and knows its null from the database's", function(conn)
      local value = { a = { 1, 2, { b = "ü" } }, n = 1.5, ok = true, none = NULL }
      local given, t = round_trip(conn, sa.JSON, {
        value,
        sa.json_array({}),
        "text",
        NULL,
        sa.JSON.NULL,
      })
      assert.same(value, given[1])
      assert.same({}, given[2])
      assert.same({ "text", NULL, NULL }, { given[3], given[4], given[5] })
      conn:execute(t:insert(), { id = 6, v = sa.null() })
      local nulls = sa.select(sa.func.count()):select_from(t):where(t.c.v:is_(sa.null()))
      assert.equal(1, conn:scalar(nulls))
      assert.equal(2, conn:scalar(sa.select(t.c.v:get({ "a", 1 })):where(t.c.id:eq(1))))
      given = round_trip(conn, sa.JSON({ none_as_null = true }), { NULL })
      assert.is_nil(given[1])
    end)

    it("S12: LargeBinary is bytes, whatever they are", function(conn)
      local bytes = {}
      for i = 0, 255 do
        bytes[#bytes + 1] = string.char(i)
      end
      local all = table.concat(bytes)
      local given, t = round_trip(conn, sa.LargeBinary, { all, "", "\255'\\\0", ("x"):rep(60000) })
      assert.same({ all, "", "\255'\\\0", ("x"):rep(60000) }, given)
      assert.equal(3, conn:scalar(sa.select(t.c.id):where(t.c.v:eq("\255'\\\0"))))
    end)

    it("S12: of the user's own converts in both directions", function(conn)
      local Reversed = sa.TypeDecorator({
        impl = sa.String(20),
        process_bind_param = function(_, value, dialect)
          assert.equal("mysql", dialect.family)
          return value:reverse()
        end,
        process_result_value = function(_, value)
          return value:reverse() .. "!"
        end,
      })
      local given, t = round_trip(conn, Reversed, { "abc", NULL })
      assert.same({ "abc!" }, given)
      assert.equal("cba", conn:scalar("SELECT v FROM " .. t.name .. " WHERE id = 1"))
      assert.equal(1, conn:scalar(sa.select(t.c.id):where(t.c.v:eq("abc"))))
    end)

    it("S12: goes by the position, not by the name", function(conn)
      local t = engines.table(
        conn,
        sa.Column("id", sa.Integer, { primary_key = true }),
        sa.Column("v", sa.Boolean)
      )
      conn:execute(t:insert(), 1, true)
      local other = sa.literal(5):label("v")
      local both = sa.select(t.c.v, other):set_label_style(sa.LABEL_STYLE_NONE)
      assert.same({ true, 5 }, { unpack(conn:first(both)) })
      both = sa.select(other, t.c.v):set_label_style(sa.LABEL_STYLE_NONE)
      assert.same({ 5, true }, { unpack(conn:first(both)) })
    end)

    it("is that of an expression, also in a stream and a large result", function(conn)
      local sum = sa.select(sa.cast("1.5", sa.Numeric(3, 1)):label("n"), sa.true_():label("yes"))
      for row in conn:stream(sum):rows() do
        assert.same({ "1.5", true }, { row.n, row.yes })
      end
      assert.equal("1.5", conn:execution_options({ prepared = false }):scalar(sum))
    end)
  end)
end
