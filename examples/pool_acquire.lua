--- Borrows a connection from a pool by hand: aiomysql's pool.rst and example_pool_oldstyle.py.
---
---     lunasa --server examples/pool_acquire.lua
local lunasa = require("lunasa")

local pool = lunasa.create_pool(nil, { autocommit = false })
local conn = pool:acquire()
print(pool.size, pool.freesize)

local cur = conn:cursor()
cur:execute("SELECT 10")
local r = cur:fetchone()[1]
assert(r == 10)
cur:close()

pool:release(conn)
print(pool.size, pool.freesize)
pool:close()
pool:wait_closed()
print(pool.closed)
