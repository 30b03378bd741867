--- Names of constraints and indexes: their own, those of MetaData's naming convention, or for an
--- index the usual one.
local naming = {}

local KEYS = {
  index = "ix",
  unique_constraint = "uq",
  check_constraint = "ck",
  foreign_key_constraint = "fk",
  primary_key_constraint = "pk",
}

--- What a column is called in a convention, by the last word of it.
local CALLED = {
  name = function(column)
    return tostring(column.name)
  end,
  key = function(column)
    return column.key or tostring(column.name)
  end,
  label = function(column, owner)
    local schema = owner.schema and tostring(owner.schema) .. "_" or ""
    return schema .. tostring(owner.name) .. "_" .. tostring(column.name)
  end,
}

--- The columns that a constraint or an index is of, or those that a foreign key refers to.
local function columns_of(one, is_referred)
  if not is_referred then
    return one.columns or one.expressions or {}
  end
  local targets = {}
  for i, key in ipairs(one.elements or {}) do
    targets[i] = key:column()
  end
  return targets
end

--- `column_0_name`; `column_0N_name` is all of them, `column_0_N_name` with signs between.
local function column_word(one, word)
  local referred, number, kind = word:match("^(r?e?f?e?r?r?e?d?_?)column_(%d+_?N?)_(%a+)$")
  local call = kind and CALLED[kind]
  if not call then
    return nil
  end
  local columns, parts = columns_of(one, referred ~= ""), {}
  local first, is_all = tonumber(number:match("^%d+")) + 1, number:find("N") ~= nil
  for i = first, is_all and #columns or first do
    local column = columns[i]
    parts[#parts + 1] = column and column.name and call(column, column.table) or ""
  end
  return table.concat(parts, number:find("_N") and "_" or "")
end

--- What stands for a word of a convention.
local function words_of(one, owner)
  return function(word)
    if word == "table_name" then
      return tostring(owner.name)
    elseif word == "constraint_name" then
      return one.name
    elseif word == "referred_table_name" then
      local target = columns_of(one, true)[1]
      return target and tostring(target.table.name)
    end
    return column_word(one, word)
  end
end

--- The name that the convention of the MetaData gives; nil for none.
local function by_convention(one, owner)
  local convention = owner and owner.metadata and owner.metadata.naming_convention
  local pattern = convention and convention[KEYS[one.kind]]
  if not pattern then
    return nil
  end
  local uses_name = pattern:find("%(constraint_name)", 1, true) ~= nil
  if uses_name ~= (one.name ~= nil) then
    return nil
  end
  return (pattern:gsub("%%%(([%w_]+)%)s", words_of(one, owner)))
end

local function usual_index_name(one, owner)
  local first = one.expressions[1]
  return first.name and "ix_" .. CALLED.label(first, owner) or nil
end

--- Gives the name; nil for a constraint without one.
---@param one table a constraint or an index
---@param owner lunasa.sa.Table
---@return string?
function naming.of(one, owner)
  if one.has_final_name then
    return one.name
  end
  return by_convention(one, owner)
    or one.name
    or one.kind == "index" and usual_index_name(one, owner)
    or nil
end

return naming
