--- Reads the text form of Prometheus, as strictly as promtool does.

local exposition = {}

local TYPES = { counter = true, gauge = true, histogram = true }

local function fail(line, problem)
  error(("%s: %s"):format(problem, line), 0)
end

--- Reads `name="value",…`, with its escapes.
local function labels_of(text, line)
  local labels, at = {}, 1
  while at <= #text do
    local name, first = text:match('^([%a_][%w_]*)="()', at)
    local value, is_over = ""
    at = first or fail(line, "no label")
    repeat
      local plain, stop = text:match('^([^\\"\n]*)([\\"])', at)
      value, at = value .. (plain or fail(line, "no end of a label")), at + #plain + 1
      if stop == "\\" then
        local escaped = ({ n = "\n", ["\\"] = "\\", ['"'] = '"' })[text:sub(at, at)]
        value, at = value .. (escaped or fail(line, "no such escape")), at + 1
      end
      is_over = stop == '"'
    until is_over
    if labels[name] then
      fail(line, "a label twice")
    end
    labels[name] = value
    at = text:match("^,()", at) or at == #text + 1 and at or fail(line, "no comma")
  end
  return labels
end

local function number_of(text, line)
  if text == "+Inf" then
    return math.huge
  end
  return text:find("^[%d.e+-]+$") and tonumber(text) or fail(line, "no number")
end

--- The family of a sample, which may have a suffix.
local function check_name(family, name, line)
  local suffix = name:sub(1, #family.name) == family.name and name:sub(#family.name + 1)
  local is_histogram = family.type == "histogram"
  local allowed = is_histogram and { _bucket = true, _sum = true, _count = true } or { [""] = true }
  if not allowed[suffix] then
    fail(line, "not in family " .. family.name)
  elseif family.type == "counter" and not name:find("_total$") then
    fail(line, "a counter's name ends in _total")
  end
  return suffix
end

local function key_of(name, labels)
  local parts = {}
  for label, value in pairs(labels) do
    table.insert(parts, ("%s=%q"):format(label, value))
  end
  table.sort(parts)
  return name .. table.concat(parts, ",")
end

--- The buckets of a histogram go up, and the last one counts all.
local function check_histogram(family)
  local series = {}
  for _, sample in ipairs(family.samples) do
    local labels = {}
    for name, value in pairs(sample.labels) do
      labels[name] = name ~= "le" and value or nil
    end
    local key = key_of("", labels)
    local found = series[key] or { last = -1, bound = -1 }
    series[key] = found
    if sample.suffix == "_bucket" then
      local bound = number_of(sample.labels.le, "le")
      assert(bound > found.bound and sample.value >= found.last, "buckets do not go up")
      found.bound, found.last = bound, sample.value
    else
      found[sample.suffix] = sample.value
    end
  end
  for _, found in pairs(series) do
    assert(found.bound == math.huge, "no bucket for all")
    assert(found.last == found._count, "the last bucket does not count all")
    assert(found._sum, "no sum")
  end
end

local function read_head(state, line)
  local keyword, name, rest = line:match("^# (%u+) ([%a_:][%w_:]*) (.+)$")
  if keyword == "HELP" then
    assert(not state.families[name], "a family twice: " .. tostring(name))
    state.family = { name = name, help = rest, samples = {} }
    state.families[name] = state.family
  elseif keyword == "TYPE" and state.family and state.family.name == name then
    assert(TYPES[rest] and not state.family.type and #state.family.samples == 0, line)
    state.family.type = rest
  else
    fail(line, "neither HELP nor its TYPE")
  end
end

local function read_sample(state, line)
  local name, labels, value = line:match("^([%a_:][%w_:]*){(.*)} (%S+)$")
  local family = state.family
  if not name or not family or not family.type then
    fail(line, "no sample of a family")
  end
  local sample = {
    suffix = check_name(family, name, line),
    labels = labels_of(labels, line),
    value = number_of(value, line),
  }
  local key = key_of(name, sample.labels)
  if state.seen[key] then
    fail(line, "a series twice")
  elseif family.type ~= "gauge" and sample.value < 0 then
    fail(line, "a counter below 0")
  end
  state.seen[key] = true
  table.insert(family.samples, sample)
end

--- Reads a text; raises what is wrong with it.
---@param text string
---@return table<string, { type: string, help: string, samples: table[] }> families by name
function exposition.read(text)
  local state = { families = {}, seen = {}, family = nil }
  assert(text == "" or text:sub(-1) == "\n", "the last line has no end")
  for line in text:gmatch("([^\n]*)\n") do
    if line:sub(1, 1) == "#" then
      read_head(state, line)
    else
      read_sample(state, line)
    end
  end
  for _, family in pairs(state.families) do
    if family.type == "histogram" then
      check_histogram(family)
    end
  end
  return state.families
end

--- Gives the value of the sample that has these labels, nil when there is none.
---@param text string
---@param name string with its suffix
---@param labels? table<string, string> some of them
---@return number?
function exposition.value(text, name, labels)
  local found
  for _, family in pairs(exposition.read(text)) do
    for _, sample in ipairs(family.samples) do
      local is_same = family.name .. sample.suffix == name
      for label, value in pairs(labels or {}) do
        is_same = is_same and sample.labels[label] == value
      end
      if is_same then
        assert(not found, "more than one sample of " .. name)
        found = sample.value
      end
    end
  end
  return found
end

return exposition
