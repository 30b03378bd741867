--- Where the parameters of a statement are, as a function that collects them.
---
--- Statements of one shape have their parameters in the same places: the way from the statement to
--- each of them is found once, when the first is compiled, and becomes a line of Lua. Reading the
--- parameters of a statement that was built anew costs these lines and nothing else.
---
--- A node at two places, such as an expression in the columns and in ORDER BY, is found by the
--- first way to it. A statement of the same shape may have two nodes there, with values of their
--- own: `fits` tells, and it is compiled apart.
local NULL = require("lunasa.null")
local mistake = require("lunasa.sa.mistake")

local program = {}

--- More lines than this are not compiled, but gone through.
local MOST_LINES = 100

--- The same for the keys in all the lines together.
local MOST_STEPS = 5000

local NONE = {}

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
  bound = true,
  excluded = true,
  inserted = true,
}

--- Tells whether a node says nothing about parameters: what all statements share.
local function is_common(value)
  return value.is_table
    or value.is_type
    or value.is_column and (not value.table or value.table.is_table)
end

--- What is met behind a key: of a column of a subquery only the subquery.
local function is_followed(node, key, value)
  if type(value) ~= "table" or node.kind == "bind" then
    return false
  elseif node.is_column then
    return key == "table"
  end
  return not SKIPPED[key] and not is_common(value) and next(value) ~= nil
end

--- Tells whether something of the same shape is in the statement already: the text shows which of
--- them are one and the same.
local function is_double(value, named)
  if not value.sh or not (value.is_from or value.kind == "label") then
    return false
  end
  local is_known = named[value.sh] ~= nil
  named[value.sh] = value
  return is_known
end

--- Gives the keys that lead to a node from the statement.
local function path_to(ways, node)
  local backwards, path = {}, {}
  local way = ways[node]
  while way.from do
    backwards[#backwards + 1] = way.key
    way = ways[way.from]
  end
  for i = #backwards, 1, -1 do
    path[#path + 1] = backwards[i]
  end
  return path
end

--- Finds the way to every node, the node before it and a key; the pairs of paths that lead to one
--- node; whether two nodes only look like one; and the paths of parts that were given parameters.
local function find_ways(root)
  local ways, same, queue, named, has_double, bound = { [root] = {} }, {}, { root }, {}, false, {}
  local at = 1
  while queue[at] do
    local node = queue[at]
    at = at + 1
    if node ~= root and rawget(node, "bound") then
      bound[#bound + 1] = path_to(ways, node)
    end
    for key, value in pairs(node) do
      if is_followed(node, key, value) then
        if ways[value] then
          local path = path_to(ways, node)
          path[#path + 1] = key
          same[#same + 1] = { path_to(ways, value), path }
        else
          ways[value] = { from = node, key = key }
          queue[#queue + 1] = value
          has_double = is_double(value, named) or has_double
        end
      end
    end
  end
  return ways, same, has_double, bound
end

local function at_path(statement, path)
  for i = 1, #path do
    statement = statement[path[i]]
  end
  return statement
end

--- Makes the test whether a statement of the same shape has one node where this one has.
local function make_guard(same)
  return function(statement)
    for i = 1, #same do
      if at_path(statement, same[i][1]) ~= at_path(statement, same[i][2]) then
        return false
      end
    end
    return true
  end
end

local function raise_required(key)
  local message = ("a value is required for bind parameter '%s'"):format(key)
  mistake.raise("InvalidRequestError", message)
end

--- What a function that makes a value is told: the values of its row, by key.
local function context_of(bind, statement, given)
  local row = statement.rows and statement.rows[bind.row or 1] or statement.row
  local parameters = {}
  for column, value in pairs(row or {}) do
    parameters[column.key] = value.kind == "bind" and value.value or nil
  end
  for key, value in pairs(given or {}) do
    parameters[key] = value
  end
  return { current_parameters = parameters }
end

--- The value given at execution, or the parameter's own.
local function raw_value(bind, statement, given, is_lenient)
  local key = bind.key
  local value = key and given and given[key]
  if value ~= nil then
    return value
  end
  value = bind.value
  if value == nil and bind.is_required and not is_lenient then
    raise_required(key)
  elseif type(value) == "function" then
    return value(context_of(bind, statement, given))
  end
  return value
end

--- What a type makes of a value: NULL where its function gives nothing.
local function processed(process, value)
  local made = process(value)
  if made == nil then
    return NULL
  end
  return made
end

--- The value of one parameter, as it is sent.
local function value_of(bind, statement, given, process, takes_null, is_lenient)
  local value = raw_value(bind, statement, given, is_lenient)
  if bind.is_expanding or value == nil then
    return value == nil and NULL or value
  elseif type(value) == "table" and value.is_expression and not takes_null then
    local message = "the value of '%s' is an expression: write it into the statement, values{ … }"
    mistake.raise("ArgumentError", message:format(bind.key))
  elseif process and (value ~= NULL or takes_null) then
    return processed(process, value)
  end
  return value
end

--- The same of one that has no name and is no list, which most are.
local function plain_value(bind, statement, given, process, takes_null)
  local value = bind.value
  if type(value) == "function" then
    value = value(context_of(bind, statement, given))
  end
  if value == nil then
    return NULL
  elseif process and (value ~= NULL or takes_null) then
    return processed(process, value)
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

local function steps_text(path, constants)
  local steps = { "s" }
  for i, key in ipairs(path) do
    steps[i + 1] = step_text(key, constants)
  end
  return table.concat(steps)
end

--- Values of `params{}`, and those of the execution over them.
local function merged(bound, given)
  local all = {}
  for _, values in ipairs({ bound, given or {} }) do
    for name, value in pairs(values) do
      all[name] = value
    end
  end
  return all
end

--- One line for each parameter.
local function source_of(entries, bound, constants)
  local lines = {
    "local value_of, plain, p, k, b, merged = ...",
    "return function(s, given, is_lenient)",
    "if s.bound then given = merged(s.bound, given) end",
  }
  for _, path in ipairs(bound) do
    lines[#lines + 1] = ("given = merged(%s.bound, given)"):format(steps_text(path, constants))
  end
  lines[#lines + 1] = "return {"
  for i, entry in ipairs(entries) do
    local bind = entry.path and steps_text(entry.path, constants) or ("b[%d]"):format(i)
    local null = tostring(entry.takes_null or false)
    local is_plain = entry.bind.key == nil and not entry.bind.is_expanding
    local call = is_plain and "plain(%s, s, given, p[%d], %s),"
      or "value_of(%s, s, given, p[%d], %s, is_lenient),"
    lines[#lines + 1] = call:format(bind, i, null)
  end
  lines[#lines + 1] = "} end"
  return table.concat(lines, "\n")
end

--- Gives each node on the way to a parameter a number, behind that of the node before it.
local function number_steps(entries, ways, statement)
  local numbers, before, keys = { [statement] = 1 }, {}, {}
  for _, entry in ipairs(entries) do
    local node, pending = entry.path and entry.bind, {}
    while node and not numbers[node] do
      pending[#pending + 1] = node
      node = ways[node].from
    end
    for i = #pending, 1, -1 do
      local way = ways[pending[i]]
      keys[#keys + 1], before[#before + 1] = way.key, numbers[way.from]
      numbers[pending[i]] = #keys + 1
    end
    entry.number = entry.path and numbers[entry.bind]
    entry.bind = not entry.number and entry.bind or nil
  end
  return before, keys
end

--- The same, by going through the statement once.
local function interpreted(entries, bound, processors, before, keys)
  return function(statement, given, is_lenient)
    local values, nodes = {}, { statement }
    if statement.bound then
      given = merged(statement.bound, given)
    end
    for _, path in ipairs(bound) do
      given = merged(at_path(statement, path).bound, given)
    end
    for i = 1, #keys do
      nodes[i + 1] = nodes[before[i]][keys[i]]
    end
    for i, entry in ipairs(entries) do
      local bind = entry.number and nodes[entry.number] or entry.bind
      local null, process = entry.takes_null, processors[i]
      values[i] = value_of(bind, statement, given, process, null, is_lenient)
    end
    return values
  end
end

local function entry_of(own, type_, ways, is_short)
  return {
    bind = own,
    path = ways[own] and (is_short and path_to(ways, own) or NONE),
    takes_null = type_.takes_null and not type_.none_as_null,
  }
end

--- Makes the function that collects the parameters, in the order of the text. A list for IN is one
--- value in it.
---@param statement table
---@param binds lunasa.sa.Bind[] in the order of the text
---@param dialect lunasa.sa.Dialect
---@return fun(statement: table, given?: table, is_lenient?: boolean): any[] none of them nil
---@return (fun(statement: table): boolean)? fits whether a statement of this shape has it so too
---@return boolean is_alone no other statement may have it, whatever its shape
function program.make(statement, binds, dialect)
  local ways, same, is_alone, bound = find_ways(statement)
  local fits = #same > 0 and make_guard(same) or nil
  local entries, processors, constants, kept, steps = {}, {}, {}, {}, 0
  local is_short = #binds <= MOST_LINES
  for i, bind in ipairs(binds) do
    local own = bind.stands_for or bind
    local type_ = own.type:for_dialect(dialect)
    entries[i] = entry_of(own, type_, ways, is_short)
    steps = steps + #(entries[i].path or NONE)
    processors[i], kept[i] = type_:bind_processor(dialect) or false, not ways[own] and own or false
  end
  if not is_short or steps > MOST_STEPS then
    local before, keys = number_steps(entries, ways, statement)
    return interpreted(entries, bound, processors, before, keys), fits, is_alone
  end
  local source = source_of(entries, bound, constants)
  local make = assert(loadstring(source, mistake.chunk("parameters")))
  return make(value_of, plain_value, processors, constants, kept, merged), fits, is_alone
end

return program
