--- INSERT … ON CONFLICT, as SQLite and PostgreSQL have it.
local Base = require("lunasa.sa.compiler.default")
local class = require("lunasa.sa.class")
local column = require("lunasa.sa.schema.column")
local from = require("lunasa.sa.selectable.from")
local inserts = require("lunasa.sa.dml.insert")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local values = require("lunasa.sa.dml.values")

local Insert = class("ConflictInsert", inserts.Insert)

--- The row that was to be inserted, as a table called `excluded`.
local Excluded = class("Excluded", from.From)
Excluded.kind = "excluded"
Excluded.name = "excluded"

local function excluded_of(target)
  local self = setmetatable({ sh = shape.of("excluded", target.sh, false) }, Excluded)
  local columns = {}
  for i, one in ipairs(target.c) do
    columns[i] = column.proxy(self, one, one.name, one.key)
  end
  return column.collection(columns, "excluded")
end

function Insert.__index(self, key)
  if key == "excluded" then
    local made = excluded_of(rawget(self, "target"))
    rawset(self, "excluded", made)
    return made
  end
  return Insert[key]
end

local read_options = options_of("on_conflict", "index_elements constraint index_where set_ where")

local function check_target(options)
  if options.constraint and options.index_elements then
    local message = "on_conflict has a constraint or index_elements, not both"
    mistake.raise("ArgumentError", message)
  end
end

local function with_conflict(self, action, options)
  check_target(read_options(options))
  local made, constraint = inserts.copy(self), options.constraint
  if type(constraint) == "table" and constraint.name then
    constraint = constraint.name
  end
  made.conflict = {
    action = action,
    elements = options.index_elements,
    constraint = constraint,
    index_where = options.index_where,
    set = options.set_,
    where = options.where,
  }
  made.sh = nil -- what is set is compiled anew: upserts of this form are kept, not built again
  return made
end

--- Leaves the row that is there as it is.
function Insert:on_conflict_do_nothing(options)
  return with_conflict(self, "nothing", options or {})
end

--- Changes the row that is there.
function Insert:on_conflict_do_update(options)
  if type(options) ~= "table" or type(options.set_) ~= "table" or next(options.set_) == nil then
    mistake.raise("ArgumentError", "on_conflict_do_update needs set_ with a column")
  end
  return with_conflict(self, "update", options)
end

local conflict = { Insert = Insert }

--- Adds the methods that write it.
function conflict.add(Compiler)
  --- A column by its name, or an expression of an index.
  local function element_text(self, element)
    if type(element) == "table" and element.is_expression and element.kind ~= "column" then
      return self:process(element)
    end
    return self:quote(type(element) == "table" and element.name or element)
  end

  local function target_text(self, one)
    local elements = one.elements
    if type(one.constraint) == "table" and not one.constraint.is_quoted_name then
      elements = one.constraint.columns
    elseif one.constraint then
      return " ON CONSTRAINT " .. self:quote(one.constraint)
    end
    if not elements then
      return ""
    end
    local names = {}
    self.has_table_names = false
    for i, element in ipairs(elements) do
      names[i] = element_text(self, element)
    end
    local text = (" (%s)"):format(table.concat(names, ", "))
    if one.index_where then
      text = text .. " WHERE " .. self:conflict_where(one.index_where)
    end
    self.has_table_names = true
    return text
  end

  function Compiler:conflict_where(condition)
    return self:process(condition)
  end

  function Compiler:upsert(statement)
    local one = statement.conflict
    if not one then
      return Base.upsert(self, statement)
    end
    local head = " ON CONFLICT" .. target_text(self, one)
    if one.action == "nothing" then
      return head .. " DO NOTHING"
    end
    local row, parts = values.row(statement.target, one.set), {}
    for _, own in ipairs(statement.target.c) do
      if row[own] ~= nil then
        local name = self:quote(own.name, own.quote)
        parts[#parts + 1] = name .. " = " .. self:process(row[own]:self_group())
      end
    end
    local text = head .. " DO UPDATE SET " .. table.concat(parts, ", ")
    return one.where and text .. " WHERE " .. self:process(one.where) or text
  end
end

return conflict
