--- The workloads of the side-by-side benchmark, done by lunasa: one per run, named by WORKLOAD.
---
--- `../README.md` says what is measured and how to run it. Every workload does what the other peers
--- do, with the same statements on the same ids, so that `check` comes out the same.

local lunasa = require("lunasa")

package.path = arg[0]:match("^(.*)/") .. "/../?.lua;" .. package.path
local measure = require("measure")
measure.version = ("%s, %s"):format(lunasa._VERSION, jit.version)

local CONNECTIONS = 16
local TASKS = 64
local BLOBS = 20

local POINT = "SELECT id,k,c,pad FROM sbtest WHERE id=?"
local NARROW = "SELECT id,a,b,s FROM big"
local WIDE = "SELECT * FROM wide"
local BLOB = "SELECT id,b FROM blobs WHERE id=?"
local INSERT = "INSERT INTO ins (a,b,s) VALUES (?,?,?)"
local CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"

local ARRAYS = { rows = "array" }
local DICTS = { rows = "dict" }

--- Keeps CONNECTIONS open connections, all idle, while `work` has the pool.
---@param work fun(pool: lunasa.Pool)
local function with_pool(work)
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

--- Runs `sql` with every row built inside the clock, sums `of_row` over them outside of it.
---@param conn lunasa.Connection
---@param sql string
---@param options table how rows are to be built
---@param of_row fun(row: table): number
---@return integer ops
---@return number check
local function scan(conn, sql, options, of_row)
  measure.start()
  local rows = conn:query(measure.scan_of(sql), nil, options):all()
  measure.stop()
  local check = 0
  for i = 1, #rows do
    check = check + of_row(rows[i])
  end
  return #rows, check
end

---@param row table
---@return number
local function first_cell(row)
  return row[1]
end

---@param row table
---@return integer
local function nulls_in(row)
  local n = 0
  for i = 1, #row do
    if row[i] == lunasa.null then
      n = n + 1
    end
  end
  return n
end

--- Connects, asks for 1 and closes, over and over.
---@param options table
local function connect_repeatedly(options)
  local n, check = measure.scaled(1000), 0
  lunasa.connect(options):close()
  measure.start()
  for _ = 1, n do
    local conn = lunasa.connect(options)
    check = check + conn:query("SELECT 1")[1]["1"]
    conn:close()
  end
  measure.stop()
  measure.answer(n, check)
end

local workloads = {}

function workloads.point()
  local n, check = measure.scaled(20000), 0
  local ids = measure.ids_of(n)
  local conn = lunasa.connect(measure.over_tcp())
  assert(conn:query(POINT, { 1 })[1])
  measure.start()
  for i = 1, n do
    check = check + conn:query(POINT, { ids[i] })[1].k
  end
  measure.stop()
  measure.answer(n, check, "dict rows")
  conn:close()
end

function workloads.scan_narrow()
  local conn = lunasa.connect(measure.over_tcp())
  measure.answer(scan(conn, NARROW, ARRAYS, first_cell))
  conn:close()
end

function workloads.scan_dict()
  local conn = lunasa.connect(measure.over_tcp())
  measure.answer(scan(conn, NARROW, DICTS, function(row)
    return row.id
  end))
  conn:close()
end

function workloads.scan_wide()
  local conn = lunasa.connect(measure.over_tcp())
  local ops, check = scan(conn, WIDE, ARRAYS, nulls_in)
  measure.answer(ops, check, "DATETIME and DECIMAL as strings")
  conn:close()
end

function workloads.tls_scan()
  local conn = lunasa.connect(measure.over_tcp({ ssl = { mode = "required" } })) -- not verified
  local ops, check = scan(conn, NARROW, ARRAYS, first_cell)
  measure.answer(ops, check, conn:query(CIPHER, nil, ARRAYS)[1][2])
  conn:close()
end

function workloads.stream()
  local conn = lunasa.connect(measure.over_tcp())
  local n, check = 0, 0
  measure.start()
  for id in conn:stream(measure.scan_of(NARROW)):values() do
    n, check = n + 1, check + id
  end
  measure.stop()
  measure.answer(n, check, "conn:stream, values")
  conn:close()
end

function workloads.insert_one()
  local n, rows = measure.scaled(5000), {}
  for i = 1, n do
    rows[i] = { i * 7919, i + 0.25, ("row-%d-xxxxxxxxxxxxxxxxxxxx"):format(i) }
  end
  local conn = lunasa.connect(measure.over_tcp())
  measure.start()
  conn:transaction(function()
    for i = 1, n do
      conn:execute(INSERT, rows[i])
    end
  end)
  measure.stop()
  measure.answer(n)
  conn:close()
end

function workloads.concurrent()
  local share = math.floor(measure.scaled(40000) / TASKS)
  local ids = measure.ids_of(share * TASKS)

  local function select_share(pool, first)
    local id, sum = nil, 0
    local function select_one(conn)
      return conn:query(POINT, { id })[1].k
    end
    for i = first, first + share - 1 do
      id = ids[i]
      sum = sum + pool:with(select_one)
    end
    return sum
  end

  with_pool(function(pool)
    local tasks, check = {}, 0
    measure.start()
    for i = 1, TASKS do
      tasks[i] = lunasa.spawn(select_share, pool, (i - 1) * share + 1)
    end
    for i = 1, TASKS do
      check = check + tasks[i]:join()
    end
    measure.stop()
    measure.answer(#ids, check, "dict rows")
  end)
end

function workloads.pool()
  local n = measure.scaled(200000)
  with_pool(function(pool)
    measure.start()
    for _ = 1, n do
      pool:release(pool:acquire())
    end
    measure.stop()
    measure.answer(n)
  end)
end

function workloads.connect_tcp()
  connect_repeatedly(measure.over_tcp())
end

function workloads.connect_unix()
  connect_repeatedly(measure.over_unix())
end

function workloads.blob()
  local conn, check = lunasa.connect(measure.over_tcp()), 0
  measure.start()
  for id = 1, BLOBS do
    check = check + #conn:query(BLOB, { id })[1].b
  end
  measure.stop()
  measure.answer(BLOBS, check)
  conn:close()
end

local work = workloads[measure.workload]
if work then
  work()
elseif measure.workload:find("^sa_%l+_%d$") then
  local ops, check = require("peers.lunasa_sql")(measure.workload)
  if ops then
    measure.answer(ops, check)
  else
    measure.skip("no such statement")
  end
else
  measure.skip("not for this peer")
end
