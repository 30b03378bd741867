local program = require("spec.runner.program")

local function resolved(path)
  local pipe = assert(io.popen("readlink -f " .. path))
  local found = pipe:read("*l")
  pipe:close()
  return found
end

describe("spec/run.lua", function()
  it("has specs call C of the runner's own build, with its sanitizers", function()
    local build = resolved(program.path):match("^(.+)/")

    local module = assert(package.searchpath("lunasa_spec", package.cpath))

    assert.equal(build .. "/lib/lunasa_spec.so", resolved(module))
  end)
end)
