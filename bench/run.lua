--- Measures drivers side by side: `bench/run` says how.

package.path = arg[0]:match("^(.*)/") .. "/../?.lua;" .. package.path

local arguments = require("bench.runner.arguments")
local peers = require("bench.runner.peers")
local report = require("bench.runner.report")
local rounds = require("bench.runner.rounds")

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
  local lines = rounds.run(args)
  return report.print(lines) and not (args.is_short and not has_all(lines, args.peers))
end

local args = arguments({ ... })
local is_right
if args.report then
  is_right = report.print(read(args.report))
else
  is_right = run(args)
end
os.exit(is_right and 0 or 1)
