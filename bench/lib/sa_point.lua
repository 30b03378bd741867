--- What the point selects through an engine share: table, connection, clock.

local measure = require("bench.lib.measure")
local sa = require("lunasa.sa")

local sa_point = {}

sa_point.sbtest = sa.Table({
  "sbtest",
  sa.MetaData(),
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "k", sa.Integer }),
  sa.Column({ "c", sa.String(120) }),
  sa.Column({ "pad", sa.String(60) }),
})

--- Measures a function that selects the rows with these ids, and adds up their k.
---@param work fun(conn: lunasa.SAConnection, ids: integer[], count: integer): integer
function sa_point.measure(work)
  local n = measure.scaled(10000)
  local ids = measure.ids_of(n)
  local engine = sa.create_engine(measure.over_tcp())
  engine:with(function(conn)
    work(conn, { 1 }, 1)
    measure.start()
    local check = work(conn, ids, n)
    measure.stop()
    measure.answer(n, check, "rows by name")
  end)
  engine:close()
end

return sa_point
