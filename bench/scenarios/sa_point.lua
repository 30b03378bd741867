--- Selects by primary key through an engine: the statement is built anew each time, and what was
--- compiled is found by its shape.

local sa = require("lunasa.sa")
local sa_point = require("bench.lib.sa_point")

local function work(conn, ids, count)
  local t, check = sa_point.sbtest, 0
  for i = 1, count do
    check = check + conn:execute(sa.select(t):where(t.c.id:eq(ids[i]))):first().k
  end
  return check
end

return function()
  sa_point.measure(work)
end
