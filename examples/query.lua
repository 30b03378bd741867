--- Asks the server who it is. The database is the one of LUNASA_URL, --url or --server.
---
---     lunasa examples/query.lua          the runner: the script is a task already
---     luajit examples/query.lua          plain LuaJIT: lunasa.run makes one
local lunasa = require("lunasa")

local function main()
  local conn = lunasa.connect()
  local row =
    conn:first("SELECT VERSION() AS version, CURRENT_USER() AS user, ? + ? AS sum", { 2, 3 })
  print("server", row.version)
  print("user", row.user)
  print("2 + 3 =", row.sum)
  conn:close()
end

if lunasa.current() then
  main()
else
  lunasa.run(main)
end
