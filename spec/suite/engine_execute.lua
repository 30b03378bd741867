--- What an engine's connection executes, and what its parameters mean.

local assert = require("luassert")
local database = require("spec.suite.database")
local engines = require("spec.support.engines")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local failure = database.failure
local NULL = sa.NULL

---@param db spec.Database
return function(db)
  --- `it` with a connection and the table of people.
  local function it(name, body)
    db:it(name, function()
      local conn = engines.connect(db)
      body(conn, engines.people(conn))
    end)
  end

  local function rows_of(conn, t)
    return engines.lists(conn:execute(sa.select(t):order_by(t.c.id)))
  end

  describe("parameters of execute", function()
    it("S1: are none, a map, a list, or values", function(conn, t)
      conn:execute(t:insert():values({ id = 1, name = "none" }))
      conn:execute(t:insert(), { id = 2, name = "map" })
      conn:execute(t:insert(), { 3, "list" })
      conn:execute(t:insert(), 4, "values", 44)
      conn:execute(t:insert(), 5)
      conn:execute(t:insert(), { 6 })
      conn:execute(t:insert(), lunasa.pack(7, nil, 77))
      conn:execute(t:insert(), 8, nil, 88)
      conn:execute(t:insert(), { { 9, "a set alone" } })
      conn:execute(t:insert(), { { id = 10, name = "a map alone" } })
      conn:execute(t:insert(), { [t.c.id] = 11, [t.c.name] = "by column" })
      assert.same({
        { 1, "none" },
        { 2, "map" },
        { 3, "list" },
        { 4, "values", 44 },
        { 5 },
        { 6 },
        { 7, nil, 77 },
        { 8, nil, 88 },
        { 9, "a set alone" },
        { 10, "a map alone" },
        { 11, "by column" },
      }, rows_of(conn, t))
    end)

    it("S1: are many sets, as a list or one by one", function(conn, t)
      local res = conn:execute(t:insert(), { { id = 1, name = "a" }, { id = 2, name = "b" } })
      assert.same({ 2, false, true }, { res.rowcount, res.returns_rows, res.closed })
      conn:execute(t:insert(), { { 3, "c" }, { 4, "d" } })
      conn:execute(t:insert(), { id = 5 }, { id = 6 })
      conn:execute(t:insert(), { 7, "g" }, lunasa.pack(8, nil))
      assert.same(
        { { 1, "a" }, { 2, "b" }, { 3, "c" }, { 4, "d" }, { 5 }, { 6 }, { 7, "g" }, { 8 } },
        rows_of(conn, t)
      )
      local by_id = t:update():where(t.c.id:eq(sa.bindparam("which"))):values({
        age = sa.bindparam("years"),
      })
      res = conn:execute(by_id, { { which = 1, years = 11 }, { which = 2, years = 22 } })
      assert.equal(2, res.rowcount)
      assert.equal(33, conn:scalar(sa.select(sa.func.sum(t.c.age))))
      res = conn:execute(t:delete():where(t.c.id:eq(sa.bindparam("x"))), { x = 1 }, { x = 3 })
      assert.equal(2, res.rowcount)
    end)

    it("S1: of text are those of %s, %(name)s, ? and :name", function(conn)
      assert.same({ 1, "a" }, { unpack(conn:first("SELECT %s, %s", 1, "a")) })
      assert.same({ 1, "a" }, { unpack(conn:first("SELECT %s, %s", { 1, "a" })) })
      assert.equal("%", conn:scalar("SELECT %(a)s", { a = "%" }))
      assert.equal(1, conn:scalar("SELECT '%%' LIKE %s", "%"))
      assert.same({ 1, "%s" }, { unpack(conn:first("SELECT ?, '%s'", 1)) })
      assert.equal(5, conn:scalar("SELECT :five", { five = 5 }))
      assert.equal(3, conn:scalar("SELECT 7 % ?", 4))
      assert.equal("?", conn:scalar("SELECT '?' /* %s */"))
    end)

    it("S1: of text may be many sets", function(conn, t)
      local insert = ("INSERT INTO %s (id, name) VALUES "):format(t.name)
      assert.equal(2, conn:execute(insert .. "(%s, %s)", { { 1, "a" }, { 2, "b" } }).rowcount)
      conn:execute(
        insert .. "(%(id)s, %(name)s)",
        { { id = 3, name = "c" }, { id = 4, name = "d" } }
      )
      conn:execute(insert .. "(?, ?)", { 5, "e" }, { 6, "f" })
      assert.equal(6, #rows_of(conn, t))
    end)

    it("S6: leave text alone when there are none", function(conn)
      for _, none in ipairs({ {}, { {} }, { nil } }) do
        assert.equal("100%s", conn:scalar("SELECT '100%s'", unpack(none)))
      end
      assert.equal(1, conn:scalar("SELECT 'a%b' LIKE 'a%%'"))
    end)

    it("S6: leave the percent signs of expressions alone", function(conn, t)
      conn:execute(t:insert(), { { 1, "50%" }, { 2, "half" } })
      local name = t.c.name
      local found = sa.select(t.c.id):where(name:like("%\\%"), (t.c.id % 2):eq(1))
      assert.equal(1, conn:scalar(found))
      assert.equal(1, conn:scalar(found, { unused = 1 }))
      assert.equal("%s", conn:scalar(sa.select(sa.literal_column("'%s'")), { a = 1 }))
    end)

    it("S2: are refused where they mean nothing", function(conn, t)
      for _, case in ipairs({
        {
          "Don't mix sqlalchemy SELECT clause with positional parameters",
          { { sa.select(t), 1 }, { sa.select(t), { 1 } }, { sa.select(t), { { 1 }, { 2 } } } },
        },
        {
          "Don't mix sqlalchemy DDL clause and execution with parameters",
          { { sa.CreateTable(t), { a = 1 } }, { sa.DropTable(t), 1 } },
        },
        {
          "sql statement should be str or SQLAlchemy data selection/modification clause",
          { { {} }, { 5 }, { sa.Integer }, { sa.MetaData() }, { t.c }, { true } },
        },
      }) do
        for _, given in ipairs(case[2]) do
          local err = failure(conn.execute, conn, unpack(given))
          assert.same({ "ArgumentError", case[1] }, { err.class, err.message })
        end
      end
      assert.is_truthy(conn:execute(sa.DropTable(t), {}))
    end)

    it("S2: are asked for where they are missing", function(conn, t)
      local statement = sa.select(t):where(t.c.id:eq(sa.bindparam("x")))
      for _, given in ipairs({ {}, { y = 1 } }) do
        local err = failure(conn.execute, conn, statement, given)
        assert.equal("InvalidRequestError", err.class)
        assert.equal("a value is required for bind parameter 'x'", err.message)
      end
      local err = failure(conn.execute, conn, t:insert(), { { id = 1, name = "a" }, { id = 2 } })
      assert.equal("InvalidRequestError", err.class)
      assert.truthy(err.message:find("'name', in parameter set 2", 1, true), err.message)
      err = failure(conn.execute, conn, t:insert(), { { id = 1 }, { id = 2, name = "b" } })
      assert.truthy(err.message:find("parameter set 2 has 'name'", 1, true), err.message)
      assert.same({}, rows_of(conn, t))
    end)

    it("S2: are refused when they are no columns, or too many", function(conn, t)
      local err = failure(conn.execute, conn, t:insert(), { id = 1, nmae = "a" })
      assert.equal("CompileError", err.class)
      assert.equal("Unconsumed column names: nmae — did you mean 'name'?", err.message)
      err = failure(conn.execute, conn, t:update(), { nmae = "a" })
      assert.equal("CompileError", err.class)
      err = failure(conn.execute, conn, t:insert(), { 1, "a", 3, 4 })
      assert.truthy(err.message:find("4 values for the 3 columns", 1, true), err.message)
      err = failure(conn.execute, conn, t:insert(), { nil, "a" })
      assert.truthy(err.message:find("a nil in it", 1, true), err.message)
      err = failure(conn.execute, conn, t:insert(), { { 1 }, 2 })
      assert.truthy(err.message:find("parameter set 2 is a number", 1, true), err.message)
      assert.equal("ArgumentError", err.class)
      assert.truthy(err.position == nil or err.position:find("spec", 1, true))
    end)

    it("S2: are refused when they are expressions", function(conn, t)
      local err = failure(conn.execute, conn, t:insert(), { id = sa.func.abs(-1) })
      assert.equal("ArgumentError", err.class)
      assert.truthy(err.message:find("the value of 'id' is an expression", 1, true))
    end)

    it("override what a statement has itself", function(conn, t)
      conn:execute(t:insert():values({ id = 1, name = "own" }), { name = "given" })
      assert.same({ { 1, "given" } }, rows_of(conn, t))
      local named = sa.select(t.c.id):where(t.c.name:eq(sa.bindparam("n", "nobody")))
      assert.is_nil(conn:scalar(named))
      assert.equal(1, conn:scalar(named, { n = "given" }))
    end)
  end)

  describe("execute", function()
    it("takes whatever can be selected", function(conn, t)
      conn:execute(t:insert(), 1, "a")
      assert.equal("a", conn:first(t).name)
      assert.equal(2, conn:scalar(sa.func.abs(-2)))
      assert.equal(3, conn:scalar(sa.literal(3)))
      assert.equal("a", conn:first(t:alias("other")).name)
      assert.equal(1, conn:scalar(sa.text("SELECT :a"), { a = 1 }))
      assert.equal(2, #conn:all(sa.union_all(sa.select(t.c.id), sa.select(t.c.id))))
      local typed = sa.text("SELECT 1 AS yes, 0 AS n"):columns({ yes = sa.Boolean })
      assert.same({ true, 0 }, { unpack(conn:first(typed)) })
    end)

    it("finds rows in lists of any length", function(conn, t)
      conn:execute(t:insert(), { { 1, "a" }, { 2, "b" }, { 3, "c" } })
      local function count(...)
        return conn:scalar(sa.select(sa.func.count()):where(t.c.id:in_(...)):select_from(t))
      end
      assert.same({ 0, 1, 2, 3 }, { count({}), count({ 1 }), count({ 1, 2 }), count({ 1, 2, 3 }) })
      local ids = sa.select(t.c.name):where(t.c.id:in_(sa.bindparam("ids", { expanding = true })))
      assert.equal(2, #conn:all(ids, { ids = { 1, 3 } }))
      assert.equal(0, #conn:all(ids, { ids = {} }))
      local pairs_of = sa.tuple_(t.c.id, t.c.name):in_({ { 1, "a" }, { 2, "x" } })
      assert.equal(1, #conn:all(sa.select(t):where(pairs_of)))
      local each = t:delete():where(t.c.id:in_(sa.bindparam("ids", { expanding = true })))
      assert.equal(3, conn:execute(each, { ids = { 1 } }, { ids = { 2, 3 } }).rowcount)
    end)

    it("keeps values what they are, whatever came first", function(conn)
      for _, value in ipairs({ 5, "x", 1.5, NULL, "y", 9007199254740993LL, true, "7" }) do
        local expected = value == true and 1 or value ~= NULL and value or nil
        assert.equal(expected, conn:scalar(sa.select(sa.literal(value, sa.NullType))))
        assert.equal(expected, conn:scalar(sa.text("SELECT :a"), { a = value }))
      end
      assert.equal(5, conn:scalar(sa.select(sa.func.coalesce(NULL, 5):label("c"))))
      assert.equal("x", conn:scalar(sa.select(sa.func.coalesce(NULL, "x"):label("c"))))
    end)

    it("runs what a server does not prepare", function(conn)
      local not_prepared = sa.text("LOCK TABLES " .. engines.people(conn).name .. " READ")
      conn:execute(not_prepared)
      conn:execute(not_prepared)
      conn:execute(sa.text("UNLOCK TABLES"))
      local show = sa.text("SHOW DATABASES LIKE :pattern")
      for _ = 1, 2 do
        assert.equal(db.schema, conn:scalar(show, { pattern = db.schema }))
        assert.is_nil(conn:scalar(show, { pattern = "it's none" }))
      end
      local wrong = sa.text("SELEC :a")
      for _ = 1, 2 do
        local err = failure(conn.execute, conn, wrong, { a = 1 })
        assert.same({ 1064, "SELEC ?" }, { err.errno, err.sql })
      end
    end)

    it("gives rows as they come", function(conn, t)
      local many = {}
      for i = 1, 300 do
        many[i] = { i, ("name %d"):format(i) }
      end
      conn:execute(t:insert(), many)
      local res = conn:stream(sa.select(t.c.id, t.c.name):order_by(t.c.id))
      local sum = 0
      for row in res:rows() do
        sum = sum + row.id
        assert.equal("name " .. row.id, row.name)
      end
      assert.same({ 45150, 300, true }, { sum, res.rowcount, res.closed })
      res = conn:stream("SELECT id FROM " .. t.name .. " WHERE id > %s ORDER BY id", 298)
      assert.equal(299, res:fetchone().id)
      res:close()
      assert.equal(1, conn:scalar("SELECT 1"))
      assert.is_false(conn:stream(t:delete()).returns_rows)
      assert.equal(0, conn:scalar(sa.select(sa.func.count()):select_from(t)))
    end)

    it("says which statement failed, and goes on", function(conn, t)
      conn:execute(t:insert(), 1, "a")
      local err = failure(conn.execute, conn, t:insert(), 1, "secret")
      assert.is_true(err:is_duplicate_key())
      assert.equal(("INSERT INTO %s (id, name) VALUES (?, ?)"):format(t.name), err.sql)
      assert.is_nil(tostring(err):find("secret", 1, true))
      err = failure(conn.execute, conn, t:insert(), { { 2, "b" }, { 1, "c" } })
      assert.is_true(err:is_duplicate_key())
      assert.equal(1, conn:scalar(sa.select(t.c.id):where(t.c.id:eq(1))))
    end)

    it("S5: inserts several rows, and knows the first key", function(conn, t)
      local res = conn:execute(t:insert():values({ { name = "a" }, { name = "b" } }))
      assert.same({ 2, 1 }, { res.rowcount, res.lastrowid })
      assert.is_nil(res.inserted_primary_key)
      res = conn:execute(t:insert():values({ name = "c" }))
      assert.same({ 1, 3 }, { res.rowcount, res.lastrowid })
      assert.same({ 3, id = 3 }, res.inserted_primary_key)
      assert.equal(9, conn:execute(t:insert(), { id = 9 }).inserted_primary_key.id)
      assert.is_nil(conn:execute(t:update(), { age = 1 }).inserted_primary_key)
    end)
  end)
end
