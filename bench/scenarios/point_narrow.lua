--- The selects of `point` without their strings: what the numbers alone cost.
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

return function()
  local n, check = measure.scaled(20000), 0
  local ids = measure.ids_of(n)
  local conn = lunasa.connect(measure.over_tcp())
  assert(conn:query(sql.POINT_NARROW, { 1 })[1])
  measure.start()
  for i = 1, n do
    check = check + conn:query(sql.POINT_NARROW, { ids[i] })[1].k
  end
  measure.stop()
  measure.answer(n, check, "dict rows")
  conn:close()
end
