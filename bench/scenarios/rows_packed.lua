--- Results of N rows, every value of them looked at and none kept.

local many_rows = require("bench.lib.many_rows")
local touch = require("bench.lib.touch")

local function read(conn, statement)
  local res = conn:query(statement, nil, { rows = "array" })
  local check = touch.values(res)
  res:close()
  return check
end

return function(rows)
  many_rows(rows, read)
end
