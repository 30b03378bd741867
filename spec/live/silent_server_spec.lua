--- A server that is frozen: it neither sends nor takes anything.

local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local server = require("spec.support.server")
local task = require("spec.support.task")

describe("a frozen server #live", function()
  local private

  before_each(function()
    private = server.throwaway()
  end)

  after_each(function()
    private:signal("CONT")
    private:down()
  end)

  it(
    "C17: is noticed by read_timeout and write_timeout, each for what it is",
    task(function()
      local limits = { read_timeout = 0.2, write_timeout = 0.1, ssl = false }
      local reading = lunasa.connect(private.url, limits)
      local writing = lunasa.connect(private.url, limits)
      private:signal("STOP")

      local _, read_error = pcall(reading.query, reading, "SELECT 1")
      local long = "SELECT '" .. ("x"):rep(16 * 1024 * 1024) .. "'"
      local _, write_error = pcall(writing.query, writing, long)

      assert.same({ "TimeoutError", "read" }, { read_error.class, read_error.which })
      assert.same({ "TimeoutError", "write" }, { write_error.class, write_error.which })
      assert.is_true(read_error:is_disconnect() and write_error:is_disconnect())
      assert.is_true(reading.closed and writing.closed)
    end)
  )

  it(
    "X8: does not hold up the end of an engine's blocks, and what they did is undone",
    task(function()
      local options = { ssl = false, cancel_timeout = 0.1, maxsize = 1 }
      local engine = sa.create_engine(private.url, options)
      engine:with(function(conn)
        conn:execute("CREATE TABLE frozen (n INT) ENGINE=InnoDB")
      end)
      local ways = {
        function(conn, work)
          conn:transaction(work)
        end,
        function(conn, work)
          conn:begin()
          conn:begin_nested()
          work(conn)
        end,
        function(conn, work)
          conn:twophase(work)
        end,
      }
      local messages = task.logged(function()
        for _, way in ipairs(ways) do
          local ok, err = pcall(engine.with, engine, function(conn)
            way(conn, function()
              conn:execute("INSERT INTO frozen VALUES (1)")
              private:signal("STOP")
              lunasa.timeout(0.1, conn.execute, conn, "INSERT INTO frozen VALUES (2)")
            end)
          end)
          private:signal("CONT")
          assert.is_false(ok)
          assert.is_true(err:is_timeout())
          engine:with(function(conn)
            assert.equal(0, tonumber(conn:scalar("SELECT COUNT(*) FROM frozen")))
          end)
        end
      end)
      assert.equal(#ways, #messages)
      engine:terminate()
      engine:wait_closed()
    end)
  )
end)
