--- The rows of `tls_scan` as they were received, every value of them looked at and none kept.

local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  scan.answer_with_cipher(scan.touched(sql.NARROW, touch.values, nil, scan.OVER_TLS))
end
