--- An engine, a table, an INSERT and a SELECT: the program of aiomysql's sa.rst and example_sa.py.
---
---     lunasa --server examples/sa.lua
local sa = require("lunasa.sa")

local metadata = sa.MetaData()

local tbl = sa.Table({
  "tbl",
  metadata,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "val", sa.String(255) }),
})

local function create_table(engine)
  engine:with(function(conn)
    conn:execute("DROP TABLE IF EXISTS tbl")
    conn:execute([[
      CREATE TABLE tbl (
        id serial PRIMARY KEY,
        val varchar(255))]])
  end)
end

local engine = sa.create_engine()

create_table(engine)
engine:with(function(conn)
  conn:execute(tbl:insert():values({ val = "abc" }))

  local res = conn:execute(tbl:select())
  for row in res:rows() do
    print(row.id, row.val)
  end

  -- Cleaning up: this commits as well
  conn:execute(sa.DropTable(tbl))
end)
engine:close()
engine:wait_closed()
