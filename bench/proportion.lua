--- What lunasa costs as the work grows: `bench/proportion` says how to call it.

package.path = arg[0]:match("^(.*)/") .. "/../?.lua;" .. package.path

local arguments = require("bench.runner.arguments")
local report = require("bench.runner.report")
local rounds = require("bench.runner.rounds")
local shell = require("bench.runner.shell")

---@class bench.Family
---@field name string of its workloads, in front of the size
---@field title string
---@field sizes integer[]
---@field is_by_size boolean an operation is one of the size, not a fixed amount of work

---@type bench.Family[]
local FAMILIES = {
  {
    name = "rows_packed",
    title = "Rows of a packed result, every value looked at",
    sizes = { 10, 1000, 100000, 10000000 },
    is_by_size = true,
  },
  {
    name = "rows_stream",
    title = "Rows of a stream",
    sizes = { 10, 1000, 100000, 10000000 },
    is_by_size = true,
  },
  {
    name = "tasks",
    title = "Tasks: 40,000 selects over 16 connections",
    sizes = { 1, 100, 10000 },
    is_by_size = false,
  },
  {
    name = "connections",
    title = "Connections, idle; then 20,000 selects over all of them",
    sizes = { 1, 100, 5000 },
    is_by_size = false,
  },
}

--- The sizes of a family that `scale` leaves in.
local function sizes_of(family, scale)
  local sizes = {}
  for _, size in ipairs(family.sizes) do
    if size <= family.sizes[#family.sizes] * scale then
      table.insert(sizes, size)
    end
  end
  return sizes
end

--- The median of a field over the rounds, nil when a round has none.
---@param lines bench.Line[]
---@param workload string
---@param field string
---@return number?
local function typical(lines, workload, field)
  local values = {}
  for _, line in ipairs(lines) do
    if line.workload == workload then
      if not line[field] then
        return nil
      end
      table.insert(values, line[field])
    end
  end
  return #values > 0 and report.median(values) or nil
end

---@return table? point nil for a size that could not be measured
local function point_of(lines, family, size)
  local workload = ("%s_%d"):format(family.name, size)
  local cpu = typical(lines, workload, "cpu_s")
  if not cpu then
    return nil
  end
  local ops = typical(lines, workload, "ops")
  return {
    size = size,
    cpu = cpu / ops * 1e6,
    wall = typical(lines, workload, "wall_s") / ops * 1e6,
    of_one = family.is_by_size and cpu / ops * size * 1e6 or nil,
    rss = typical(lines, workload, "rss_kb") * 1024,
    lua = typical(lines, workload, "lua_bytes"),
    malloc = typical(lines, workload, "malloc_bytes"),
    resident = typical(lines, workload, "resident_bytes"),
  }
end

local HEAD = "| size | CPU us/op | wall us/op | CPU us for one more | peak MB | bytes for one more"
  .. " | Lua bytes each | malloc bytes each | resident bytes each |\n|"
  .. ("--:|"):rep(9)

local function shown(x)
  return x and report.three_digits(x) or ""
end

local function print_family(lines, family, sizes)
  print(("\n%s\n\n%s"):format(family.title, HEAD))
  local last
  for _, size in ipairs(sizes) do
    local point = point_of(lines, family, size)
    if point then
      local more = last and size - last.size
      local cells = {
        size,
        shown(point.cpu),
        shown(point.wall),
        shown(last and point.of_one and (point.of_one - last.of_one) / more),
        shown(point.rss / 1048576),
        shown(last and (point.rss - last.rss) / more),
        shown(point.lua),
        shown(point.malloc),
        shown(point.resident),
      }
      print(("| %s |"):format(table.concat(cells, " | ")))
      last = point
    else
      print(("| %d | not measured |"):format(size))
    end
  end
end

--- Milliseconds that a program takes, from start to end.
local function start_up(command, cpu)
  local count = 100
  local pin = cpu and ("taskset -c %d "):format(cpu) or ""
  local loop = ("i=0; while [ $i -lt %d ]; do %s; i=$((i+1)); done"):format(count, command)
  local took = shell.must(
    ("a=$(date +%%s%%N); %ssh -c %s; b=$(date +%%s%%N); echo $((b-a))"):format(
      pin,
      shell.quoted(loop)
    )
  )
  return tonumber(took) / count / 1e6
end

local function print_start_up(args)
  local runner = os.getenv("LUNASA") or shell.root .. "/build/release/lunasa"
  local commands = { "/bin/true", "luajit -e ''", shell.quoted(runner) .. " -e ''" }
  print("\nStart-up, milliseconds\n\n| program | ms |\n|---|--:|")
  local times = { {}, {}, {} }
  for round = 1, args.rounds do
    for i, command in ipairs(commands) do
      times[i][round] = start_up(command, args.cpu)
    end
  end
  for i, command in ipairs(commands) do
    local name = command:gsub("'[^']*/([^'/]*)'", "%1")
    print(("| %s | %.2f |"):format(name, report.median(times[i])))
  end
end

local args = arguments({ ... })
args.peers, args.workloads = { "lunasa" }, {}
for _, family in ipairs(FAMILIES) do
  for _, size in ipairs(sizes_of(family, args.scale)) do
    table.insert(args.workloads, ("%s_%d"):format(family.name, size))
  end
end
local scale = args.scale
args.scale = 1
local lines = rounds.run(args)
for _, family in ipairs(FAMILIES) do
  print_family(lines, family, sizes_of(family, scale))
end
print_start_up(args)
