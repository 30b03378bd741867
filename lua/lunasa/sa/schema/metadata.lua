--- MetaData: the tables of one schema, and the order in which they depend on each other.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")

local metadata = {}

---@class lunasa.sa.MetaData
---@field tables table<string, lunasa.sa.Table> by full name
---@field sorted_tables lunasa.sa.Table[] each after those it refers to
---@field schema? string of tables that name none
---@field naming_convention table<string, string>
local MetaData = class("MetaData")
metadata.MetaData = MetaData

local OPTIONS = { schema = true, naming_convention = true, info = true }

---@return lunasa.sa.MetaData
function metadata.new(...)
  local _, options = arguments.read(...)
  arguments.check("MetaData", options, OPTIONS)
  return setmetatable({
    tables = {},
    schema = options.schema,
    naming_convention = options.naming_convention or {},
  }, MetaData)
end

--- Tells under which name a table is kept.
function metadata.full_name(name, schema)
  return schema and tostring(schema) .. "." .. tostring(name) or tostring(name)
end

local function names_of(tables)
  local names = {}
  for name in pairs(tables) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The tables that a table refers to, itself left out.
local function referred_by(one)
  local found = {}
  for _, column in ipairs(one.c) do
    for _, key in ipairs(column.foreign_keys) do
      local target = key:column(true)
      if target and target.table ~= one and not key.use_alter then
        found[target.table] = true
      end
    end
  end
  return found
end

--- Gives tables so that each follows those that it refers to, by name where that leaves a choice.
---@param tables lunasa.sa.Table[]
---@return lunasa.sa.Table[]
function metadata.sort(tables)
  local left, sorted, is_done = {}, {}, {}
  for i, one in ipairs(tables) do
    left[i] = one
  end
  local is_wanted = {}
  for _, one in ipairs(left) do
    is_wanted[one] = true
  end
  while #left > 0 do
    local waiting, ready = {}, {}
    for _, one in ipairs(left) do
      local is_ready = true
      for target in pairs(referred_by(one)) do
        is_ready = is_ready and (is_done[target] or not is_wanted[target])
      end
      table.insert(is_ready and ready or waiting, one)
    end
    if #ready == 0 then
      mistake.raise("CircularDependencyError", "the tables refer to each other in a circle")
    end
    for _, one in ipairs(ready) do
      sorted[#sorted + 1] = one
      is_done[one] = true
    end
    left = waiting
  end
  return sorted
end

function MetaData:__index(name)
  if name == "sorted_tables" then
    local tables = {}
    for i, full in ipairs(names_of(self.tables)) do
      tables[i] = self.tables[full]
    end
    return metadata.sort(tables)
  end
  return MetaData[name]
end

--- Forgets a table.
function MetaData:remove(one)
  self.tables[one.full_name] = nil
end

return metadata
