--- What the columns of a SELECT are called: the rules that keep two columns from having one name.
---
--- `users.id, addresses.id` are `id` and `id_1`; the same column again is `id__1`; an expression
--- without a name is `count_1` or `anon_1`. The compiler gives the numbers, in the order in which
--- it meets what is to be named.
local labels = {}

--- A name that gets its number from the compiler.
---@class lunasa.sa.AnonymousName
---@field base string
---@field of table what is named: the same gets the same number

---@class lunasa.sa.ResultColumn
---@field expression lunasa.sa.Expression
---@field name? string as it is written, when it has no number
---@field anonymous? lunasa.sa.AnonymousName
---@field key string under which a subquery has it
---@field is_labelled boolean it is written `expression AS name` wherever it stands

--- What converts a column only is named after it, and says so.
local IS_CONVERSION = { cast = true, type_coerce = true, as_boolean = true }

--- What SELECT leaves without a name, as the server calls it then.
local IS_BARE = { unary = true, literal_column = true }

local function base_of(expression)
  if IS_CONVERSION[expression.kind] or expression.kind == "label" then
    return base_of(expression.element)
  end
  return expression.kind == "function" and expression.name or "anon"
end

local function qualified(expression, name)
  local owner = expression.table
  if not (owner and owner.name) then
    return name
  end
  local schema = owner.schema and tostring(owner.schema) .. "_" or ""
  return schema .. tostring(owner.name) .. "_" .. name
end

local function plain_name(expression, style)
  local name = expression:result_name()
  if name and style == "tablename" and expression.kind == "column" then
    return qualified(expression, name), true
  end
  return name, IS_CONVERSION[expression.kind] or false
end

local function anonymous(entry, base, object)
  entry.anonymous = { base = base, of = object }
  entry.is_labelled = not IS_BARE[object.kind]
  entry.key = base .. "_1"
  return entry
end

--- Gives a name that is taken already a number: by what is named, or by how often it came.
local function disambiguate(entry, name, other, state)
  local expression = entry.expression
  local is_other = other ~= expression and not IS_CONVERSION[expression.kind]
  if is_other and expression.kind == "label" then
    return -- the user has said so
  elseif is_other and not state.numbered[expression] then
    state.numbered[expression] = true
    anonymous(entry, name, expression)
    return
  end
  state.repeats = state.repeats + 1
  entry.name, entry.is_labelled = name .. "__" .. state.repeats, true
  entry.key = entry.name
end

--- Names one column, after those before it.
local function name_column(expression, style, taken, state)
  local entry = { expression = expression, is_labelled = false }
  if expression.kind == "text" then
    entry.name, entry.key, entry.is_plain = expression.sql, expression.sql, true
    return entry
  elseif expression.name_of then
    entry.anonymous, entry.key = expression.name_of, expression.key
    return entry
  end
  local name, is_labelled = plain_name(expression, style)
  if not name then
    local inner = expression.kind == "label" and expression.element:result_name()
    return anonymous(entry, inner or base_of(expression), expression)
  end
  entry.name, entry.key, entry.is_labelled = name, expression.key or name, is_labelled
  local other = taken[name]
  taken[name] = other or expression
  if other and style ~= "none" then
    disambiguate(entry, name, other, state)
  end
  return entry
end

--- Gives the name by which ORDER BY finds a column of SELECT: columns of tables are looked up in
--- FROM, but for their name with the table's.
---@param entry lunasa.sa.ResultColumn
---@return string|lunasa.sa.ResultColumn
function labels.reference(entry)
  local expression = entry.expression
  local name = expression:result_name()
  if name and expression.kind == "column" and not expression.name_of then
    return qualified(expression, name)
  end
  return entry.name or entry
end

--- Names the columns of a SELECT.
---@param expressions lunasa.sa.Expression[]
---@param style "disambiguate"|"tablename"|"none"
---@return lunasa.sa.ResultColumn[]
function labels.of(expressions, style)
  local named, taken, state = {}, {}, { numbered = {}, repeats = 0 }
  for i, expression in ipairs(expressions) do
    named[i] = name_column(expression, style, taken, state)
  end
  return named
end

return labels
