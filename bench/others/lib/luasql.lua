--- The workloads over LuaSQL. Numbers are made of its strings where another driver gives numbers.

package.path = arg[0]:match("^(.*)/") .. "/../../../?.lua;" .. package.path
local measure = require("bench.lib.measure")
local sql = require("bench.lib.sql")

measure.peer = "luasql"
local is_there, luasql = pcall(require, "luasql.mysql")
if not is_there then
  measure.skip("no luasql.mysql")
  return
end
local environment = luasql.mysql()
measure.version = luasql._VERSION

local BLOBS = 20

local function connect(options)
  return assert(
    environment:connect(
      options.database,
      options.user,
      options.password,
      options.host or "localhost",
      options.port,
      options.socket
    )
  )
end

local function select_by_id(statement, id)
  return (statement:gsub("?", tostring(id)))
end

local workloads = {}

function workloads.point()
  local n, check = measure.scaled(20000), 0
  local ids, conn, row = measure.ids_of(n), connect(measure.over_tcp()), {}
  measure.start()
  for i = 1, n do
    local cursor = assert(conn:execute(select_by_id(sql.POINT, ids[i])))
    cursor:fetch(row, "a")
    cursor:close()
    check = check + tonumber(row.k)
  end
  measure.stop()
  measure.answer(n, check)
end

--- All rows, as new tables; `mode` is "n" for arrays, "a" for dicts.
local function rows_of(cursor, mode, convert)
  local rows, n = {}, 0
  local row = cursor:fetch({}, mode)
  while row do
    convert(row)
    n = n + 1
    rows[n] = row
    row = cursor:fetch({}, mode)
  end
  return rows, n
end

local function convert_array(row)
  row[1], row[2], row[3] = tonumber(row[1]), tonumber(row[2]), tonumber(row[3])
end

local function convert_dict(row)
  row.id, row.a, row.b = tonumber(row.id), tonumber(row.a), tonumber(row.b)
end

local function scan(mode, convert, key)
  local conn, check = connect(measure.over_tcp()), 0
  measure.start()
  local cursor = assert(conn:execute(measure.scan_of(sql.NARROW)))
  local rows, n = rows_of(cursor, mode, convert)
  measure.stop()
  for i = 1, n do
    check = check + rows[i][key]
  end
  measure.answer(n, check)
end

function workloads.scan_narrow()
  scan("n", convert_array, 1)
end

function workloads.scan_dict()
  scan("a", convert_dict, "id")
end

function workloads.insert_one()
  local n, conn = measure.scaled(5000), connect(measure.over_tcp())
  conn:setautocommit(false)
  measure.start()
  for i = 1, n do
    local text = conn:escape(("row-%d-xxxxxxxxxxxxxxxxxxxx"):format(i))
    local values = ("VALUES (%d,%.17g,'%s')"):format(i * 7919, i + 0.25, text)
    assert(conn:execute("INSERT INTO ins (a,b,s) " .. values))
  end
  conn:commit()
  measure.stop()
  measure.answer(n)
end

local function connect_repeatedly(options)
  local n, check = measure.scaled(1000), 0
  connect(options):close()
  measure.start()
  for _ = 1, n do
    local conn = connect(options)
    local cursor = assert(conn:execute("SELECT 1"))
    check = check + tonumber((cursor:fetch()))
    cursor:close()
    conn:close()
  end
  measure.stop()
  measure.answer(n, check)
end

function workloads.connect_tcp()
  connect_repeatedly(measure.over_tcp())
end

function workloads.connect_unix()
  connect_repeatedly(measure.over_unix())
end

function workloads.blob()
  local conn, check = connect(measure.over_tcp()), 0
  measure.start()
  for id = 1, BLOBS do
    local cursor = assert(conn:execute(select_by_id(sql.BLOB, id)))
    local _, bytes = cursor:fetch()
    check = check + #bytes
    cursor:close()
  end
  measure.stop()
  measure.answer(BLOBS, check)
end

local MISSING = {
  point_ps = "no prepared statements",
  scan_ps = "no prepared statements",
  stream = "results are always stored",
  tls_scan = "no TLS",
  insert_many = "no bulk path",
  concurrent = "one thing at a time",
  pool = "no pool",
  scan_wide = "values without types",
}

local work = workloads[measure.workload]
if work then
  work()
else
  measure.skip(MISSING[measure.workload] or "not for this peer")
end
