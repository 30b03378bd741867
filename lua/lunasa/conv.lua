--- The options `conv` and `tinyint1`: functions that make the values of columns.
---
--- C asks for them once per result, as a plan: a list with a function or false for each column.
--- They are found once per metadata, which the names of a result stand for.
local core = require("lunasa.core")
local description = require("lunasa.cursor.description")
local errors = require("lunasa.error")
local field_type = require("lunasa.field_type")

local FIELD_TYPE = field_type.FIELD_TYPE

local conv = {}

--- Gives what stands in the row; nil is NULL.
---@alias lunasa.Conv fun(value: any, column: lunasa.Column): any

--- The functions of a channel.
---@class lunasa.ConvSet
---@field functions table<integer, lunasa.Conv> by type_code
---@field plans table<boolean, table<table, table|false>> by whether TINYINT(1) is a boolean, and
--- by names

local function new_set(functions)
  local weak = { __mode = "k" }
  local plans = { [true] = setmetatable({}, weak), [false] = setmetatable({}, weak) }
  return { functions = functions, plans = plans }
end

local EMPTY = new_set({})

--- By session. The channel has the set too, which may lead back to it: here nothing keeps them.
---@type table<userdata, lunasa.ConvSet>
local sets = setmetatable({}, { __mode = "kv" })

--- Remembers the functions for a channel's session.
---@param channel lunasa.Channel
---@param functions table<integer, lunasa.Conv> the option
function conv.note(channel, functions)
  channel.conv_set = new_set(functions)
  sets[channel.session] = channel.conv_set
end

local function to_boolean(value)
  return value ~= 0
end

--- Makes the function that C calls: what the user's raises is raised with the column's name.
local function guard(convert, column)
  return function(value)
    local ok, made = pcall(convert, value, column)
    if ok then
      return made
    end
    local message = ("conv of column '%s' raised: %s"):format(column.name, tostring(made))
    return errors.raise("DataError", message, { cause = made })
  end
end

--- Finds the function for a column. MariaDB's JSON is a BLOB to its protocol.
local function function_for(functions, column, has_booleans)
  local code = column.type_code
  local convert = column.format == "json" and functions[FIELD_TYPE.JSON] or functions[code]
  if convert then
    return guard(convert, column)
  end
  return has_booleans and code == FIELD_TYPE.TINY and column.internal_size == 1 and to_boolean
end

local function make_plan(functions, names, has_booleans)
  local plan, has_any = {}, false
  for i, column in ipairs(description.of(names)) do
    plan[i] = function_for(functions, column, has_booleans) or false
    has_any = has_any or plan[i] ~= false
  end
  return has_any and plan
end

--- Gives the functions for a result that came over a session.
---@param session userdata
---@param names string[] of the result
---@param has_booleans boolean TINYINT(1) is a boolean
---@return table|false plan false when there is no function for any of the columns
local function plan_for(session, names, has_booleans)
  local set = sets[session] or EMPTY
  local plans = set.plans[has_booleans]
  local plan = plans[names]
  if plan == nil then
    plan = make_plan(set.functions, names, has_booleans)
    plans[names] = plan
  end
  return plan
end

core.set_converters({ plan = plan_for })

return conv
