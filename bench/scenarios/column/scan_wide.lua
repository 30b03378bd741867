--- The rows of `scan_wide`, every value looked at by column: FFI arrays and strings outside of Lua.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

--- Columns of integers and doubles; DECIMAL and DATETIME are strings.
local NUMBERS = "^[ilf]"

local function touch_all(res)
  local columns, count, nulls, null_counts = res:columns({ ffi = true })
  local check, sum = 0, 0
  for _, name in ipairs(res.names) do
    local look = name:find(NUMBERS) and touch.array or touch.strings
    sum = sum + look(columns[name], count, nulls[name], null_counts[name])
    check = check + null_counts[name]
  end
  touch.sum = sum
  return check
end

return function()
  local conn, ops, check = scan.touched(sql.WIDE, touch_all)
  measure.answer(ops, check, "res:columns")
  conn:close()
end
