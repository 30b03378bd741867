--- A statement that is all that is waited for, and what must not suffer by it.

local assert = require("luassert")
local lunasa = require("lunasa")
local program = require("spec.runner.program")

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

--- As many waits one after the other as are enough for the next ones to have no limit.
local MANY = 40

local function wait_often(conn)
  for _ = 1, MANY do
    conn:query("SELECT 1")
  end
end

--- A program that waits as often on its only connection, and then for long.
local WAITING = [[
  local lunasa = require("lunasa")
  local conn = lunasa.connect({ host = "%s", port = %d, user = "root", ssl = false })
  for _ = 1, %d do
    conn:query("SELECT 1")
  end
  print(conn:thread_id()) io.flush()
  conn:query("SELECT SLEEP(60)")
]]

--- A program whose system refuses to limit the waits of a socket: before the first (`is_late` 0),
--- or when the limit was taken away. It says what became of a statement whose time is over.
local REFUSED = [[
  local ffi, lunasa = require("ffi"), require("lunasa")
  ffi.cdef("struct rule { uint16_t code; uint8_t jt, jf; uint32_t k; };"
    .. "struct rules { unsigned short count; struct rule *first; };"
    .. "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long);")
  local function refuse()
    local setsockopt = ({ x64 = 54, arm64 = 208 })[jit.arch]
    local list = ffi.new("struct rule[6]", {
      { 0x20, 0, 0, 0 }, -- the number of the system call
      { 0x15, 0, 3, setsockopt or 0xffff },
      { 0x20, 0, 0, 32 }, -- its third argument
      { 0x15, 0, 1, 20 }, -- SO_RCVTIMEO
      { 0x06, 0, 0, 0x50001 }, -- EPERM
      { 0x06, 0, 0, 0x7fff0000 }, -- allowed
    })
    local rules = ffi.new("struct rules[1]", { { 6, list } })
    local at = ffi.cast("uintptr_t", ffi.cast("void *", rules))
    local NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
    ffi.C.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    ffi.C.prctl(SECCOMP, FILTER, at, 0, 0)
  end
  local is_late = %d == 1
  if not is_late then refuse() end
  local conn = lunasa.connect({ host = "%s", port = %d, user = "root", ssl = false })
  for _ = 1, %d do
    conn:query("SELECT 1")
  end
  if is_late then refuse() end
  local ok, err = pcall(conn.query, conn, "SELECT SLEEP(5)", nil, { timeout = 0.02 })
  print(ok, err.class, conn:scalar("SELECT 7"))
]]

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

    db:it("is given up and goes on after many that had all the time they wanted", function(conn)
      wait_often(conn)
      for i = 1, 2 do
        local ok, err = pcall(conn.query, conn, "SELECT SLEEP(5)", nil, { timeout = 0.02 })
        assert.same({ false, "TimeoutError" }, { ok, err.class })
        assert.equal(i, tonumber(conn:scalar("SELECT ?", { i })))
        wait_often(conn)
      end
    end)

    db:it("leaves others their time after many that were alone", function(conn)
      wait_often(conn)
      local other, is_over = db:connect(), false
      local sleeper = lunasa.spawn(function()
        lunasa.sleep(0.02)
        assert.equal(1, tonumber(other:scalar("SELECT 1")))
        is_over = true
      end)
      assert.equal(0, tonumber(conn:scalar("SELECT SLEEP(0.4)")))
      assert.is_true(is_over)
      sleeper:join()
    end)

    for _, signal in ipairs({ "INT", "TERM" }) do
      db:it("is ended by the signal " .. signal .. " while nothing limits its wait", function(conn)
        local server = db.server
        local running = program.start({ "-e", WAITING:format(server.host, server.port, MANY) })
        local id = tonumber(running:first_line())
        while
          conn:scalar("SELECT info FROM information_schema.processlist WHERE id = ?", { id })
          ~= "SELECT SLEEP(60)"
        do
          lunasa.sleep(0.005)
        end
        running:signal(signal)
        assert.equal(signal == "INT" and 130 or 143, running:wait())
        program.clean()
      end)
    end

    for is_late = 0, 1 do
      local when = is_late == 1 and "any more" or "at all"
      db:it("has its time kept where sockets cannot be given a limit " .. when, function()
        local server = db.server
        local text = REFUSED:format(is_late, server.host, server.port, MANY)
        local running = program.start({ "-e", text })
        assert.equal(0, running:wait())
        assert.equal("false\tTimeoutError\t7\n", program.read(running.out))
        program.clean()
      end)
    end

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
