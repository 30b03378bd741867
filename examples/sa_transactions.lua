--- Transactions inside transactions, and in two phases: what aiomysql's sa.rst says of begin,
--- begin_nested and begin_twophase.
---
---     lunasa --server examples/sa_transactions.lua
local sa = require("lunasa.sa")

local metadata = sa.MetaData()
local tbl = sa.Table({
  "tbl",
  metadata,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "val", sa.String(255) }),
})

local engine = sa.create_engine({ autocommit = true })
local conn = engine:acquire()
metadata:create_all(conn)

local function insert(val)
  conn:execute(tbl:insert():values({ val = val }))
end

-- What another connection sees
local function show(what)
  local vals = engine:with(function(other)
    return other:execute(sa.select(tbl.c.val):order_by(tbl.c.id)):scalars():all()
  end)
  print(what, #vals > 0 and table.concat(vals, " ") or "nothing")
end

local trans = conn:begin() -- outermost transaction
local trans2 = conn:begin() -- "inner"
insert("a")
trans2:commit() -- does nothing
show("inner committed:")
trans:commit() -- actually commits
show("committed:")

-- A savepoint is undone alone
trans = conn:begin()
insert("b")
local nested = conn:begin_nested()
insert("c")
nested:rollback()
trans:commit()
show("nested rolled back:")

-- Blocks commit when their function returns, and roll back when it raises
conn:transaction(function()
  insert("d")
  local ok = pcall(conn.nested, conn, function()
    insert("e")
    error("this is undone")
  end)
  print("nested block:", ok)
end)
show("block:")

-- In two phases: another connection may decide, even after this one is lost
trans = conn:begin_twophase()
insert("f")
trans:prepare()
for _, xid in ipairs(conn:recover_twophase()) do
  if xid == trans.xid then
    show("prepared:")
  end
end
trans:commit()
show("in two phases:")

-- A connection and a transaction at once, which a deadlock begins anew
engine:begin({ retries = 3 }, function(other)
  other:execute(tbl:delete())
end)
show("all deleted:")

metadata:drop_all(conn)
conn:close()
engine:close()
engine:wait_closed()
