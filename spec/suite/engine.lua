--- Engines: they lend connections that execute the SQL language.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- Makes an engine, closed when the spec ends.
  local function engine_of(more)
    return db:closing(sa.create_engine(db:options(more)))
  end

  describe("an engine", function()
    db:it("lends connections and takes them back", function()
      local engine = engine_of()
      local conn = engine:acquire()
      assert.equal(1, conn:scalar("SELECT 1 AS a"))
      assert.equal(db.kind, engine.dialect.name)
      assert.equal("mysql", engine.name)
      assert.equal("lunasa", engine.driver)
      assert.same({ 1, 10, 1, 0 }, { engine.minsize, engine.maxsize, engine.size, engine.freesize })

      engine:release(conn)

      assert.is_true(conn.closed)
      assert.is_nil(conn.connection)
      assert.equal(1, engine.freesize)
      for _, method in ipairs({ "execute", "scalar", "first", "all", "rows", "stream" }) do
        local err = failure(conn[method], conn, "SELECT 1")
        assert.same(
          { "ResourceClosedError", "This Connection is closed" },
          { err.class, err.message }
        )
      end
      conn:close()
    end)

    db:it("gives the connection of a block back, whatever happens", function()
      local engine = engine_of({ maxsize = 1 })
      assert.equal(
        2,
        engine:with(function(conn)
          return conn:scalar("SELECT 2 AS a")
        end)
      )
      local err = failure(engine.with, engine, function(conn)
        conn:execute("SELECT nothing")
      end)
      assert.equal(1054, err.errno)
      assert.equal("SELECT nothing", err.sql)
      assert.equal(1, engine.freesize)
    end)

    db:it("gives a connection back that the block has closed or lost", function()
      local engine = engine_of({ maxsize = 1 })
      engine:with(function(conn)
        conn:close()
      end)
      engine:with(function(conn)
        conn.connection:close()
      end)
      assert.equal(
        1,
        engine:with(function(conn)
          return conn:scalar("SELECT 1")
        end)
      )
    end)

    db:it("knows nothing of the connections of another one", function()
      local engine, other = engine_of(), engine_of()
      local conn = engine:acquire()
      assert.equal("ArgumentError", failure(other.release, other, conn).class)
      assert.equal("ArgumentError", failure(engine.release, engine, "conn").class)
      engine:release(conn)
      engine:release(conn)
    end)

    db:it("waits for a connection no longer than it may", function()
      local engine = engine_of({ maxsize = 1 })
      local conn = engine:acquire()
      assert.equal("TimeoutError", failure(engine.acquire, engine, 0.01).class)
      local err = failure(engine.with, engine, { timeout = 0.01 }, function() end)
      assert.equal("TimeoutError", err.class)
      engine:release(conn)
    end)

    db:it("closes as a pool does", function()
      local engine = engine_of()
      local conn = engine:acquire()
      engine:close()
      assert.equal("PoolError", failure(engine.acquire, engine).class)
      assert.is_false(engine.closed)
      engine:release(conn)
      engine:wait_closed()
      assert.is_true(engine.closed)

      engine = engine_of()
      conn = engine:acquire()
      engine:terminate()
      engine:wait_closed()
      assert.is_false(conn.connection:is_usable())
      conn:close()
    end)

    db:it("takes a URL, with options behind it", function()
      local given = db:options()
      for _, scheme in ipairs({ "mysql", "mariadb", "mysql+lunasa" }) do
        local url = ("%s://root@%s:%d/%s?maxsize=3"):format(
          scheme,
          given.host,
          given.port,
          given.database
        )
        local engine = db:closing(sa.create_engine(url, { ssl = false, minsize = 2 }))
        assert.same({ 2, 3, "mysql" }, { engine.minsize, engine.maxsize, engine.name })
        engine:with(function(conn)
          assert.equal(given.database, conn:scalar("SELECT database()"))
        end)
      end
    end)

    db:it("says what it does not take", function()
      local err = failure(sa.create_engine, db:options({ dialect = "oracle" }))
      assert.truthy(err.message:find("no driver for 'oracle'", 1, true))
      err = failure(sa.create_engine, db:options({ dialect = 5 }))
      assert.truthy(err.message:find("must be a name", 1, true))
      assert.equal("mysql", db:closing(sa.create_engine(db:options({ dialect = "mysql" }))).name)
      err = failure(function()
        sa.create_engine("oracle://host/db")
      end)
      assert.equal("ArgumentError", err.class)
      assert.truthy(err.message:find("'oracle'", 1, true))
      assert.truthy(err.position:find("engine.lua", 1, true))
      err = failure(sa.create_engine, db:options({ maxsise = 3 }))
      assert.truthy(err.message:find("did you mean 'maxsize'", 1, true))
      err = failure(sa.create_engine, db:options({ cursorclass = lunasa.DictCursor }))
      assert.equal("SQLAlchemy engine does not support this cursor class", err.message)
    end)

    db:it("counts rows that matched, and commits nothing by itself", function(conn)
      local name = db:table(conn, "id INT PRIMARY KEY, v INT")
      conn:execute(("INSERT INTO %s VALUES (1, 5)"):format(name))
      local engine = engine_of()
      local update = ("UPDATE %s SET v = 5 WHERE id = 1"):format(name)
      local messages = task.logged(function()
        engine:with(function(one)
          assert.equal(1, one:execute(update).rowcount)
          one:execute(("INSERT INTO %s VALUES (2, 6)"):format(name))
        end)
      end)
      assert.matches("suite/engine.lua:%d+ was not committed", messages[1])
      assert.equal(1, conn:scalar("SELECT COUNT(*) FROM " .. name))

      engine = engine_of({ autocommit = true, found_rows = false })
      engine:with(function(one)
        assert.equal(0, one:execute(update).rowcount)
        one:execute(("INSERT INTO %s VALUES (2, 6)"):format(name))
      end)
      assert.equal(2, conn:scalar("SELECT COUNT(*) FROM " .. name))
    end)
  end)

  describe("execution options", function()
    db:it("limit the time of statements", function()
      local engine = engine_of({ maxsize = 1 })
      engine:with(function(conn)
        assert.equal(conn, conn:execution_options({ timeout = 0.05 }))
        assert.equal("TimeoutError", failure(conn.execute, conn, "SELECT SLEEP(20)").class)
      end)
      engine:with(function(conn)
        assert.equal(0, conn:scalar("SELECT SLEEP(0.1)"))
      end)
    end)

    db:it("say how statements are sent", function()
      local engine = engine_of()
      local statement = sa.select(sa.literal(5):label("five"))
      local function prepared(conn)
        local sql = "SHOW SESSION STATUS LIKE 'Com_stmt_execute'"
        return tonumber(conn.connection:first(sql).Value)
      end
      engine:with(function(conn)
        local before = prepared(conn)
        conn:scalar(statement)
        conn:scalar(statement)
        assert.equal(before + 2, prepared(conn))
        conn:execution_options({ prepared = false })
        assert.equal(5, conn:scalar(statement))
        assert.equal(before + 2, prepared(conn))
        conn:execution_options({ prepared = true })
        assert.equal(6, conn:scalar("SELECT ? + 1", 5))
        assert.equal(before + 3, prepared(conn))
      end)
    end)

    db:it("give rows as they come", function()
      engine_of():with(function(conn)
        conn:execution_options({ stream = true })
        local res = conn:execute(sa.select(sa.literal(5):label("five")))
        assert.is_nil(res.rowcount)
        assert.equal(5, res:fetchone().five)
        assert.is_nil(res:fetchone())
        assert.equal(1, res.rowcount)
        conn:execution_options({ stream = false })
        assert.equal(1, conn:execute(sa.select(sa.literal(5))).rowcount)
      end)
    end)

    db:it("change the isolation level until the connection is given back", function()
      local engine = engine_of({ maxsize = 1 })
      local function level(conn)
        local sql =
          "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')"
        return conn:first(sql).Value
      end
      engine:with(function(conn)
        conn:execution_options({ isolation_level = "read committed" })
        assert.equal("READ-COMMITTED", level(conn))
        conn:execution_options({ isolation_level = "AUTOCOMMIT" })
        assert.is_true(conn.connection:get_autocommit())
        conn:execution_options({ isolation_level = "SERIALIZABLE" })
        assert.is_false(conn.connection:get_autocommit())
        conn:execution_options({ isolation_level = "AUTOCOMMIT" })
      end)
      engine:with(function(conn)
        assert.equal("REPEATABLE-READ", level(conn))
        assert.is_false(conn.connection:get_autocommit())
      end)
    end)

    db:it("are checked", function()
      engine_of():with(function(conn)
        for _, given in ipairs({
          { { timout = 1 }, "did you mean 'timeout'" },
          { { stream = 1 }, "'stream' cannot be a number" },
          { { isolation_level = "READ" }, "no isolation level 'READ'" },
          { "stream", "needs a table" },
        }) do
          local err = failure(conn.execution_options, conn, given[1])
          assert.equal("ArgumentError", err.class)
          assert.truthy(err.message:find(given[2], 1, true), err.message)
        end
      end)
    end)
  end)
end
