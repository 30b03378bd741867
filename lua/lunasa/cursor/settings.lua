--- What the options of a cursor, and of a call of its `execute` over them, come to.
local bit = require("bit")
local call = require("lunasa.call")
local classes = require("lunasa.cursor.classes")
local errors = require("lunasa.error")
local format = require("lunasa.format")
local options_of = require("lunasa.options")

local settings = {}

---@class lunasa.CursorSettings: lunasa.CallSettings
---@field options table as they were given, checked
---@field is_unbuffered boolean
---@field is_dict boolean
---@field dict_type? function|table
---@field format integer of the rows as C makes them
---@field array_format integer the same, for rows that are made of arrays

--- What `lunasa.call` does not know.
local OWN = { "dict", "dict_type", "unbuffered", "arraysize" }

local function is_dict(options)
  if options.rows then
    return options.rows == "dict"
  end
  return options.dict or options.dict == nil and options.dict_type ~= nil
end

--- Splits what `lunasa.call` knows off.
local function for_call(options, makes_arrays)
  local others = classes.merge(options, {})
  for _, name in ipairs(OWN) do
    others[name] = nil
  end
  others.rows = makes_arrays and "array" or "dict"
  if type(others.json) == "boolean" then
    others.json = others.json and "decode" or "string"
  end
  return others
end

--- Gives the settings of a cursor.
---@param conn lunasa.Connection
---@param options table checked
---@param level integer whose mistake it is, counted as by `error` in here
---@return lunasa.CursorSettings
function settings.of(conn, options, level)
  local by_name = is_dict(options)
  local is_unbuffered = options.unbuffered == true and not options.infile
  if options.fetch_size and not is_unbuffered then
    local message = "option 'fetch_size' is for unbuffered cursors: use lunasa.SSCursor"
    errors.raise("ArgumentError", message, nil, level)
  end
  local others = for_call(options, not by_name or options.dict_type ~= nil)
  local made = call.settle(conn, others, is_unbuffered, level + 2)
  ---@cast made lunasa.CursorSettings
  made.is_unbuffered = is_unbuffered
  made.is_dict, made.dict_type = by_name, options.dict_type
  made.array_format = bit.bor(made.format, format.ARRAY)
  made.options = options
  return made
end

--- The settings of classes that were asked for, by the connections' configuration. They are
--- what making a cursor costs, and never change.
local known = setmetatable({}, { __mode = "k" })

--- Gives the settings of a class that was asked for before.
---@param conn lunasa.Connection
---@param class any
---@return lunasa.CursorSettings? settings a copy
function settings.recall(conn, class)
  local of_config = known[conn.config]
  local found = of_config and of_config[class]
  return found
    and setmetatable({
      format = found.format,
      timeout = found.timeout,
      is_pyformat = found.is_pyformat,
      fetch_size = found.fetch_size,
      max_statement_time = found.max_statement_time,
      is_unbuffered = found.is_unbuffered,
      is_dict = found.is_dict,
      dict_type = found.dict_type,
      array_format = found.array_format,
      options = found.options,
      keeper = false,
    }, getmetatable(found))
end

--- Remembers the settings of a class.
---@param conn lunasa.Connection
---@param class lunasa.CursorClass
---@param made lunasa.CursorSettings
---@return lunasa.CursorSettings settings a copy
function settings.remember(conn, class, made)
  local of_config = known[conn.config] or setmetatable({}, { __mode = "k" })
  known[conn.config] = of_config
  of_config[class] = made
  return settings.recall(conn, class)
end

--- Gives the settings of one call.
---@param conn lunasa.Connection
---@param options table of the cursor, checked
---@param more table of the call
---@param level integer whose mistake it is, counted as by `error` in here
---@return lunasa.CursorSettings
function settings.of_call(conn, options, more, level)
  options_of.call(more, level)
  local made = settings.of(conn, classes.merge(options, more), level + 1)
  return made
end

return settings
