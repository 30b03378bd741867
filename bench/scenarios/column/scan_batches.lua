--- The rows of `scan_narrow` by column, 4,096 at a time, every value looked at.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch.batches)
  measure.answer(ops, check, "res:column_batches")
  conn:close()
end
