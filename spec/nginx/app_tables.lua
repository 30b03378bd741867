--- A request that makes tables, looks at them and drops them, by an engine of its own.
local sa = require("lunasa.sa")

---@param name string of the server
---@return table
return function(name)
  local engine = sa.create_engine(os.getenv("LUNASA_TEST_" .. name:upper() .. "_URL"))
  local meta, found = sa.MetaData(), sa.MetaData()
  local parent = sa.Table({
    "nginx'parent",
    meta,
    sa.Column({ "id", sa.Integer, primary_key = true }),
    sa.Column({ "name", sa.String(20), comment = "it's" }),
  })
  sa.Table({
    "nginx'child",
    meta,
    sa.Column({ "parent_id", sa.Integer, sa.ForeignKey({ parent.c.id }) }),
  })
  meta:drop_all(engine)
  meta:create_all(engine)
  local child = sa.Table({ "nginx'child", found, autoload_with = engine })
  local inspector = sa.inspect(engine)
  local answer = {
    comment = inspector:get_columns("nginx'parent")[2].comment,
    target = child.c.parent_id.foreign_keys[1]:column().table.name,
    reflected = #found.tables["nginx'parent"].c,
  }
  found:drop_all(engine)
  answer.is_there = inspector:has_table("nginx'child")
  engine:close()
  engine:wait_closed()
  return answer
end
