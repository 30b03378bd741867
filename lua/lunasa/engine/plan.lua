--- What rows of a result look like: names, which column an expression is, and what makes the values
--- of the program of those of the driver. Made once for a statement and the columns of its answer.
local row = require("lunasa.engine.row")

local plan = {}

---@class lunasa.EnginePlan
---@field keys string[] names of the columns
---@field positions table<string, integer|false> by name; false for a name of several columns
---@field objects? table<any, integer|false> by expression, and by its shape; false for a shape of
---  several; nil where names must do
---@field processed integer how many columns are processed
---@field at integer[] which
---@field process (fun(value: any): any)[] and how
---@field metatable table of the rows

local function read_names(names)
  local keys, positions = {}, {}
  for i = 1, #names do
    local name = names[i]
    keys[i] = name
    positions[name] = positions[name] == nil and i or false
  end
  return keys, positions
end

--- Which of the columns that a statement says it has each column of the answer is. Those of text
--- are known by name.
local function match(compiled, keys, positions)
  local entries, found = compiled.result, {}
  if not entries then
    return found
  elseif #entries == #keys and compiled.kind ~= "text_select" then
    return entries
  end
  for i = 1, #entries do
    local entry = entries[i]
    local at = positions[entry.name]
    if at then
      found[at] = entry
    elseif #entries == #keys and not found[i] then
      found[i] = entry
    end
  end
  return found
end

--- Notes where an expression is. Those of one shape, such as `c + 1` and `c + 2`, cannot be told
--- apart once another statement of the same shape is executed: they are ambiguous.
local function note(objects, owners, expression, at)
  local sh = expression.sh
  local owner = sh and owners[sh]
  if sh and not owner then
    owners[sh], objects[sh] = expression, at
  elseif owner and owner ~= expression then
    objects[sh], objects[owner], objects[expression] = false, false, false
  end
  if objects[expression] == nil then
    objects[expression] = at
  end
end

--- Where expressions are in the row; those below a label after all others.
local function find_objects(entries, count)
  local objects, owners = {}, {}
  for i = 1, count do
    if entries[i] then
      note(objects, owners, entries[i].expression, i)
    end
  end
  for i = 1, count do
    local inner = entries[i] and entries[i].expression
    while inner and inner.kind == "label" do
      inner = inner.element
      note(objects, owners, inner, i)
    end
  end
  return objects
end

--- The processors of the columns whose values come otherwise than their types have them.
local function find_processors(made, entries, answer, dialect)
  local fields
  for i = 1, #made.keys do
    local type_ = entries[i] and entries[i].expression.type
    type_ = type_ and type_:for_dialect(dialect)
    local process = type_ and type_:result_processor(dialect)
    if process then
      fields = fields or answer:fields()
      if not dialect:comes_as(type_, process, fields[i]) then
        local count = made.processed + 1
        made.processed, made.at[count], made.process[count] = count, i, process
      end
    end
  end
end

local function new(compiled, answer, dialect)
  local keys, positions = read_names(answer.names)
  local made = { keys = keys, positions = positions, processed = 0, at = {}, process = {} }
  if compiled then
    local entries = match(compiled, keys, positions)
    if compiled.result then
      made.objects = find_objects(entries, #keys)
    end
    find_processors(made, entries, answer, dialect)
  end
  made.metatable = row.metatable(made)
  return made
end

--- Plans of answers to text, by the names of the result, which results of a session share.
local of_text = setmetatable({}, { __mode = "k" })

--- Gives the plan for the rows of an answer.
---@param compiled? lunasa.sa.Compiled nil for text
---@param answer lunasa.Result|lunasa.Stream
---@param dialect lunasa.sa.Dialect
---@return lunasa.EnginePlan
function plan.of(compiled, answer, dialect)
  local known = of_text
  if compiled then
    known = rawget(compiled, "plans")
    if not known then
      known = setmetatable({}, { __mode = "k" })
      compiled.plans = known
    end
  end
  local found = known[answer.names]
  if not found then
    found = new(compiled, answer, dialect)
    known[answer.names] = found
  end
  if compiled then -- most are of one connection
    compiled.plan_of, compiled.plan = answer.names, found
  end
  return found
end

--- Makes a row of the list of its values.
---@param made lunasa.EnginePlan
---@param values any[] becomes the row
---@return lunasa.RowProxy
function plan.row(made, values)
  for i = 1, made.processed do
    local at = made.at[i]
    local value = values[at]
    if value ~= nil then
      values[at] = made.process[i](value)
    end
  end
  return setmetatable(values, made.metatable)
end

return plan
