--- MetaData: the tables of one schema, and the order in which they depend on each other.
local arguments = require("lunasa.sa.schema.arguments")
local class = require("lunasa.sa.class")
local order = require("lunasa.sa.schema.order")

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

--- Gives tables so that each follows those that it refers to, by name where that leaves a choice.
---@param tables lunasa.sa.Table[]
---@return lunasa.sa.Table[]
function metadata.sort(tables)
  return (order(tables))
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
