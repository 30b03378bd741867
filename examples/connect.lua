--- Connects, and reads who may log in: aiomysql's first program (its README, tutorial.rst,
--- connection.rst, example.py). Needs an account that may read mysql.user.
---
---     lunasa --server examples/connect.lua
---     lunasa --url mysql://root@127.0.0.1:3306 examples/connect.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()

local cur = conn:cursor()
cur:execute("SELECT Host,User FROM mysql.user")
for _, column in ipairs(cur.description) do
  print(lunasa.json.encode({ unpack(column, 1, 7) }))
end
local r = cur:fetchall()
for _, row in ipairs(r) do
  print(row[1], row[2])
end
cur:close()
conn:close()
