--- Borrows a connection from a pool for a block: aiomysql's README and example_pool.py.
---
---     lunasa --server examples/pool.lua
local lunasa = require("lunasa")

local pool = lunasa.create_pool()
pool:with(function(conn)
  conn:with_cursor(function(cur)
    cur:execute("SELECT 42;")
    for _, column in ipairs(cur.description) do
      print(lunasa.json.encode({ unpack(column, 1, 7) }))
    end
    local r = cur:fetchone()[1]
    assert(r == 42)
  end)
end)
pool:close()
pool:wait_closed()
