--- Values inside JSON: `column:get("a")`, `column:get({ "a", 0 })`, and what type they have.
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

local Expression = element.Expression

--- A step is a key or a position from 0, a path a list of steps: they are a parameter, which each
--- dialect writes in its own way.
---@class lunasa.sa.JSONGet: lunasa.sa.Expression
---@field element lunasa.sa.Expression
---@field path lunasa.sa.Bind
---@field is_path boolean
---@field as? lunasa.sa.Type what the value is turned into
local JSONGet = class("JSONGet", Expression)
JSONGet.kind = "json_get"
JSONGet.operator = operator.json_get

--- Parameters of paths are converted by the dialect.
local Path = types.define("JSONPath", types.Type, { kind = "json_path", affinity = "json_path" })

function Path:bind_processor(dialect) -- luacheck: no self
  return function(value)
    return dialect:json_path(value)
  end
end

local function is_step(value)
  return type(value) == "string" or type(value) == "number" and value % 1 == 0
end

--- Goes into a JSON document; `get("a")`, `get(0)`, `get{ "a", "b", 1 }`.
function Expression:get(key)
  local is_path = type(key) == "table" and getmetatable(key) == nil
  local steps = is_path and key or { key }
  for i = 1, math.max(#steps, is_path and 0 or 1) do
    if not is_step(steps[i]) then
      mistake.raise("ArgumentError", "get needs a key, a position, or a list of these")
    end
  end
  local path = bind.of_value(key, Path())
  return setmetatable({
    element = self:self_group(operator.json_get),
    path = path,
    is_path = is_path,
    type = self.type,
    sh = shape.of(is_path and "json path" or "json " .. type(key), self.sh, path.sh),
  }, JSONGet)
end

function JSONGet:collect_froms(found)
  self.element:collect_froms(found)
end

local function as(self, type_)
  return setmetatable({
    element = self.element,
    path = self.path,
    is_path = self.is_path,
    as = type_,
    type = type_,
    sh = shape.of("as", self.sh, type_.sh),
  }, JSONGet)
end

function JSONGet:as_string()
  return as(self, generic.String())
end

function JSONGet:as_integer()
  return as(self, generic.Integer())
end

function JSONGet:as_float()
  return as(self, generic.Float())
end

function JSONGet:as_numeric(precision, scale)
  return as(self, generic.Numeric(precision, scale))
end

function JSONGet:as_boolean()
  return as(self, generic.Boolean())
end

function JSONGet:as_json()
  return self
end

return { JSONGet = JSONGet, coerce = coerce }
