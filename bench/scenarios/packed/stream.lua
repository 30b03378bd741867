--- The rows of `stream`, every value of them looked at.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn = lunasa.connect(measure.over_tcp())
  measure.start()
  local check, count = touch.values(conn:stream(measure.scan_of(sql.NARROW)))
  measure.stop()
  measure.answer(count, check, "conn:stream, values")
  conn:close()
end
