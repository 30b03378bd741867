--- A pool of 16 connections, all open and idle.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")

local CONNECTIONS = 16

---@param work fun(pool: lunasa.Pool)
return function(work)
  local size = { minsize = CONNECTIONS, maxsize = CONNECTIONS }
  local pool = lunasa.create_pool(measure.over_tcp(size))
  local leased = {}
  for i = 1, CONNECTIONS do
    leased[i] = pool:acquire()
  end
  for i = 1, CONNECTIONS do
    pool:release(leased[i])
  end
  work(pool)
  pool:close()
end
