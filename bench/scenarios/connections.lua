--- N connections that are open and idle, and what each of them holds; then selects over all of them
--- in turn, so many of them for any N.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local memory = require("bench.lib.memory")

local SELECTS = 20000

--- Opens connections that have had something to do.
local function open(count)
  local connections, options = {}, measure.over_tcp()
  for i = 1, count do
    connections[i] = lunasa.connect(options)
    connections[i]:query("SELECT 1")
  end
  return connections
end

return function(count)
  open(1)[1]:close() -- what the first one loads is nobody's
  local before = memory.now()
  local connections = open(count)
  local idle = memory.now()
  local check = 0
  measure.start()
  for i = 1, SELECTS do
    check = check + connections[i % count + 1]:query("SELECT 1 AS one")[1].one
  end
  measure.stop()
  measure.answer(SELECTS, check, nil, memory.each(before, idle, count))
  for i = 1, count do
    connections[i]:close()
  end
end
