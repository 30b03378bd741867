--- TypeDecorator: a type of the user's own on top of another one.
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

--- `TypeDecorator{ impl = String(20), process_bind_param = function(self, value, dialect) … end,
--- process_result_value = function(self, value, dialect) … end }`.
local TypeDecorator = class("TypeDecorator", types.Type)
TypeDecorator.kind = "decorated"

local OPTIONS = {
  impl = true,
  process_bind_param = true,
  process_result_value = true,
  coerce_compared_value = true,
  cache_ok = true,
  name = true,
}

---@param fields table
---@return lunasa.sa.Type
local function new(fields)
  if type(fields) ~= "table" then
    mistake.raise("ArgumentError", "TypeDecorator needs a table, TypeDecorator{ impl = … }")
  end
  local impl = types.instance(fields.impl)
  if not impl then
    mistake.raise("ArgumentError", "TypeDecorator needs impl, the type below it")
  end
  for name in pairs(fields) do
    if not OPTIONS[name] then
      local message = ("TypeDecorator has no '%s'"):format(tostring(name))
      mistake.raise("ArgumentError", message)
    end
  end
  local self = { impl = impl, affinity = impl.affinity, sh = shape.unique() }
  for name, value in pairs(fields) do
    self[name] = name == "impl" and impl or value
  end
  return setmetatable(self, TypeDecorator)
end

--- Two processors, one after the other; either may be none.
local function chain(first, second)
  if not (first and second) then
    return first or second
  end
  return function(value)
    return second(first(value))
  end
end

--- What the user's own function makes of a value.
function TypeDecorator:decorate(value, dialect)
  if self.process_bind_param then
    return self:process_bind_param(value, dialect)
  end
  return value
end

function TypeDecorator:bind_processor(dialect)
  local own = self.process_bind_param
    and function(value)
      return self:process_bind_param(value, dialect)
    end
  return chain(own, self.impl:for_dialect(dialect):bind_processor(dialect))
end

function TypeDecorator:result_processor(dialect)
  local own = self.process_result_value
    and function(value)
      return self:process_result_value(value, dialect)
    end
  return chain(self.impl:for_dialect(dialect):result_processor(dialect), own)
end

function TypeDecorator:type_beside()
  return self
end

return new
