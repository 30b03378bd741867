local lunasa = require("lunasa")
local program = require("spec.runner.program")

--- Names of the modules that a spec has made up.
local made = {}

--- Makes a module whose body is `body`.
local function module(name, body)
  package.preload[name] = body
  table.insert(made, name)
end

describe("require", function()
  after_each(function()
    for _, name in ipairs(made) do
      package.preload[name], package.loaded[name] = nil, nil
    end
    made = {}
    program.clean()
  end)

  it("lets the body of a module wait", function()
    module("spec.waits", function(name)
      lunasa.sleep(0.001)
      return { name = name }
    end)

    local value = require("spec.waits")

    assert.same({ name = "spec.waits" }, value)
    assert.equal(value, require("spec.waits"))
    assert.equal(value, package.loaded["spec.waits"])
  end)

  it("loads once, though two tasks ask at once", function()
    local count = 0
    module("spec.shared", function()
      count = count + 1
      lunasa.sleep(0.001)
      return { count }
    end)

    local other = lunasa.spawn(require, "spec.shared")
    local value = require("spec.shared")

    assert.equal(value, other:join())
    assert.equal(1, count)
  end)

  it("gives true for a module that returns nothing", function()
    module("spec.nothing", function() end)

    assert.is_true(require("spec.nothing"))
  end)

  it("gives what the module put into package.loaded itself", function()
    module("spec.itself", function(name)
      package.loaded[name] = "itself"
    end)

    assert.equal("itself", require("spec.itself"))
  end)

  it("raises what the body raises, and from then on that it has failed", function()
    local err = {}
    module("spec.fails", function()
      error(err)
    end)

    local _, first = pcall(require, "spec.fails")
    local _, second = pcall(require, "spec.fails")

    assert.equal(err, first)
    assert.matches("loop or previous error loading module 'spec.fails'", second)
  end)

  it("notices a circle", function()
    module("spec.circle", function()
      require("spec.circle")
    end)

    local _, err = pcall(require, "spec.circle")

    assert.matches("loop or previous error loading module 'spec.circle'", err)
  end)

  it("says where it has looked", function()
    local _, err = pcall(require, "spec.not.there")

    assert.matches("module 'spec.not.there' not found:\n\tno field package.preload", err)
    assert.matches("no file '[^']*spec/not/there%.lua'", err)
  end)

  it("refuses what is no name", function()
    local _, err = pcall(require, {})

    assert.matches("bad argument #1 to 'require' %(string expected, got table%)", err)
  end)

  it("lets the report of an error name the place in the module", function()
    local path = program.file("local function deep()\n  error('deep')\nend\ndeep()", ".lua")
    local folder, name = path:match("^(.*)/([^/]+)%.lua$")
    local env = ("LUA_PATH='%s/?.lua'"):format(folder)

    local outcome = program.run({ "-l", name, env = env })

    assert.equal(1, outcome.status)
    assert.matches("in function 'deep'", outcome.err)
  end)
end)

describe("dofile", function()
  after_each(program.clean)

  it("lets the file wait, and gives all it returns", function()
    local path = program.file("require('lunasa').sleep(0.001) return 1, nil, 3")

    local function pack(...)
      return { n = select("#", ...), ... }
    end

    assert.same({ n = 3, 1, nil, 3 }, pack(dofile(path)))
  end)

  it("raises when there is no file", function()
    local ok, err = pcall(dofile, "/nowhere/x.lua")

    assert.is_false(ok)
    assert.matches("^cannot open /nowhere/x.lua", err)
  end)
end)
