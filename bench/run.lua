--- Measures drivers side by side: `bench/run` says how.

package.path = arg[0]:match("^(.*)/") .. "/../?.lua;" .. package.path

local arguments = require("bench.runner.arguments")
local lunasa = require("lunasa")
local peers = require("bench.runner.peers")
local report = require("bench.runner.report")
local server = require("bench.runner.server")
local shell = require("bench.runner.shell")
local tables = require("bench.runner.tables")

--- What the insert workloads have written, as a check that every peer must come to.
local INSERTED = "SELECT CONCAT_WS('/', COUNT(*), SUM(a), SUM(b), SUM(CRC32(s))) FROM ins"

--- One measurement, kept as a line of `out`.
---@return bench.Line
local function measure(conn, peer, workload, round, environment, cpu, out)
  local inserts = workload:find("^insert") ~= nil
  if inserts then
    conn:execute("TRUNCATE TABLE ins")
  end
  local json = peers.run(peer, workload, environment, cpu)
  if inserts and not json:find('"skip"') and not json:find('"error"') then
    local check = ('"check": "%s"'):format(conn:scalar(INSERTED))
    json = json:gsub('"check":%s*[^,}]+', check, 1)
  end
  json = json:gsub("}$", (', "round": %d}'):format(round))
  out:write(json, "\n")
  out:flush()
  return peers.parse(json)
end

local function describe(conn, args, out)
  local machine = shell.run("uname -sr; grep -m1 'model name' /proc/cpuinfo; nproc --all; uptime")
  local words = machine:gsub('[%c"\\]+', " "):gsub("%s+", " ")
  local text = ("%s; %s; cpu %s; scale %g; %d rounds; %s"):format(
    os.date("%Y-%m-%d %H:%M:%S"),
    conn:scalar("SELECT VERSION()"),
    args.cpu or "any",
    args.scale,
    args.rounds,
    words
  )
  out:write(('{"meta": "%s"}\n'):format(text))
  print(text)
end

--- All rounds. What a peer does not do, or fails in, it is not asked for again.
---@return bench.Line[]
local function measure_all(conn, args, environment, out)
  local lines, done = {}, {}
  local list = peers.find(args.peers)
  environment.BENCH_SCALE = args.scale
  for round = 1, args.rounds do
    for _, workload in ipairs(args.workloads) do
      io.stderr:write(("round %d: %s\n"):format(round, workload))
      for _, peer in ipairs(list) do
        local key = peer.name .. " " .. workload
        if not done[key] then
          local line = measure(conn, peer, workload, round, environment, args.cpu, out)
          done[key] = line.skip ~= nil or line.error ~= nil
          table.insert(lines, line)
        end
      end
    end
  end
  return lines
end

---@param files string[]
---@return bench.Line[]
local function read(files)
  local lines = {}
  for _, path in ipairs(files) do
    for text in io.lines(path) do
      if not text:find('^{"meta"') then
        table.insert(lines, peers.parse(text))
      end
    end
  end
  return lines
end

--- A peer that did nothing at all is not missed by hand, but it is by continuous integration.
local function has_all(lines, wanted)
  for _, name in ipairs(wanted) do
    local did_work, why = false, nil
    for _, line in ipairs(lines) do
      did_work = did_work or line.peer == name and line.ops ~= nil
      why = line.peer == name and line.skip or why
    end
    if not did_work then
      print(("\n%s did nothing: %s"):format(name, why or "it never answered"))
      return false
    end
  end
  return true
end

local function run(args)
  local place = server.open(args.cpu)
  local ok, is_right = xpcall(function()
    local conn = lunasa.connect(place.options)
    tables.make(conn, args.scale)
    shell.must("mkdir -p " .. shell.quoted(args.out:match("^(.*)/") or "."))
    local out = assert(io.open(args.out, "a"))
    describe(conn, args, out)
    local lines = measure_all(conn, args, place.environment, out)
    out:close()
    conn:close()
    return report.print(lines) and not (args.is_short and not has_all(lines, args.peers))
  end, debug.traceback)
  server.close(place)
  if not ok then
    error(is_right, 0)
  end
  return is_right
end

local args = arguments({ ... })
local is_right
if args.report then
  is_right = report.print(read(args.report))
else
  is_right = run(args)
end
os.exit(is_right and 0 or 1)
