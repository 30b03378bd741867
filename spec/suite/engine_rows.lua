--- What an engine's results and rows are: access, life cycle, views.

local assert = require("luassert")
local database = require("spec.suite.database")
local engines = require("spec.support.engines")
local sa = require("lunasa.sa")

local failure = database.failure
local NULL = sa.NULL

local CLOSED = "This result object is closed."
local NO_ROWS = "This result object does not return rows. It has been closed automatically."

---@param db spec.Database
return function(db)
  --- `it` with a connection and a table of people in which three are.
  local function it(name, body)
    db:it(name, function()
      local conn = engines.connect(db)
      local t = engines.people(conn)
      conn:execute(t:insert(), { { 1, "Ada", 36 }, { 2, "Bob", NULL }, { 3, "Cy", 7 } })
      body(conn, t, sa.select(t):order_by(t.c.id))
    end)
  end

  local function refused(class, message, work, ...)
    local err = failure(work, ...)
    assert.same({ class, message }, { err.class, err.message })
    return err
  end

  describe("a row", function()
    it("S7: has its values by position, name and column", function(conn, t, all)
      local row = conn:first(all)
      assert.same({ 1, "Ada", 36 }, { row[1], row[2], row[3] })
      assert.same({ 1, "Ada", 36 }, { row.id, row.name, row["age"] })
      assert.same({ 1, "Ada", 36 }, { row[t.c.id], row[t.c.name], row[t.c.age] })
      assert.same({ 1, "Ada", 36 }, { unpack(row) })
      row = conn:all(all)[2]
      assert.same({ 2, "Bob", nil, nil, nil }, { row[1], row[2], row[3], row.age, row[t.c.age] })
    end)

    it("S7: knows columns of aliases, labels and expressions", function(conn, t)
      local total = sa.func.count():label("n")
      local function aliased()
        return t:alias("x")
      end
      local x = aliased()
      local row = conn:first(
        sa.select(x.c.name, t.c.age:label("years"), total)
          :where(t.c.id:eq(3))
          :where(x.c.id:eq(1))
          :group_by(x.c.name, t.c.age)
      )
      assert.same({ "Ada", 7, 1 }, { row[aliased().c.name], row[t.c.age], row[total] })
      assert.same({ 7, 1 }, { row.years, row[sa.func.count():label("n")] })
      refused(
        "NoSuchColumnError",
        ("Could not locate column in row for column '%s.name'"):format(t.name),
        function()
          return row[t.c.name]
        end
      )
    end)

    it("S7: of text knows columns by their names", function(conn, t)
      local row = conn:first(("SELECT id, name AS `the name` FROM %s ORDER BY id"):format(t.name))
      assert.same({ 1, "Ada", 1 }, { row[t.c.id], row["the name"], row.id })
    end)

    it("S7: raises for what it has not", function(conn, _, all)
      local row = conn:first(all)
      for _, key in ipairs({ "zz", 0, 4, -1, 1.5, "Name" }) do
        local err = failure(function()
          return row[key]
        end)
        assert.equal("NoSuchColumnError", err.class)
        local expected = ("Could not locate column in row for column '%s'"):format(key)
        assert.equal(expected, err.message:sub(1, #expected))
        assert.truthy(err.position:find("engine_rows.lua", 1, true), err.position)
      end
      local err = failure(function()
        return row.nmae
      end)
      assert.truthy(err.message:find("did you mean 'name'", 1, true))
      assert.equal(
        "InvalidRequestError",
        failure(function()
          row.name = "x"
        end).class
      )
    end)

    it("S7: with a name that two columns have raises for that name only", function(conn, t)
      local two = ("SELECT a.id, b.id, a.name FROM %s a JOIN %s b ON b.id = a.id + 1"):format(
        t.name,
        t.name
      )
      local row = conn:first(two .. " ORDER BY 1")
      assert.same({ 1, 2, "Ada" }, { row[1], row[2], row.name })
      refused(
        "InvalidRequestError",
        "Ambiguous column name 'id' in result set! try 'use_labels' option on select statement.",
        function()
          return row.id
        end
      )
      assert.is_true(sa.row.has(row, "id"))
      assert.equal("(1, 2, 'Ada')", tostring(row))
      assert.same({ 1, 2, "Ada", n = 3 }, sa.row.as_tuple(row))
      assert.same({ { "id", 1 }, { "id", 2 }, { "name", "Ada" } }, sa.row.items(row))
      assert.same({ id = 1, name = "Ada" }, sa.row.as_dict(row))
      assert.is_true(sa.row.eq(row, { 1, 2, "Ada" }))
    end)

    it("S7: is equal to what has its values", function(conn, _, all)
      local rows, again = conn:all(all), conn:all(all)
      assert.is_true(rows[1] == again[1])
      assert.is_true(rows[2] == again[2])
      assert.is_false(rows[1] == rows[2])
      assert.is_true(rows[1] == conn:first("SELECT 1, 'Ada', 36"))
      assert.is_false(rows[1] == conn:first("SELECT 1, 'Ada'"))
      assert.is_true(sa.row.eq(rows[2], { 2, "Bob", nil, n = 3 }))
      assert.is_false(sa.row.eq(rows[1], { 1, "Ada" }))
      assert.is_false(sa.row.eq(rows[1], "Ada"))
    end)

    it("has functions beside it, because a column could hide methods", function(conn)
      local row = conn:first("SELECT 1 AS `keys`, NULL AS `values`, 'x' AS `get`")
      assert.same({ 1, nil, "x" }, { row.keys, row.values, row.get })
      assert.same({ "keys", "values", "get" }, sa.row.keys(row))
      assert.same({ 1, nil, "x", n = 3 }, sa.row.values(row))
      assert.same({ 1, 5 }, { sa.row.get(row, "keys"), sa.row.get(row, "zz", 5) })
      assert.is_nil(sa.row.get(row, "values", 5))
      assert.same(
        { true, true, true, false },
        { sa.row.has(row, "get"), sa.row.has(row, 1), sa.row.has(row, 2), sa.row.has(row, 4) }
      )
      assert.equal("ArgumentError", failure(sa.row.keys, {}).class)
      assert.truthy(failure(function()
        return sa.row.kyes
      end).message:find("did you mean 'keys'", 1, true))
    end)
  end)

  describe("a result", function()
    it("S8: is closed behind its last row", function(conn, _, all)
      local res = conn:execute(all)
      assert.same({ "id", "name", "age" }, res:keys())
      assert.same({ 3, true, false }, { res.rowcount, res.returns_rows, res.closed })
      assert.equal(conn.dialect, res.dialect)
      assert.is_not_nil(res.cursor)
      assert.equal(3, #res:fetchall())
      assert.is_true(res.closed)
      assert.is_nil(res.cursor)
      assert.same({ "id", "name", "age" }, res:keys())
      assert.same({ 3, true }, { res.rowcount, res.returns_rows })
      for _, name in ipairs({
        "fetchone",
        "fetchmany",
        "fetchall",
        "first",
        "scalar",
        "one",
        "one_or_none",
        "rows",
      }) do
        refused("ResourceClosedError", CLOSED, res[name], res)
      end
      res:close()
    end)

    it("S8: gives rows one by one, and some at a time", function(conn, _, all)
      local res = conn:execute(all)
      assert.same({ 1, 2, 3 }, { res:fetchone().id, res:fetchone().id, res:fetchone().id })
      assert.is_false(res.closed)
      assert.is_nil(res:fetchone())
      assert.is_true(res.closed)

      res = conn:execute(all)
      assert.equal(1, #res:fetchmany())
      assert.equal(2, #res:fetchmany(5))
      assert.is_false(res.closed)
      assert.same({}, res:fetchmany(5))
      assert.is_true(res.closed)
      refused("ResourceClosedError", CLOSED, res.fetchmany, res)

      res = conn:execute(all)
      for _, size in ipairs({ 0, -1, 1.5, "2" }) do
        assert.equal("ArgumentError", failure(res.fetchmany, res, size).class)
      end
      assert.equal(1, res:fetchone().id)
      assert.equal(2, #res:fetchall())
    end)

    it("S8: of a statement without rows is closed from the beginning", function(conn, t)
      local res = conn:execute(t:delete():where(t.c.id:eq(1)))
      assert.same(
        { true, 1, false, 0 },
        { res.closed, res.rowcount, res.returns_rows, res.lastrowid }
      )
      assert.same({}, res:keys())
      assert.is_nil(res.cursor)
      for _, name in ipairs({
        "fetchone",
        "fetchmany",
        "fetchall",
        "first",
        "scalar",
        "one",
        "rows",
        "scalars",
        "mappings",
      }) do
        refused("ResourceClosedError", NO_ROWS, res[name], res)
      end
      res:close()
    end)

    it("S9: stays open while others are read", function(conn, _, all)
      local one, other = conn:execute(all), conn:execute(all)
      assert.same({ 1, 1 }, { one:fetchone().id, other:fetchone().id })
      assert.same({ 2, 2 }, { one:fetchone().id, other:fetchone().id })
      conn:execute("SELECT 1")
      assert.same({ 3, 3 }, { one:fetchone().id, other:fetchone().id })
    end)

    it("S10: gives its first row or value, nil when there is none", function(conn, t, all)
      local none = all:where(t.c.id:eq(99))
      assert.equal("Ada", conn:execute(all):first().name)
      assert.equal(1, conn:execute(all):scalar())
      assert.is_nil(conn:execute(none):first())
      assert.is_nil(conn:execute(none):scalar())
      assert.is_nil(conn:scalar(sa.select(t.c.age):where(t.c.id:eq(2))))
      local res = conn:execute(all)
      res:first()
      assert.is_true(res.closed)
      for _, name in ipairs({ "scalar", "first" }) do
        refused("ResourceClosedError", NO_ROWS, conn[name], conn, t:update(), { age = 1 })
      end
    end)

    it("gives its only row", function(conn, t, all)
      local function by_id(id)
        return conn:execute(all:where(t.c.id:le(id)))
      end
      assert.equal("Ada", by_id(1):one().name)
      assert.equal("Ada", by_id(1):one_or_none().name)
      assert.is_nil(by_id(0):one_or_none())
      assert.equal("NoResultFound", failure(by_id(0).one, by_id(0)).class)
      for _, name in ipairs({ "one", "one_or_none" }) do
        local res = by_id(2)
        assert.equal("MultipleResultsFound", failure(res[name], res).class)
        assert.is_true(res.closed)
      end
    end)

    it("gives one value of each row, or plain tables", function(conn, t, all)
      assert.same({ 1, 2, 3, n = 3 }, conn:execute(all):scalars():all())
      assert.same({ 36, nil, 7, n = 3 }, conn:execute(all):scalars("age"):all())
      assert.equal("Ada", conn:execute(all):scalars(t.c.name):first())
      local seen = {}
      for age in conn:execute(all):scalars(3):rows() do
        seen[#seen + 1] = age
      end
      assert.same({ 36, NULL, 7 }, seen)
      local maps = conn:execute(all):mappings():all()
      assert.same({ id = 1, name = "Ada", age = 36 }, maps[1])
      assert.same({ id = 2, name = "Bob" }, maps[2])
      assert.is_nil(getmetatable(conn:execute(all):mappings():first()))
    end)

    it("iterates, and says how to", function(conn, _, all)
      local ids = {}
      for row in conn:rows(all) do
        ids[#ids + 1] = row.id
      end
      assert.same({ 1, 2, 3 }, ids)
      local err = failure(function()
        for _ in conn:execute(all) do -- luacheck: ignore
        end
      end)
      assert.truthy(err.message:find("res", 1, true), err.message)
    end)

    it("is as good when it is large", function(conn, t)
      local many = {}
      for i = 1, 700 do
        many[i] = { i + 10, ("n"):rep(50), i }
      end
      conn:execute(t:insert(), many)
      local all = sa.select(t):where(t.c.id:gt(10)):order_by(t.c.id)
      local rows = conn:all(all)
      assert.same({ 700, 11, 710 }, { #rows, rows[1].id, rows[700][t.c.id] })
      local res, count = conn:execute(all), 0
      assert.equal(11, res:fetchone().id)
      assert.equal(100, #res:fetchmany(100))
      for row in res:rows() do
        count = count + 1
        assert.equal(111 + count, row.id)
      end
      assert.same({ 599, true }, { count, res.closed })
      assert.equal(11, conn:first(all).id)
    end)

    it("S11: comes of statements that the cache has seen, and forgets", function(conn, t)
      local kept = {}
      conn:execution_options({ compiled_cache = kept })
      local function count()
        local found = 0
        for _ in pairs(kept) do
          found = found + 1
        end
        return found
      end
      local counts = { count() }
      local function note(...)
        conn:execute(...)
        counts[#counts + 1] = count()
      end
      note(sa.select(t):where(t.c.name:eq("x")))
      local by_name = sa.select(t):where(t.c.name:eq(sa.bindparam("value")))
      note(by_name, { value = "x" })
      note(by_name, { value = "y" })
      note(t:select())
      note(t:insert():values({ name = "d" }))
      note(t:insert():values({ name = sa.bindparam("value") }), { value = "e" })
      note(t:update():where(t.c.id:eq(1)):values({ name = "f" }))
      local both = { which = 1, value = "g" }
      note(
        t:update():where(t.c.id:eq(sa.bindparam("which"))):values({ name = sa.bindparam("value") }),
        both
      )
      assert.same({ 0, 0, 1, 1, 2, 2, 3, 3, 4 }, counts)

      local engine = engines.of(db, { compiled_cache = 2 })
      engine:with(function(one)
        for i = 1, 5 do
          one:execute(sa.select(sa.literal_column(tostring(i))))
        end
      end)
      kept = engine.compiled_cache
      assert.equal(1, count())
      for _, wrong in ipairs({ "x", 0, 1.5, true }) do
        local err = failure(engines.of, db, { compiled_cache = wrong })
        assert.equal("ArgumentError", err.class)
      end
    end)
  end)
end
