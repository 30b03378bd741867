--- Full text search: `mysql.match(a, b, { against = "words" })`.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

---@class lunasa.sa.mysql.Match: lunasa.sa.Expression
local Match = class("Match", element.Expression)
Match.kind = "fulltext_match"
Match.type = generic.Boolean()

local MODES = {
  in_boolean_mode = " IN BOOLEAN MODE",
  in_natural_language_mode = " IN NATURAL LANGUAGE MODE",
  with_query_expansion = " WITH QUERY EXPANSION",
}

local ORDER = { "in_boolean_mode", "in_natural_language_mode", "with_query_expansion" }

local function make(columns, against, modes)
  local words = {}
  for _, name in ipairs(ORDER) do
    words[#words + 1] = modes[name] and MODES[name] or nil
  end
  local mode = table.concat(words)
  local sh = shape.of("match", shape.of_list("columns", columns), against.sh)
  return setmetatable({
    columns = columns,
    against = against,
    modes = modes,
    mode = mode,
    operator = { name = "match", text = "", precedence = 5, is_comparison = true },
    sh = shape.of("mode", sh, mode),
  }, Match)
end

for name in pairs(MODES) do
  Match[name] = function(self)
    local modes = { [name] = true }
    for other, is_on in pairs(self.modes) do
      modes[other] = is_on
    end
    return make(self.columns, self.against, modes)
  end
end

function Match:collect_froms(found)
  for _, column in ipairs(self.columns) do
    column:collect_froms(found)
  end
end

return function(...)
  local columns, options = { ... }, nil
  local last = columns[#columns]
  if type(last) == "table" and not last.is_element then
    options = table.remove(columns)
  end
  if not options or options.against == nil or #columns == 0 then
    mistake.raise("ArgumentError", "match needs columns and { against = … }")
  end
  return make(columns, coerce.argument(options.against), options)
end
