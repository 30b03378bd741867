--- What an engine must not lose, do twice, or mistake for something else.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- A connection of an engine that commits every statement.
  local function connected(more)
    local options = { autocommit = true }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    local engine = db:closing(sa.create_engine(db:options(options)))
    return db:closing(engine:acquire()), engine
  end

  describe("what is run once", function()
    for errno, body in pairs({
      [1064] = "SET @text = 'SELEC 1'; PREPARE statement FROM @text;",
      [1295] = "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1295, MESSAGE_TEXT = 'no';",
    }) do
      db:it(("is a procedure that fails with %d half way"):format(errno), function(conn)
        local name = db:table(conn, "n INT")
        local procedure = name .. "_once"
        conn:execute("DROP PROCEDURE IF EXISTS " .. procedure)
        conn:execute(
          ("CREATE PROCEDURE %s(x INT) BEGIN INSERT INTO %s VALUES (x); %s END"):format(
            procedure,
            name,
            body
          )
        )
        local one = connected()
        local call = sa.text(("CALL %s(:x)"):format(procedure))
        assert.equal(errno, failure(one.execute, one, call, { x = 1 }).errno)
        assert.equal(1, one:scalar("SELECT COUNT(*) FROM " .. name))
        conn:execute("DROP PROCEDURE " .. procedure)
      end)
    end
  end)

  describe("what is told apart", function()
    db:it("are columns of one shape, or none of them", function(conn)
      local name = db:table(conn, "a INT")
      conn:execute(("INSERT INTO %s VALUES (10)"):format(name))
      local t = sa.Table({ name, sa.MetaData(), sa.Column({ "a", sa.Integer }) })
      local one = connected()
      for _ = 1, 2 do
        local first, second = t.c.a + 1, t.c.a + 2
        local row = one:first(sa.select(first, second, t.c.a, t.c.a))
        assert.same({ 11, 12, 10 }, { row[1], row[2], row[t.c.a] })
        for _, key in ipairs({ first, second, t.c.a + 2 }) do
          local err = failure(function()
            return row[key]
          end)
          assert.equal("InvalidRequestError", err.class)
          assert.truthy(err.message:find("Ambiguous column name", 1, true))
        end
        row = one:first(sa.select(first:label("x"), second:label("y")))
        assert.equal(12, row[second:label("y")])
        assert.equal("InvalidRequestError", failure(sa.row.get, row, t.c.a + 2).class)
      end
    end)

    db:it("are numbers and strings, when what knew them was collected", function()
      local one = connected()
      local function asked(value, list)
        local parameter = sa.bindparam("v"):label("a")
        return one:scalar(sa.select(parameter, sa.literal(1):in_(list)), { v = value })
      end
      assert.equal(7, asked(7, { 1, 2 }))
      assert.equal(7, asked(7, { 1, 2, 3 }))
      collectgarbage()
      collectgarbage()
      assert.equal("12ab", asked("12ab", { 1, 2 }))
      assert.equal("12ab", asked("12ab", { 1, 2, 3 }))
      assert.equal(8.5, asked(8.5, { 1, 2 }))
    end)

    db:it("are not the protocols by the digits of a FLOAT", function(conn)
      local name = db:table(conn, "f FLOAT, d DOUBLE")
      local t = sa.Table({
        name,
        sa.MetaData(),
        sa.Column({ "f", sa.Float }),
        sa.Column({ "d", sa.Float }),
      })
      local one = connected()
      local numbers = { 0.1, -0.3, 1.5, 123.456, 7e-5, 3.4e38, 0, 16777216 }
      for _, number in ipairs(numbers) do
        one:execute(t:insert(), { f = number, d = number })
      end
      local rows = one:all(sa.select(t))
      for i, number in ipairs(numbers) do
        assert.equal(number, rows[i].d)
        assert.equal(number, rows[i].f)
      end
    end)

    db:it("are numbers and strings of text that is prepared", function()
      local one = connected()
      one:execution_options({ prepared = true })
      for _, text in ipairs({ "SELECT ? AS t", "SELECT %s AS t" }) do
        for _, value in ipairs({ 5, "5ab", 1.5, "x" }) do
          assert.equal(value, one:scalar(text, value))
        end
        assert.is_nil(one:scalar(text, sa.NULL))
      end
    end)

    db:it("are those of more texts than are remembered", function()
      local one = connected()
      local dialect = one.dialect
      local known = dialect.kinds
      dialect.kinds = { count = math.huge, by_text = {} }
      local function asked(value)
        return one:scalar(sa.select(sa.bindparam("v"):label("many_texts")), { v = value })
      end
      local ok, err = pcall(function()
        for _, value in ipairs({ 5, "5ab", 1.5, "x", true, "7" }) do
          assert.equal(value == true and 1 or value, asked(value))
        end
        assert.is_nil(asked(sa.NULL))
        assert.equal("z", asked("z"))
      end)
      dialect.kinds = known
      assert.is_true(ok, err)
    end)
  end)

  describe("parameters", function()
    --- A table with two rows, and a connection.
    local function filled(conn)
      local name = db:table(conn, "id INT PRIMARY KEY, a INT, j TEXT")
      conn:execute(("INSERT INTO %s (id) VALUES (1), (2)"):format(name))
      local t = sa.Table({
        name,
        sa.MetaData(),
        sa.Column({ "id", sa.Integer, primary_key = true }),
        sa.Column({ "a", sa.Integer }),
        sa.Column({ "j", sa.JSON }),
      })
      return t, (connected())
    end

    local function count(one, t)
      return one:scalar(sa.select(sa.func.count()):select_from(t))
    end

    db:it("that a DELETE has no place for do not delete everything", function(conn)
      local t, one = filled(conn)
      for _, given in ipairs({ { id = 1 }, { 1 }, { { id = 1 }, { id = 2 } } }) do
        local err = failure(one.execute, one, t:delete(), given)
        assert.same("CompileError", err.class)
        assert.truthy(err.message:find("Unconsumed column names: id", 1, true), err.message)
      end
      assert.equal(2, count(one, t))
      one:execute(t:delete():where(t.c.id:eq(sa.bindparam("id"))), { id = 1 })
      assert.equal(1, count(one, t))
    end)

    db:it(
      "that an INSERT of several rows, or of a SELECT, has no place for are refused",
      function(conn)
        local t, one = filled(conn)
        local several = t:insert():values({ { id = 3 }, { id = 4 } })
        local selected = t:insert():from_select({ "id" }, sa.select(t.c.id + 10))
        for _, statement in ipairs({ several, selected }) do
          local err = failure(one.execute, one, statement, { a = 5 })
          assert.truthy(err.message:find("set no columns", 1, true), err.message)
        end
        assert.equal(2, count(one, t))
      end
    )

    db:it("of a list end where it ends, and have no names", function(conn)
      local t, one = filled(conn)
      local lists = { { 3, nil, "x" }, { 3, [3] = "x" }, { 3, [0] = 5 }, { 3, 4, [7] = 1 } }
      for _, list in ipairs(lists) do
        for _, given in ipairs({ { list }, { { 4, 4, "x" }, list } }) do
          local err = failure(one.execute, one, t:insert(), unpack(given))
          assert.equal("ArgumentError", err.class)
        end
      end
      local err = failure(one.execute, one, t:insert(), { 3, 4, j = "x" })
      assert.truthy(err.message:find("both positions and names, such as 'j'", 1, true))
      assert.equal(2, count(one, t))
      one:execute(t:insert(), lunasa.pack(3, nil, { 1 }))
      assert.same({ id = 3, j = { 1 } }, one:execute(t:select()):mappings():all()[3])
    end)

    db:it("and values that are wrong are at the line of who gave them", function(conn)
      local t, one = filled(conn)
      local err = failure(function()
        one:execute(t:insert(), { id = 3, j = { print } })
      end)
      assert.truthy(err.position:find("engine_hazards.lua", 1, true), err.position)
      conn:execute(("UPDATE %s SET j = 'x{'"):format(t.name))
      err = failure(function()
        local _ = one:all(t:select())
      end)
      assert.truthy(err.position:find("engine_hazards.lua", 1, true), err.position)
    end)
  end)

  describe("a mistake", function()
    db:it("of retries is none that never ends", function()
      local one, engine = connected()
      for _, retries in ipairs({ -1, 0.5, 0 / 0, math.huge }) do
        for _, whose in ipairs({ one, engine, one.connection }) do
          local method = whose == engine and "begin" or "transaction"
          local err = failure(function()
            whose[method](whose, { retries = retries }, function() end)
          end)
          assert.equal("ArgumentError", err.class)
          assert.truthy(err.message:find("'retries' must be an integer from 0 on", 1, true))
          assert.truthy(err.position:find("engine_hazards.lua", 1, true))
        end
      end
    end)

    db:it("of limits is at the line of who made it", function()
      local one, engine = connected()
      local function nothing() end
      local mistakes = {
        function()
          engine:acquire("soon")
        end,
        function()
          engine:with({ timeot = 1 }, nothing)
        end,
        function()
          engine:begin({ timeout = -1 }, nothing)
        end,
        function()
          one:execution_options({ timeout = -1 })
        end,
        function()
          one:execution_options({ timeout = 0 / 0 })
        end,
        function()
          one.execute("SELECT 1")
        end,
        function()
          engine.acquire()
        end,
      }
      for _, mistake in ipairs(mistakes) do
        local err = failure(mistake)
        assert.equal("ArgumentError", err.class)
        assert.truthy(err.position:find("engine_hazards.lua", 1, true), err.position)
      end
      assert.equal("use conn:execute(), not conn.execute()", failure(mistakes[6]).message)
      assert.equal("use engine:acquire(), not engine.acquire()", failure(mistakes[7]).message)
    end)
  end)
end
