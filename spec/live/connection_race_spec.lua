local connection = require("lunasa.connection")
local lfs_loaded, lfs = pcall(require, "lfs")
local login = require("lunasa.login")
local lunasa = require("lunasa")
local options = require("lunasa.options")
local peer = require("spec.support.peer")
local runtime = require("lunasa.runtime")
local server = require("spec.support.server")
local task = require("spec.support.task")

--- Addresses of this machine that no server of the specs listens on.
local NOBODY, NOBODY_ELSE, HOLE, OTHER_HOLE = "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"

--- How many descriptors the process has.
local function descriptors()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

--- Connects to a server as if its name had these addresses.
---@async
local function connect(db, addresses, more)
  local config = options.connect(db.url, more)
  login.of(config).stream.addresses = addresses
  return connection.open(config, runtime)
end

local function check_connection(conn)
  assert.equal(1, conn:scalar("SELECT 1"))
  conn:close()
end

server.on("mariadb", function(db)
  describe("a server with several addresses #live", function()
    local holes

    --- Makes addresses on which whoever connects hears nothing.
    local function dig(...)
      for _, address in ipairs({ ... }) do
        table.insert(holes, peer.black_hole(address, db.port))
      end
    end

    before_each(function()
      holes = {}
    end)

    after_each(function()
      for _, hole in ipairs(holes) do
        hole:close()
      end
    end)

    for name, addresses in pairs({
      ["the first"] = { db.host, NOBODY },
      ["after one that refuses"] = { NOBODY, db.host },
      ["after two that refuse"] = { NOBODY, NOBODY_ELSE, db.host },
      ["on one family of two"] = { "::1", db.host },
      ["on one family of two, the first"] = { db.host, "::1" },
      ["the only one"] = { db.host },
    }) do
      it(
        "is reached where it listens: " .. name,
        task(function()
          check_connection(connect(db, addresses))
        end)
      )
    end

    it(
      "is reached although the first address never answers",
      task(function()
        dig(HOLE)
        check_connection(connect(db, { HOLE, db.host }))
      end)
    )

    it(
      "is reached although two never answer and one refuses",
      task(function()
        dig(HOLE, OTHER_HOLE)
        check_connection(connect(db, { HOLE, NOBODY, OTHER_HOLE, db.host }))
      end)
    )

    it(
      "is reached by many tasks at once, beside an address that never answers",
      task(function()
        dig(HOLE)
        local tasks = {}
        for i = 1, 20 do
          tasks[i] = function()
            check_connection(connect(db, { HOLE, db.host }))
          end
        end
        lunasa.gather(unpack(tasks))
      end)
    )

    it(
      "costs no descriptor beside that of the connection",
      task(function()
        if not lfs_loaded or not lfs.attributes("/proc/self/fd") then
          return
        end
        dig(HOLE, OTHER_HOLE)
        check_connection(connect(db, { db.host }))
        local before = descriptors()
        local conn = connect(db, { HOLE, OTHER_HOLE, db.host })
        assert.equal(before + 1, descriptors())
        conn:close()
      end)
    )

    it(
      "of which all refuse raises an error that says so of each",
      task(function()
        local ok, err = pcall(connect, db, { NOBODY, "::1", NOBODY_ELSE })
        assert.same({ false, "OperationalError", 2003 }, { ok, err.class, err.errno })
        local where = ("cannot connect to %s:%d: "):format(db.host, db.port)
        assert.matches(where, err.message, 1, true)
        assert.matches(
          "127%.0%.0%.3: connection refused; ::1: [%l ]+; 127%.0%.0%.4: connection refused",
          err.message
        )
      end)
    )

    it(
      "of which none answers raises a TimeoutError that says so of each",
      task(function()
        dig(HOLE, OTHER_HOLE)
        local limit = { connect_timeout = 0.6 }
        local ok, err = pcall(connect, db, { HOLE, NOBODY, OTHER_HOLE }, limit)
        assert.same({ false, "TimeoutError", "connect" }, { ok, err.class, err.which })
        local fates = "127.0.0.5: no answer; 127.0.0.3: connection refused; 127.0.0.6: no answer"
        assert.matches(fates, err.message, 1, true)
      end)
    )

    for name, addresses in pairs({
      ["after one that refuses"] = { NOBODY, HOLE },
      ["before one that refuses"] = { HOLE, NOBODY },
    }) do
      it(
        "of which one never answers waits for it: " .. name,
        task(function()
          dig(HOLE)
          local ok, err = pcall(connect, db, addresses, { connect_timeout = 0.5 })
          assert.same({ false, "TimeoutError" }, { ok, err.class })
          assert.matches("127.0.0.3: connection refused", err.message, 1, true)
          assert.matches("127.0.0.5: no answer", err.message, 1, true)
        end)
      )
    end

    it(
      "may have very many, of which sixteen are tried and as many named as an error has room for",
      task(function()
        local addresses = {}
        for i = 1, 40 do
          addresses[i] = "127.0.1." .. 100 + i
        end
        local ok, err = pcall(connect, db, addresses)
        assert.same({ false, 2003 }, { ok, err.errno })
        assert.is_true(#err.message < 512)
        local _, named = err.message:gsub("connection refused", "")
        local rest = err.message:match("; and (%d+) more$")
        assert.equal(16, named + tonumber(rest))
      end)
    )

    for _, seconds in ipairs({ 0, 0.01, 0.3 }) do
      it(
        ("can be given up after %g s"):format(seconds),
        task(function()
          dig(HOLE, OTHER_HOLE)
          local connecting = lunasa.spawn(connect, db, { HOLE, OTHER_HOLE, HOLE, OTHER_HOLE })
          lunasa.sleep(seconds)
          connecting:cancel()
          local ok, err = pcall(connecting.join, connecting)
          assert.same({ false, "CancelledError" }, { ok, err.class })
          lunasa.sleep(0.3) -- nothing comes late
          check_connection(connect(db, { NOBODY, db.host }))
        end)
      )
    end

    it(
      "refuses what is no address in numbers",
      task(function()
        local ok, err = pcall(connect, db, { "localhost" })
        assert.is_false(ok)
        assert.matches("not an address in numbers: localhost", err.message, 1, true)
      end)
    )

    it(
      "is reached by the name that the machine has for itself",
      task(function()
        check_connection(lunasa.connect(db.url, { host = "localhost" }))
      end)
    )

    it(
      "says the address of a name where nobody listens",
      task(function()
        local port = peer.closed_port()
        local ok, err = pcall(lunasa.connect, { host = "localhost", port = port, user = "root" })
        assert.same({ false, 2003 }, { ok, err.errno })
        local where = ("cannot connect to localhost:%d: [%%x.:]+: connection refused"):format(port)
        assert.matches(where, err.message)
      end)
    )
  end)
end)
