--- Engines: the SQL language on connections.

local assert = require("luassert")
local database = require("spec.suite.database")
local sa = require("lunasa.sa")

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
      assert.equal(1, conn:execute("SELECT 1 AS a")[1].a)
      assert.equal(db.kind, engine.dialect.name)
      assert.equal("mysql", engine.name)
      assert.equal("lunasa", engine.driver)
      assert.same({ 1, 10, 0 }, { engine.minsize, engine.maxsize, engine.freesize })

      engine:release(conn)

      assert.is_true(conn.closed)
      assert.is_nil(conn.connection)
      assert.equal(1, engine.freesize)
      assert.equal("ResourceClosedError", failure(conn.execute, conn, "SELECT 1").class)
    end)

    db:it("gives the connection of a block back, whatever happens", function()
      local engine = engine_of({ maxsize = 1 })
      assert.equal(
        2,
        engine:with(function(conn)
          return conn:execute("SELECT 2 AS a")[1].a
        end)
      )
      local err = failure(engine.with, engine, function(conn)
        conn:execute("SELECT nothing")
      end)
      assert.equal(1054, err.errno)
      assert.equal(1, engine.freesize)
    end)
  end)
end
