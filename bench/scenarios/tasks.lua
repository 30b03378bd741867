--- Point selects by N tasks over a pool of 16 connections, as many selects for any N; and what a
--- task holds that waits.

local lunasa = require("lunasa")
local measure = require("bench.lib.measure")
local memory = require("bench.lib.memory")
local sql = require("bench.lib.sql")
local warm_pool = require("bench.lib.warm_pool")

local SELECTS = 40000

--- Selects every `step`-th id from `first` on.
---@return number the sum of k
local function select_some(pool, ids, first, step)
  local id, sum = nil, 0
  local function select_one(conn)
    return conn:query(sql.POINT, { id })[1].k
  end
  for i = first, #ids, step do
    id = ids[i]
    sum = sum + pool:with(select_one)
  end
  return sum
end

return function(count)
  local ids = measure.ids_of(math.max(SELECTS, count))
  warm_pool(function(pool)
    local tasks, go, check = {}, lunasa.event(), 0
    local function wait_and_select(first)
      go:wait()
      return select_some(pool, ids, first, count)
    end
    select_some(pool, ids, 1, 100)
    local before = memory.now()
    for i = 1, count do
      tasks[i] = lunasa.spawn(wait_and_select, i)
    end
    lunasa.sleep(0) -- now all of them wait
    local held = memory.each(before, memory.now(), count)
    measure.start()
    go:set()
    for i = 1, count do
      check = check + tasks[i]:join()
    end
    measure.stop()
    measure.answer(#ids, check, nil, held)
  end)
end
