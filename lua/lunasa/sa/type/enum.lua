--- Enum: one of a list of strings.
local arguments = require("lunasa.sa.schema.arguments")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local types = require("lunasa.sa.type")

local function read(self, ...)
  local values, options = arguments.read(...)
  types.check_strings(values)
  self.values, self.name = values, options.name
  self.validate_strings = options.validate_strings
  self.native_enum = options.native_enum ~= false
  self.create_constraint = options.create_constraint
  self.length = 0
  for i = 1, values.n do
    self.length = math.max(self.length, #values[i])
  end
  self.length = options.length or self.length
  self.schema = options.schema
  local listed = table.concat(values, "\0", 1, values.n)
  return self.name, listed, self.validate_strings, self.native_enum
end

local Enum = types.define("Enum", generic.String, { kind = "enum" }, read)

local function is_listed(self, value)
  for i = 1, self.values.n do
    if self.values[i] == value then
      return true
    end
  end
  return false
end

--- Checked only when `validate_strings` asks for it, as in SQLAlchemy; what comes from the database
--- is always checked.
function Enum:bind_processor()
  if not self.validate_strings then
    return nil
  end
  return function(value)
    if not is_listed(self, value) then
      local message = "'%s' is not one of the values of the enum"
      mistake.raise("ArgumentError", message:format(tostring(value)))
    end
    return value
  end
end

function Enum:result_processor()
  return function(value)
    if not is_listed(self, value) then
      local message = "the database has '%s', which is not one of the enum"
      mistake.raise("DataError", message:format(tostring(value)))
    end
    return value
  end
end

return Enum
