--- The rows of `scan_narrow` as they were received, every value of them looked at and none kept.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch.values)
  measure.answer(ops, check, "res:values")
  conn:close()
end
