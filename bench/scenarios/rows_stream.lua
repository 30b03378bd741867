--- Streams of N rows.

local many_rows = require("bench.lib.many_rows")

local function read(conn, statement)
  local check = 0
  for id in conn:stream(statement):values() do
    check = check + id
  end
  return check
end

return function(rows)
  many_rows(rows, read)
end
