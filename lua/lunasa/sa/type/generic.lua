--- The types that every database has, under SQLAlchemy's names, and those written in capitals.
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local types = require("lunasa.sa.type")

local generic = {}

local Type = types.Type

--- What `a op b` is for operands of these affinities, beside the left one's own type.
local RESULTS = {
  integer = { div = "numeric", numeric = "numeric", float = "float" },
  date = { sub_date = "interval", date = "integer" },
}

local function arithmetic(self, op, other)
  if op.is_comparison then
    return generic.Boolean()
  elseif op.name == "concat" then
    return generic.String()
  end
  local rules = RESULTS[self.affinity]
  if rules and rules[other.affinity] == "numeric" then
    return generic.Numeric()
  elseif rules and rules[other.affinity] == "float" then
    return generic.Float()
  end
  return self
end
Type.type_of_result = arithmetic

local NullType = types.define("NullType", Type, {
  type_of_result = function(_, op, other)
    return op.is_comparison and generic.Boolean() or other
  end,
})
generic.NullType = NullType

generic.Integer = types.define("Integer", Type, { kind = "integer", affinity = "integer" })
generic.SmallInteger = types.define("SmallInteger", generic.Integer, { kind = "small_integer" })
generic.BigInteger = types.define("BigInteger", generic.Integer, { kind = "big_integer" })

local read_collation = options_of("String", "collation")

local function read_string(self, length, options)
  if type(length) == "table" then
    length, options = nil, length
  end
  types.check_number(length)
  self.length, self.collation = length, read_collation(options).collation
  return self.length, self.collation
end

generic.String = types.define("String", Type, { kind = "string", affinity = "string" }, read_string)
generic.Text = types.define("Text", generic.String, { kind = "text" })
generic.Unicode = types.define("Unicode", generic.String, { kind = "unicode" })
generic.UnicodeText = types.define("UnicodeText", generic.Text, { kind = "unicode_text" })
generic.LargeBinary = types.define(
  "LargeBinary",
  Type,
  { kind = "large_binary", affinity = "binary" },
  function(self, length)
    types.check_number(length)
    self.length = length
    return length
  end
)

local read_numeric_options = options_of("Numeric", "precision scale asdecimal")

local function read_numeric(self, precision, scale, options)
  if type(precision) == "table" then
    precision, options = nil, precision
  elseif type(scale) == "table" then
    scale, options = nil, scale
  end
  options = read_numeric_options(options)
  self.precision, self.scale = precision or options.precision, scale or options.scale
  types.check_number(self.precision)
  types.check_number(self.scale)
  self.asdecimal = options.asdecimal
  return self.precision, self.scale, self.asdecimal
end

generic.Numeric =
  types.define("Numeric", Type, { kind = "numeric", affinity = "numeric" }, read_numeric)

--- Of digits, unless numbers of Lua are wanted.
function generic.Numeric:result_processor(dialect)
  local processors = dialect.result_processors
  local affinity = self.asdecimal == false and "float" or self.affinity
  return processors and processors[self.asdecimal and "numeric" or affinity]
end

generic.Float = types.define("Float", generic.Numeric, { kind = "float", affinity = "float" })

local BOOLEANS = { [true] = 1, [false] = 0, [1] = 1, [0] = 0 }

local read_boolean_options = options_of("Boolean", "create_constraint name")

local function read_boolean(self, options)
  options = read_boolean_options(options)
  self.create_constraint, self.name = options.create_constraint, options.name
  return self.create_constraint, self.name
end

generic.Boolean =
  types.define("Boolean", Type, { kind = "boolean", affinity = "boolean" }, read_boolean)

function generic.Boolean:bind_processor(dialect) -- luacheck: no self
  local is_native = dialect.has_native_boolean
  return function(value)
    local kept = BOOLEANS[value]
    if kept == nil then
      local message = "%s is neither a boolean nor 0 or 1"
      mistake.raise("ArgumentError", message:format(tostring(value)))
    elseif is_native then
      return kept == 1
    end
    return kept
  end
end

function generic.Boolean:result_processor(dialect) -- luacheck: no self
  if dialect.has_native_boolean then
    return nil
  end
  return function(value)
    return value ~= 0
  end
end

generic.Date = types.define("Date", Type, { kind = "date", affinity = "date" })

local function read_timezone(self, options)
  if type(options) == "table" then
    options = options.timezone
  end
  self.timezone = options
  return self.timezone
end

generic.DateTime =
  types.define("DateTime", Type, { kind = "datetime", affinity = "datetime" }, read_timezone)
generic.Time = types.define("Time", Type, { kind = "time", affinity = "time" }, read_timezone)
generic.Interval = types.define("Interval", Type, { kind = "interval", affinity = "interval" })

return generic
