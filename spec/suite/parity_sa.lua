--- What aiomysql's sa/test_sa_connection.py, test_sa_default.py and test_sa_types.py show:
--- docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local engines = require("spec.support.engines")
local sa = require("lunasa.sa")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- Makes a connection, and a table with a row: 1, "first".
  local function connect()
    local conn = engines.connect(db)
    local tbl = engines.table(
      conn,
      sa.Column("id", sa.Integer, { nullable = false, primary_key = true }),
      sa.Column("name", sa.String(255))
    )
    conn:execute(("INSERT INTO %s (name) VALUES ('first')"):format(tbl.name))
    return conn, tbl
  end

  local function closed(message, method, res, ...)
    local err = failure(method, res, ...)
    assert.equal("ResourceClosedError", err.class)
    assert.matches(message, err.message, 1, true)
  end

  local NO_ROWS = "This result object does not return rows. It has been closed automatically."
  local CLOSED = "This result object is closed."

  describe("a program written for aiomysql.sa", function()
    db:it("selects with text, and with expressions", function()
      local conn, tbl = connect()
      for _, query in ipairs({ "SELECT * FROM " .. tbl.name, tbl:select() }) do
        local res = conn:execute(query)
        assert.is_truthy(res.cursor)
        assert.same({ "id", "name" }, res:keys())
        local rows = res:fetchall()
        assert.is_true(res.closed)
        assert.is_nil(res.cursor)
        assert.equal(1, #rows)
        local row = rows[1]
        assert.same({ 1, "first" }, { row[1], row[2] })
        assert.same({ 1, "first" }, { row.id, row["name"] })
        assert.same({ 1, "first" }, { row[tbl.c.id], row[tbl.c.name] })
      end
    end)

    db:it("S1: inserts with maps, lists and single values", function()
      local conn, tbl = connect()
      conn:execute(tbl:insert(), { id = 2, name = "second" })
      conn:execute(tbl:insert(), { 3, "third" })
      conn:execute(tbl:insert(), 4, "fourth")
      local expected = { { 1, "first" }, { 2, "second" }, { 3, "third" }, { 4, "fourth" } }
      assert.same(expected, engines.lists(conn:execute(tbl:select():order_by(tbl.c.id))))
    end)

    db:it("S10: asks for one value", function()
      local conn, tbl = connect()
      assert.equal(1, conn:scalar(sa.select(sa.func.count()):select_from(tbl)))
      local none = tbl:select():where(tbl.c.id:eq(0))
      assert.is_nil(conn:scalar(none))
      assert.is_nil(conn:first(none))
      assert.is_nil(conn:scalar(sa.select(sa.null())))
    end)

    db:it("S7: looks at a row in every way", function()
      local conn, tbl = connect()
      local row = conn:first(tbl:select())
      assert.equal(2, #row)
      assert.same({ "id", "name" }, sa.row.keys(row))
      assert.same({ { "id", 1 }, { "name", "first" } }, sa.row.items(row))
      assert.same({ 1, "first", n = 2 }, sa.row.as_tuple(row))
      assert.is_true(sa.row.has(row, "id") and sa.row.has(row, tbl.c.id) and sa.row.has(row, 1))
      assert.is_false(sa.row.has(row, "unknown"))
      assert.equal("first", sa.row.get(row, "name"))
      assert.is_true(row == conn:first(tbl:select()))
      assert.is_true(sa.row.eq(row, { 1, "first" }))
      assert.is_false(sa.row.eq(row, { 1, "other" }))
      local err = failure(function()
        return row.unknown
      end)
      assert.equal("NoSuchColumnError", err.class)
      assert.matches("Could not locate column in row for column 'unknown'", err.message, 1, true)
    end)

    db:it("S7: knows two columns of one name by their position", function()
      local conn, tbl = connect()
      local row = conn:first(("SELECT id, name, id + 1 AS id FROM %s"):format(tbl.name))
      assert.same({ 1, "first", 2, n = 3 }, sa.row.as_tuple(row))
      assert.is_true(sa.row.eq(row, { 1, "first", 2 }))
      assert.equal("first", row.name)
      local err = failure(function()
        return row.id
      end)
      assert.equal("InvalidRequestError", err.class)
      assert.matches("Ambiguous column name 'id' in result set!", err.message, 1, true)
    end)

    db:it("S9: has two results open at once", function()
      local conn, tbl = connect()
      conn:execute(tbl:insert():values({ name = "second" }))
      local up = conn:execute(tbl:select():order_by(tbl.c.id))
      local down = conn:execute(tbl:select():order_by(tbl.c.id:desc()))
      assert.same({ 1, 2 }, { up:fetchone().id, down:fetchone().id })
      assert.same({ 2, 1 }, { up:fetchone().id, down:fetchone().id })
    end)

    db:it("knows what an INSERT and a DELETE did", function()
      local conn, tbl = connect()
      local res = conn:execute(tbl:insert():values({ name = "second" }))
      assert.same(
        { 1, 2, false, true },
        { res.rowcount, res.lastrowid, res.returns_rows, res.closed }
      )
      assert.same({ 2 }, { res.inserted_primary_key[1] })
      res = conn:execute(tbl:delete():where(tbl.c.name:eq("first")))
      assert.same({ 1, false, true }, { res.rowcount, res.returns_rows, res.closed })
      assert.same({}, res:keys())
      closed(NO_ROWS, res.fetchone, res)
      closed(NO_ROWS, res.scalar, res)
    end)

    db:it("S1, S6: runs text with parameters of each kind, and with none", function()
      local conn, tbl = connect()
      local insert = ("INSERT INTO %s (id, name) VALUES "):format(tbl.name)
      conn:execute(insert .. "(2, 'raw')")
      conn:execute(insert .. "(%s, %s)", 3, "values")
      conn:execute(insert .. "(%s, %s)", { 4, "list" })
      conn:execute(insert .. "(%(id)s, %(name)s)", { id = 5, name = "map" })
      conn:execute(
        insert .. "(%(id)s, %(name)s)",
        { { id = 6, name = "a" }, { id = 7, name = "b" } }
      )
      local like = ("SELECT * FROM %s WHERE name LIKE '%%a%%' ORDER BY id"):format(tbl.name)
      local expected = { { 2, "raw" }, { 3, "values" }, { 5, "map" }, { 6, "a" } }
      assert.same(expected, engines.lists(conn:execute(like)))
      assert.equal(7, conn:scalar("SELECT COUNT(*) FROM " .. tbl.name))
    end)

    db:it("S2: runs an UPDATE for many sets, and refuses what cannot be run so", function()
      local conn, tbl = connect()
      conn:execute(tbl:insert(), { { id = 2, name = "b" }, { id = 3, name = "c" } })
      local update = tbl
        :update()
        :where(tbl.c.id:eq(sa.bindparam("wanted")))
        :values({ name = sa.bindparam("new") })
      conn:execute(update, { { wanted = 2, new = "B" }, { wanted = 3, new = "C" } })
      local names = conn:execute(sa.select(tbl.c.name):order_by(tbl.c.id)):scalars():all()
      assert.equal("first B C", table.concat(names, " "))
      for _, case in ipairs({
        { "Don't mix sqlalchemy DDL clause and execution with parameters", sa.DropTable(tbl) },
        { "sql statement should be str or SQLAlchemy data", {} },
        { "Don't mix sqlalchemy SELECT clause with positional", tbl:select() },
      }) do
        local err = failure(conn.execute, conn, case[2], { { 1 }, { 2 } })
        assert.equal("ArgumentError", err.class)
        assert.matches(case[1], err.message, 1, true)
      end
    end)

    db:it("S8: closes results twice, and fetches nothing after that", function()
      local conn, tbl = connect()
      for _, method in ipairs({ "fetchall", "fetchone", "fetchmany", "first", "scalar" }) do
        local res = conn:execute(tbl:select())
        res:close()
        res:close()
        assert.is_true(res.closed)
        closed(CLOSED, res[method], res)
        res = conn:execute(tbl:delete():where(tbl.c.id:eq(0)))
        closed(NO_ROWS, res[method], res)
      end
      local res = conn:execute(tbl:select())
      res:close()
      closed(CLOSED, res.fetchmany, res, 5)
    end)

    db:it("S8: fetches many, and is told when that was all", function()
      local conn, tbl = connect()
      conn:execute(tbl:insert():values({ name = "second" }))
      local res = conn:execute(tbl:select())
      assert.equal(1, #res:fetchmany())
      assert.equal(1, #res:fetchmany(100))
      assert.is_false(res.closed)
      assert.same({}, res:fetchmany(100))
      assert.is_true(res.closed)
      assert.equal(2, #conn:execute(tbl:select()):fetchmany(100))
    end)

    db:it("makes a table, and knows when there is none", function()
      local conn, tbl = connect()
      local res = conn:execute(sa.DropTable(tbl))
      assert.is_false(res.returns_rows)
      assert.equal(1146, failure(conn.execute, conn, tbl:select()).errno)
      conn:execute(sa.CreateTable(tbl))
      assert.same({}, conn:all(tbl:select()))
    end)

    db:it("S5: inserts rows at once, and reads them in a loop", function()
      local conn, tbl = connect()
      local res = conn:execute(tbl:insert():values({ { name = "second" }, { name = "third" } }))
      assert.same({ 2, 2 }, { res.rowcount, res.lastrowid })
      local names = {}
      for row in conn:rows(tbl:select():where(tbl.c.name:in_({ "first", "third" }))) do
        table.insert(names, row.name)
      end
      assert.same({ "first", "third" }, names)
    end)
  end)

  describe("defaults of columns", function()
    local function make()
      local conn = engines.connect(db)
      return conn,
        engines.table(
          conn,
          sa.Column("id", sa.Integer, { primary_key = true }),
          sa.Column("string_length", sa.Integer, { default = sa.func.length("qwerty") }),
          sa.Column("number", sa.Integer, { default = 100, nullable = false }),
          sa.Column("description", sa.String(255), { default = "default test" }),
          sa.Column("created_at", sa.DateTime, {
            default = function()
              return sa.datetime(2024, 2, 29, 1, 2, 3)
            end,
          }),
          sa.Column("enabled", sa.Boolean, { default = true }),
          sa.Column("server", sa.Integer, { server_default = "7" }),
          sa.Column("edited", sa.Integer, { default = 0, onupdate = 5 })
        )
    end

    local function row_of(conn, t)
      local row = conn:first(t:select():order_by(t.c.id:desc()))
      return {
        row.string_length,
        row.number,
        row.description,
        tostring(row.created_at),
        row.enabled,
        row.server,
        row.edited,
      }
    end

    local ALL = { 6, 100, "default test", "2024-02-29 01:02:03", true, 7, 0 }

    db:it("S3: fill what an INSERT leaves out, however its values are given", function()
      local conn, t = make()
      for _, run in ipairs({
        function()
          conn:execute(t:insert():values({}))
        end,
        function()
          conn:execute(t:insert())
        end,
        function()
          conn:execute(t:insert(), { number = 100 })
        end,
        function()
          conn:execute(t:insert(), { { number = 100 }, { number = 100 } })
        end,
      }) do
        run()
        assert.same(ALL, row_of(conn, t))
      end
      assert.equal(5, conn:scalar(sa.select(sa.func.max(t.c.id))))
    end)

    db:it("S3: leave NULL and false alone where they are given", function()
      local conn, t = make()
      conn:execute(t:insert():values({ enabled = false, created_at = sa.NULL }))
      local row = conn:first(t:select())
      assert.is_false(row.enabled)
      assert.is_nil(row.created_at)
      assert.equal(100, row.number)
      conn:execute(t:insert(), { description = sa.NULL })
      assert.is_nil(conn:first(t:select():order_by(t.c.id:desc())).description)
    end)

    db:it("S3: give way to values", function()
      local conn, t = make()
      local given = { description = "new", enabled = false, number = 111 }
      given.created_at = sa.datetime(2025, 1, 2)
      conn:execute(t:insert():values(given))
      assert.same({ 6, 111, "new", "2025-01-02 00:00:00", false, 7, 0 }, row_of(conn, t))
    end)

    db:it("S4: of an UPDATE are set, unless they are given", function()
      local conn, t = make()
      conn:execute(t:insert():values({}))
      conn:execute(t:update():values({ number = 1 }))
      assert.equal(5, conn:scalar(sa.select(t.c.edited)))
      conn:execute(t:update(), { edited = 6 })
      assert.equal(6, conn:scalar(sa.select(t.c.edited)))
    end)
  end)

  describe("types of columns", function()
    db:it("S12: work both ways", function()
      local conn = engines.connect(db)
      local Colour = sa.TypeDecorator({
        impl = sa.Integer,
        process_bind_param = function(_, value)
          return ({ red = 111, blue = 222 })[value]
        end,
        process_result_value = function(_, value)
          return ({ [111] = "red", [222] = "blue" })[value]
        end,
      })
      local t = engines.table(
        conn,
        sa.Column("id", sa.Integer, { primary_key = true }),
        sa.Column("colour", Colour),
        sa.Column("is_on", sa.Boolean),
        sa.Column("kind", sa.Enum({ "novel", "poem" })),
        sa.Column("data", sa.JSON),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("at", sa.DateTime),
        sa.Column("takes", sa.Interval),
        sa.Column("bytes", sa.LargeBinary)
      )
      local values = {
        colour = "blue",
        is_on = false,
        kind = "poem",
        data = { a = { 1, 2 }, b = "x" },
        price = "12.50",
        at = sa.datetime(2024, 2, 29, 1, 2, 3),
        takes = sa.interval({ days = 1 }),
        bytes = "\0\255",
      }
      conn:execute(t:insert():values(values))
      local row = conn:first(t:select():where(t.c.colour:eq("blue"), t.c.is_on:eq(false)))
      assert.same(
        { "blue", false, "poem", "12.50", "\0\255" },
        { row.colour, row.is_on, row.kind, tostring(row.price), row.bytes }
      )
      assert.same({ a = { 1, 2 }, b = "x" }, row.data)
      assert.equal("2024-02-29 01:02:03", tostring(row.at))
      assert.equal(tostring(values.takes), tostring(row.takes))
      assert.equal(222, tonumber(conn:scalar("SELECT colour FROM " .. t.name)))
    end)
  end)
end
