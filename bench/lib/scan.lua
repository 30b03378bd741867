--- A scan whose rows are all kept, as Lua tables.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

local scan = {}

--- Runs `statement` with every row built inside the clock, sums `of_row` over them outside of it.
---@param statement string
---@param options table how rows are to be built
---@param of_row fun(row: table): number
---@param overrides? table of the connection's options
---@return lunasa.Connection
---@return integer ops
---@return number check
function scan.retained(statement, options, of_row, overrides)
  local conn = lunasa.connect(measure.over_tcp(overrides))
  measure.start()
  local rows = conn:query(measure.scan_of(statement), nil, options):all()
  measure.stop()
  local check = 0
  for i = 1, #rows do
    check = check + of_row(rows[i])
  end
  return conn, #rows, check
end

--- Runs `statement` with `touch` looking at every value of the result, inside the clock.
---@param statement string
---@param touch fun(res: lunasa.Result): number check
---@param options? table of the call
---@param overrides? table of the connection's options
---@return lunasa.Connection
---@return integer ops
---@return number check
function scan.touched(statement, touch, options, overrides)
  local conn = lunasa.connect(measure.over_tcp(overrides))
  measure.start()
  local res = conn:query(measure.scan_of(statement), nil, options)
  local check = touch(res)
  measure.stop()
  return conn, res.rowcount, check
end

--- Asks the server which cipher it sees, answers with that as a note, and closes.
---@param conn lunasa.Connection
---@param ops integer
---@param check number
function scan.answer_with_cipher(conn, ops, check)
  measure.answer(ops, check, conn:query(sql.CIPHER, nil, { rows = "array" })[1][2])
  conn:close()
end

--- Options of a connection over TLS, which the peers do not verify either.
scan.OVER_TLS = { ssl = { mode = "required" } }

return scan
