--- What the specs of lunasa.sync share.
local lunasa = require("lunasa")

local sync = {}

--- Calls a function that must raise, and gives what it raised.
function sync.raised(work, ...)
  local ok, err = pcall(work, ...)
  assert(not ok, "nothing was raised")
  return err
end

--- Lets every task that can go on do so, some times over.
---@async
function sync.settle()
  for _ = 1, 5 do
    lunasa.sleep(0)
  end
end

--- Runs `round` often, and tells how much more memory is in use at the end than halfway.
---@async
---@param count integer
---@param round function
---@return number kilobytes
function sync.growth(count, round)
  local halfway
  for i = 1, 2 * count do
    round()
    if i == count then
      collectgarbage()
      collectgarbage()
      halfway = collectgarbage("count")
    end
  end
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") - halfway
end

return sync
