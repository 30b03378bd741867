--- Engines, made before there is a worker, and a request that executes statements of every kind.
local sa = require("lunasa.sa")

local app_engine = {}

local t = sa.Table({
  "nginx_engine",
  sa.MetaData(),
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(20), default = "none" }),
  sa.Column({ "active", sa.Boolean, default = true }),
})

--- Makes an engine for each of the servers that there are: that takes no I/O.
---@return table<string, lunasa.Engine>
function app_engine.make()
  local engines = {}
  for _, name in ipairs({ "mariadb", "mysql", "mariadb_next" }) do
    local url = os.getenv(("LUNASA_TEST_%s_URL"):format(name:upper()))
    engines[name] = url and sa.create_engine(url, { ssl = false, maxsize = 2 })
  end
  return engines
end

local function work(conn)
  conn:execute(sa.DropTable(t, { if_exists = true }))
  conn:execute(sa.CreateTable(t))
  local first = conn:execute(t:insert(), { name = "a" })
  conn:execute(t:insert(), { { name = "b", active = false }, { name = "c", active = true } })
  local names, streamed = {}, 0
  for row in conn:rows(sa.select(t):order_by(t.c.id)) do
    names[#names + 1] = ("%d %s %s"):format(row[1], row.name, tostring(row[t.c.active]))
  end
  for _ in conn:stream(sa.select(t.c.id)):rows() do
    streamed = streamed + 1
  end
  local updated = conn:execute(t:update():where(t.c.id:gt(1)):values({ name = "z" }))
  local answer = {
    key = first.inserted_primary_key.id,
    names = names,
    streamed = streamed,
    updated = updated.rowcount,
    count = conn:scalar(sa.select(sa.func.count()):select_from(t)),
    text = conn:scalar("SELECT %s + 1", 1),
    dialect = conn.dialect.name,
    class = select(2, pcall(conn.execute, conn, t:insert(), { id = 1 })).class,
  }
  conn:execute(sa.DropTable(t))
  return answer
end

---@param engine lunasa.Engine
---@return table
function app_engine.serve(engine)
  local answer = engine:with(work)
  answer.free = engine.freesize
  return answer
end

return app_engine
