--- The rows of `scan_narrow`, one at a time, none of them kept.
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

return function()
  local conn = lunasa.connect(measure.over_tcp())
  local n, check = 0, 0
  measure.start()
  for id in conn:stream(measure.scan_of(sql.NARROW)):values() do
    n, check = n + 1, check + id
  end
  measure.stop()
  measure.answer(n, check, "conn:stream, values")
  conn:close()
end
