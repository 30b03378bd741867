--- JSON: tables of Lua, and what JSON has besides.
local NULL = require("lunasa.null")
local json = require("lunasa.json")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local types = require("lunasa.sa.type")

local read_options = options_of("JSON", "none_as_null")

local function read(self, options)
  self.none_as_null = read_options(options).none_as_null or false
  return self.none_as_null
end

local JSON = types.define("JSON", types.Type, { kind = "json", affinity = "json" }, read)

--- NULL is JSON's null, which is a value; `null()` is the database's.
JSON.takes_null = true

--- The JSON null, also where NULL would be the database's.
JSON.NULL = setmetatable({}, {
  __tostring = function()
    return "null"
  end,
  __lunasa = "json_null",
})

function JSON:bind_processor()
  return function(value)
    if value == JSON.NULL or value == NULL then
      return "null"
    elseif type(value) == "table" and value.kind == "constant" and value.name == "null" then
      return NULL -- `null()`: the database's
    end
    return mistake.of_caller(json.encode, value)
  end
end

function JSON:result_processor() -- luacheck: no self
  return function(value)
    if type(value) ~= "string" then
      return value
    end
    return mistake.of_caller(json.decode, value)
  end
end

--- A plain value beside a document is compared as what it is; a table is a document.
function JSON:type_beside(_, value)
  local own = types.of_value(value)
  return (own.affinity == "null" or own.affinity == "json") and self or own
end

return JSON
