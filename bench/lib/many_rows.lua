--- Results of any size, asked for often enough for the clock: what a row costs in each.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

local BIG = 1000000
local ENOUGH = 200000

--- Rows of the table `big`, which is read many times for more rows than it has.
local function statement_for(rows)
  if rows <= BIG then
    return ("%s LIMIT %d"):format(sql.NARROW, rows)
  end
  local copies = "SELECT id,a,b,s FROM seq_1_to_%d STRAIGHT_JOIN big LIMIT %d"
  return copies:format(math.ceil(rows / BIG), rows)
end

--- Has `read` run the statement and read its rows, over and over.
---@param rows integer
---@param read fun(conn: lunasa.Connection, statement: string): number check of one result
return function(rows, read)
  local conn = lunasa.connect(measure.over_tcp())
  local statement, count = statement_for(rows), math.max(1, math.floor(ENOUGH / rows))
  local check = 0
  read(conn, statement_for(10))
  measure.start()
  for _ = 1, count do
    check = check + read(conn, statement)
  end
  measure.stop()
  measure.answer(rows * count, check / count)
  conn:close()
end
