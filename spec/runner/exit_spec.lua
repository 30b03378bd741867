local program = require("spec.runner.program")

--- Runs a chunk and gives its exit status and what it says on standard error.
local function run(chunk)
  local outcome = program.run({ "-e", chunk })
  return outcome.status, outcome.err, outcome.out
end

describe("the end of lunasa", function()
  after_each(program.clean)

  it("is 0 whatever the script returns", function()
    assert.equal(0, program.run({ program.file("return 7") }).status)
  end)

  it("is 1 after an error, with where it was raised", function()
    local path = program.file("local function f()\n  error('boom')\nend\nf()", ".lua")

    local outcome = program.run({ path })

    assert.equal(1, outcome.status)
    assert.matches("^lunasa: [^\n]*%.lua:2: boom\nstack traceback:\n", outcome.err)
    assert.matches("in function 'f'\n[^\n]* in main chunk\n$", outcome.err)
  end)

  it("shows an error object with its traceback", function()
    local status, err = run("require('lunasa.error').raise('DataError', 'bad data')")

    assert.equal(1, status)
    assert.matches("^lunasa: DataError: bad data\nstack traceback:\n", err)
  end)

  it("says what failed while cleaning up", function()
    local status, err = run([[
      local errors = require("lunasa.error")
      errors.throw(errors.suppress(errors.new("DataError", "first"), "second"))]])

    assert.equal(1, status)
    assert.matches("\nwhile cleaning up: second\n$", err)
  end)

  it("shows errors that are neither text nor ours", function()
    local _, plain = run("error({})")
    local _, own =
      run("error(setmetatable({}, { __tostring = function() return 'own words' end }))")

    assert.matches("^lunasa: %(error object is a table value%)\n", plain)
    assert.matches("^lunasa: own words\n", own)
  end)

  it("is 1 when the script cannot be loaded, without a traceback", function()
    local syntax = program.run({ program.file("x = = 1", ".lua") })
    local missing = program.run({ "/nowhere/x.lua" })

    assert.equal(1, syntax.status)
    assert.matches("^lunasa: [^\n]*%.lua:1: unexpected symbol near '='\n$", syntax.err)
    assert.equal(1, missing.status)
    assert.matches("^lunasa: cannot open /nowhere/x.lua", missing.err)
  end)

  it("waits for the tasks that were spawned", function()
    local status, _, out = run([[
      local lunasa = require("lunasa")
      lunasa.spawn(function() lunasa.sleep(0.01) print("spawned") end)
      print("main")]])

    assert.equal(0, status)
    assert.equal("main\nspawned\n", out)
  end)

  it("is 1 when a task failed and nobody joined it", function()
    local status, err = run("require('lunasa').spawn(function() error('lost') end)")

    assert.equal(1, status)
    assert.matches("failed: [^\n]*lost\n", err)
  end)

  it("is 0 when somebody joined it", function()
    local status, err = run([[
      local task = require("lunasa").spawn(function() error("found") end)
      print(pcall(task.join, task))]])

    assert.equal(0, status)
    assert.equal("", err)
  end)

  it("is 1 when the tasks wait for each other for ever", function()
    local status, err = run("require('lunasa.runtime').waiter():wait()")

    assert.equal(1, status)
    assert.matches("deadlock: 1 task waits", err)
  end)

  it("is what os.exit says, with everything written", function()
    assert.same({ 7, "", "text" }, { run("io.write('text') os.exit(7)") })
    assert.equal(0, (run("os.exit(true)")))
    assert.equal(1, (run("os.exit(false)")))
    assert.equal(0, (run("os.exit()")))
    assert.equal(3, (run("require('lunasa').spawn(function() os.exit(3) end)")))
  end)

  it("is 1 when the output cannot be written", function()
    assert.equal(256, os.execute(program.path .. " -e 'print(1)' >/dev/full 2>/dev/null"))
  end)

  it("comes when nobody reads the output any more", function()
    local command = program.path .. " -e 'while true do print(1) end' | head -n 1"
    local pipe = assert(io.popen(command))

    assert.equal("1\n", pipe:read("*a"))
    pipe:close()
  end)
end)
