--- The rows of `tls_scan` by column, every value looked at: FFI arrays, strings outside of Lua.

local scan = require("bench.lib.scan")
local sql = require("bench.lib.sql")
local touch = require("bench.lib.touch")

return function()
  scan.answer_with_cipher(scan.touched(sql.NARROW, touch.columns, nil, scan.OVER_TLS))
end
