--- What LuaJIT itself takes to make as many new strings as `stream` has: no server, and no rows.

local ffi = require("ffi")
local measure = require("bench.lib.measure")

--- Bytes of the strings of the table `big`, which begin with a letter.
local WIDTH = 10

return function()
  local n, check = measure.scaled(1000000), 0
  local bytes = ffi.new("char[?]", WIDTH, "s")
  local number = ffi.cast("uint32_t *", bytes + 4)
  collectgarbage()
  measure.start()
  for i = 1, n do
    number[0] = i
    local made = ffi.string(bytes, WIDTH)
    measure.last = made -- else the compiler makes none
    check = check + #made
  end
  measure.stop()
  measure.answer(n, check)
end
