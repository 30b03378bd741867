--- The short way of most statements: nothing is asked for but a format, on a connection that nobody
--- else uses now, with nobody who watches.
---
--- It does what `lunasa.command` does, and leaves to that whatever is out of the ordinary.
local command = require("lunasa.command")
local format_of = require("lunasa.format")
local result = require("lunasa.result")
local turn = require("lunasa.turn")

local plain = {}

--- Tells whether a statement may go the short way.
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param sql any
---@param args any
---@return boolean
function plain.is_for(conn, channel, sql, args)
  return not channel.is_busy
    and not channel.open_stream -- dropped, and to be ended first
    and not channel.observer
    and not channel.closed
    and not conn.echo
    and type(sql) == "string"
    and (args == nil or type(args) == "table")
    and channel.begin ~= nil
end

--- Waits for the answer and leaves the channel.
---@async
---@return lunasa.Result?
---@return any err
local function wait(conn, channel, token, raw, format, sql)
  local ok
  if not token or not channel.handle:await(token) then
    local answer
    -- stylua: ignore
    ok, answer = pcall(command.complete, channel, conn.runtime, token, raw, format, nil, sql, true)
    return ok and answer or nil, answer
  end
  turn.leave(channel)
  local session = channel.session
  -- stylua: ignore
  local rows, names, count, affected_rows, insert_id, warning_count, info =
    session:tell(token, format)
  if rows then
    return result.of(rows, names, count, affected_rows, insert_id, warning_count, info)
  end
  local answer, err = result.take(session, token, format, sql)
  if not answer then
    err = select(2, pcall(command.fail, channel, err))
  end
  return answer, err
end

--- Runs a statement with a parameter that is not plain.
---@async
local function begin(conn, channel, sql, args, format, is_pyformat)
  local is_binary = format_of.is_binary(format)
  -- A parameter may raise while it is asked for its text, or release the connection.
  channel.is_busy = true
  local ok, token, raw = pcall(channel.begin, channel.session, sql, args, is_pyformat, is_binary)
  if not ok then
    turn.leave(channel)
    return nil, token
  elseif not token and not raw then
    turn.leave(channel)
    return nil
  end
  return wait(conn, channel, token, raw, format, sql)
end

--- Runs it. Gives nothing where it has to go the long way, and nothing was sent.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param sql string
---@param args? table
---@param format integer
---@param is_pyformat boolean
---@return lunasa.Result?
---@return any err
function plain.query(conn, channel, sql, args, format, is_pyformat)
  -- stylua: ignore
  local rows, names, count, affected_rows, insert_id, warning_count, info =
    channel.ask(channel.handle, sql, args, is_pyformat, format)
  if type(rows) == "table" then
    return result.of(rows, names, count, affected_rows, insert_id, warning_count, info)
  elseif rows then
    channel.is_busy = true
    return wait(conn, channel, rows, nil, format, sql)
  end
  return begin(conn, channel, sql, args, format, is_pyformat)
end

--- The same for the counts only. Gives no counts where there is an error, or where it has to go the
--- long way.
---@async
---@return integer? affected_rows
---@return integer|any insert_id or the error
function plain.execute(conn, channel, sql, args, format, is_pyformat)
  local told, affected_rows, insert_id =
    channel.ask(channel.handle, sql, args, is_pyformat, format + format_of.COUNTS)
  if told == true then
    return affected_rows, insert_id
  end
  local answer, err
  if told then
    channel.is_busy = true
    answer, err = wait(conn, channel, told, nil, format, sql)
  else
    answer, err = begin(conn, channel, sql, args, format, is_pyformat)
  end
  if answer then
    return answer.affected_rows, answer.insert_id
  end
  return nil, err
end

return plain
