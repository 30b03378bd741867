--- Tables of what was measured, and what is wrong with it.

local report = {}

local BASELINE = "floor-c"

---@class bench.Cell medians of the rounds
---@field cpu number microseconds for each operation
---@field wall number
---@field rss number megabytes
---@field check? string
---@field differs boolean rounds have different checks

---@param values number[] sorted in place
---@return number
function report.median(values)
  table.sort(values)
  local middle = #values / 2
  if middle % 1 == 0 then
    return (values[middle] + values[middle + 1]) / 2
  end
  return values[middle + 0.5]
end

--- The median of a field of some lines, for each operation and in another unit.
local function typical(lines, field, factor)
  local values = {}
  for i, line in ipairs(lines) do
    values[i] = line[field] * factor
  end
  return report.median(values)
end

---@param lines bench.Line[]
---@return bench.Cell
local function cell_of(lines)
  local per_operation = 1e6 / lines[1].ops
  local cell = {
    cpu = typical(lines, "cpu_s", per_operation),
    wall = typical(lines, "wall_s", per_operation),
    rss = typical(lines, "rss_kb", 1 / 1024),
    check = lines[1].check,
    differs = false,
  }
  for _, line in ipairs(lines) do
    cell.differs = cell.differs or line.check ~= cell.check
  end
  return cell
end

--- The names in a list, each once, in the order they came.
local function add_name(names, name)
  if not names[name] then
    names[name] = true
    table.insert(names, name)
  end
end

--- Puts lines together: by peer and workload, and what could not be measured.
---@param lines bench.Line[]
---@return table
local function gather(lines)
  local self = {
    peers = {},
    workloads = {},
    cells = {},
    skips = {},
    reasons = {},
    problems = {},
    versions = {},
  }
  local groups = {}
  for _, line in ipairs(lines) do
    local key = line.peer .. " " .. line.workload
    if line.error then
      table.insert(self.problems, ("%s, %s: %s"):format(line.peer, line.workload, line.error))
    elseif line.skip then
      self.skips[line.skip] = self.skips[line.skip] or {}
      add_name(self.skips[line.skip], key)
      add_name(self.reasons, line.skip)
    else
      add_name(self.peers, line.peer)
      add_name(self.workloads, line.workload)
      self.versions[line.peer] = line.version
      groups[key] = groups[key] or {}
      table.insert(groups[key], line)
    end
  end
  for key, group in pairs(groups) do
    self.cells[key] = cell_of(group)
  end
  return self
end

--- Whose result counts for a workload: the yardstick's, or that of the first peer.
local function reference(self, workload)
  for _, peer in ipairs({ BASELINE, unpack(self.peers) }) do
    local cell = self.cells[peer .. " " .. workload]
    if cell and cell.check then
      return peer, cell.check
    end
  end
end

local function find_differences(self)
  for _, workload in ipairs(self.workloads) do
    local whose, check = reference(self, workload)
    for _, peer in ipairs(self.peers) do
      local cell = self.cells[peer .. " " .. workload]
      if cell and check and (cell.check ~= check or cell.differs) then
        local message = "%s, %s: the result is %s, %s has %s"
        local found = cell.differs and "not always the same" or tostring(cell.check)
        table.insert(self.problems, message:format(peer, workload, found, whose, check))
      end
    end
  end
end

---@param x number
---@return string
function report.three_digits(x)
  return x >= 1000 and ("%.0f"):format(x) or ("%.3g"):format(x)
end

---@param self table
---@param title string
---@param value fun(cell: bench.Cell, baseline?: bench.Cell): number?
local function print_table(self, title, value)
  print(("\n%s\n\n| peer | %s |"):format(title, table.concat(self.workloads, " | ")))
  print("|---|" .. ("--:|"):rep(#self.workloads))
  for _, peer in ipairs(self.peers) do
    local row = {}
    for i, workload in ipairs(self.workloads) do
      local cell = self.cells[peer .. " " .. workload]
      local shown = cell and value(cell, self.cells[BASELINE .. " " .. workload])
      row[i] = shown and report.three_digits(shown) or ""
    end
    print(("| %s | %s |"):format(peer, table.concat(row, " | ")))
  end
end

local function print_rest(self)
  print("\nVersions\n")
  for _, peer in ipairs(self.peers) do
    print(("- %s: %s"):format(peer, self.versions[peer] or "unknown"))
  end
  if #self.reasons > 0 then
    print("\nSkipped\n")
  end
  for _, why in ipairs(self.reasons) do
    print(("- %s: %s"):format(why, table.concat(self.skips[why], ", ")))
  end
  if #self.problems > 0 then
    print("\nWrong\n")
  end
  for _, problem in ipairs(self.problems) do
    print("- " .. problem)
  end
end

--- Prints all of it.
---@param lines bench.Line[]
---@return boolean is_right every peer did its work, and the results are equal
function report.print(lines)
  local self = gather(lines)
  find_differences(self)
  print_table(self, "Client CPU, microseconds per operation", function(cell)
    return cell.cpu
  end)
  print_table(self, "The same as a ratio to " .. BASELINE, function(cell, baseline)
    return baseline and baseline.cpu > 0 and cell.cpu / baseline.cpu or nil
  end)
  print_table(self, "Wall, microseconds per operation", function(cell)
    return cell.wall
  end)
  print_table(self, "Peak memory, MB", function(cell)
    return cell.rss
  end)
  print_rest(self)
  return #self.problems == 0
end

return report
