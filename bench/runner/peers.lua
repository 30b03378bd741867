--- The programs that are measured, and what they answer: see ../README.md.

local shell = require("bench.runner.shell")

local peers = {}

---@class bench.Peer
---@field name string
---@field path string

---@class bench.Line
---@field peer string
---@field workload string
---@field round? integer
---@field ops? number
---@field wall_s? number
---@field cpu_s? number
---@field rss_kb? number
---@field check? string
---@field skip? string
---@field error? string
---@field note? string
---@field version? string

--- Seconds that a workload may take.
local LIMIT = 300

--- Lists those that are there, the yardstick first and ours behind it.
---@param wanted? string[] names or paths
---@return bench.Peer[]
function peers.find(wanted)
  local bench = shell.root .. "/bench/"
  local known, list = {}, {}
  for _, folder in ipairs({ "others", "peers" }) do
    local paths = shell.must(
      ("find %s -maxdepth 1 -type f -executable | sort"):format(shell.quoted(bench .. folder))
    )
    for path in paths:gmatch("[^\n]+") do
      local name = path:match("[^/]+$")
      known[name] = path
      table.insert(list, { name = name, path = path })
    end
  end
  table.sort(list, function(a, b)
    local a_is_floor, b_is_floor = a.name == "floor-c", b.name == "floor-c"
    if a_is_floor ~= b_is_floor then
      return a_is_floor
    end
    return a.name < b.name
  end)
  if not wanted then
    return list
  end
  list = {}
  for i, name in ipairs(wanted) do
    local path = name:find("/", 1, true) and name or known[name]
    if not path then
      error(("there is no peer %s in bench/peers or bench/others"):format(name), 0)
    end
    list[i] = { name = name:match("[^/]+$"), path = path }
  end
  return list
end

--- Reads a line of JSON that is a flat object, as every peer's answer is. `check` stays text, so
--- that not a digit of it is lost.
---@param text string
---@return bench.Line
function peers.parse(text)
  local line = {}
  for key, value in text:gmatch('"([%w_]+)":%s*("?[^",}]*"?)') do
    local inner = value:match('^"(.*)"$')
    if value ~= "null" then
      line[key] = inner or key == "check" and value or tonumber(value)
    end
  end
  line.note = text:match('"note":%s*"([^"]*)"')
  line.version = text:match('"version":%s*"([^"]*)"')
  line.skip = text:match('"skip":%s*"([^"]*)"')
  line.error = text:match('"error":%s*"([^"]*)"')
  return line
end

--- Has a peer do a workload.
---@param peer bench.Peer
---@param workload string
---@param environment table<string, any>
---@param cpu? integer
---@return string json one line
function peers.run(peer, workload, environment, cpu)
  local variables = { WORKLOAD = workload }
  for name, value in pairs(environment) do
    variables[name] = value
  end
  local pin = cpu and ("taskset -c %d "):format(cpu) or ""
  local line = ("%s%stimeout %d %s 2>&1 </dev/null"):format(
    shell.environment(variables),
    pin,
    LIMIT,
    shell.quoted(peer.path)
  )
  local output, status = shell.run(line)
  local json
  for text in output:gmatch("[^\n]+") do
    json = text:match("^{.*}$") or json
  end
  if status == 0 and json then
    return json
  end
  local last = output:match("([^\n]*)$"):gsub('[%c"\\]', " ")
  return ('{"peer": "%s", "workload": "%s", "error": "status %d: %s"}'):format(
    peer.name,
    workload,
    status,
    last
  )
end

return peers
