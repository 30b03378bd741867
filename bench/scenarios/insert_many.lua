--- Many rows by `conn:executemany`, autocommit off, COMMIT included.

local inserts = require("bench.lib.inserts")
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

return function()
  local n = measure.scaled(100000)
  local rows = inserts.rows(n)
  local conn = lunasa.connect(measure.over_tcp({ autocommit = false }))
  measure.start()
  conn:executemany(sql.INSERT, rows)
  conn:commit()
  measure.stop()
  measure.answer(n, nil, "executemany")
  conn:close()
end
