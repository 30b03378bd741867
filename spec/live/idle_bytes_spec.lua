--- A server that says something though nobody asked: the connection is over, and its socket closed.
local lfs = require("lfs")
local lunasa = require("lunasa")
local peer = require("spec.support.peer")
local task = require("spec.support.task")
local wire = require("spec.mysql.wire")

local OK = wire.frame(1, wire.ok())

local function count_open_files()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

--- Waits until as many files are open as before the connection was.
local function wait_for_open_files(expected)
  local deadline = lunasa.now() + 5
  while count_open_files() ~= expected and lunasa.now() < deadline do
    lunasa.sleep(0.005)
  end
  assert.equal(expected, count_open_files())
end

describe("a byte that comes while nothing was asked #live", function()
  local listener

  after_each(function()
    listener:close()
  end)

  --- Connects to a server that says `said` to the first statement, and gives the connection and how
  --- many files were open before.
  local function connect_and_query(said)
    -- TLS is not offered: the peer has none.
    local greeting = wire.greeting({ capabilities = wire.ALL - wire.CAPABILITY.SSL })
    listener = peer.talking(wire.frame(0, greeting), wire.frame(2, wire.ok()), said)
    local open_before = count_open_files()
    local conn = lunasa.connect({
      host = listener.host,
      port = listener.port,
      user = "root",
      ssl = false,
    })
    assert.is_true(count_open_files() > open_before)
    pcall(conn.query, conn, "DO 1")
    lunasa.sleep(0.02)
    return conn, open_before
  end

  for name, said in pairs({ ["a byte"] = "\1", ["a packet"] = wire.frame(0, wire.ok()) }) do
    it(
      "closes the socket at the next use, here for " .. name,
      task(function()
        local conn, open_before = connect_and_query(OK .. said)

        local ok, err = pcall(conn.query, conn, "DO 1")

        assert.is_false(ok)
        assert.is_true(lunasa.is_error(err))
        assert.is_true(conn.closed)
        wait_for_open_files(open_before)
      end)
    )

    it(
      "leaves no socket behind after close, here for " .. name,
      task(function()
        local conn, open_before = connect_and_query(OK .. said)

        pcall(conn.query, conn, "DO 1")
        conn:close()

        wait_for_open_files(open_before)
      end)
    )
  end
end)
