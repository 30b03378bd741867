--- Statements that are executed for many sets of parameters.
local cache = require("lunasa.sa.compiler.cache")
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")
local named = require("lunasa.engine.named")
local paramstyle = require("lunasa.engine.paramstyle")
local result = require("lunasa.engine.result")
local send = require("lunasa.engine.send")

local many_sets = {}

--- What the driver's `executemany` gives, as a result without rows.
local function answer_of(affected_rows, insert_id)
  return {
    rowcount = affected_rows,
    affected_rows = affected_rows,
    insert_id = insert_id or 0,
    warning_count = 0,
  }
end

--- Runs text for each set.
---@async
---@param conn lunasa.SAConnection
---@param text string
---@param many table[]
---@return lunasa.ResultProxy
function many_sets.text(conn, text, many)
  local settings = paramstyle.is_pyformat(text) and conn.how.pyformat or conn.how.text
  return result.new(conn, answer_of(conn.connection:executemany(text, many, settings)))
end

--- Says in which set something was missing.
local function in_set(i, ok, ...)
  if ok then
    return ...
  end
  local err = ...
  if errors.is_error(err, "InvalidRequestError") then
    err.message = ("%s, in parameter set %d"):format(err.message, i)
  end
  errors.throw(err)
end

--- Raises where a set has what the first has not.
local function check_same(first, set, i)
  for key in pairs(set) do
    if first[key] == nil then
      local message = "parameter set %d has '%s', which the first has not"
      mistake.raise("InvalidRequestError", message:format(i, tostring(key)))
    end
  end
end

--- Collects the values of all sets, in the order of the text.
local function collect_all(statement, compiled, many, first)
  local rows = {}
  for i = 1, #many do
    local given = i == 1 and first or named.set(statement, many[i])
    check_same(first, given, i)
    rows[i] = in_set(i, pcall(compiled.collect, statement, given))
  end
  return rows
end

--- Runs what has another text for each set: one by one.
---@async
local function run_each(conn, compiled, rows)
  local affected, insert_id = 0, 0
  for i = 1, #rows do
    local answer = send.query(conn, compiled, rows[i])
    affected, insert_id = affected + answer.affected_rows, answer.insert_id
  end
  return answer_of(affected, insert_id)
end

--- Runs an INSERT, UPDATE or DELETE for each set. The keys of the first decide what is set.
---@async
---@param conn lunasa.SAConnection
---@param statement table
---@param many table[]
---@return lunasa.ResultProxy
function many_sets.compiled(conn, statement, many)
  if #statement.returned > 0 then
    mistake.raise("ArgumentError", "RETURNING has rows for one set of parameters, not for many")
  end
  local first, keys = named.read(statement, many[1])
  local compiled = cache.get(statement, conn.dialect, keys)
  named.check(statement, compiled, first)
  local rows = collect_all(statement, compiled, many, first)
  if not compiled.text then
    return result.new(conn, run_each(conn, compiled, rows))
  end
  local sent = answer_of(conn.connection:executemany(compiled.text, rows, conn.how.text))
  return result.new(conn, sent)
end

return many_sets
