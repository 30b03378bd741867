--- INSERT … ON DUPLICATE KEY UPDATE.
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")
local values = require("lunasa.sa.dml.values")

---@class lunasa.sa.mysql.Insert: lunasa.sa.Insert
---@field inserted table<string, lunasa.sa.Expression> what the row would have had
---@field updates? { [1]: lunasa.sa.Column, [2]: any }[]
local Insert = class("MySQLInsert", inserts.Insert)

--- `VALUES(column)`: the value of the row that was to be inserted.
local Inserted = class("Inserted", element.Expression)
Inserted.kind = "inserted"

local function inserted_of(target)
  return setmetatable({}, {
    __index = function(self, key)
      local column = target.c[key]
      local made = setmetatable({
        column = column,
        type = column.type,
        sh = shape.of("inserted", column.sh, false),
      }, Inserted)
      rawset(self, key, made)
      return made
    end,
  })
end

function Insert.__index(self, key)
  if key == "inserted" then
    return inserted_of(rawget(self, "target"))
  end
  return Insert[key]
end

--- Pairs in the order they were given, or a map in the order of the table.
local function read_updates(target, ...)
  local first = ...
  local list, pairs_given = { ... }, {}
  if type(first[1]) == "table" and first[1].is_element == nil then
    list, first = first, first[1]
  end
  if #first > 0 then
    for i = 1, table.maxn(list) do
      local column, value = values.pair(target, list[i], "on_duplicate_key_update")
      pairs_given[i] = { column, value }
    end
    return pairs_given
  end
  local row = values.row(target, first)
  for _, column in ipairs(target.c) do
    if row[column] ~= nil then
      pairs_given[#pairs_given + 1] = { column, row[column] }
    end
  end
  return pairs_given
end

--- What is set in the row that is there already: `{ v = insert.inserted.v }`, or pairs where the
--- order matters.
function Insert:on_duplicate_key_update(...)
  local first = ...
  if type(first) ~= "table" or next(first) == nil then
    mistake.raise("ArgumentError", "on_duplicate_key_update needs at least one column")
  end
  local made = inserts.copy(self)
  made.updates = read_updates(self.target, ...)
  made.sh = shape.of("on duplicate", made.sh, false)
  for _, pair in ipairs(made.updates) do
    made.sh = shape.of("update", shape.of("at", made.sh, pair[1].key), pair[2].sh)
  end
  return made
end

return Insert
