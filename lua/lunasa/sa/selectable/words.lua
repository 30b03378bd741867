--- What a statement is given besides its clauses: words as they are, and CTEs.
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

local words = {}

local function text_of(word)
  if type(word) == "table" and word.kind == "text" then
    return word.sql
  elseif type(word) ~= "string" then
    local message = "prefixes and suffixes are strings or sa.text(), got a %s"
    mistake.raise("ArgumentError", message:format(type(word)))
  end
  return word
end

--- Adds words to a list of a statement that nobody has yet: `…, "IGNORE", { dialect = "mysql" }`.
---@param made table
---@param field "prefixes"|"suffixes"
---@param ... string|lunasa.sa.Text|table
---@return table made
function words.add(made, field, ...)
  local given, options, count = { ... }, {}, select("#", ...)
  if type(given[count]) == "table" and not given[count].is_element then
    options, count = given[count], count - 1
  end
  local list = { unpack(made[field]) }
  for i = 1, count do
    local part = { text = text_of(given[i]), dialect = options.dialect }
    list[#list + 1] = part
    made.sh = shape.of(field, made.sh, part.text .. "|" .. (part.dialect or "*"))
  end
  made[field] = list
  return made
end

--- Puts a CTE before a statement that nobody has yet and that does not name it.
---@param made table
---@param one lunasa.sa.CTE
---@return table made
function words.add_cte(made, one)
  if type(one) ~= "table" or one.kind ~= "cte" then
    mistake.raise("ArgumentError", "add_cte needs a CTE: select:cte(name)")
  end
  local list = { unpack(made.ctes or {}) }
  list[#list + 1] = one
  made.ctes, made.sh = list, shape.of("cte", made.sh, one.sh)
  return made
end

return words
