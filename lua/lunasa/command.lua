--- Running one command on a channel: taking turns, sending, waiting, and raising what went wrong.
local errors = require("lunasa.error")
local result = require("lunasa.result")

local command = {}

--- Hands the channel to the next task in the queue, or leaves it free.
local function leave(channel)
  local queue = channel.queue
  local waiter = queue and table.remove(queue, 1)
  if waiter then
    waiter:wake()
  else
    channel.is_busy = false
  end
end

local function remove(queue, waiter)
  for i, queued in ipairs(queue) do
    if queued == waiter then
      table.remove(queue, i)
      return
    end
  end
end

--- Waits until the tasks before this one are served. What a statement's text means depends on what
--- the session was told before, so a statement is formatted only when its turn has come.
---@async
local function wait_for_turn(channel, runtime, deadline)
  local waiter = runtime.waiter()
  channel.queue = channel.queue or {}
  table.insert(channel.queue, waiter)
  local ok, err = waiter:wait(deadline)
  if ok then
    return
  elseif waiter.woken then
    leave(channel)
  else
    remove(channel.queue, waiter)
  end
  if err:is("TimeoutError") and not err.which then
    local message = "the statements of other tasks on this connection took longer than the timeout"
    err = errors.new("TimeoutError", message, { which = "statement" })
  end
  errors.throw(err)
end

--- Makes the channel this task's. Every `enter` is followed by one `leave`.
---@async
local function enter(channel, runtime, deadline)
  runtime.check(channel)
  if channel.is_busy then
    wait_for_turn(channel, runtime, deadline)
  end
  channel.is_busy = true
end

--- Why nothing can be sent any more. What ended another command is not what ends this one: it is
--- told in the message.
local function closed_error(channel, sql)
  local _, raw = channel.session:state()
  if not raw and channel.is_lost then
    raw = { code = "IO", message = "the server closed the connection" }
  end
  if not raw or raw.code == "TIMEOUT" or raw.code == "CANCELLED" then
    local message = "the connection is closed" .. (raw and ": " .. raw.message or "")
    return errors.new("InterfaceError", message, { errno = 2006, sql = sql })
  end
  raw.phase = "idle"
  return errors.from_core(raw, sql)
end

--- Raises what ended a command, and closes the connection when that is over too.
local function fail(channel, err)
  if not channel.closed and channel.session:state() == "closed" then
    channel:close("IO", "the session is over")
  end
  errors.throw(err)
end

--- Waits for the answer and leaves the channel.
---@async
local function complete(channel, token, raw, format, deadline, sql)
  if not token then
    leave(channel)
    if channel.session:state() == "closed" then
      channel.is_lost = true -- and nobody has been told yet
      fail(channel, closed_error(channel, sql))
    end
    fail(channel, errors.from_core(raw, sql))
  end
  local ok, err = channel:wait(token, deadline)
  leave(channel)
  if not ok then
    err.sql = err.sql or sql
    fail(channel, err)
  end
  local answer
  answer, err = result.take(channel.session, token, format, sql)
  if not answer then
    fail(channel, err)
  end
  return answer
end

--- Runs SQL. `args` is nil, a list or a map.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param sql string
---@param args? table
---@param is_pyformat boolean
---@param format integer
---@param deadline? number absolute, in seconds
---@return lunasa.Result
function command.query(channel, runtime, sql, args, is_pyformat, format, deadline)
  enter(channel, runtime, deadline)
  if channel.closed then
    leave(channel)
    errors.throw(closed_error(channel, sql))
  end
  -- A parameter may raise while it is asked for its text.
  local ok, token, raw = pcall(channel.session.query, channel.session, sql, args, is_pyformat)
  if not ok then
    leave(channel)
    error(token, 0)
  end
  return complete(channel, token, raw, format, deadline, sql)
end

--- Runs a command that is not SQL.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param kind "ping"|"select_database"|"reset"
---@param text? string
function command.run(channel, runtime, deadline, kind, text)
  enter(channel, runtime, deadline)
  if channel.closed then
    leave(channel)
    errors.throw(closed_error(channel))
  end
  local token, raw = channel.session:command(kind, text)
  return complete(channel, token, raw, 0, deadline)
end

--- Logs in again on the same connection.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param session table what `lunasa.core.session` takes
function command.change_user(channel, runtime, deadline, session)
  enter(channel, runtime, deadline)
  if channel.closed then
    leave(channel)
    errors.throw(closed_error(channel))
  end
  local token, raw = channel.session:change_user(session)
  return complete(channel, token, raw, 0, deadline)
end

--- Resets the session and brings it back to where the login left it, in one write.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param statements string[]
function command.reset(channel, runtime, deadline, statements)
  enter(channel, runtime, deadline)
  local session = channel.session
  local tokens, failure = {}, nil
  local raw
  tokens[1], raw = session:command("reset")
  for _, statement in ipairs(statements) do
    if not raw then
      tokens[#tokens + 1], raw = session:query(statement)
    end
  end
  for _, token in ipairs(tokens) do
    local ok, err = channel:wait(token, deadline)
    if ok then
      ok, err = result.take(session, token, 0)
    end
    failure = failure or not ok and err
  end
  leave(channel)
  if raw or failure then
    fail(channel, failure or errors.from_core(raw))
  end
end

return command
