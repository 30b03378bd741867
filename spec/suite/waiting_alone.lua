--- A statement that is all that is waited for, and what must not suffer by it.

local assert = require("luassert")
local lunasa = require("lunasa")

--- Computes for some seconds: nothing else has its turn.
local function compute(seconds)
  local ends_at = lunasa.now() + seconds
  while lunasa.now() < ends_at do
  end
end

--- Runs a statement whose task is resumed before the answer is there: for a cancellation, which the
--- statement before raised without a wait. So it is waited for twice, and alone the second time.
local function ask_twice(conn)
  lunasa.sleep(0.001)
  lunasa.current():cancel()
  assert.is_false((pcall(conn.query, conn, "SELECT 1")))
  conn:query("SELECT SLEEP(0.004)")
end

---@param db spec.Database
return function(db)
  describe("a statement that is all that is waited for", function()
    db:it("leaves timers their time", function(conn)
      local order = {}
      local sleeper = lunasa.spawn(function()
        for i = 1, 3 do
          lunasa.sleep(0.03)
          table.insert(order, i)
        end
      end)
      for _ = 1, 3 do
        conn:query("SELECT 1") -- answered long before the first of them is due
      end
      conn:query("SELECT SLEEP(0.4)")
      table.insert(order, "answered")
      sleeper:join()
      assert.same({ 1, 2, 3, "answered" }, order)
    end)

    db:it("does not hide for long that the server has closed an idle connection", function(conn)
      local idle = db:connect()
      conn:query("KILL ?", { idle:thread_id() })
      local statements = 0
      while not idle.closed and statements < 100000 do
        conn:query("SELECT 1")
        statements = statements + 1
      end
      assert.is_true(idle.closed)
    end)

    db:it("does not hide it behind statements that take a while", function(conn)
      local idle = db:connect()
      conn:query("KILL ?", { idle:thread_id() })
      for _ = 1, 24 do
        conn:query("SELECT SLEEP(0.005)")
      end
      assert.is_true(idle.closed)
    end)

    db:it("does not count what the program computes as silence of the server", function()
      local conn = db:connect({ read_timeout = 0.15 })
      for i = 1, 40 do
        assert.equal(i, tonumber(conn:scalar("SELECT ?", { i })))
        compute(0.02)
      end
      compute(0.2) -- longer than the limit
      assert.equal(41, conn:scalar("SELECT 41 + SLEEP(0.01)"))
    end)

    db:it("hears what was said while the program computed before it calls that silence", function()
      local conn = db:connect({ read_timeout = 0.15 })
      local asked = lunasa.spawn(conn.scalar, conn, "SELECT 42 + SLEEP(0.02)")
      lunasa.sleep(0)
      compute(0.3)
      assert.equal(42, asked:join())
    end)

    db:it("sees what was taken while the program computed, too", function()
      local conn = db:connect({ write_timeout = 0.15 })
      local size = 12e6
      local asked = lunasa.spawn(conn.scalar, conn, "SELECT LENGTH(?)", { ("x"):rep(size) })
      lunasa.sleep(0)
      compute(0.3)
      assert.equal(size, tonumber(asked:join()))
    end)

    db:it("is given up when its time is over, and its connection goes on", function(conn)
      local ok, err = pcall(conn.query, conn, "SELECT SLEEP(5)", nil, { timeout = 0.02 })
      assert.same({ false, "TimeoutError" }, { ok, err.class })
      assert.equal(7, conn:scalar("SELECT 7"))
    end)

    db:it("is not told to what its task waits for next", function(conn)
      for _ = 1, 6 do
        local next_wait
        local waiting = lunasa.spawn(function()
          ask_twice(conn)
          local other = lunasa.spawn(function()
            lunasa.sleep(0.001)
            return "joined"
          end)
          next_wait = { pcall(other.join, other) }
        end)
        pcall(waiting.join, waiting)
        assert.same({ true, "joined" }, next_wait)
      end
    end)

    db:it("leaves no transaction open where its connection was closed in the middle", function(conn)
      conn:execute("START TRANSACTION")
      assert.is_true(conn.in_transaction)
      db:administrate("KILL " .. conn:thread_id())
      assert.is_false((pcall(conn.query, conn, "SELECT 1")))
      assert.is_true(conn.closed)
      assert.is_false(conn.in_transaction)
    end)

    db:it("lets connections be opened and closed one after the other", function()
      for i = 1, 100 do -- libuv is asked for some of them, and closes its handles of those
        local conn = db:connect()
        assert.equal(i, tonumber(conn:scalar("SELECT ?", { i })))
        conn:close()
      end
    end)
  end)
end
