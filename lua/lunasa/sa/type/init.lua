--- SQL types: what is written in DDL, how values travel in both directions, and which type an
--- expression has.
---
--- A class such as `sa.Integer` may stand for its instance without arguments. Types with the same
--- arguments are the same to a statement: they have the same shape.
local NULL = require("lunasa.null")
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

local types = {}

---@class lunasa.sa.Type
---@field kind string names the method of a dialect's type compiler, such as "integer"
---@field affinity string what it is to operators: "integer", "string", "datetime" …
---@field sh integer
---@field bind_sh? integer the shape of a plain parameter of this type, once there was one
---@field variants? table<string, lunasa.sa.Type> by name of the dialect
local Type = class("Type")
Type.kind, Type.affinity = "null", "null"
Type.is_type = true
types.Type = Type

local function shape_of_argument(value)
  if type(value) == "table" and value.sh then
    return value.sh
  end
  return type(value) .. ":" .. tostring(value)
end

--- Makes an instance's shape from its kind and its arguments.
---@param self lunasa.sa.Type
---@param ... any arguments, in order
function types.finish(self, ...)
  local sh = shape.of("type", self.word or self.kind, select("#", ...))
  for i = 1, select("#", ...) do
    local argument = select(i, ...)
    if argument ~= nil then
      sh = shape.of("argument", sh, i .. "=" .. shape_of_argument(argument))
    end
  end
  self.sh = sh
  return self
end

--- Makes a class of types. `read(self, ...)` takes its arguments and returns what tells two
--- instances apart.
---@param name string
---@param parent table
---@param fields table
---@param read? fun(self: table, ...): any
---@return table
function types.define(name, parent, fields, read)
  local made = class(name, parent)
  for key, value in pairs(fields) do
    made[key] = value
  end
  made.read = read or made.read
  getmetatable(made).__call = function(self, ...)
    local instance = setmetatable({}, self)
    return types.finish(instance, instance:read(...))
  end
  return made
end

function Type.read() end

--- Raises about a length or a precision that is no number.
function types.check_number(value)
  if value ~= nil and (type(value) ~= "number" or value % 1 ~= 0) then
    local message = "lengths and precisions of types are integers, got %s"
    mistake.raise("ArgumentError", message:format(tostring(value)))
  end
end

--- Raises about values of an ENUM or a SET that are no strings.
---@param values { n: integer, [integer]: any }
function types.check_strings(values)
  for i = 1, values.n do
    if type(values[i]) ~= "string" then
      local message = "the values of an enum are strings, number %d is a %s"
      mistake.raise("ArgumentError", message:format(i, type(values[i])))
    end
  end
end

local instances = setmetatable({}, { __mode = "k" })

--- Gives the instance that a class stands for; an instance as it is; nil for what is no type.
---@param value any
---@return lunasa.sa.Type?
function types.instance(value)
  if type(value) ~= "table" or not value.is_type then
    return nil
  elseif rawget(value, "sh") then
    return value
  end
  local made = instances[value]
  if not made then
    made = value()
    instances[value] = made
  end
  return made
end

--- The same of an option, which may be left out.
---@param value any
---@param where string the option or the argument
---@return lunasa.sa.Type?
function types.option(value, where)
  local found = types.instance(value)
  if value ~= nil and not found then
    mistake.raise("ArgumentError", where .. " needs a type such as sa.Integer")
  end
  return found
end

--- Gives the type with another one for some dialects.
---@param other lunasa.sa.Type
---@param ... string names of dialects
---@return lunasa.sa.Type
function Type:with_variant(other, ...)
  local copy = setmetatable({}, getmetatable(self))
  for key, value in pairs(self) do
    copy[key] = value
  end
  copy.variants, copy.bind_sh = {}, nil
  for name, variant in pairs(self.variants or {}) do
    copy.variants[name] = variant
  end
  other = types.instance(other)
  for i = 1, math.max(select("#", ...), 1) do
    if not other or type((select(i, ...))) ~= "string" then
      mistake.raise("ArgumentError", "with_variant needs a type and the names of dialects")
    end
  end
  for i = 1, select("#", ...) do
    local name = select(i, ...)
    copy.variants[name] = other
    copy.sh = shape.of("variant", copy.sh, name .. "=" .. other.sh)
  end
  return copy
end

--- Gives the type as a dialect has it.
---@param dialect lunasa.sa.Dialect
---@return lunasa.sa.Type
function Type:for_dialect(dialect)
  local variants = self.variants
  return variants and (variants[dialect.name] or variants[dialect.family]) or self
end

--- Gives what turns a value of Lua into what is sent; nil when it is sent as it is.
---@param dialect lunasa.sa.Dialect
---@return (fun(value: any): any)?
function Type:bind_processor(dialect)
  local processors = dialect.bind_processors
  return processors and processors[self.affinity]
end

--- Gives what turns what was received into the value of a row; nil when nothing is to be done.
---@param dialect lunasa.sa.Dialect
---@return (fun(value: any): any)?
function Type:result_processor(dialect)
  local processors = dialect.result_processors
  return processors and processors[self.affinity]
end

--- Gives the type of a value that stands beside an expression of this type.
---@param op lunasa.sa.Operator
---@param value any
---@return lunasa.sa.Type
function Type:type_beside(op, value) -- luacheck: no unused args
  local own = types.of_value(value)
  if own.affinity == self.affinity or own.affinity == "null" or self.affinity == "null" then
    return self.affinity == "null" and own or self
  end
  return own
end

--- Gives the type of `self op other`.
---@param op lunasa.sa.Operator
---@param other lunasa.sa.Type
---@return lunasa.sa.Type
function Type:type_of_result(op, other) -- luacheck: no unused args
  return self
end

--- Tells whether a value is NULL, or nothing.
function types.is_null(value)
  return value == nil or value == NULL
end

return types
