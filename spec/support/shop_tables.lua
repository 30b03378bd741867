--- The tables of the statements in spec/sa/compared, beside all names of the language itself: an
--- environment for statements.
local sa = require("lunasa.sa")

local tables = setmetatable({}, { __index = sa })

local meta = sa.MetaData()
tables.meta = meta
tables.depts = sa.Table({
  "depts",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(50), nullable = false, unique = true }),
  sa.Column({ "parent_id", sa.Integer, sa.ForeignKey({ "depts.id" }) }),
  sa.Column({ "budget", sa.Numeric(12, 2) }),
})
tables.users = sa.Table({
  "users",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(50), nullable = false }),
  sa.Column({ "fullname", sa.String(100) }),
  sa.Column({ "email", sa.String(255), unique = true }),
  sa.Column({ "age", sa.Integer }),
  sa.Column({ "active", sa.Boolean }),
  sa.Column({ "balance", sa.Numeric(10, 2), server_default = "0" }),
  sa.Column({ "dept_id", sa.Integer, sa.ForeignKey({ "depts.id" }) }),
  sa.Column({ "created", sa.DateTime }),
  sa.Column({ "bio", sa.Text }),
})
tables.addresses = sa.Table({
  "addresses",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "user_id", sa.Integer, sa.ForeignKey({ "users.id" }), nullable = false }),
  sa.Column({ "street", sa.String(100) }),
  sa.Column({ "city", sa.String(50) }),
  sa.Column({ "zip", sa.String(10) }),
  sa.Column({ "email", sa.String(255) }),
})
tables.orders = sa.Table({
  "orders",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "user_id", sa.Integer, sa.ForeignKey({ "users.id" }), nullable = false }),
  sa.Column({ "status", sa.Enum({ "new", "paid", "shipped", name = "order_status" }) }),
  sa.Column({ "amount", sa.Numeric(10, 2) }),
  sa.Column({ "qty", sa.Integer }),
  sa.Column({ "placed", sa.DateTime }),
  sa.Column({ "due", sa.Date }),
  sa.Column({ "note", sa.String(200) }),
})
tables.order_items = sa.Table({
  "order_items",
  meta,
  sa.Column({ "order_id", sa.Integer, sa.ForeignKey({ "orders.id" }), primary_key = true }),
  sa.Column({ "line", sa.Integer, primary_key = true, autoincrement = false }),
  sa.Column({ "sku", sa.String(32), nullable = false }),
  sa.Column({ "price", sa.Numeric(8, 2) }),
  sa.Column({ "qty", sa.Integer }),
})
tables.kv = sa.Table({
  "kv",
  meta,
  sa.Column({ "k", sa.String(40), primary_key = true }),
  sa.Column({ "v", sa.String(255) }),
  sa.Column({ "cnt", sa.Integer }),
  sa.Column({ "updated", sa.DateTime }),
})
tables.docs = sa.Table({
  "docs",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "title", sa.String(200) }),
  sa.Column({ "body", sa.Text }),
  sa.Column({ "data", sa.JSON }),
})
tables.all_types = sa.Table({
  "all_types",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "si", sa.SmallInteger }),
  sa.Column({ "bi", sa.BigInteger }),
  sa.Column({ "fl", sa.Float }),
  sa.Column({ "nu", sa.Numeric(10, 2) }),
  sa.Column({ "st", sa.String(20) }),
  sa.Column({ "un", sa.Unicode(20) }),
  sa.Column({ "tx", sa.Text }),
  sa.Column({ "bo", sa.Boolean }),
  sa.Column({ "da", sa.Date }),
  sa.Column({ "dt", sa.DateTime }),
  sa.Column({ "ti", sa.Time }),
  sa.Column({ "lb", sa.LargeBinary }),
  sa.Column({ "en", sa.Enum({ "red", "green", "blue", name = "color" }) }),
  sa.Column({ "js", sa.JSON }),
})
tables.dflt = sa.Table({
  "dflt",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "a", sa.Integer, default = 5 }),
  sa.Column({ "b", sa.String(20), default = "x" }),
  sa.Column({ "len", sa.Integer, default = sa.func.length("qwerty") }),
  sa.Column({ "en", sa.Boolean, default = true }),
  sa.Column({ "ver", sa.Integer, default = 1, onupdate = 2 }),
  sa.Column({ "stamp", sa.DateTime, server_default = sa.func.now() }),
  sa.Column({ "touched", sa.DateTime, onupdate = sa.func.now() }),
})
tables.weird = sa.Table({
  "order",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "select", sa.Integer }),
  sa.Column({ "from", sa.String(20) }),
  sa.Column({ "MixedCase", sa.String(20) }),
  sa.Column({ "with space", sa.String(20) }),
  sa.Column({ "back`tick", sa.String(20) }),
  sa.Column({ 'dq"uote', sa.String(20) }),
  sa.Column({ "per%cent", sa.Integer }),
  sa.Column({ "co:lon", sa.Integer }),
  sa.Column({ "1st", sa.Integer }),
  sa.Column({ "a.b", sa.Integer }),
  sa.Column({ "rank", sa.Integer }),
  sa.Column({ "db_name", sa.Integer, key = "attr" }),
})
tables.items = sa.Table({
  "items",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(20) }),
  sa.Column({ "qty", sa.Integer }),
  schema = "bench",
})
tables.lite = sa.table("lite", sa.column("id"), sa.column("x"), sa.column("y"))
tables.u2 = tables.users:alias("u2")
tables.mgr = tables.users:alias("mgr")
tables.a2 = tables.addresses:alias("a2")
tables.o2 = tables.orders:alias("o2")

return tables
