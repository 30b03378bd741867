--- The command line of bench/run.

local shell = require("bench.runner.shell")

---@class bench.Arguments
---@field peers? string[]
---@field workloads string[]
---@field rounds integer
---@field scale number
---@field cpu? integer nil leaves programs where they are
---@field out string
---@field is_short boolean
---@field report? string[] files

local ALL = {
  "point",
  "point_ps",
  "scan_narrow",
  "scan_dict",
  "scan_ps",
  "scan_wide",
  "stream",
  "tls_scan",
  "insert_many",
  "insert_one",
  "concurrent",
  "connect_tcp",
  "connect_unix",
  "blob",
  "pool",
  "sa_point",
  "sa_point_kept",
}

local function split(list)
  local parts = {}
  for part in list:gmatch("[^,]+") do
    table.insert(parts, part)
  end
  return parts
end

local function number(text)
  return assert(tonumber(text), "not a number: " .. tostring(text))
end

--- What each option does with its value.
local OPTIONS = {
  ["--peers"] = function(self, value)
    self.peers = split(value)
  end,
  ["--workloads"] = function(self, value)
    self.workloads = split(value)
  end,
  ["--rounds"] = function(self, value)
    self.rounds = number(value)
  end,
  ["--scale"] = function(self, value)
    self.scale = number(value)
  end,
  ["--cpu"] = function(self, value)
    self.cpu = value ~= "none" and number(value) or nil
  end,
  ["--out"] = function(self, value)
    self.out = value
  end,
}

local function make_short(self)
  self.is_short = true
  self.peers = { "floor-c", "lunasa", "lunasa-packed", "lunasa-column" }
  self.rounds, self.scale = 1, 0.02
  self.out = shell.root .. "/build/bench/short.jsonl"
end

--- Reads the command line; an error is text for the user.
---@param list string[]
---@return bench.Arguments
return function(list)
  local self = {
    workloads = ALL,
    rounds = 5,
    scale = 1,
    cpu = shell.last_cpu(),
    out = ("%s/bench/results/%s.jsonl"):format(shell.root, os.date("%Y-%m-%d-%H%M%S")),
    is_short = false,
  }
  local i = 1
  while list[i] do
    local name = list[i]
    if name == "--short" then
      make_short(self)
    elseif name == "--report" then
      self.report = { unpack(list, i + 1) }
      return self
    elseif OPTIONS[name] and list[i + 1] then
      i = i + 1
      OPTIONS[name](self, list[i])
    else
      error(("%s is no option, or lacks its value; bench/run says which there are"):format(name), 0)
    end
    i = i + 1
  end
  return self
end
