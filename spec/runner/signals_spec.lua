local lunasa = require("lunasa")
local program = require("spec.runner.program")

--- Prints the number and folder of its private server, then waits in a transaction.
local WAITING = [[
  local lunasa = require("lunasa")
  local conn = lunasa.connect()
  local path = conn:scalar("SELECT @@pid_file")
  local pid = io.open(path):read("*n")
  local ok, err = pcall(conn.transaction, conn, function()
    print(pid .. " " .. path:match("^(.*)/"))
    io.flush()
    lunasa.sleep(60)
  end)
  print(tostring(err), conn:get_transaction_status())
  error(err, 0)
]]

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- Sends a signal to a script with a private server, and waits until all of it is gone.
local function end_by(signal)
  local running = program.start({ "--server", program.file(WAITING) })
  local pid, folder = running:first_line():match("^(%d+) (.*)$")
  assert.is_true(program.is_alive(tonumber(pid)))
  assert.is_true(exists(folder))

  running:signal(signal)

  local status = running:wait()
  program.wait_for(function()
    return not program.is_alive(tonumber(pid)) and not exists(folder)
  end, "the server to go")
  return status, program.read(running.out), program.read(running.err)
end

describe("a signal", function()
  after_each(program.clean)

  it("INT raises in the main task, whose blocks roll back", function()
    local status, out, err = end_by("INT")

    assert.equal(130, status)
    assert.matches("\nInterrupted: interrupted by SIGINT\tfalse\n$", out)
    assert.equal("lunasa: interrupted by SIGINT\n", err)
  end)

  it("TERM does the same", function()
    local status, out = end_by("TERM")

    assert.equal(143, status)
    assert.matches("\nInterrupted: terminated by SIGTERM\tfalse\n$", out)
  end)

  it("KILL leaves no server behind", function()
    assert.equal(137, (end_by("KILL")))
  end)

  it("ends Lua that never waits when it comes twice", function()
    local running = program.start({ "-e", "print('spins') io.flush() while true do end" })
    running:first_line()

    running:signal("INT")
    lunasa.sleep(0)
    running:signal("TERM")

    assert.equal(true, running:wait() >= 130)
  end)

  it("ends the program when only spawned tasks are left", function()
    local running = program.start({
      "-e",
      [[local lunasa = require("lunasa")
        lunasa.spawn(function()
          lunasa.sleep(0)
          print("left") io.flush()
          lunasa.sleep(60)
        end)]],
    })
    running:first_line()

    running:signal("TERM")

    assert.equal(143, running:wait())
  end)

  it("is a script's own business once caught", function()
    local running = program.start({
      "-e",
      [[local lunasa = require("lunasa")
        print("waits") io.flush()
        local ok, err = pcall(lunasa.sleep, 60)
        os.exit(err.signal == "INT" and 9 or 1)]],
    })
    running:first_line()

    running:signal("INT")

    assert.equal(9, running:wait())
  end)
end)
