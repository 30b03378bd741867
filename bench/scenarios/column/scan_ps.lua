--- The rows of `scan_ps` by column, every value looked at: FFI arrays, strings outside of Lua.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch.columns, { protocol = "binary" })
  measure.answer(ops, check, "res:columns")
  conn:close()
end
