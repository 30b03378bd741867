--- Rows of two numbers and two strings, by primary key.
local point_selects = require("bench.lib.point_selects")
local sql = require("bench.lib.sql")

return function()
  point_selects(sql.POINT)
end
