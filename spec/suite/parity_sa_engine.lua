--- What aiomysql's sa/test_sa_engine.py, sa/test_sa_compiled_cache.py and test_async_with.py show
--- of engines: docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local engines = require("spec.support.engines")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local failure = database.failure

---@param db spec.Database
return function(db)
  local function people(engine)
    return engine:with(function(conn)
      return engines.people(conn)
    end)
  end

  local function count(engine, t)
    return engine:with(function(conn)
      return conn:scalar(sa.select(sa.func.count()):select_from(t))
    end)
  end

  describe("an engine of a program written for aiomysql.sa", function()
    db:it("has a dialect, a name, a driver and sizes", function()
      local engine = engines.of(db, { minsize = 10 })
      assert.equal("mysql", engine.name)
      assert.equal("lunasa", engine.driver)
      assert.is_table(engine.dialect)
      engine.pool:fill()
      assert.same(
        { 10, 10, 10, 10 },
        { engine.minsize, engine.maxsize, engine.size, engine.freesize }
      )
      local conn = engine:acquire()
      assert.equal(9, engine.freesize)
      engine:release(conn)
      assert.equal(10, engine.freesize)
    end)

    db:it("does not take back a connection in a transaction", function()
      local engine = engines.of(db)
      local conn = engine:acquire()
      local tr = conn:begin()
      local err = failure(engine.release, engine, conn)
      assert.equal("InvalidRequestError", err.class)
      assert.is_true(err:is(sa.exc.InvalidRequestError) and err:is(sa.exc.ArgumentError))
      tr:close()
      engine:release(conn)
    end)

    db:it("lends nothing after it was closed, and waits for what is in use", function()
      local engine = engines.of(db)
      local conn = engine:acquire()
      local order = {}
      engine:close()
      local waiting = lunasa.spawn(function()
        engine:wait_closed()
        table.insert(order, "closed")
      end)
      lunasa.sleep(0)
      table.insert(order, "release")
      engine:release(conn)
      waiting:join()
      assert.same({ "release", "closed" }, order)
      assert.is_true(engine.closed)
      local err = failure(engine.acquire, engine)
      assert.equal("PoolError", err.class)
      assert.matches("Cannot acquire connection after closing", err.message, 1, true)
      assert.equal("PoolError", failure(engines.of(db).wait_closed, engines.of(db)).class)
    end)

    db:it("closes connections in use when it is terminated", function()
      local engine = engines.of(db)
      local conn = engine:acquire()
      conn:begin()
      engine:terminate()
      engine:wait_closed()
      assert.is_true(conn.connection.closed)
      conn:close()
      assert.is_true(conn.closed)
      assert.is_false(conn.in_transaction)
    end)

    db:it("takes no cursor classes but that of plain rows", function()
      for _, class in ipairs({ "SSCursor", "DictCursor", "DeserializationCursor" }) do
        local err = failure(sa.create_engine, db:options({ cursorclass = lunasa[class] }))
        assert.equal("ArgumentError", err.class)
        local message = "SQLAlchemy engine does not support this cursor class"
        assert.matches(message, err.message, 1, true)
      end
      local engine = engines.of(db, { cursorclass = lunasa.Cursor })
      assert.equal(
        1,
        engine:with(function(conn)
          return conn:scalar("SELECT 1")
        end)
      )
    end)

    db:it("has blocks of connections and transactions", function()
      local engine = engines.of(db)
      local t = people(engine)
      engine:with(function(conn)
        conn:begin():with(function()
          conn:execute(t:insert():values({ name = "kept" }))
        end)
        local ok, err = pcall(conn.transaction, conn, function()
          conn:execute(t:insert():values({ name = "undone" }))
          error("mine", 0)
        end)
        assert.same({ false, "mine" }, { ok, err })
        conn:transaction(function(_, tr)
          conn:execute(t:insert():values({ name = "once" }))
          tr:commit()
        end)
        conn:transaction(function(_, tr)
          conn:execute(t:insert():values({ name = "never" }))
          tr:rollback()
        end)
      end)
      assert.equal(2, count(engine, t))
      assert.equal(1, engine.freesize)
    end)
  end)

  describe("a statement that is run again", function()
    db:it("S11: is compiled once, whatever its values are", function()
      local conn = engines.connect(db)
      local t = engines.people(conn)
      conn:execute(t:insert(), { { name = "a" }, { name = "b" } })
      local select = t:select():where(t.c.name:eq(sa.bindparam("wanted")))
      for _, name in ipairs({ "a", "b", "a" }) do
        assert.equal(name, conn:first(select, { wanted = name }).name)
        assert.equal(name, conn:first(t:select():where(t.c.name:eq(name))).name)
      end
      local first = sa.compiled(t:select():where(t.c.name:eq("a")), conn.dialect)
      local second = sa.compiled(t:select():where(t.c.name:eq("b")), conn.dialect)
      assert.equal(first, second)
    end)
  end)
end
