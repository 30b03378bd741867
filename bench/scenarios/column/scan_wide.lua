--- The rows of `scan_wide`, every value looked at by column: FFI arrays, and tables of strings.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

--- Columns of integers and doubles; DECIMAL and DATETIME are strings.
local NUMBERS = "^[ilf]"

local function touch_all(res)
  local check, sum = 0, 0
  for i, name in ipairs(res.names) do
    local look = name:find(NUMBERS) and touch.array or touch.strings
    local subtotal, nulls = look(res, i)
    check, sum = check + nulls, sum + subtotal
  end
  touch.sum = sum
  return check
end

return function()
  local conn, ops, check = scan.touched(sql.WIDE, touch_all)
  measure.answer(ops, check, "res:column")
  conn:close()
end
