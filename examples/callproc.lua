--- Calls a stored procedure that increments: aiomysql's example_callproc.py, and cursors.rst.
---
---     lunasa --server examples/callproc.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()
conn:with_cursor(function(cur)
  cur:execute("DROP PROCEDURE IF EXISTS myinc;")
  cur:execute([[CREATE PROCEDURE myinc(p1 INT)
                       BEGIN
                           SELECT p1 + 1;
                       END]])

  cur:callproc("myinc", { 1 })
  local ret = cur:fetchone()[1]
  assert(ret == 2)
  print(ret)
  cur:execute("DROP PROCEDURE myinc")
end)
conn:close()
