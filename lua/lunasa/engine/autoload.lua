--- Tables whose columns are asked of the database: `Table{ "t", meta, autoload_with = conn }`.
local bound = require("lunasa.engine.bound")
local inspect = require("lunasa.engine.inspect")
local log = require("lunasa.log")
local mistake = require("lunasa.sa.mistake")
local reflected = require("lunasa.sa.schema.reflected")
local schema_table = require("lunasa.sa.schema.table")

local autoload = {}

--- Gives an inspector for what was given as such: one that is there already, or where to ask.
local function inspector_of(given)
  if type(given) == "table" and given.describe then
    return given
  end
  return inspect.inspect(given)
end

local function as_set(names)
  if names == nil then
    return nil
  end
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

--- Splits what was given of a table into columns and the rest.
local function split(given)
  local columns, others = {}, {}
  for i = 3, given.n do
    local part = given[i]
    table.insert(type(part) == "table" and part.is_column and columns or others, part)
  end
  return columns, others
end

--- Gives what a table is made of: what the database says, and what was given, which wins.
---@async
---@param given { n: integer, [integer]: any } name, MetaData, parts
---@param options table
---@param schema? string
---@return { n: integer, [integer]: any } given
---@return table options
function autoload.read(given, options, schema)
  local inspector = inspector_of(options.autoload_with)
  local name = tostring(given[1])
  local description = inspector:describe(name, schema)
  if not description then
    local full = schema and schema .. "." .. name or name
    mistake.raise("NoSuchTableError", ("there is no table '%s'"):format(full))
  end
  local own, others = split(given)
  local included = as_set(options.include_columns)
  local columns, by_name, overrides = reflected.columns(description, own, included)
  local all = { given[1], given[2], n = 2 }
  for _, list in ipairs({ columns, reflected.parts(description, by_name, overrides), others }) do
    for _, part in ipairs(list) do
      all.n = all.n + 1
      all[all.n] = part
    end
  end
  local merged = reflected.options(description)
  for option, value in pairs(options) do
    merged[option] = value
  end
  merged.autoload_with = inspector
  return all, merged
end

--- Reflects the tables that a table refers to, and those that they refer to.
---@async
---@param self lunasa.sa.Table
function autoload.follow(self)
  local meta, inspector = self.metadata, self.options.autoload_with
  for _, constraint in ipairs(self.constraints) do
    local target = constraint.elements and constraint.elements[1].target
    if type(target) == "table" and target.is_reference and not meta.tables[target.full_name] then
      local options = { schema = target.schema, autoload_with = inspector, keep_existing = true }
      schema_table.new(target.table_name, meta, options)
    end
  end
end

--- Tells which tables `reflect` is to take.
local function chooser(only)
  if only == nil then
    return function()
      return true
    end
  elseif type(only) == "function" then
    return only
  elseif type(only) ~= "table" then
    mistake.raise("ArgumentError", "option 'only' of reflect is a list of names, or a function")
  end
  local set = as_set(only)
  return function(name)
    return set[name] or false
  end
end

--- Raises about names of `only` that no table has.
local function check_only(only, names, schema)
  if type(only) ~= "table" then
    return
  end
  local there, missing = as_set(names), {}
  for _, name in ipairs(only) do
    if not there[name] then
      missing[#missing + 1] = ("'%s'"):format(tostring(name))
    end
  end
  if #missing > 0 then
    local message = "there are no tables %s%s"
    local place = schema and (" in schema '%s'"):format(schema) or ""
    mistake.raise("InvalidRequestError", message:format(table.concat(missing, ", "), place))
  end
end

local OPTIONS = { bind = true, only = true, views = true, schema = true }

--- The names of what `reflect` may take.
local function names_of(inspector, options, schema)
  local names = inspector:get_table_names(schema)
  for _, name in ipairs(options.views and inspector:get_view_names(schema) or {}) do
    names[#names + 1] = name
  end
  return names
end

--- Denied, not there any more, or a view of what is not there any more.
local OF_ONE_TABLE = { [1142] = true, [1143] = true, [1146] = true, [1356] = true }
local UNREADABLE = { NoSuchTableError = true, UnreflectableTableError = true }

--- Says that a table cannot be read; raises what is wrong with more than the one.
local function leave_out(name, err)
  local is_error = type(err) == "table"
  if not is_error or not UNREADABLE[err.class] and not OF_ONE_TABLE[err.errno] then
    error(err, 0)
  end
  log.warn(("table '%s' is left out: %s"):format(name, err.message))
end

--- Loads tables of a schema into a MetaData. One that cannot be read is left out, with a warning.
---@async
---@param meta lunasa.sa.MetaData
---@param options { bind: any, only?: string[]|function, views?: boolean, schema?: string }
function autoload.reflect(meta, options)
  options = options or {}
  for name in pairs(options) do
    if not OPTIONS[name] then
      mistake.raise("ArgumentError", ("reflect has no option '%s'"):format(tostring(name)))
    end
  end
  local schema = options.schema or meta.schema
  bound.with(options.bind, "reflect", function(conn)
    local inspector = inspect.inspect(conn)
    local names, is_wanted = names_of(inspector, options, schema), chooser(options.only)
    check_only(options.only, names, schema)
    for _, name in ipairs(names) do
      local full = schema and schema .. "." .. name or name
      if not meta.tables[full] and is_wanted(name, meta) then
        local of_table = { schema = schema, autoload_with = inspector, keep_existing = true }
        local ok, err = pcall(schema_table.new, name, meta, of_table)
        if not ok then
          leave_out(full, err)
        end
      end
    end
  end)
end

return autoload
