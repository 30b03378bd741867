local guard = require("lunasa.server.guard")
local lunasa = require("lunasa")
local program = require("spec.runner.program")
local server = require("lunasa.server")

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- Runs a function with a private server, which it takes down.
local function with_server(options, work)
  local started = server.start(options)
  local ok, err = pcall(work, started)
  started:stop()
  assert(ok, err)
end

--- Gives the module with another script for its guards.
local function server_guarded_by(script)
  local guarded, own = "lunasa.server", "lunasa.server.guard"
  package.loaded[guarded], package.loaded[own] = nil, script
  local changed = require(guarded)
  package.loaded[guarded], package.loaded[own] = server, guard
  return changed
end

local function folder_of(socket)
  return socket:match("^(.*)/")
end

describe("lunasa.server", function()
  after_each(program.clean)

  it("starts an empty server, reached over a socket", function()
    with_server(nil, function(started)
      local conn = lunasa.connect(started.url)

      assert.equal("root@localhost", conn:scalar("SELECT CURRENT_USER()"))
      assert.equal("test", conn:scalar("SELECT DATABASE()"))
      assert.equal(0, #conn:query("SHOW TABLES"))
      assert.equal("1", tostring(conn:scalar("SELECT @@skip_networking")))
      assert.is_true(program.is_alive(started.pid))
      conn:close()
    end)
  end)

  it("makes the database that is asked for, and passes flags on", function()
    with_server({ database = "my `db`", flags = { "--max-connections=77" } }, function(started)
      local conn = lunasa.connect(started.url)

      assert.equal("my `db`", conn:scalar("SELECT DATABASE()"))
      assert.equal(77, conn:scalar("SELECT @@max_connections"))
      conn:close()
    end)
  end)

  it("leaves nothing behind when stopped", function()
    local started = server.start()

    started:stop()
    started:stop()

    assert.is_false(program.is_alive(started.pid))
    assert.is_false(exists(folder_of(started.socket)))
  end)

  it("goes when nobody refers to it any more", function()
    local started = server.start()
    local pid, folder = started.pid, folder_of(started.socket)

    started = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()

    program.wait_for(function()
      return not program.is_alive(pid) and not exists(folder)
    end, "the server to go")
  end)

  it("goes with its guard", function()
    local started = server.start()

    os.execute("kill -KILL " .. started.guard:pid())

    program.wait_for(function()
      return not program.is_alive(started.pid)
    end, "the server to go")
    os.execute("rm -r " .. folder_of(started.socket))
  end)

  it("says what the server said when it does not start", function()
    local ok, err = pcall(server.start, { flags = { "--no-such-flag" } })

    assert.is_false(ok)
    assert.is_true(err:is("OperationalError"))
    assert.matches(
      "mariadbd ended while it started\n.*unknown option '%-%-no%-such%-flag'",
      err.message
    )
  end)

  it("names the package that is missing", function()
    local changed = guard:gsub("command %-v mariadbd", "command -v no-such-mariadbd")

    local _, err = pcall(server_guarded_by(changed).start)

    assert.matches("mariadbd is not installed: apt%-get install mariadb%-server%-core", err.message)
  end)

  it("refuses options that do not exist", function()
    assert.has_error(function()
      server.start({ flag = {} })
    end)
    assert.has_error(function()
      server.start({ port = "x" })
    end)
  end)

  it("makes one template, though two need it at once", function()
    local cache = os.tmpname()
    os.remove(cache)
    local env = "XDG_CACHE_HOME=" .. cache
    local chunk = "print(require('lunasa').connect():scalar('SELECT 1'))"

    local first = program.start({ "--server", "-e", chunk, env = env })
    local second = program.start({ "--server", "-e", chunk, env = env })

    assert.same({ 0, 0 }, { first:wait(), second:wait() })
    local pipe = assert(io.popen("ls -d " .. cache .. "/lunasa/mariadb-*"))
    local _, count = pipe:read("*a"):gsub("\n", "")
    pipe:close()
    os.execute("rm -r " .. cache)
    assert.equal(1, count)
  end)
end)
