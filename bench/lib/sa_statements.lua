--- The statements that the sa_ workloads build, compile and find again. No server.
---
--- Statement 6 is a SELECT with two criteria; the others grow from a point query to a UNION over a
--- CTE. `check` is the length of the SQL.

local measure = require("bench.lib.measure")
local mysql = require("lunasa.dialects.mysql")
local sa = require("lunasa.sa")

local func = sa.func
local meta = sa.MetaData()

local function columns(names, type_)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = sa.Column(name, type_ or sa.Integer)
  end
  return unpack(list)
end

local sbtest = sa.Table(
  "sbtest",
  meta,
  columns({ "id", "k" }),
  sa.Column("c", sa.String(120)),
  sa.Column("pad", sa.String(60))
)
local users = sa.Table(
  "users",
  meta,
  sa.Column("id", sa.Integer),
  sa.Column("name", sa.String(40)),
  sa.Column("email", sa.String(80)),
  sa.Column("city_id", sa.Integer),
  sa.Column("age", sa.Integer),
  sa.Column("created", sa.DateTime)
)
local cities = sa.Table(
  "cities",
  meta,
  sa.Column("id", sa.Integer),
  sa.Column("name", sa.String(40)),
  sa.Column("country", sa.String(2))
)
local orders = sa.Table(
  "orders",
  meta,
  sa.Column("id", sa.Integer),
  sa.Column("user_id", sa.Integer),
  sa.Column("total", sa.Numeric(12, 2)),
  sa.Column("state", sa.String(10)),
  sa.Column("at", sa.DateTime)
)
local items = sa.Table(
  "items",
  meta,
  sa.Column("id", sa.Integer),
  sa.Column("order_id", sa.Integer),
  sa.Column("sku", sa.String(20)),
  sa.Column("qty", sa.Integer),
  sa.Column("price", sa.Numeric(12, 2))
)

local wide_names = { "id" }
for group = 1, 7 do
  for prefix in ("ilfdtvx"):gmatch(".") do
    wide_names[#wide_names + 1] = prefix .. group
  end
end
local wide = sa.Table("wide", meta, columns(wide_names))

local function numbers(first, last)
  local list = {}
  for i = first, last do
    list[#list + 1] = i
  end
  return list
end

local BUILD = {}

BUILD[1] = function(x)
  return sa.select(sbtest):where(sbtest.c.id:eq(x))
end

BUILD[2] = function(x)
  local u = users.c
  return sa.select(u.id, u.name, u.email, u.age)
    :where(sa.and_(u.age:gt(x), u.name:like("a%"), u.city_id:is_not_null()))
    :order_by(u.name:desc(), u.id)
    :limit(20)
    :offset(40)
end

BUILD[3] = function(x)
  local u, o = users.c, orders.c
  local total = func.sum(o.total):label("tot")
  return sa.select(u.id, u.name, total, func.count(o.id):label("n"))
    :select_from(users:join(orders, u.id:eq(o.user_id)))
    :where(o.state:in_({ "new", "paid" }))
    :where(o.at:ge("2020-01-01"))
    :group_by(u.id, u.name)
    :having(func.sum(o.total):gt(x))
    :order_by(total:desc())
    :limit(10)
end

BUILD[4] = function(x)
  local u, o, i, c = users.c, orders.c, items.c, cities.c
  local spent = sa.select(o.user_id, func.sum(i.qty * i.price):label("spent"))
    :select_from(orders:join(items, o.id:eq(i.order_id)))
    :where(o.state:eq("paid"))
    :group_by(o.user_id)
    :alias("spent")
  local gold, silver = spent.c.spent:gt(1000), spent.c.spent:gt(100)
  local kind = sa.case({ gold, "gold" }, { silver, "silver" }, { else_ = "none" }):label("kind")
  local from = users:join(cities, u.city_id:eq(c.id)):outerjoin(spent, spent.c.user_id:eq(u.id))
  return sa.select(u.id, u.name, c.name:label("city"), spent.c.spent, kind)
    :select_from(from)
    :where(
      sa.or_(
        u.id:in_(numbers(x % 7, x % 7 + 19)),
        sa.and_(u.age:between(18, 65), c.country:eq("FR"))
      )
    )
    :where(sa.exists(sa.select(orders.c.id):where(orders.c.user_id:eq(u.id))))
    :order_by(kind, u.name)
    :limit(50)
end

BUILD[5] = function(x)
  local w, o = wide.c, orders.c
  local lasts = sa.select(o.user_id, func.max(o.id):label("last")):group_by(o.user_id):cte("lasts")
  local all, either = {}, {}
  for group = 1, 7 do
    all[group] = w["i" .. group]:gt(x + group)
    either[group] = w["l" .. group]:eq(x * group)
  end
  local first = sa.select(wide, lasts.c.last)
    :select_from(wide:join(lasts, lasts.c.user_id:eq(w.id)))
    :where(sa.and_(unpack(all)))
    :where(w.id:in_(numbers(0, 99)))
  local second = sa.select(wide, lasts.c.last)
    :select_from(wide:join(lasts, lasts.c.last:eq(w.id)))
    :where(sa.or_(unpack(either)))
    :where(w.v1:like("%z%"))
  return sa.union_all(first, second):order_by("id"):limit(100)
end

BUILD[6] = function(x)
  return sa.select(users.c.id, users.c.name):where(users.c.id:eq(x)):where(users.c.age:gt(x))
end

local sa_statements = {}

--- Compiles, and collects the parameters.
---@param statement table
function sa_statements.compile(statement)
  return statement:compile({ dialect = mysql }):construct()
end

--- Gives text and parameters, as an engine sends them.
---@param statement table
function sa_statements.find(statement)
  local compiled = sa.compiled(statement, mysql)
  local collected = compiled.collect(statement)
  if compiled.text then
    return compiled.text, collected
  end
  return compiled:expand(collected)
end

--- Measures `work`, which does something so many times with a statement.
---@param number integer of the statement
---@param count integer enough for the clock
---@param work fun(build: fun(x: integer): table, count: integer)
function sa_statements.measure(number, count, work)
  local build = BUILD[number]
  if not build then
    return measure.skip("no such statement")
  end
  count = measure.scaled(count)
  work(build, math.min(count, 1000)) -- warm, as the others are
  measure.start()
  work(build, count)
  measure.stop()
  measure.answer(count, #build(1):compile({ dialect = mysql }).string)
end

return sa_statements
