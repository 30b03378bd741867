--- The selects of `sa_point` by a statement that is kept, its parameter given by name.

local sa = require("lunasa.sa")
local sa_point = require("bench.lib.sa_point")

local t = sa_point.sbtest
local by_id = sa.select(t):where(t.c.id:eq(sa.bindparam("id")))

local function work(conn, ids, count)
  local check = 0
  for i = 1, count do
    check = check + conn:execute(by_id, { id = ids[i] }):first().k
  end
  return check
end

return function()
  sa_point.measure(work)
end
