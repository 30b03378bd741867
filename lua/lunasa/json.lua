--- JSON for JSON columns, keeping every digit.
---
--- cjson decodes. It writes fourteen digits of a number and refuses 64-bit integers, so the encoder
--- is our own, and text with very long numbers is read a second time.
local errors = require("lunasa.error")
local int = require("lunasa.int")
local null = require("lunasa.null")

local json = {}

--- Deeper than any document that means well, shallow enough for the C stack of a reader.
local DEEPEST = 500

--- Only a text with such a number can hold an integer that a double cannot.
local SIXTEEN_DIGITS = ("%d"):rep(16)

local ESCAPES = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', escape) .. '"'
end

--- Marks a table that is an array even when it is empty. The name is the one dkjson looks for.
local Array = { __jsontype = "array" }

--- Marks a list as a JSON array, which only matters when it is empty: `{}` is an object otherwise.
---@generic T
---@param list? T[]
---@return T[]
function json.array(list)
  return setmetatable(list or {}, Array)
end

--- The shortest decimal text that reads back as the same number.
local function number_text(value)
  if value == math.floor(value) and math.abs(value) <= 2 ^ 53 then
    return int.tostring(value)
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then
      return text
    end
  end
end

--- The length of a list, or nil when some key is no index of it.
local function list_length(value)
  local count, last = 0, 0
  for key in pairs(value) do
    if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
      return nil
    end
    count, last = count + 1, math.max(last, key)
  end
  return count == last and count or nil
end

local encode_value

---@class lunasa.JsonEncoder
---@field parts string[]
---@field open table<table, true> the tables that are being encoded
---@field depth integer

local function encode_list(encoder, value, length)
  local parts = encoder.parts
  parts[#parts + 1] = "["
  for i = 1, length do
    parts[#parts + 1] = i > 1 and "," or nil
    encode_value(encoder, value[i])
  end
  parts[#parts + 1] = "]"
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error("a table that is neither a list without holes nor has only string keys", 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function encode_map(encoder, value)
  local parts = encoder.parts
  parts[#parts + 1] = "{"
  for i, key in ipairs(sorted_keys(value)) do
    parts[#parts + 1] = i > 1 and "," or nil
    parts[#parts + 1] = quoted(key) .. ":"
    encode_value(encoder, value[key])
  end
  parts[#parts + 1] = "}"
end

--- Encodes a value object of lunasa, and tells whether it was one.
local function encode_object(encoder, value, metatable)
  local kind = metatable and metatable.__lunasa
  if kind == "json" then
    encoder.parts[#encoder.parts + 1] = value.text
  elseif kind == "datetime" or kind == "duration" then
    encoder.parts[#encoder.parts + 1] = quoted(tostring(value))
  elseif kind then
    error("a value of lunasa." .. kind, 0)
  end
  return kind ~= nil
end

local function encode_table(encoder, value)
  local metatable = getmetatable(value)
  metatable = type(metatable) == "table" and metatable or nil
  if encode_object(encoder, value, metatable) then
    return
  end
  if encoder.open[value] then
    error("a table that contains itself", 0)
  elseif encoder.depth == DEEPEST then
    error(("tables nested deeper than %d"):format(DEEPEST), 0)
  end
  encoder.open[value], encoder.depth = true, encoder.depth + 1
  local length = list_length(value)
  if length and (length > 0 or metatable and metatable.__jsontype == "array") then
    encode_list(encoder, value, length)
  else
    encode_map(encoder, value)
  end
  encoder.open[value], encoder.depth = nil, encoder.depth - 1
end

local ENCODERS = {
  string = quoted,
  boolean = tostring,
  number = function(value)
    if value ~= value or value == math.huge or value == -math.huge then
      error("the number " .. tostring(value), 0)
    end
    return number_text(value)
  end,
  cdata = function(value)
    if not int.is_cdata(value) then
      error("cdata that is no 64-bit integer", 0)
    end
    return int.tostring(value)
  end,
}

function encode_value(encoder, value)
  if value == nil or value == null then
    encoder.parts[#encoder.parts + 1] = "null"
  elseif type(value) == "table" then
    encode_table(encoder, value)
  else
    local encode = ENCODERS[type(value)] or error("a " .. type(value), 0)
    encoder.parts[#encoder.parts + 1] = encode(value)
  end
end

local function encoded(value)
  local encoder = { parts = {}, open = {}, depth = 0 }
  encode_value(encoder, value)
  return table.concat(encoder.parts)
end

--- Encodes a value: lists, maps with string keys (in the order of their keys), strings, booleans,
--- numbers and 64-bit integers with all their digits, dates as strings, nil and lunasa.null.
---@param value any
---@return string text
function json.encode(value)
  local ok, text = pcall(encoded, value)
  if not ok then
    errors.raise("ArgumentError", "JSON cannot hold " .. tostring(text), nil, 2)
  end
  return text
end

--- A cjson of our own, so that what others configure on theirs does not reach us.
local function load_cjson()
  local ok, cjson = pcall(require, "cjson")
  if not ok then
    errors.raise("NotSupportedError", "decoding JSON needs the package lua-cjson", nil, 3)
  end
  local instance = cjson.new()
  instance.decode_invalid_numbers(false)
  return instance
end

local own_cjson

--- Decodes one string, number or word.
local function scalar(token)
  if #token >= 16 and token:find("^%-?%d+$") then
    local ok, value = pcall(int.parse, token)
    if ok then
      return value
    end
  end
  return own_cjson.decode("[" .. token .. "]")[1]
end

--- The position of the quote that ends the string begun at `start`.
local function string_end(text, start)
  local position = text:find('["\\]', start + 1)
  while text:sub(position, position) == "\\" do
    position = text:find('["\\]', position + 2)
  end
  return position
end

--- Decodes the value at `position` of text that is known to be right, with integers of 64 bits.
---@return any value
---@return integer next_position
local function decode_exactly(text, position)
  position = text:find("%S", position)
  local first = text:sub(position, position)
  if first == '"' then
    local last = string_end(text, position)
    return scalar(text:sub(position, last)), last + 1
  elseif first ~= "{" and first ~= "[" then
    local token = text:match("^[%w.+-]+", position)
    return scalar(token), position + #token
  end
  local result, key = {}, 0
  position = text:find("%S", position + 1)
  while not text:find("^[%]}]", position) do
    if first == "{" then
      key, position = decode_exactly(text, position)
      position = text:find(":", position, true) + 1
    else
      key = key + 1
    end
    result[key], position = decode_exactly(text, position)
    position = text:find("[^%s,]", position)
  end
  return result, position + 1
end

--- Decodes JSON text; null becomes lunasa.null, integers beyond 2^53 become 64-bit integers.
---@param text string
---@return any
function json.decode(text)
  if type(text) ~= "string" then
    local message = ("lunasa.json.decode needs a string, got %s"):format(type(text))
    errors.raise("ArgumentError", message, nil, 2)
  end
  own_cjson = own_cjson or load_cjson()
  local ok, value = pcall(own_cjson.decode, text)
  if not ok then
    errors.raise("DataError", "not JSON: " .. tostring(value), nil, 2)
  end
  if text:find(SIXTEEN_DIGITS) then
    value = decode_exactly(text, 1)
  end
  return value
end

--- A parameter that is sent as JSON text.
---@class lunasa.JsonValue
---@field text string
local JsonValue = { __name = "lunasa.JsonValue", __lunasa = "json" }
JsonValue.__index = JsonValue

function JsonValue:__tostring()
  return self.text
end

--- Makes a parameter of a value, for a JSON column. What the table holds now is what is sent.
---@param value any
---@return lunasa.JsonValue
function json.value(value)
  local ok, text = pcall(encoded, value)
  if not ok then
    errors.raise("ArgumentError", "JSON cannot hold " .. tostring(text), nil, 2)
  end
  return setmetatable({ text = text }, JsonValue)
end

return json
