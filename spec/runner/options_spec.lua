local program = require("spec.runner.program")

--- Runs with these arguments and gives what it prints.
local function output(arguments)
  local outcome = program.run(arguments)
  assert.equal("", outcome.err)
  assert.equal(0, outcome.status)
  return outcome.out
end

describe("lunasa on the command line", function()
  after_each(program.clean)

  it("runs a script with its arguments", function()
    local script = program.file("print(arg[0], #arg, arg[2], ...)")

    assert.equal(script .. "\t2\t-v\ta\t-v\n", output({ script, "a", "-v" }))
  end)

  it("counts what stands before the script backwards", function()
    local script = program.file("print(arg[-1], arg[-2], arg[-3])")

    assert.equal("x=1\t-e\t" .. program.path .. "\n", output({ "-e", "x=1", script }))
  end)

  it("runs -e and -l in the order given", function()
    local first = "package.preload.m = function() print('m', x) end x = 1"

    assert.equal("m\t1\nlast\n", output({ "-e", first, "-lm", "-e", "print('last')" }))
  end)

  it("counts arguments from itself without a script", function()
    assert.equal("-e\n", output({ "-e", "print(arg[1])" }))
  end)

  it("reads standard input when told, and when told nothing", function()
    assert.equal("a\n", output({ "-", "a", input = "print(...)" }))
    assert.equal("1\n", output({ input = "print(1)" }))
  end)

  it("takes what follows -- for a script", function()
    local name = program.file("print('dash')")
    os.rename(name, "/tmp/-lunasa-spec")

    assert.equal("dash\n", output({ "-e", "", "--", "/tmp/-lunasa-spec" }))
    os.remove("/tmp/-lunasa-spec")
  end)

  it("skips a first line for the shell", function()
    assert.equal("2\n", output({ program.file("#!/usr/bin/env lunasa\nprint(2)") }))
  end)

  it("honours LUA_INIT, without -E", function()
    local env = "LUA_INIT='x = 5'"

    assert.equal("5\n", output({ "-e", "print(x)", env = env }))
    assert.equal("nil\n", output({ "-E", "-e", "print(x)", env = env }))
  end)

  it("honours LUA_PATH, without -E, and looks beside its own folder", function()
    local show = "print(package.path:find('/nowhere/', 1, true) ~= nil, "
      .. "package.path:find('/share/lua/5.1/?/init.lua', 1, true) ~= nil)"
    local env = "LUA_PATH='/nowhere/?.lua'"

    assert.equal("true\ttrue\n", output({ "-e", show, env = env }))
    assert.equal("false\ttrue\n", output({ "-E", "-e", show, env = env }))
  end)

  it("makes --url the default database", function()
    local show = "print(require('lunasa.options').default_url())"

    assert.equal("mysql://h/d\n", output({ "--url", "mysql://h/d", "-e", show }))
    assert.equal("mysql://h/d\n", output({ "--url=mysql://h/d", "-e", show }))
  end)

  it("prints versions and help", function()
    local versions = output({ "-v" })

    assert.matches("^lunasa %d", versions)
    assert.matches("\nLuaJIT 2%.1.*\nlibuv 1.*\nOpenSSL 3", versions)
    assert.matches("^usage: lunasa ", output({ "-h" }))
  end)

  it("goes on after -v when there is something to run", function()
    assert.matches("\nran\n$", output({ "-v", "-e", "print('ran')" }))
  end)

  it("refuses unknown options, naming the nearest", function()
    local outcome = program.run({ "--sever", "x.lua" })

    assert.equal(2, outcome.status)
    assert.matches("unknown option '%-%-sever' — did you mean '%-%-server'%?", outcome.err)
  end)

  it("refuses an option without its value", function()
    local outcome = program.run({ "-e" })

    assert.equal(2, outcome.status)
    assert.matches("option '%-e' needs a value", outcome.err)
  end)

  it("carries its own modules, whatever lies in the way", function()
    local show = "package.path = '' package.cpath = '' print(require('lunasa')._VERSION)"

    assert.matches("^lunasa %d", output({ "-e", show }))
  end)

  it("shows Lua's interface, and not its libraries, to C modules", function()
    local pipe = assert(io.popen("nm -D --defined-only " .. program.path))
    local symbols = pipe:read("*a")
    pipe:close()

    assert.matches(" T lua_pcall", symbols)
    assert.matches(" T luaL_newstate", symbols)
    assert.is_nil(symbols:match(" [TDB] uv_%w+"))
    assert.is_nil(symbols:match(" [TDB] lun_%w+"))
  end)
end)
