--- Where the parameters of a statement are, as a function that collects them.
---
--- Statements of one shape have their parameters in the same places: the way from the statement to
--- each of them is found once, when the first is compiled, and becomes a line of Lua. Reading the
--- parameters of a statement that was built anew costs these lines and nothing else.
local NULL = require("lunasa.null")
local mistake = require("lunasa.sa.mistake")

local program = {}

--- More lines than this are not compiled, but gone through.
local MOST_LINES = 100

--- What leads out of the statement, or to what all statements share.
local SKIPPED = {
  c = true,
  columns = true,
  column = true,
  metadata = true,
  operator = true,
  origin = true,
  table = true,
  target = true,
  type = true,
  compiled_by = true,
  excluded = true,
  inserted = true,
}

local function is_shared(value)
  return value.is_table or value.is_column or value.is_type
end

--- Finds the way to each wanted node: a list of keys by node.
local function find_paths(root, wanted, left)
  local paths, seen, queue = {}, { [root] = true }, { { root, {} } }
  local at = 1
  while queue[at] and left > 0 do
    local node, path = queue[at][1], queue[at][2]
    at = at + 1
    for key, value in pairs(node) do
      if
        type(value) == "table"
        and not SKIPPED[key]
        and not seen[value]
        and not is_shared(value)
      then
        seen[value] = true
        local longer = { unpack(path) }
        longer[#longer + 1] = key
        if wanted[value] then
          paths[value] = longer
          left = left - 1
        end
        queue[#queue + 1] = { value, longer }
      end
    end
  end
  return paths
end

local function raise_required(key)
  local message = ("a value is required for bind parameter '%s'"):format(key)
  mistake.raise("InvalidRequestError", message)
end

--- The value given at execution, or the parameter's own.
local function raw_value(bind, given, is_lenient)
  local key = bind.key
  local value = key and given and given[key]
  if value ~= nil then
    return value
  end
  value = bind.value
  if value == nil and bind.is_required and not is_lenient then
    raise_required(key)
  elseif type(value) == "function" then
    return value()
  end
  return value
end

--- The value of one parameter, as it is sent.
local function value_of(bind, given, process, takes_null, is_lenient)
  local value = raw_value(bind, given, is_lenient)
  if bind.is_expanding or value == nil then
    return value == nil and NULL or value
  elseif process and (value ~= NULL or takes_null) then
    return process(value)
  end
  return value
end

local function step_text(key, constants)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return "." .. key
  elseif type(key) == "number" then
    return ("[%d]"):format(key)
  end
  constants[#constants + 1] = key
  return ("[k[%d]]"):format(#constants)
end

--- One line for each parameter.
local function source_of(entries, constants)
  local lines =
    { "local value_of, p, k, b = ...", "return function(s, given, is_lenient)", "return {" }
  for i, entry in ipairs(entries) do
    local bind = ("b[%d]"):format(i)
    if entry.path then
      local steps = {}
      for j, key in ipairs(entry.path) do
        steps[j] = step_text(key, constants)
      end
      bind = "s" .. table.concat(steps)
    end
    local null = tostring(entry.takes_null or false)
    lines[#lines + 1] = ("value_of(%s, given, p[%d], %s, is_lenient),"):format(bind, i, null)
  end
  lines[#lines + 1] = ("n = %d }"):format(#entries)
  lines[#lines + 1] = "end"
  return table.concat(lines, "\n")
end

--- The same, by going through the paths.
local function interpreted(entries, processors)
  return function(statement, given, is_lenient)
    local values = { n = #entries }
    for i, entry in ipairs(entries) do
      local bind = entry.bind
      if entry.path then
        bind = statement
        for _, key in ipairs(entry.path) do
          bind = bind[key]
        end
      end
      values[i] = value_of(bind, given, processors[i], entry.takes_null, is_lenient)
    end
    return values
  end
end

--- Makes the function that collects the parameters, in the order of the text. A list for IN is one
--- value in it.
---@param statement table
---@param binds lunasa.sa.Bind[] in the order of the text
---@param dialect lunasa.sa.Dialect
---@return fun(statement: table, given?: table, is_lenient?: boolean): table
function program.make(statement, binds, dialect)
  local wanted, count = {}, 0
  for _, bind in ipairs(binds) do
    local own = bind.stands_for or bind
    count = wanted[own] and count or count + 1
    wanted[own] = true
  end
  local paths = find_paths(statement, wanted, count)
  local entries, processors, constants, kept = {}, {}, {}, {}
  for i, bind in ipairs(binds) do
    local own = bind.stands_for or bind
    local type_ = own.type:for_dialect(dialect)
    entries[i] = {
      bind = own,
      path = paths[own],
      takes_null = type_.takes_null and not type_.none_as_null,
    }
    processors[i], kept[i] = type_:bind_processor(dialect) or false, own
  end
  if #binds > MOST_LINES then
    return interpreted(entries, processors)
  end
  local make = assert(loadstring(source_of(entries, constants), "=parameters"))
  return make(value_of, processors, constants, kept)
end

return program
