--- Connects, asks for 1 and closes, over and over.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")

---@param options table of the connections
return function(options)
  local n, check = measure.scaled(1000), 0
  lunasa.connect(options):close()
  measure.start()
  for _ = 1, n do
    local conn = lunasa.connect(options)
    check = check + conn:query("SELECT 1")[1]["1"]
    conn:close()
  end
  measure.stop()
  measure.answer(n, check)
end
