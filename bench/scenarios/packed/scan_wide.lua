--- The rows of `scan_wide` as they were received, every value of them looked at and none kept.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.WIDE, touch.wide)
  measure.answer(ops, check, "res:values")
  conn:close()
end
