--- What can stand in FROM: methods of tables, aliases, joins and subqueries.
local class = require("lunasa.sa.class")
local column = require("lunasa.sa.schema.column")
local element = require("lunasa.sa.expression.element")
local shape = require("lunasa.sa.shape")

local from = {}

---@class lunasa.sa.From: lunasa.sa.Element
---@field c table<string|integer, lunasa.sa.Column>
---@field name? string
local From = class("From", element.Element)
From.is_from = true
from.From = From

function From:collect_froms(found)
  found[#found + 1] = self
end

--- Gives what this hides when it stands in FROM: a join hides its sides.
---@param hidden table<table, true>
function From:collect_hidden(hidden) -- luacheck: no unused args
end

function From:select_columns()
  return self.c
end

--- Finds the column that stands for one of a table below.
---@param wanted lunasa.sa.Column
---@return lunasa.sa.Column?
function From:corresponding_column(wanted)
  for _, one in ipairs(self.c) do
    if one:stands_for(wanted) then
      return one
    end
  end
  return nil
end

--- The columns that a thing of FROM has for those of its element.
local function proxies(self, columns)
  local made = {}
  for i, one in ipairs(columns) do
    made[i] = column.proxy(self, one, one.name, one.key)
  end
  return made
end

--- Builds the columns when somebody asks for them first.
local function lazy_columns(self, key)
  if key == "c" or key == "columns" then
    local owner = self.name and ("'%s'"):format(tostring(self.name)) or "the subquery"
    local made = column.collection(self:make_columns(), owner)
    rawset(self, "c", made)
    rawset(self, "columns", made)
    return made
  end
  return getmetatable(self).methods[key]
end

--- Makes a class whose instances build their columns late.
---@param name string
---@param parent? table
function from.class(name, parent)
  local made = class(name, parent or From)
  made.methods = made
  made.__index = lazy_columns
  return made
end

--- The same under another name. Without a name it is given one by a number, and the statement
--- cannot be found again by its shape: name what is used often.
---@class lunasa.sa.Alias: lunasa.sa.From
---@field element table
---@field name? string
local Alias = from.class("Alias")
Alias.kind = "alias"
from.Alias = Alias

---@param name? string
function From:alias(name)
  return setmetatable({
    element = self,
    name = name,
    sh = name and shape.of("alias", shape.name(name), self.sh),
  }, Alias)
end

function Alias:make_columns()
  return proxies(self, self.element.c)
end

from.proxies = proxies

return from
