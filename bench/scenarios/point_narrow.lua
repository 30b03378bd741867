--- The selects of `point` without their strings: what the numbers alone cost.
local point_selects = require("bench.lib.point_selects")
local sql = require("bench.lib.sql")

return function()
  point_selects(sql.POINT_NARROW)
end
