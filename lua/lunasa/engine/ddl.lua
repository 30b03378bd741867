--- Tables and indexes made and dropped in a database.
local bound = require("lunasa.engine.bound")
local ddl = require("lunasa.sa.schema.ddl")
local inspect = require("lunasa.engine.inspect")
local mistake = require("lunasa.sa.mistake")
local naming = require("lunasa.sa.compiler.naming")
local order = require("lunasa.sa.schema.order")
local statements = require("lunasa.sa.schema.statements")
local suggest = require("lunasa.suggest")

local work = {}

local function check_options(what, options, known)
  for name in pairs(options or {}) do
    if not known[name] then
      local message = ("%s has no option '%s'%s"):format(what, name, suggest.among(name, known))
      mistake.raise("ArgumentError", message)
    end
  end
  return options or {}
end

local OF_ALL = { checkfirst = true, tables = true }
local OF_ONE = { checkfirst = true }

--- Runs statements. All are compiled before the first is sent: what is wrong with one of them is
--- found before half of the tables are there.
---@async
local function run(conn, list)
  local dialect = bound.dialect(conn)
  for _, statement in ipairs(list) do
    statement:compile({ dialect = dialect })
  end
  for _, statement in ipairs(list) do
    conn:execute(statement)
  end
end

local function is_there(inspector, one)
  return inspector:has_table(tostring(one.name), one.schema and tostring(one.schema))
end

--- The tables that are there, or those that are not.
---@async
local function chosen(conn, meta, options, is_wanted)
  local inspector, list = inspect.inspect(conn), {}
  for _, one in ipairs(statements.chosen(meta, options.tables)) do
    if options.checkfirst == false or is_there(inspector, one) == is_wanted then
      list[#list + 1] = one
    end
  end
  return list
end

--- The sequences of tables that are there, or those that are not.
---@async
local function chosen_sequences(conn, tables, options, is_wanted)
  local inspector, set = inspect.inspect(conn), {}
  for _, sequence in ipairs(statements.sequences(tables, conn.dialect)) do
    local schema = sequence.schema and tostring(sequence.schema)
    if
      options.checkfirst == false
      or inspector:has_sequence(tostring(sequence.name), schema) == is_wanted
    then
      set[#set + 1], set[sequence] = sequence, true
    end
  end
  return set
end

--- Creates the tables that are not there, in the order in which they refer to each other, with
--- their indexes.
---@async
---@param meta lunasa.sa.MetaData
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? { checkfirst?: boolean, tables?: lunasa.sa.Table[] }
function work.create_all(meta, bind, options)
  options = check_options("create_all", options, OF_ALL)
  bound.with(bind, "create_all", function(conn)
    local tables, list = chosen(conn, meta, options, false), {}
    local sequences = chosen_sequences(conn, tables, options, false)
    local all = meta:create_statements({ tables = tables, dialect = conn.dialect })
    for _, statement in ipairs(all) do
      if statement.kind ~= "create_sequence" or sequences[statement.subject] then
        list[#list + 1] = statement
      end
    end
    run(conn, list)
  end)
end

local function same_columns(told, constraint)
  if #told.constrained_columns ~= #constraint.columns then
    return false
  end
  for i, column in ipairs(constraint.columns) do
    if tostring(column.name) ~= told.constrained_columns[i] then
      return false
    end
  end
  return told.referred_table == tostring(constraint.elements[1]:column().table.name)
end

--- The foreign key as the database has it, whose name it may have made up; nil when it has none.
---@async
local function find_foreign_key(inspector, constraint)
  local one = constraint.table
  local name = naming.of(constraint, one)
  local schema = one.schema and tostring(one.schema)
  local found = inspector:describe(tostring(one.name), schema)
  for _, told in ipairs(found and found.foreign_keys or {}) do
    if told.name == name or name == nil and same_columns(told, constraint) then
      return setmetatable({ name = told.name, has_final_name = true }, { __index = constraint })
    end
  end
  return nil
end

local function always()
  return true
end

--- Drops the tables that are there, in the opposite order. Foreign keys that make circles go first,
--- under the names that the database has for them.
---@async
---@param meta lunasa.sa.MetaData
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? { checkfirst?: boolean, tables?: lunasa.sa.Table[] }
function work.drop_all(meta, bind, options)
  options = check_options("drop_all", options, OF_ALL)
  bound.with(bind, "drop_all", function(conn)
    local inspector, list = inspect.inspect(conn), {}
    local tables, deferred = order(chosen(conn, meta, options, true), always)
    for _, constraint in ipairs(conn.dialect.has_alter and deferred or {}) do
      local there = find_foreign_key(inspector, constraint)
      list[#list + 1] = there and ddl.DropConstraint(there)
    end
    for i = #tables, 1, -1 do
      list[#list + 1] = ddl.DropTable(tables[i])
    end
    for _, sequence in ipairs(chosen_sequences(conn, tables, options, true)) do
      list[#list + 1] = ddl.DropSequence(sequence)
    end
    run(conn, list)
  end)
end

--- Creates a table with its indexes.
---@async
---@param one lunasa.sa.Table
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? { checkfirst?: boolean }
function work.create_table(one, bind, options)
  options = check_options("table:create", options, OF_ONE)
  bound.with(bind, "table:create", function(conn)
    if not options.checkfirst or not is_there(inspect.inspect(conn), one) then
      local list = {}
      statements.add_table(list, one, conn.dialect)
      run(conn, list)
    end
  end)
end

---@async
---@param one lunasa.sa.Table
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? { checkfirst?: boolean }
function work.drop_table(one, bind, options)
  options = check_options("table:drop", options, OF_ONE)
  bound.with(bind, "table:drop", function(conn)
    if not options.checkfirst or is_there(inspect.inspect(conn), one) then
      run(conn, { ddl.DropTable(one) })
    end
  end)
end

--- Tells whether the database has an index.
---@async
local function has_index(conn, index)
  local owner = index.table
  local schema = owner.schema and tostring(owner.schema)
  local name = tostring(naming.of(index, owner))
  return inspect.inspect(conn):has_index(tostring(owner.name), name, schema)
end

local function index_work(what, make, is_wanted)
  return function(index, bind, options)
    options = check_options(what, options, OF_ONE)
    bound.with(bind, what, function(conn)
      local is_checked = options.checkfirst and index.table
      if not is_checked or has_index(conn, index) == is_wanted then
        run(conn, { make(index) })
      end
    end)
  end
end
work.create_index = index_work("index:create", ddl.CreateIndex, false)
work.drop_index = index_work("index:drop", ddl.DropIndex, true)

return work
