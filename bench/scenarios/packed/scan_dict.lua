--- The rows of `scan_dict` as they were received, every value looked at by name and none kept.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch.dicts, { rows = "dict" })
  measure.answer(ops, check, "res:rows")
  conn:close()
end
