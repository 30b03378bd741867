--- Runs statements: which kind they are, what their parameters mean, and what is sent.
local bound = require("lunasa.engine.bound")
local cache = require("lunasa.sa.compiler.cache")
local compiled_cache = require("lunasa.engine.compiled_cache")
local many_sets = require("lunasa.engine.many")
local mistake = require("lunasa.sa.mistake")
local named = require("lunasa.engine.named")
local parameters = require("lunasa.engine.parameters")
local paramstyle = require("lunasa.engine.paramstyle")
local result = require("lunasa.engine.result")
local send = require("lunasa.engine.send")

local execute = {}

local MIXED_SELECT = "Don't mix sqlalchemy SELECT clause with positional parameters"
local MIXED_DDL = "Don't mix sqlalchemy DDL clause and execution with parameters"
local NO_STATEMENT = "sql statement should be str or SQLAlchemy data selection/modification clause"

--- What a statement is compiled to.
local function compile(conn, statement, keys)
  local compiled = cache.get(statement, conn.dialect, keys)
  if conn.kept then
    compiled_cache.note(conn.kept, statement, compiled)
  end
  return compiled
end

---@async
local function answer_of(conn, compiled, values, is_streamed)
  if is_streamed then
    return result.new(conn, send.stream(conn, compiled, values), compiled, true)
  end
  return result.new(conn, send.query(conn, compiled, values), compiled)
end

--- The text to prepare for values of these kinds, where they are a list.
local function text_by_kinds(conn, text, one)
  if not parameters.is_positional(one) then
    return text
  end
  return send.text_for({ dialect = conn.dialect, text = text }, text, one)
end

---@async
local function run_text(conn, text, one, many, is_streamed)
  local how = conn.how
  if many then
    return many_sets.text(conn, text, many)
  end
  local is_pyformat = one ~= nil and paramstyle.is_pyformat(text)
  if one and how.options.prepared and conn.dialect.types_by_value then
    text = text_by_kinds(conn, text, one)
  end
  if is_streamed then
    local settings = is_pyformat and how.stream_pyformat or how.stream_text
    return result.new(conn, conn.connection:stream(text, one, settings), nil, true)
  end
  return result.new(
    conn,
    conn.connection:query(text, one, is_pyformat and how.pyformat or how.text)
  )
end

---@async
local function run_query(conn, statement, one, many, is_streamed)
  if many or one and parameters.is_positional(one) then
    mistake.raise("ArgumentError", MIXED_SELECT)
  end
  local compiled = compile(conn, statement)
  return answer_of(conn, compiled, compiled.collect(statement, one), is_streamed)
end

---@async
local function run_dml(conn, statement, one, many, is_streamed)
  if many then
    return many_sets.compiled(conn, statement, many)
  end
  local given, keys = named.read(statement, one)
  local compiled = compile(conn, statement, keys)
  if given then
    named.check(statement, compiled, given)
  end
  local values = compiled.collect(statement, given)
  local answered = answer_of(conn, compiled, values, is_streamed)
  if statement.kind == "insert" then
    answered.compiled, answered.collected = compiled, values
  end
  return answered
end

---@async
local function run_ddl(conn, statement, one, many)
  if one or many then
    mistake.raise("ArgumentError", MIXED_DDL)
  end
  local compiled = statement:compile({ dialect = bound.dialect(conn) })
  return result.new(conn, conn.connection:query(compiled.string, nil, conn.how.text))
end

--- Gives a statement for something that can be selected from or of.
local function as_query(statement)
  if statement.is_query or statement.kind == "text" then
    return statement
  elseif (statement.is_expression or statement.is_from) and statement.select then
    return statement:select()
  end
  mistake.raise("ArgumentError", NO_STATEMENT)
end

--- Runs a statement with the arguments that follow it.
---@async
---@param conn lunasa.SAConnection
---@param statement any
---@param is_streamed boolean
---@param count integer of the arguments
---@param ... any
---@return lunasa.ResultProxy
function execute.run(conn, statement, is_streamed, count, ...)
  local one, many = parameters.distill(count, ...)
  if type(statement) == "string" then
    return run_text(conn, statement, one, many, is_streamed)
  end
  local kind = type(statement) == "table" and getmetatable(statement)
  if type(kind) ~= "table" or not (kind.is_element or kind.is_from) then
    mistake.raise("ArgumentError", NO_STATEMENT)
  elseif statement.is_ddl then
    return run_ddl(conn, statement, one, many)
  elseif statement.is_dml then
    return run_dml(conn, statement, one, many, is_streamed)
  end
  return run_query(conn, as_query(statement), one, many, is_streamed)
end

--- Runs a query, with parameters by name or none: what most are.
---@async
---@param conn lunasa.SAConnection
---@param statement lunasa.sa.Query
---@param given? table<string, any>
---@return lunasa.ResultProxy
function execute.query(conn, statement, given)
  local compiled = compile(conn, statement)
  return result.new(conn, send.query(conn, compiled, compiled.collect(statement, given)), compiled)
end

return execute
