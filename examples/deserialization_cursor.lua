--- Decodes JSON columns: aiomysql's example_cursors.py. Needs an account that may read mysql.user.
---
---     lunasa --server examples/deserialization_cursor.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()
conn:with_cursor(lunasa.DeserializationCursor + lunasa.DictCursor, function(cur)
  cur:execute("SELECT Host,User,JSON_OBJECT('key1', 1, 'key2', 'abc') obj FROM mysql.user")
  for _, column in ipairs(cur.description) do
    print(lunasa.json.encode({ unpack(column, 1, 7) }))
  end
  local r = cur:fetchall()
  for _, row in ipairs(r) do
    print(row.Host, row.User, row.obj.key1, row.obj.key2)
  end
end)
conn:close()
