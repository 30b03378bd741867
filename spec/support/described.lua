--- All that an inspector says of a table, as plain values that can be compared.

--- Types as text.
local function plain(value)
  if type(value) ~= "table" then
    return value
  elseif value.is_type then
    return value:compile({ dialect = "mysql" })
  end
  local made = {}
  for key, one in pairs(value) do
    made[key] = plain(one)
  end
  return made
end

---@param inspector lunasa.Inspector
---@param name string
---@param schema? string
---@return table
return function(inspector, name, schema)
  local foreign_keys = inspector:get_foreign_keys(name, schema)
  for _, key in ipairs(foreign_keys) do
    if key.referred_schema == schema then
      key.referred_schema = nil
    end
  end
  return plain({
    columns = inspector:get_columns(name, schema),
    primary_key = inspector:get_pk_constraint(name, schema),
    indexes = inspector:get_indexes(name, schema),
    unique = inspector:get_unique_constraints(name, schema),
    foreign_keys = foreign_keys,
    checks = inspector:get_check_constraints(name, schema),
    comment = inspector:get_table_comment(name, schema),
    options = inspector:get_table_options(name, schema),
  })
end
