--- A connection is taken from a pool and given back, by one task.

local measure = require("bench.lib.measure")
local warm_pool = require("bench.lib.warm_pool")

return function()
  local n = measure.scaled(200000)
  warm_pool(function(pool)
    measure.start()
    for _ = 1, n do
      pool:release(pool:acquire())
    end
    measure.stop()
    measure.answer(n)
  end)
end
