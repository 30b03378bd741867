--- What each kind of option allows, and in which form a configuration keeps it.
local connect_options = require("lunasa.connect_options")
local limits = require("lunasa.limits")
local query_attributes = require("lunasa.query_attributes")
local session_options = require("lunasa.session_options")
local session_track = require("lunasa.session_track")
local ssl_option = require("lunasa.ssl_option")

local function is_finite_number(value)
  return type(value) == "number" and value == value and value < math.huge
end

local function is_listed(value, values)
  for _, allowed in ipairs(values) do
    if value == allowed then
      return true
    end
  end
  return false
end

local function check_range(value, spec)
  local min, max = spec.min, spec.max or 2 ^ 53
  if is_finite_number(value) and value == math.floor(value) and value >= min and value <= max then
    return nil, value
  end
  return spec.max and ("an integer from %d to %d"):format(min, max)
    or ("an integer from %d"):format(min)
end

local function check_seconds(value, spec)
  if is_finite_number(value) and value >= 0 then
    return nil, value
  elseif spec.off and (value == false or value == spec.off) then
    return nil, false
  end
  return "a number of seconds" .. (spec.off and ", or false" or "")
end

local MOST_ANSWERS = 8

local function check_answers(value)
  local is_usable = type(value) == "function" or type(value) == "table" and #value <= MOST_ANSWERS
  for _, answer in ipairs(is_usable and type(value) == "table" and value or {}) do
    is_usable = is_usable and type(answer) == "string" and not answer:find("%z")
  end
  local allowed = ("a list of at most %d strings, or a function"):format(MOST_ANSWERS)
  return not is_usable and allowed or nil, value
end

local COMPRESSIONS = { "zstd", "zlib" }

--- Reads names with commas between them, or takes a list as it is.
local function listed_names(value)
  if type(value) ~= "string" then
    return type(value) == "table" and value or {}
  end
  local names = {}
  for name in (value .. ","):gmatch("%s*(.-)%s*,") do
    table.insert(names, name)
  end
  return names
end

--- Keeps a list of algorithms, the preferred one first, or false.
local function check_compress(value)
  if type(value) == "boolean" then
    return nil, value and COMPRESSIONS
  end
  local names, count = listed_names(value), 0
  for _, name in pairs(names) do
    count = is_listed(name, COMPRESSIONS) and count + 1 or math.huge
  end
  if count > 0 and count <= #COMPRESSIONS and count == #names and names[1] ~= names[2] then
    return nil, { names[1], names[2] }
  end
  return "a boolean, 'zstd', 'zlib' or a list of these"
end

--- Keeps a class of cursors, or a table of their options.
local function check_cursorclass(value)
  local _, problem = require("lunasa.cursor.options").resolve(value)
  if not problem then
    return nil, require("lunasa.cursor.classes").all[value] or value
  end
  return "a cursor class or options of one (" .. problem .. ")"
end

local function check_encoders(value)
  local copy = {}
  for metatable, encode in pairs(type(value) == "table" and value or { value }) do
    if type(metatable) ~= "table" or type(encode) ~= "function" then
      return "a table of functions by metatable"
    end
    copy[metatable] = encode
  end
  return nil, copy
end

local function check_conv(value)
  local copy = {}
  for code, convert in pairs(type(value) == "table" and value or { value }) do
    local is_code = is_finite_number(code) and code >= 0 and code <= 255 and code % 1 == 0
    if type(value) ~= "table" or not is_code or type(convert) ~= "function" then
      return "a table of functions by lunasa.FIELD_TYPE"
    end
    copy[code] = convert
  end
  return nil, copy
end

--- Each returns what is allowed when the value is not, else nil and the value as it is kept; nil,
--- nil and a whole sentence where that says more.
---@type table<string, fun(value: any, spec: lunasa.OptionSpec): string?, any, string?>
local option_kinds = {
  string = function(value)
    local is_usable = type(value) == "string" and not value:find("%z")
    return not is_usable and "a string without NUL bytes" or nil, value
  end,
  word = function(value)
    local is_word = type(value) == "string" and value:find("^[%w_]+$")
    return not is_word and "a name of letters, digits and '_'" or nil, value
  end,
  words = function(value)
    local words = type(value) == "table" and table.concat(value, ",") or value
    local are_words = type(words) == "string" and ("," .. words):find("^[,%w_]+$")
    local is_complete = are_words and not ("," .. words .. ","):find(",,", 1, true)
    return not is_complete and "a list of names of letters, digits and '_'" or nil, words
  end,
  secret = function(value)
    local is_usable = type(value) == "function" or type(value) == "string" and not value:find("%z")
    return not is_usable and "a string without NUL bytes, or a function" or nil, value
  end,
  answers = check_answers,
  boolean = function(value)
    return type(value) ~= "boolean" and "a boolean" or nil, value
  end,
  choice = function(value, spec)
    if is_listed(value, spec.values) then
      return nil, value
    end
    return "one of '" .. table.concat(spec.values, "', '") .. "'"
  end,
  attributes = function(value)
    local copy = {}
    for name, text in pairs(type(value) == "table" and value or { value }) do
      if type(name) ~= "string" or type(text) ~= "string" then
        return "a table of strings by name"
      end
      copy[name] = text
    end
    return nil, copy
  end,
  ping = function(value)
    local is_usable = type(value) == "boolean" or is_finite_number(value) and value >= 0
    return not is_usable and "a boolean or a number of seconds" or nil, value
  end,
  infile = function(value)
    local is_table = type(value) == "table"
    local source = is_table and (value.file or value.data)
    local is_one = is_table and not (value.file and value.data) and type(source) == "string"
    local is_usable = is_one or value == true or type(value) == "function"
    return not is_usable and "{ file = path }, { data = string }, a function or true" or nil, value
  end,
  callback = function(value)
    return type(value) ~= "function" and "a function" or nil, value
  end,
  dict_type = function(value)
    local is_usable = type(value) == "function" or type(value) == "table"
    return not is_usable and "a function or a metatable" or nil, value
  end,
  cursorclass = check_cursorclass,
  ignored = function(value)
    return nil, value
  end,
  address = connect_options.check_address,
  cleartext = connect_options.check_cleartext,
  flags = connect_options.check_flags,
  hosts = connect_options.check_hosts,
  charset = session_options.check_charset,
  isolation = session_options.check_isolation,
  modes = session_options.check_modes,
  variables = session_options.check_variables,
  metrics = function(value)
    local metatable = type(value) == "table" and getmetatable(value)
    local is_usable = type(metatable) == "table" and metatable.__name == "lunasa.Metrics"
    return not is_usable and "what lunasa.metrics() makes" or nil, value
  end,
  conv = check_conv,
  encoders = check_encoders,
  integer = check_range,
  seconds = check_seconds,
  ssl = ssl_option.check,
  compress = check_compress,
  limits = limits.check,
  query_attributes = query_attributes.check,
  session_track = session_track.check,
}

return option_kinds
