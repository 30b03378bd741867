--- The selects of `point` by 64 tasks over a pool of 16 connections, one `pool:with` each.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")
local warm_pool = require("bench.lib.warm_pool")

local TASKS = 64

--- Selects `ids[first]` up to `ids[last]`.
---@return number the sum of k
local function select_all(pool, ids, first, last)
  local id, sum = nil, 0
  local function select_one(conn)
    return conn:query(sql.POINT, { id })[1].k
  end
  for i = first, last do
    id = ids[i]
    sum = sum + pool:with(select_one)
  end
  return sum
end

return function()
  local share = math.floor(measure.scaled(40000) / TASKS)
  local ids = measure.ids_of(share * TASKS)
  warm_pool(function(pool)
    local tasks, check = {}, 0
    measure.start()
    for i = 1, TASKS do
      tasks[i] = lunasa.spawn(select_all, pool, ids, (i - 1) * share + 1, i * share)
    end
    for i = 1, TASKS do
      check = check + tasks[i]:join()
    end
    measure.stop()
    measure.answer(#ids, check, "dict rows")
  end)
end
