--- A million rows of four columns, all kept as arrays.
local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")

local function id_of(row)
  return row[1]
end

return function()
  local conn, ops, check = scan.retained(sql.NARROW, { rows = "array" }, id_of)
  measure.answer(ops, check)
  conn:close()
end
