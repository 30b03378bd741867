--- Point selects with bare sockets: `floor_lua.c` sends and receives, and makes the rows.

local here = arg[0]:match("^(.*)/")
package.path = here .. "/../../?.lua;" .. package.path
package.cpath = here .. "/../../build/bench/?.so;" .. package.cpath
local floor = require("floor_lua")
local measure = require("bench.lib.measure")

local CONNECTIONS = 16
local TASKS = 64

measure.peer = "floor-lua"
measure.version = ("%s, libmariadb %s"):format(jit.version, floor.version)

--- What garbage costs is the difference.
if os.getenv("FLOOR_GC") == "stop" then
  collectgarbage("stop")
end

---@return integer its number
local function connect()
  local options = measure.over_tcp()
  return floor.connect(options.host, options.user, options.password, options.database, options.port)
end

---@param ask fun(connection: integer, id: integer): table[]
local function select_each(connection, ask)
  local n, check = measure.scaled(20000), 0
  local ids = measure.ids_of(n)
  measure.start()
  for i = 1, n do
    check = check + ask(connection, ids[i])[1].k
  end
  measure.stop()
  measure.answer(n, check, "no driver, a socket")
end

local workloads = {}

function workloads.point()
  select_each(connect(), floor.query)
end

function workloads.point_ps()
  local connection = connect()
  floor.prepare(connection)
  select_each(connection, floor.execute)
end

-- Tasks -------------------------------------------------------------------------------------------

local free, waits_for = {}, {} -- connections, and the task that each has sent a query for
local queue, first, last = {}, 1, 0 -- tasks without a connection
local sum = 0

local resume, yield = coroutine.resume, coroutine.yield

--- Gives a connection to who has waited for it longest. That task sends its query and waits again.
local function release(connection)
  if first > last then
    table.insert(free, connection)
    return
  end
  local heir = queue[first]
  queue[first] = nil
  first = first + 1
  resume(heir, connection)
end

local function wait_in_queue(task)
  last = last + 1
  queue[last] = task
  return yield()
end

local function select_all(task, ids, from, to)
  for i = from, to do
    local connection = table.remove(free) or wait_in_queue(task)
    floor.send_query(connection, ids[i])
    waits_for[connection] = task
    local result = yield()
    sum = sum + result[1].k
    release(connection)
  end
end

function workloads.concurrent()
  local share = math.floor(measure.scaled(40000) / TASKS)
  local ids = measure.ids_of(share * TASKS)
  for i = 1, CONNECTIONS do
    free[i] = connect()
  end
  measure.start()
  for i = 1, TASKS do
    local task = coroutine.create(select_all)
    resume(task, task, ids, (i - 1) * share + 1, i * share)
  end
  for _ = 1, #ids do
    local connection, result = floor.next_answer()
    resume(waits_for[connection], result)
  end
  measure.stop()
  measure.answer(#ids, sum, "no driver, sockets and epoll")
end

if workloads[measure.workload] then
  workloads[measure.workload]()
else
  measure.skip("not for this peer")
end
floor.close_all()
