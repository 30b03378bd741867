--- The parts of a Table, made of a description of one that a database has.
local column = require("lunasa.sa.schema.column")
local constraint = require("lunasa.sa.schema.constraint")
local ddl = require("lunasa.sa.schema.ddl")
local index = require("lunasa.sa.schema.index")
local text = require("lunasa.sa.expression.text")

local reflected = {}

--- Options of a part: those given here, and what only one database knows.
local function with_options(options, of_dialect)
  for name, value in pairs(of_dialect or {}) do
    options[name] = value
  end
  return options
end

--- SQL as the server said it.
local function literal(sql)
  return sql and text.literal_column(sql) or nil
end

--- Makes a column of what is told of it.
---@param told table
---@param checks table[] those that stand with columns
---@return lunasa.sa.Column
local function make_column(told, checks)
  local parts = { n = 0 }
  local function add(part)
    parts.n = parts.n + 1
    parts[parts.n] = part
  end
  if told.computed then
    local options = { persisted = told.computed.persisted }
    add(ddl.Computed(told.computed.sqltext, options))
  end
  for _, check in ipairs(checks) do
    if check.column == told.name then
      add(constraint.CheckConstraint(check.sqltext))
    end
  end
  local options = with_options({
    nullable = told.nullable,
    server_default = literal(told.default),
    server_onupdate = literal(told.onupdate),
    autoincrement = told.autoincrement,
    comment = told.comment,
  }, told.dialect_options)
  add(options)
  return column.new(told.name, told.type, unpack(parts, 1, parts.n))
end

--- Tells whether all names are those of columns.
local function are_known(names, columns)
  for _, name in ipairs(names) do
    if type(name) == "string" and not columns[name] then
      return false
    end
  end
  return true
end

--- The name is the database's: no naming convention changes it.
local function named(part)
  part.has_final_name = true
  return part
end

local function make_index(told, columns)
  local parts, sorting = {}, told.column_sorting or {}
  for i, name in ipairs(told.column_names) do
    local expression = told.expressions and told.expressions[i] or name
    local part = type(name) == "string" and columns[name] or literal(expression)
    local is_desc = sorting[expression] and sorting[expression][1] == "desc"
    parts[i] = is_desc and part:desc() or part
  end
  local options = with_options({ unique = told.unique }, told.dialect_options)
  parts[#parts + 1] = options
  return named(index.new(told.name, unpack(parts)))
end

local function make_key(told)
  local options = with_options({}, told.dialect_options)
  for name, words in pairs(told.column_sorting or {}) do
    options.mysql_sorting = options.mysql_sorting or {}
    options.mysql_sorting[name] = words[1]
  end
  local given = with_options({ unpack(told.constrained_columns) }, options)
  return constraint.PrimaryKeyConstraint(given)
end

local function make_foreign_key(told)
  local targets = {}
  for i, name in ipairs(told.referred_columns) do
    targets[i] = constraint.reference(name, told.referred_table, told.referred_schema)
  end
  local options = { name = told.name }
  options.ondelete, options.onupdate = told.options.ondelete, told.options.onupdate
  options.match = told.options.match
  return named(constraint.ForeignKeyConstraint(told.constrained_columns, targets, options))
end

--- Tells whether columns of the user's own say themselves what they refer to.
local function is_overridden(names, overrides)
  for _, name in ipairs(names) do
    if not overrides[name] or #overrides[name].foreign_keys == 0 then
      return false
    end
  end
  return true
end

--- Gives the columns of a description: the user's own where they are given, and those that are
--- only the user's behind them.
---@param description lunasa.sa.TableDescription
---@param given lunasa.sa.Column[]
---@param included? table<string, true> the names of others that are wanted; nil: all
---@return lunasa.sa.Column[] list
---@return table<string, lunasa.sa.Column> by_name
---@return table<string, lunasa.sa.Column> overrides
function reflected.columns(description, given, included)
  local list, by_name, overrides, is_used = {}, {}, {}, {}
  for _, one in ipairs(given) do
    overrides[tostring(one.name)] = one
  end
  for _, told in ipairs(description.columns) do
    local one = overrides[told.name]
    if one or not included or included[told.name] then
      one = one or make_column(told, description.checks)
      list[#list + 1], by_name[told.name], is_used[one] = one, one, true
    end
  end
  for _, one in ipairs(given) do
    if not is_used[one] then
      list[#list + 1] = one
      by_name[tostring(one.name)] = one
    end
  end
  return list, by_name, overrides
end

--- Gives the constraints and the indexes.
---@param description lunasa.sa.TableDescription
---@param columns table<string, lunasa.sa.Column> by name
---@param overrides table<string, lunasa.sa.Column>
---@return table[]
function reflected.parts(description, columns, overrides)
  local list = {}
  local key = description.primary_key
  if #key.constrained_columns > 0 and are_known(key.constrained_columns, columns) then
    list[#list + 1] = make_key(key)
  end
  for _, told in ipairs(description.checks) do
    if not told.column then
      local options = with_options({ name = told.name }, told.dialect_options)
      list[#list + 1] = named(constraint.CheckConstraint(told.sqltext, options))
    end
  end
  for _, told in ipairs(description.foreign_keys) do
    local names = told.constrained_columns
    if are_known(names, columns) and not is_overridden(names, overrides) then
      list[#list + 1] = make_foreign_key(told)
    end
  end
  for _, told in ipairs(description.indexes) do
    if are_known(told.column_names, columns) then
      list[#list + 1] = make_index(told, columns)
    end
  end
  return list
end

--- Gives the options of a Table.
---@param description lunasa.sa.TableDescription
---@return table<string, any>
function reflected.options(description)
  local options = with_options({ comment = description.comment }, description.options)
  if #description.periods > 0 then
    options.mysql_periods = description.periods
  end
  return options
end

return reflected
