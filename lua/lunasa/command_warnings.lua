--- Statements whose warnings are fetched, before anybody else has a turn on the connection.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local format_of = require("lunasa.format")
local result = require("lunasa.result")
local turn = require("lunasa.turn")

local command_warnings = {}

local SHOW = "SHOW WARNINGS"

local function count(answer)
  local warnings = 0
  while answer do
    warnings = warnings + answer.warning_count
    answer = answer.following
  end
  return warnings
end

--- Lists what the server says.
local function listed(answer)
  local warnings = {}
  for level, code, message in answer:values() do
    code = tonumber(code)
    local warning = { level, code, message, level = level, code = code, message = message }
    table.insert(warnings, warning)
  end
  return warnings
end

--- Asks for the warnings, and leaves the channel. A statement that has succeeded does not fail for
--- want of them; who is interrupted is told.
---@async
---@return lunasa.Warning[]?
local function fetch(channel, runtime, deadline)
  local session = channel.session
  local token = session:query(SHOW)
  if not token then
    turn.leave(channel)
    return nil
  end
  local ok, err = channel:wait(token, deadline)
  if not ok then
    fence.begin(channel, runtime, token, SHOW, err, turn.leave)
    return errors.is_interruption(err) and errors.throw(err) or nil
  end
  turn.leave(channel)
  local answer = result.take(session, token, format_of.QUIET + format_of.ARRAY, SHOW)
  return answer and listed(answer)
end

--- Runs SQL as `command.query` does. The result of a statement with warnings has them as its
--- `warnings`; what the connection knows of the statement stays as it is.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param sql string
---@param args? table
---@param is_pyformat boolean
---@param format integer
---@param deadline? number absolute, in seconds
---@param attributes? any[] see `lunasa.query_attributes`
---@param keeper? table see `lunasa.command`
---@return lunasa.Result
function command_warnings.query(
  channel,
  runtime,
  sql,
  args,
  is_pyformat,
  format,
  deadline,
  attributes,
  keeper
)
  -- stylua: ignore
  local token = command.begin(
    channel, runtime, sql, args, is_pyformat, deadline, false, format_of.is_binary(format), false,
    attributes, nil, keeper
  )
  local ok, err = channel:wait(token, deadline)
  if not ok then
    err.sql = err.sql or sql
    fence.begin(channel, runtime, token, sql, err, turn.leave)
    errors.throw(err)
  end
  local taken, answer, failure = pcall(result.take, channel.session, token, format, sql)
  if taken and answer and not answer.failure and count(answer) > 0 then
    answer.warnings = fetch(channel, runtime, deadline)
    return answer
  end
  turn.leave(channel)
  if not taken then
    error(answer, 0)
  elseif not answer then
    command.fail(channel, failure)
  end
  return answer
end

return command_warnings
