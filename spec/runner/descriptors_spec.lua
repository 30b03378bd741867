local program = require("spec.runner.program")

--- Opens files until no descriptor is left, or only so many, and wants a process then.
local SCRIPT = [[
  local uv = require("lunasa.uv")
  local files = {}
  repeat
    local file = io.open("/dev/null")
    files[#files + 1] = file
  until not file
  for _ = 1, %d do
    table.remove(files):close()
  end
  print(pcall(uv.spawn, { "/bin/true" }))
  files = nil
  collectgarbage()
  collectgarbage()
  print("alive")
]]

describe("a process that cannot be spawned for want of descriptors", function()
  after_each(program.clean)

  for _, left in ipairs({ 0, 1 }) do
    it(("raises, and ends nothing, with %d left"):format(left), function()
      local script = program.file(SCRIPT:format(left))
      local command = "ulimit -n 64; exec %s %s 2>&1"
      local pipe = assert(io.popen(command:format(program.path, script)))
      local printed = pipe:read("*a")
      pipe:close()

      assert.matches("^false\tcannot make a pipe[^\n]*\nalive\n$", printed)
    end)
  end
end)
