--- Connect over TCP, `SELECT 1`, close.

local connects = require("bench.lib.connects")
local measure = require("bench.lib.measure")

return function()
  connects(measure.over_tcp())
end
