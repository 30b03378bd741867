--- Single-row inserts in one transaction, BEGIN and COMMIT included.

local inserts = require("bench.lib.inserts")
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

return function()
  local n = measure.scaled(5000)
  local rows = inserts.rows(n)
  local conn = lunasa.connect(measure.over_tcp())
  measure.start()
  conn:transaction(function()
    for i = 1, n do
      conn:execute(sql.INSERT, rows[i])
    end
  end)
  measure.stop()
  measure.answer(n)
  conn:close()
end
