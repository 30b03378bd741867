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

local function longer(path, key)
  local made = { unpack(path) }
  made[#made + 1] = key
  return made
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

--- Finds the way to every node, a list of keys; the pairs of ways that lead to one node; and
--- whether two nodes only look like one.
local function find_paths(root)
  local paths, same, queue, named, has_double = { [root] = {} }, {}, { root }, {}, false
  local at = 1
  while queue[at] do
    local node = queue[at]
    at = at + 1
    for key, value in pairs(node) do
      if is_followed(node, key, value) then
        local path = longer(paths[node], key)
        if paths[value] then
          same[#same + 1] = { paths[value], path }
        else
          paths[value] = path
          queue[#queue + 1] = value
          has_double = is_double(value, named) or has_double
        end
      end
    end
  end
  return paths, same, has_double
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

--- The value of one parameter, as it is sent.
local function value_of(bind, statement, given, process, takes_null, is_lenient)
  local value = raw_value(bind, statement, given, is_lenient)
  if bind.is_expanding or value == nil then
    return value == nil and NULL or value
  elseif type(value) == "table" and value.is_expression and not takes_null then
    local message = "the value of '%s' is an expression: write it into the statement, values{ … }"
    mistake.raise("ArgumentError", message:format(bind.key))
  elseif process and (value ~= NULL or takes_null) then
    return process(value)
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
local function source_of(entries, constants)
  local lines = {
    "local value_of, plain, p, k, b, merged = ...",
    "return function(s, given, is_lenient)",
    "if s.bound then given = merged(s.bound, given) end",
    "return {",
  }
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
    local is_plain = entry.bind.key == nil and not entry.bind.is_expanding
    local call = is_plain and "plain(%s, s, given, p[%d], %s),"
      or "value_of(%s, s, given, p[%d], %s, is_lenient),"
    lines[#lines + 1] = call:format(bind, i, null)
  end
  lines[#lines + 1] = "} end"
  return table.concat(lines, "\n")
end

--- The same, by going through the paths.
local function interpreted(entries, processors)
  return function(statement, given, is_lenient)
    local values = {}
    if statement.bound then
      given = merged(statement.bound, given)
    end
    for i, entry in ipairs(entries) do
      local bind = entry.bind
      if entry.path then
        bind = at_path(statement, entry.path)
      end
      local null, process = entry.takes_null, processors[i]
      values[i] = value_of(bind, statement, given, process, null, is_lenient)
    end
    return values
  end
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
  local paths, same, is_alone = find_paths(statement)
  local fits = #same > 0 and make_guard(same) or nil
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
    return interpreted(entries, processors), fits, is_alone
  end
  local make = assert(loadstring(source_of(entries, constants), mistake.chunk("parameters")))
  return make(value_of, plain_value, processors, constants, kept, merged), fits, is_alone
end

return program
