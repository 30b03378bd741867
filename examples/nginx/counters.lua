--- Counters of every worker, for Prometheus: `curl localhost:8080/metrics`.
local lunasa = require("lunasa")

-- One for each worker, of which a request reaches only one.
local counters = { registry = lunasa.metrics() }

local INTERVAL = 5

--- Leaves this worker's counters where every worker finds them.
function counters.publish()
  local worker = ngx.worker.id()
  ngx.shared.lunasa_metrics:set(worker, counters.registry:text({ worker = worker }))
end

function counters.start_worker()
  ngx.timer.every(INTERVAL, counters.publish)
end

function counters.serve()
  counters.publish()
  local texts = {}
  for worker = 0, ngx.worker.count() - 1 do
    local text = ngx.shared.lunasa_metrics:get(worker)
    table.insert(texts, text)
  end
  ngx.header.content_type = "text/plain; version=0.0.4; charset=utf-8"
  ngx.print(lunasa.metrics.join(texts))
end

return counters
