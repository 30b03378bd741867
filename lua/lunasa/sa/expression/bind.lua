--- Values that are sent beside the text: parameters.
local NULL = require("lunasa.null")
local class = require("lunasa.sa.class")
local element = require("lunasa.sa.expression.element")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

local bind = {}

local NONE = {}

---@class lunasa.sa.Bind: lunasa.sa.Expression
---@field key? string under which a value may be given at execution
---@field value any
---@field is_required boolean it must be given at execution
---@field is_expanding boolean the value is a list: as many placeholders
---@field is_literal boolean written into the text
---@field width? integer the values are rows of as many columns
---@field types? lunasa.sa.Type[] of these columns
local Bind = class("Bind", element.Expression)
Bind.kind = "bind"
Bind.is_expanding, Bind.is_required = false, false
bind.Bind = Bind

--- Makes the parameter that a plain value in an expression is.
---@param value any
---@param type lunasa.sa.Type
---@return lunasa.sa.Bind
function bind.of_value(value, type)
  local sh = type.bind_sh
  if not sh then
    sh = shape.of("bind", type.sh, false)
    type.bind_sh = sh
  end
  return setmetatable({ value = value, type = type, sh = sh }, Bind)
end

--- Makes the parameter that a list of plain values is, such as that of IN.
---@param values any[]
---@param type lunasa.sa.Type
---@return lunasa.sa.Bind
function bind.of_list(values, type)
  return setmetatable({
    value = values,
    type = type,
    is_expanding = true,
    sh = shape.of("binds", type.sh, false),
  }, Bind)
end

--- What tells two named parameters apart, beside their types.
local function flags_of(key, options)
  local flags = (options.expanding and "e" or "") .. (options.literal_execute and "l" or "")
  return ("param:%s:%s%s"):format(key, flags, options.unique and "u" or "")
end

local named

local read_options =
  options_of("bindparam", "type_ value required unique expanding literal_execute callable_ quote")

--- A named parameter: `bindparam("id")` is given at execution, `bindparam("id", 5)` may be.
--- Options: `type_`, `unique` (the name is this one's alone), `expanding` (a list),
--- `literal_execute` (written into the text).
---@param key string
---@param value? any
---@param options? table
---@return lunasa.sa.Bind
function bind.bindparam(key, value, options)
  if type(value) == "table" and options == nil and not types.is_value(value) then
    value, options = nil, value
  end
  options = options and read_options(options) or NONE
  value = value == nil and options.value or value
  if key == NULL then
    return bind.of_value(value, types.option(options.type_, "type_") or types.of_value(value))
  elseif type(key) ~= "string" or key == "" then
    mistake.raise("ArgumentError", "bindparam needs a name, or sa.NULL for none")
  end
  local made = named(key, value, options)
  return made
end

function named(key, value, options)
  local own = types.option(options.type_, "type_") or types.of_value(value)
  return setmetatable({
    key = key,
    value = value,
    type = own,
    has_type = options.type_ ~= nil or value ~= nil,
    is_required = value == nil and options.required ~= false,
    is_unique = options.unique or false,
    is_expanding = options.expanding or false,
    is_literal = options.literal_execute or false,
    sh = not options.literal_execute and shape.of(flags_of(key, options), own.sh, false) or nil,
  }, Bind)
end

--- Gives a named parameter without a type of its own that of what stands beside it.
---@param type lunasa.sa.Type
---@return lunasa.sa.Bind
function Bind:with_type(type)
  if self.key == nil or self.has_type or type.affinity == "null" then
    return self
  end
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  copy.type, copy.has_type = type, true
  copy.sh = shape.of("typed", self.sh, type.sh)
  return setmetatable(copy, Bind)
end

--- Gives a parameter that takes a list, for IN.
---@return lunasa.sa.Bind
function Bind:expanding()
  if self.is_expanding then
    return self
  end
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  copy.is_expanding = true
  copy.sh = shape.of("expanding", self.sh, false)
  return setmetatable(copy, Bind)
end

--- Gives a list of rows that is compared with these, `tuple_(a, b)`.
---@param beside lunasa.sa.Expression[]
---@return lunasa.sa.Bind
function Bind:of_rows(beside)
  local copy, kinds = {}, {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  for i, one in ipairs(beside) do
    kinds[i] = one.type
  end
  copy.width, copy.types = #beside, kinds
  return setmetatable(copy, Bind)
end

local read_literal = options_of("literal", "type_")

--- A value as an expression, with the type of the value or the one that is given.
---@param value any
---@param type_? lunasa.sa.Type
---@return lunasa.sa.Expression
function bind.literal(value, type_)
  if type(type_) == "table" and not type_.is_type then
    type_ = read_literal(type_).type_
  end
  type_ = types.option(type_, "literal")
  if value == nil then
    value = NULL
  end
  return bind.of_value(value, type_ or types.of_value(value))
end

return bind
