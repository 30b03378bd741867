--- Types that only PostgreSQL has, and its words for the others.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local common = require("lunasa.sa.compiler.types")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local json = require("lunasa.sa.type.json")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local sa_types = require("lunasa.sa.type")
local shape = require("lunasa.sa.shape")

local types = setmetatable({}, { __index = common })

function types.datetime(_, type_)
  return type_.timezone and "TIMESTAMP WITH TIME ZONE" or "TIMESTAMP WITHOUT TIME ZONE"
end
types.timestamp = types.datetime

function types.time(_, type_)
  return type_.timezone and "TIME WITH TIME ZONE" or "TIME WITHOUT TIME ZONE"
end

--- A TEXT of PostgreSQL has no length.
function types.text(dialect, type_)
  return common.text(dialect, setmetatable({ length = false }, { __index = type_ }))
end
types.unicode_text = types.text

function types.large_binary()
  return "BYTEA"
end
types.blob = types.large_binary

function types.float(_, type_)
  return type_.precision and ("FLOAT(%d)"):format(type_.precision) or "FLOAT"
end

function types.interval()
  return "INTERVAL"
end

function types.enum(dialect, type_)
  if type_.native_enum == false or not type_.name then
    return common.enum(dialect, type_)
  end
  local name = dialect:quote(type_.name)
  return type_.schema and dialect:quote(type_.schema) .. "." .. name or name
end

function types.array(dialect, type_)
  return dialect:type_text(type_.item) .. ("[]"):rep(type_.dimensions or 1)
end

local own = {}
types.own = own

local read_array = options_of("ARRAY", "dimensions")

--- `ARRAY(Integer)`.
own.ARRAY = sa_types.define(
  "pg.ARRAY",
  sa_types.Type,
  { kind = "array", affinity = "array" },
  function(self, item, options)
    self.item = sa_types.option(item, "ARRAY")
    self.dimensions = read_array(options).dimensions
    sa_types.check_number(self.dimensions)
    return self.item, self.dimensions
  end
)

own.JSON = json
own.JSONB = sa_types.define("pg.JSONB", json, { kind = "named", word = "JSONB" })
own.BYTEA = generic.LargeBinary

--- Types that travel as text.
for _, name in ipairs({ "UUID", "INET", "CIDR", "MACADDR", "TSVECTOR" }) do
  own[name] = sa_types.define("pg." .. name, generic.String, { kind = "named", word = name })
end

local ArrayAny = class("ArrayAny", element.Expression)
ArrayAny.kind = "array_any"
ArrayAny.type = generic.Boolean()

function ArrayAny:collect_froms(found)
  self.element:collect_froms(found)
  self.value:collect_froms(found)
end

--- `5 = ANY (array)`: `column:any(5)`, `column:all(5)`.
local function quantified(word)
  local read = options_of(word:lower(), "operator")
  return function(self, value, options)
    local op = read(options).operator or operator.eq
    local item = setmetatable({ type = self.type.item or self.type }, { __index = self })
    local operand = coerce.operand(value, op, item)
    return setmetatable({
      element = self,
      value = operand,
      operator = op,
      word = word,
      sh = shape.of(word .. op.name, self.sh, operand.sh),
    }, ArrayAny)
  end
end
element.Expression.any, element.Expression.all = quantified("ANY"), quantified("ALL")

return types
