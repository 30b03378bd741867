--- The rows of `scan_narrow` over TLS.

local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")

local function id_of(row)
  return row[1]
end

return function()
  scan.answer_with_cipher(scan.retained(sql.NARROW, { rows = "array" }, id_of, scan.OVER_TLS))
end
