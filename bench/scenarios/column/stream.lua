--- The rows of `stream` by column, 4,096 at a time, every value looked at.
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn = lunasa.connect(measure.over_tcp())
  measure.start()
  local check, n = touch.batches(conn:stream(measure.scan_of(sql.NARROW)))
  measure.stop()
  measure.answer(n, check, "stream:column_batches")
  conn:close()
end
