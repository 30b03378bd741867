--- Rows of 16 MiB + 64 KiB, which cross the split of packets at 16 MiB, one query each.
local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

local BLOBS = 20

return function()
  local conn, check = lunasa.connect(measure.over_tcp()), 0
  measure.start()
  for id = 1, BLOBS do
    check = check + #conn:query(sql.BLOB, { id })[1].b
  end
  measure.stop()
  measure.answer(BLOBS, check)
  conn:close()
end
