--- Rows by the names of their columns: aiomysql's cursors.rst, DictCursor.
---
---     lunasa --server examples/dict_cursor.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()
conn:execute("CREATE TEMPORARY TABLE people (name VARCHAR(20), age INT, DOB DATETIME)")
conn:execute("INSERT INTO people VALUES ('bob', 20, '1990-02-06 23:04:56')")

-- create dict cursor
local cursor = conn:cursor(lunasa.DictCursor)

-- execute sql query
cursor:execute("SELECT * from people where name='bob'")

-- fetch the result
local r = cursor:fetchone()
print(lunasa.json.encode(r))

cursor:close()
conn:close()
