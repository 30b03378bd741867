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

local function first_column(one)
  local columns = one.columns or one.expressions
  return columns and columns[1]
end

--- What stands for a word of a convention.
local function words_of(one, owner)
  local column = first_column(one)
  local name = column and column.name and tostring(column.name) or ""
  local target = one.elements and one.elements[1]:column()
  return {
    table_name = tostring(owner.name),
    column_0_name = name,
    column_0_key = column and column.key or name,
    column_0_label = tostring(owner.name) .. "_" .. name,
    column_0_N_name = name,
    constraint_name = one.name,
    referred_table_name = target and tostring(target.table.name),
    referred_column_0_name = target and tostring(target.name),
  }
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
  local names = {}
  for i, column in ipairs(one.expressions) do
    names[i] = tostring(column.name)
  end
  return ("ix_%s_%s"):format(tostring(owner.name), table.concat(names, "_"))
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
