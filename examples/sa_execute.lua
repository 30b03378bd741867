--- The ways to give parameters and to read rows: what aiomysql's sa.rst says of
--- SAConnection.execute, ResultProxy and RowProxy.
---
---     lunasa --server examples/sa_execute.lua
local sa = require("lunasa.sa")

local metadata = sa.MetaData()
local tbl = sa.Table({
  "tbl",
  metadata,
  sa.Column({ "id", sa.Integer, primary_key = true, autoincrement = false }),
  sa.Column({ "value", sa.String(255) }),
})

local engine = sa.create_engine({ minsize = 1, maxsize = 10 })
print(engine.name, engine.minsize, engine.maxsize)

local conn = engine:acquire()
metadata:create_all(conn)

-- A map, single values in the order of the columns, and many of them
conn:execute(tbl:insert(), { id = 1, value = "v1" })
conn:execute(tbl:insert(), 2, "v2")
conn:execute(tbl:insert(), { { id = 3, value = "v3" }, { id = 4, value = "v4" } })

-- Plain SQL
conn:execute("INSERT INTO tbl (id, value) VALUES (?, ?)", { 5, "v5" })
conn:execute("INSERT INTO tbl (id, value) VALUES (%s, %s)", 6, "v6")

-- Columns by position, by name, and by the column itself
for row in conn:rows(tbl:select():where(tbl.c.id:lt(3)):order_by(tbl.c.id)) do
  print(row[1], row.value, row["value"], row[tbl.c.value])
end

-- The rows that are matched, whether or not they change
local res = conn:execute(tbl:update():where(tbl.c.id:gt(4)):values({ value = "v5" }))
print(res.rowcount, res.returns_rows, res.closed)

res = conn:execute(sa.select(tbl.c.id, tbl.c.value):order_by(tbl.c.id))
print(table.concat(res:keys(), " "), res.returns_rows)
print(res:fetchone().id, #res:fetchmany(2), #res:fetchall(), res.closed)
print(conn:scalar(sa.select(sa.func.max(tbl.c.id))), conn:first(tbl:select():where(tbl.c.id:eq(7))))

conn:execute("commit")
metadata:drop_all(conn)
engine:release(conn)
engine:close()
engine:wait_closed()
