--- Watches a pool: every statement, the slow ones, warnings, and counters for Prometheus. The
--- database is the one of LUNASA_URL, --url or --server.
---
---     lunasa examples/observability.lua
local lunasa = require("lunasa")

lunasa.log.set(function(level, message)
  print(level, message)
end)

local registry = lunasa.metrics({ labels = { service = "example" } })

local pool = lunasa.create_pool(nil, {
  name = "shop",
  metrics = registry,
  slow_query_time = 0.05,
  warnings = "fetch",
  on_query = function(event)
    local outcome = event.error and event.error.class or event.rows or event.affected_rows or "-"
    print(("%-8s %-24s %s"):format(event.kind, outcome, event.sql or ""))
  end,
  on_warning = function(event)
    print("warning", event.warnings[1].message)
  end,
})

local function main()
  pool:query("SELECT ? + ?", { 2, 3 })
  pool:query("SELECT 1 / 0")
  lunasa.try(pool.query, pool, "SELECT nowhere")
  pool:query("SELECT SLEEP(0.06)")
  pool:transaction(function(conn)
    for _ in conn:stream("SELECT 1 UNION SELECT 2"):rows() do -- luacheck: ignore 542
    end
  end)
  io.write(registry:text())
  pool:close()
end

if lunasa.current() then
  main()
else
  lunasa.run(main)
end
