--- Reads a large result row by row, without ever having all of it: what aiomysql's cursors.rst
--- says of SSCursor and SSDictCursor.
---
---     lunasa --server examples/ss_cursor.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()
conn:execute("CREATE TEMPORARY TABLE numbers (n INT)")
conn:execute("INSERT INTO numbers VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
conn:execute("CREATE TEMPORARY TABLE tens AS SELECT n * 10 AS n FROM numbers")
conn:execute("CREATE TEMPORARY TABLE hundreds AS SELECT n * 100 AS n FROM numbers")
local sql = "SELECT h.n + t.n + o.n AS n FROM hundreds h, tens t, numbers o ORDER BY n"

local cursor = conn:cursor(lunasa.SSCursor)
cursor:execute(sql)
-- The server does not say how many rows there will be.
print("rows to come:", cursor.rowcount)
print(lunasa.json.encode(cursor:fetchone()))
print(lunasa.json.encode(cursor:fetchmany(3)))

-- Forward only.
cursor:scroll(96)
print(lunasa.json.encode(cursor:fetchone()))
local ok, err = lunasa.try(cursor.scroll, cursor, -1)
print(ok, err.class, err.message)

local sum = 0
for row in cursor:rows() do
  sum = sum + row[1]
end
print("the others add up to", sum)
print("rows:", cursor.rowcount)
cursor:close()

-- The same with names.
cursor = conn:cursor(lunasa.SSDictCursor)
cursor:execute(sql)
print(lunasa.json.encode(cursor:fetchone()))
cursor:close()
conn:close()
