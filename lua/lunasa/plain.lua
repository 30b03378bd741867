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
  local session = channel.session
  local is_binary = format_of.is_binary(format)
  -- A parameter may raise while it is asked for its text, or release the connection.
  channel.is_busy = true
  local ok, token, raw = pcall(channel.begin, session, sql, args, is_pyformat, is_binary)
  if not ok then
    turn.leave(channel)
    return nil, token
  elseif not token and not raw then
    turn.leave(channel)
    return nil
  end
  if not token or not channel.handle:await(token) then
    local answer
    -- stylua: ignore
    ok, answer = pcall(command.complete, channel, conn.runtime, token, raw, format, nil, sql, true)
    return ok and answer or nil, answer
  end
  turn.leave(channel)
  local answer, err = result.take(session, token, format, sql)
  if not answer then
    err = select(2, pcall(command.fail, channel, err))
  end
  return answer, err
end

return plain
