--- 50,000 rows of 50 columns, all kept as arrays.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")

local function nulls_in(row)
  local n = 0
  for i = 1, #row do
    if row[i] == lunasa.null then
      n = n + 1
    end
  end
  return n
end

return function()
  local conn, ops, check = scan.retained(sql.WIDE, { rows = "array" }, nulls_in)
  measure.answer(ops, check, "DATETIME and DECIMAL as strings")
  conn:close()
end
