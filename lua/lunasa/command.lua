--- Running one command on a channel: sending, waiting, and raising what went wrong.
local errors = require("lunasa.error")
local fence = require("lunasa.fence")
local format_of = require("lunasa.format")
local infile = require("lunasa.infile")
local result = require("lunasa.result")
local turn = require("lunasa.turn")

local command = {}

--- Why nothing can be sent any more. What ended another command is not what ends this one: it is
--- told in the message.
local function closed_error(channel, sql)
  local _, raw = channel.session:state()
  if not raw and channel.is_lost then
    raw = { code = "IO", message = "the server closed the connection" }
  end
  if not raw or channel.was_open or raw.code == "TIMEOUT" or raw.code == "CANCELLED" then
    local message = "the connection is closed" .. (raw and ": " .. raw.message or "")
    return errors.new("InterfaceError", message, { errno = 2006, sql = sql })
  end
  raw.phase = "idle"
  return errors.from_core(raw, sql)
end

--- What a server says before it hangs up: shut down, killed (MySQL's number and MariaDB's), idle
--- too long. Whoever used the connection before the end is read would lose a statement.
local LAST_WORDS = { [1053] = true, [1927] = true, [3169] = true, [4031] = true }

--- Raises what ended a command, and closes the connection when that is over too.
---@param channel lunasa.Channel
---@param err lunasa.Error
function command.fail(channel, err)
  local is_over = LAST_WORDS[err.errno] or channel.session:state() == "closed"
  if not channel.closed and is_over then
    channel:close("IO", "the session is over")
  end
  errors.throw(err)
end

--- Makes an open channel this task's. Every `enter` is followed by one `turn.leave`.
---@async
local function enter(channel, runtime, deadline, sql)
  turn.enter(channel, runtime, deadline)
  if channel.closed then
    turn.leave(channel)
    errors.throw(closed_error(channel, sql))
  end
end

--- Leaves the channel, and raises why a command could not be queued.
local function refuse(channel, raw, sql)
  turn.leave(channel)
  if channel.session:state() == "closed" then
    channel.is_lost = true -- and nobody has been told yet
    command.fail(channel, closed_error(channel, sql))
  end
  command.fail(channel, errors.from_core(raw, sql))
end

--- Waits for the answer and leaves the channel.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param token? integer nil when the command could not be queued
---@param raw? table why
---@param format integer
---@param deadline? number absolute, in seconds
---@param sql? string
---@param was_woken? boolean from a wait for it already, and not by the answer
---@return lunasa.Result
function command.complete(channel, runtime, token, raw, format, deadline, sql, was_woken)
  if not token then
    refuse(channel, raw, sql)
  end
  local ok, err = channel:wait(token, deadline, was_woken)
  if not ok then
    err.sql = err.sql or sql
    fence.begin(channel, runtime, token, sql, err, turn.leave)
    errors.throw(err)
  end
  turn.leave(channel)
  local answer
  answer, err = result.take(channel.session, token, format, sql)
  if not answer then
    command.fail(channel, err)
  end
  return answer
end

--- Takes the turn and queues SQL. `args` is nil, a list or a map.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param sql string
---@param args? table
---@param is_pyformat boolean
---@param deadline? number absolute, in seconds
---@param is_streamed boolean its rows come in batches
---@param is_binary boolean as a prepared statement
---@param offers_data? boolean the server may ask for data; text only
---@param attributes? any[] see `lunasa.query_attributes`
---@param fetch_size? integer rows of a stream that a cursor gives at a time; binary only
---@param keeper? table its `last_executed` becomes the text that is sent
---@return integer token
function command.begin(
  channel,
  runtime,
  sql,
  args,
  is_pyformat,
  deadline,
  is_streamed,
  is_binary,
  offers_data,
  attributes,
  fetch_size,
  keeper
)
  enter(channel, runtime, deadline, sql)
  -- A parameter may raise while it is asked for its text.
  local session = channel.session
  local ok, token, raw
  if is_binary then
    -- stylua: ignore
    ok, token, raw = pcall(
      session.execute, session, sql, args, is_pyformat, is_streamed, nil, false, attributes,
      fetch_size
    )
  else
    -- stylua: ignore
    ok, token, raw = pcall(
      session.query, session, sql, args, is_pyformat, is_streamed, offers_data, false, attributes,
      keeper ~= nil
    )
  end
  if not ok then
    turn.leave(channel)
    error(token, 0)
  elseif not token then
    refuse(channel, raw, sql)
  end
  if keeper then
    keeper.last_executed = raw or sql
  end
  return token
end

--- A turn that lasts for several commands.
---@class lunasa.HeldTurn
---@field channel lunasa.Channel
---@field runtime lunasa.Runtime
---@field deadline? number absolute, in seconds
---@field private is_given_up? boolean it is a fence's now

--- Makes the channel this task's for as long as a function runs, and gives what it returns.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param work fun(held: lunasa.HeldTurn): any, any
---@return any
---@return any
function command.hold(channel, runtime, deadline, work)
  enter(channel, runtime, deadline)
  local held = { channel = channel, runtime = runtime, deadline = deadline }
  local ok, first, second = pcall(work, held)
  if not held.is_given_up then
    turn.leave(channel)
  end
  if not ok then
    error(first, 0)
  end
  return first, second
end

--- Waits for the only command in flight of a held turn. When it is given up, so is the turn.
---@async
---@param held lunasa.HeldTurn
---@param token? integer nil when it could not be queued
---@param raw? table why
---@param format integer
---@param sql string
---@return lunasa.Result?
---@return lunasa.Error? err
function command.answer(held, token, raw, format, sql)
  local channel = held.channel
  if not token then
    return nil, errors.from_core(raw, sql)
  end
  local ok, err = channel:wait(token, held.deadline)
  if ok then
    return result.take(channel.session, token, format, sql)
  end
  err.sql = err.sql or sql
  held.is_given_up = true
  fence.begin(channel, held.runtime, token, sql, err, turn.leave)
  return nil, err
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
---@param attributes? any[] see `lunasa.query_attributes`
---@param keeper? table its `last_executed` becomes the text that is sent
---@return lunasa.Result
function command.query(
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
  local is_binary = format_of.is_binary(format)
  -- stylua: ignore
  local token = command.begin(
    channel, runtime, sql, args, is_pyformat, deadline, false, is_binary, false, attributes, nil,
    keeper
  )
  return command.complete(channel, runtime, token, nil, format, deadline, sql)
end

--- Sends what the server asks for. What the source raised is raised
--- when the server has answered.
---@async
local function load(
  channel,
  runtime,
  sql,
  args,
  is_pyformat,
  format,
  deadline,
  attributes,
  keeper,
  source
)
  -- stylua: ignore
  local token = command.begin(
    channel, runtime, sql, args, is_pyformat, deadline, false, false, true, attributes, nil, keeper
  )
  local ok, err, failure = infile.send(channel, runtime, token, source, deadline)
  turn.leave(channel)
  local answer
  if ok then
    answer, err = result.take(channel.session, token, format, sql)
  end
  if failure ~= nil then
    error(failure, 0)
  elseif not answer then
    err.sql = err.sql or sql
    command.fail(channel, err)
  end
  return answer
end

--- Runs LOAD DATA LOCAL INFILE. The other arguments are as for `query`.
---@async
---@param given any the option `infile`
---@return lunasa.Result
function command.load(
  channel,
  runtime,
  sql,
  args,
  is_pyformat,
  format,
  deadline,
  attributes,
  keeper,
  given
)
  local source = infile.source(given)
  -- stylua: ignore
  local ok, answer = pcall(
    load, channel, runtime, sql, args, is_pyformat, format, deadline, attributes, keeper, source
  )
  source.close()
  if not ok then
    error(answer, 0)
  end
  return answer
end

--- Has the server check a statement; its answer has the columns, and the number of parameters as
--- `affected_rows`.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param sql string
---@param deadline? number absolute, in seconds
---@return lunasa.Result
function command.prepare(channel, runtime, sql, deadline)
  enter(channel, runtime, deadline, sql)
  local token, raw = channel.session:command("prepare", sql)
  return command.complete(channel, runtime, token, raw, format_of.QUIET, deadline, sql)
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
  local token, raw = channel.session:command(kind, text)
  return command.complete(channel, runtime, token, raw, format_of.QUIET, deadline)
end

--- Gives up the commands from the `first` on.
local function give_up_all(channel, runtime, tokens, first, err)
  for i = first, #tokens - 1 do
    channel.session:abandon(tokens[i])
  end
  fence.begin(channel, runtime, tokens[#tokens], nil, err, turn.leave)
  errors.throw(err)
end

--- Logs in again on the same connection.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param session table what `lunasa.core.session` takes
function command.change_user(channel, runtime, deadline, session)
  enter(channel, runtime, deadline)
  local token, raw = channel.session:change_user(session)
  if not token then
    refuse(channel, raw)
  end
  local ok, err = channel:wait(token, deadline)
  if not ok then -- no fence: nobody would know who is logged in
    channel.session:abandon(token)
    channel:close(err:is("TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
    turn.leave(channel)
    errors.throw(err)
  end
  turn.leave(channel)
  ok, err = result.take(channel.session, token, format_of.QUIET)
  if not ok then
    command.fail(channel, err)
  end
end

--- Resets the session and brings it back to where the login left it, in one write.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param statements string[]
function command.reset(channel, runtime, deadline, statements)
  turn.enter(channel, runtime, deadline)
  local session = channel.session
  local tokens, failure = {}, nil
  local raw
  tokens[1], raw = session:command("reset")
  for _, statement in ipairs(statements) do
    if not raw then
      tokens[#tokens + 1], raw = session:query(statement)
    end
  end
  for i, token in ipairs(tokens) do
    local ok, err = channel:wait(token, deadline)
    if not ok then
      give_up_all(channel, runtime, tokens, i, err)
    end
    ok, err = result.take(session, token, format_of.QUIET, statements[i - 1])
    failure = failure or not ok and err
  end
  turn.leave(channel)
  if raw or failure then
    command.fail(channel, failure or errors.from_core(raw))
  end
end

return command
