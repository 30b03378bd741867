--- Rows that come in a loop, and a commit by hand: aiomysql's README and example_simple_sa.py.
---
---     lunasa --server examples/sa_simple.lua
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
  conn:execute(tbl:insert():values({ val = "xyz" }))

  for row in conn:rows(tbl:select()) do
    print(row.id, row.val)
  end

  conn:execute("commit")
end)

-- Others see it now
engine:with(function(conn)
  print(conn:scalar(sa.select(sa.func.count()):select_from(tbl)))
  conn:execute(sa.DropTable(tbl))
end)

engine:close()
engine:wait_closed()
