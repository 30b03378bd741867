--- The text form in which Prometheus reads metrics.
local exposition = {}

---@class lunasa.Exposition
---@field private prefix string
---@field private families table[] name, type, help
---@field private labels string of every line, as text
---@field private lines table<string, string[]> by family
local Exposition = {}
Exposition.__index = Exposition

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

--- The characters of UTF-8 that are more than one byte, by their first one.
local CHARACTERS = {
  "^[\194-\223][\128-\191]",
  "^\224[\160-\191][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]",
  "^\244[\128-\143][\128-\191][\128-\191]",
}

--- Puts "?" for each byte that is no part of a character: Prometheus would refuse all of the text.
local function in_utf8(bytes)
  local parts, at = {}, 1
  while at <= #bytes do
    local character = "?"
    for _, form in ipairs(CHARACTERS) do
      character = bytes:match(form, at) or character
    end
    table.insert(parts, character)
    at = at + #character
  end
  return table.concat(parts)
end

--- Writes the value of a label.
local function quoted(text)
  local escaped = text:gsub('[\\"\n]', ESCAPES):gsub("[\128-\255]+", in_utf8)
  return '"' .. escaped .. '"'
end

--- Writes labels, in order, so that a line is the same each time.
local function pairs_of(labels)
  local names, texts = {}, {}
  for name in pairs(labels) do
    table.insert(names, name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    texts[i] = name .. "=" .. quoted(labels[name])
  end
  return texts
end

--- Writes a number so that it is read as the same one.
---@param value number
---@return string
function exposition.number(value)
  if value == math.huge then
    return "+Inf"
  end
  local is_whole = value == math.floor(value) and math.abs(value) < 2 ^ 53
  return (is_whole and "%.0f" or "%.15g"):format(value)
end

--- Begins a text.
---@param prefix string of the names of families
---@param families table[] name, type, help
---@param labels table<string, string> of every line
---@return lunasa.Exposition
function exposition.new(prefix, families, labels)
  return setmetatable({ prefix = prefix, families = families, labels = labels, lines = {} }, {
    __index = Exposition,
  })
end

--- Adds a line to a family.
---@param family string
---@param labels table<string, string>
---@param more? table<string, string>
---@param value number
---@param suffix? string of the family's name
function Exposition:add(family, labels, more, value, suffix)
  local all = {}
  for _, source in ipairs({ self.labels, labels, more or {} }) do
    for name, text in pairs(source) do
      all[name] = text
    end
  end
  local lines = self.lines[family] or {}
  self.lines[family] = lines
  local name = self.prefix .. family .. (suffix or "")
  local texts = table.concat(pairs_of(all), ",")
  table.insert(lines, ("%s{%s} %s"):format(name, texts, exposition.number(value)))
end

--- Gives the text. Families without a line are left out.
---@return string
function Exposition:finish()
  local parts = {}
  for _, family in ipairs(self.families) do
    local lines, name = self.lines[family[1]], self.prefix .. family[1]
    if lines then
      table.insert(parts, ("# HELP %s %s"):format(name, family[3]))
      table.insert(parts, ("# TYPE %s %s"):format(name, family[2]))
      table.insert(parts, table.concat(lines, "\n"))
    end
  end
  return #parts > 0 and table.concat(parts, "\n") .. "\n" or ""
end

--- Puts a line where its family is.
local function place(families, order, family, line)
  local found = families[family]
  if not found then
    found = { heads = {}, lines = {}, known = {} }
    families[family] = found
    table.insert(order, found)
  end
  local head = line:match("^# %u+")
  if not head then
    table.insert(found.lines, line)
  elseif not found.known[head] then
    found.known[head] = true
    table.insert(found.heads, line)
  end
end

--- Puts texts together, such as those of several workers: the lines of a family must be in one
--- place. The texts differ in a label.
---@param texts string[]
---@return string
function exposition.join(texts)
  local families, order, parts = {}, {}, {}
  for _, text in ipairs(texts) do
    local family = ""
    for line in text:gmatch("[^\n]+") do
      family = line:match("^# %u+ (%S+)") or family
      place(families, order, family, line)
    end
  end
  for _, found in ipairs(order) do
    for _, lines in ipairs({ found.heads, found.lines }) do
      table.insert(parts, #lines > 0 and table.concat(lines, "\n") .. "\n" or nil)
    end
  end
  return table.concat(parts)
end

return exposition
