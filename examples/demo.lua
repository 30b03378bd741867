--- Asks for one value, with a cursor that closes itself: aiomysql's demo.py.
---
---     lunasa --server examples/demo.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()
conn:with_cursor(function(cursor)
  local stmt_select = "SELECT 42;"
  cursor:execute(stmt_select)
  local resp = cursor:fetchall()
  print(lunasa.json.encode(resp))
end)
conn:close()
