--- The rows of `scan_dict` as columns by their names: a table for each, with every value looked at.

local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

local function touch_columns(res)
  local columns = res:columns()
  local id, a, b, s = columns.id, columns.a, columns.b, columns.s
  local ids, sum = 0, 0
  for i = 1, #id do
    ids = ids + id[i]
    sum = sum + a[i] + b[i] + #s[i]
  end
  touch.sum = sum
  return ids
end

return function()
  local conn, ops, check = scan.touched(sql.NARROW, touch_columns)
  measure.answer(ops, check, "res:columns")
  conn:close()
end
