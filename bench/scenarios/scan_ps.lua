--- The rows of `scan_narrow` by the binary protocol.
local measure = require("bench.lib.measure")
local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")

local function id_of(row)
  return row[1]
end

return function()
  local options = { rows = "array", protocol = "binary" }
  local conn, ops, check = scan.retained(sql.NARROW, options, id_of)
  measure.answer(ops, check)
  conn:close()
end
