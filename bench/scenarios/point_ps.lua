--- The selects of `point` with a statement that the server has prepared.
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

return function()
  local n, check = measure.scaled(20000), 0
  local ids = measure.ids_of(n)
  local conn = lunasa.connect(measure.over_tcp())
  local by_id = conn:prepare(sql.POINT)
  assert(by_id:query({ 1 })[1])
  measure.start()
  for i = 1, n do
    check = check + by_id:query({ ids[i] })[1].k
  end
  measure.stop()
  measure.answer(n, check, "dict rows")
  conn:close()
end
