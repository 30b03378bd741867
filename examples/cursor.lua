--- Fetches rows in several ways, and scrolls: what aiomysql's cursors.rst shows of Cursor.
---
---     lunasa --server examples/cursor.lua
local lunasa = require("lunasa")

local function show(rows)
  print(lunasa.json.encode(lunasa.json.array(rows)))
end

local conn = lunasa.connect()
local cursor = conn:cursor()
cursor:execute("CREATE TEMPORARY TABLE test (id INT, n INT, s VARCHAR(20))")
cursor:execute([[INSERT INTO test VALUES (1, 100, "abc'def"), (2, NULL, 'dada'), (3, 42, 'bar')]])

cursor:execute("SELECT * FROM test;")
show(cursor:fetchmany(2))
show(cursor:fetchmany(2))
show(cursor:fetchmany(2))

cursor:execute("SELECT * FROM test;")
show(cursor:fetchall())

-- Back to the second row, and far behind the last.
cursor:scroll(1, "absolute")
show(cursor:fetchone())
local ok, err = lunasa.try(cursor.scroll, cursor, 1000 * 1000)
print(ok, err.class)

-- A placeholder.
cursor:execute("SELECT * FROM test WHERE id=%s", { 3 }, { paramstyle = "pyformat" })
show(cursor:fetchall())

cursor:close()
conn:close()
