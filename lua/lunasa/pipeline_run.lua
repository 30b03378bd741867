--- Sends the commands of a pipeline in as few writes as the bounds allow, and reads their answers.
---
--- Servers run each of them, whatever became of the one before; who wants to stop at an error pays
--- a round trip for each.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local format_of = require("lunasa.format")
local result = require("lunasa.result")

local pipeline_run = {}

--- Statements that are sent and not answered: more would have nginx wait for room to send in while
--- the server waits for us to read.
local MOST_BYTES = 64 * 1024
local MOST_COMMANDS = 512

---@class lunasa.PipelineEntry
---@field kind "query"|"ping"|"select_database"
---@field text string what is sent, or the name of a database
---@field sql? string
---@field args? table
---@field is_pyformat? boolean
---@field format integer
---@field attributes? any[] see `lunasa.query_attributes`
---@field token? integer once it is queued

--- Puts the parameters into the texts. What cannot be sent is found before anything is.
local function check_texts(session, entries)
  for position, entry in ipairs(entries) do
    if entry.args then
      local text, raw = session:format(entry.sql, entry.args, entry.is_pyformat)
      if not text then
        local err = errors.from_core(raw, entry.sql)
        err.message = ("command %d of the pipeline: %s"):format(position, err.message)
        errors.throw(err)
      end
      entry.text = text
    end
  end
end

---@class lunasa.PipelineRun
---@field channel lunasa.Channel
---@field entries lunasa.PipelineEntry[]
---@field results table[] results and errors, in the order of the entries
---@field most integer commands in flight
---@field first integer the oldest entry in flight
---@field next integer the first entry that is not queued
---@field bytes integer in flight
---@field is_stale boolean texts were made before a statement that may have changed what they mean

--- Whether an entry can be queued now.
local function has_room(run, entry)
  local in_flight = run.next - run.first
  if in_flight == 0 then
    return true
  end
  return in_flight < run.most
    and run.bytes + #entry.text <= MOST_BYTES
    and (not entry.args or run.channel.session:is_settled())
end

--- Queues one entry; its failure is its result.
local function queue(run, entry)
  local session, with = run.channel.session, entry.attributes
  local token, raw
  if entry.kind ~= "query" then
    run.channel.has_other_database = run.channel.has_other_database or entry.kind ~= "ping"
    token, raw = session:command(entry.kind, entry.text)
  elseif format_of.is_binary(entry.format) then
    token, raw = session:execute(entry.sql, entry.args, entry.is_pyformat, false, nil, true, with)
  elseif entry.args and run.is_stale then
    token, raw = session:query(entry.sql, entry.args, entry.is_pyformat, false, false, true, with)
  else
    token, raw = session:query(entry.text, nil, false, false, false, true, with)
  end
  run.is_stale = run.is_stale or not session:is_settled()
  entry.token = token
  run.bytes = run.bytes + #entry.text
  return token, raw
end

local function take(run, position)
  local entry = run.entries[position]
  run.bytes = run.bytes - #entry.text
  run.first = position + 1
  local answer, err = result.take(run.channel.session, entry.token, entry.format, entry.sql)
  run.results[position] = answer or err
  return answer, err
end

--- Forgets what is in flight, and closes: what the server makes of it nobody will read.
local function abandon(run, err)
  local channel = run.channel
  for position = run.first, run.next - 1 do
    channel.session:abandon(run.entries[position].token)
  end
  local code = err:is("TimeoutError") and "TIMEOUT" or "CANCELLED"
  channel:close(code, err.message)
end

--- Waits for half of what is in flight, so that the next write is not for one command only.
---@async
local function read_some(run, deadline)
  local last = run.first + math.floor((run.next - 1 - run.first) / 2)
  if not run.entries[run.next] then
    last = run.next - 1
  end
  local ok, err = run.channel:wait(run.entries[last].token, deadline)
  if not ok then
    abandon(run, err)
    return nil, err
  end
  local failure
  for position = run.first, last do
    local _, problem = take(run, position)
    failure = failure or problem
  end
  return true, failure
end

--- Queues as much as there is room for. Returns the error of what could not be queued.
local function fill(run)
  while run.entries[run.next] and has_room(run, run.entries[run.next]) do
    local entry = run.entries[run.next]
    local token, raw = queue(run, entry)
    if not token then
      return errors.from_core(raw, entry.sql)
    end
    run.next = run.next + 1
  end
end

--- Sends all and reads all.
---@async
---@return lunasa.Error? interruption what ended the pipeline before its end
---@return lunasa.Error? failure of the first command that failed
local function serve(run, deadline, stops_on_error)
  local failure
  while run.entries[run.first] do
    local refusal = fill(run)
    if refusal and run.first == run.next then
      return refusal, failure
    end
    local ok, problem = read_some(run, deadline)
    if not ok then
      return problem, failure
    end
    failure = failure or problem
    if failure and stops_on_error or run.channel.session:state() == "closed" then
      return nil, failure
    end
  end
  return nil, failure
end

--- What was not sent, or not answered, when the connection was lost.
local function finish_lost(state)
  for position = state.first, state.next - 1 do
    take(state, position)
  end
  for position = state.next, #state.entries do
    local sql = state.entries[position].sql
    local message = "the connection was lost before this command was sent"
    state.results[position] = errors.new("InterfaceError", message, { sql = sql })
  end
end

--- Sends entries on a channel, and reads their answers.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param entries lunasa.PipelineEntry[]
---@param own { on_error?: "raise"|"collect", stop_on_error?: boolean }
---@param deadline? number absolute, in seconds
---@return table[] results and errors
---@return lunasa.Error? err to be raised
function pipeline_run.run(channel, runtime, entries, own, deadline)
  local state = {
    channel = channel,
    entries = entries,
    results = {},
    most = own.stop_on_error and 1 or MOST_COMMANDS,
    first = 1,
    next = 1,
    bytes = 0,
    is_stale = false,
  }
  local interruption, failure = command.hold(channel, runtime, deadline, function()
    check_texts(channel.session, entries)
    return serve(state, deadline, own.stop_on_error)
  end)
  if channel.session:state() == "closed" and not interruption then
    finish_lost(state)
  end
  if not channel.closed and channel.session:state() == "closed" then
    channel:close("IO", "the session is over")
  end
  local err = interruption or own.on_error ~= "collect" and failure or nil
  if err then
    err.results = state.results
  end
  return state.results, err
end

return pipeline_run
