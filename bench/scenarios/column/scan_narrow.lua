--- The rows of `scan_narrow`, every value looked at by column: FFI arrays, and a table of strings.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch.columns)
  measure.answer(ops, check, "res:column")
  conn:close()
end
