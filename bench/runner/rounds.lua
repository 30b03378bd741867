--- Measures in rounds: in each, every peer does every workload once.

local lunasa = require("lunasa")
local peers = require("bench.runner.peers")
local server = require("bench.runner.server")
local shell = require("bench.runner.shell")
local tables = require("bench.runner.tables")

local rounds = {}

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

local function measure_on(place, args)
  local conn = lunasa.connect(place.options)
  tables.make(conn, args.scale)
  shell.must("mkdir -p " .. shell.quoted(args.out:match("^(.*)/") or "."))
  local out = assert(io.open(args.out, "a"))
  describe(conn, args, out)
  local lines = measure_all(conn, args, place.environment, out)
  out:close()
  conn:close()
  return lines
end

--- Measures what the arguments say, on the server that they mean, and keeps the raw lines.
---@param args bench.Arguments
---@return bench.Line[]
function rounds.run(args)
  local place = server.open(args.cpu)
  local ok, lines = xpcall(measure_on, debug.traceback, place, args)
  server.close(place)
  if not ok then
    error(lines, 0)
  end
  return lines
end

return rounds
