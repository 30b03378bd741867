--- Sequential selects by primary key on one connection; the row is a dict, as it is by default.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")

---@param statement string with a parameter, the id; its rows have `k`
return function(statement)
  local n, check = measure.scaled(20000), 0
  local ids = measure.ids_of(n)
  local conn = lunasa.connect(measure.over_tcp())
  assert(conn:query(statement, { 1 })[1])
  measure.start()
  for i = 1, n do
    check = check + conn:query(statement, { ids[i] })[1].k
  end
  measure.stop()
  measure.answer(n, check, "dict rows")
  conn:close()
end
