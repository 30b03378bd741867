--- Options that only MySQL and MariaDB know, `mysql_engine`; one of `mariadb_…` is MariaDB's alone.

--- Gives an option of a table, a column, an index or a constraint.
---@param dialect lunasa.sa.Dialect
---@param options table
---@param name string without the prefix
---@return any
return function(dialect, options, name)
  local own = options[dialect.name .. "_" .. name]
  if own == nil then
    return options["mysql_" .. name]
  end
  return own
end
