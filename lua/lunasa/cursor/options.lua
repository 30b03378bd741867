--- What a cursor was asked to be: a class, several, or a table of options, as one checked table.
local classes = require("lunasa.cursor.classes")
local errors = require("lunasa.error")
local option_specs = require("lunasa.option_specs")
local suggest = require("lunasa.suggest")

local cursor_options = {}

---@class lunasa.CursorOptions
---@field dict? boolean rows by name
---@field unbuffered? boolean rows as they come, see `lunasa.Stream`
---@field dict_type? table|fun(keys: string[], values: any[]): any what a row becomes
---@field arraysize? integer rows that `fetchmany` gives
---@field json? boolean|"string"|"decode"
---@field fetch_size? integer
---@field [string] any the other options of a call, as defaults

--- Options of a call that mean one statement.
local OF_STATEMENTS = { infile = true, attributes = true }

local SPECS = option_specs.by_name(option_specs.cursor, option_specs.call, option_specs.query)
for name in pairs(OF_STATEMENTS) do
  SPECS[name] = nil
end

local NAMES = {}
for name in pairs(SPECS) do
  NAMES[#NAMES + 1] = name
end
table.sort(NAMES)

local function unknown(name)
  if OF_STATEMENTS[name] then
    return ("option '%s' is of a single statement: give it to execute"):format(name)
  end
  local phrase = suggest.phrase(tostring(name), NAMES)
  return ("unknown option '%s' of a cursor%s"):format(tostring(name), phrase)
end

--- Checks options of a cursor.
---@param options table
---@return string? problem
function cursor_options.problem(options)
  for name, value in pairs(options) do
    local spec = SPECS[name]
    local is_flag = name == "json" and type(value) == "boolean"
    local problem
    if not spec then
      problem = unknown(name)
    elseif not is_flag then
      problem = option_specs.check(name, value, spec)
    end
    if problem then
      return problem
    end
  end
  return nil
end

--- Gives one checked table for what was asked for.
---@param first any a class, the name of one, or options
---@param ... any more of them, which win
---@return table? options not to be changed
---@return string? problem
function cursor_options.resolve(first, ...)
  local options
  for i = 1, select("#", ...) + 1 do
    local given = i == 1 and first or (select(i - 1, ...))
    local more = classes.options(given)
    if not more then
      return nil, ("a cursor class must be %s, got %s"):format(classes.ALLOWED, type(given))
    end
    options = options and classes.merge(options, more) or more
  end
  local problem = cursor_options.problem(options)
  return not problem and options or nil, problem
end

--- Raises what is wrong with options.
---@param problem? string
---@param level integer whose mistake it is, counted as by `error` in the caller
function cursor_options.refuse(problem, level)
  if problem then
    errors.raise("ArgumentError", problem, nil, level + 1)
  end
end

return cursor_options
