--- A statement for many rows of parameters, sent as text for each of them.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local outcome = require("lunasa.executemany.outcome")
local result = require("lunasa.result")

local single = {}

--- Bytes that are sent and not answered: more would have nginx wait for room to send in while the
--- server waits for us to read.
local MOST_BYTES = 64 * 1024

--- Queues the statements of the next rows.
---@return integer[] tokens
---@return table? raw why the row behind them could not be queued
local function queue(session, source, how)
  local tokens, bytes, sql = {}, 0, how.sql
  while source.at <= #source.slice and #tokens < how.in_flight and bytes < MOST_BYTES do
    if #tokens > 0 and not session:is_settled() then
      break
    end
    local row = source.slice[source.at]
    if type(row) ~= "table" then
      local message = "parameters are a table, not a " .. type(row)
      return tokens, { code = "ARGUMENT", message = message }
    end
    local text, raw = session:format(sql, row, how.is_pyformat)
    local token
    if text then
      local is_piped = how.in_flight > 1
      token, raw = session:query(text, nil, false, false, false, is_piped)
    end
    if not token then
      return tokens, raw
    end
    how.text, bytes = text, bytes + #text
    table.insert(tokens, token)
    source.at = source.at + 1
  end
  return tokens
end

--- Waits for several statements. The connection of those that are given up is closed: KILL QUERY
--- ends one.
---@async
---@return lunasa.Error? failure
local function collect(held, tokens, first, how)
  local channel, failure = held.channel, nil
  for i, token in ipairs(tokens) do
    local ok, err = channel:wait(token, held.deadline)
    if not ok then
      for j = i, #tokens do
        channel.session:abandon(tokens[j])
      end
      channel:close(err:is("TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
      return outcome.explain(err, first + i - 1, 1)
    end
    local answer
    answer, err = result.take(channel.session, token, how.format, how.sql)
    if answer then
      outcome.add(how.outcome, answer)
    else
      failure = failure or outcome.explain(err, first + i - 1, 1)
    end
  end
  return failure
end

--- Waits for what was queued.
---@async
---@return lunasa.Error? failure
local function answer(held, tokens, first, how)
  if #tokens ~= 1 then
    return collect(held, tokens, first, how)
  end
  local got, err = command.answer(held, tokens[1], nil, how.format, how.sql)
  if not got then
    return outcome.explain(err, first, 1)
  end
  outcome.add(how.outcome, got)
end

--- Sends all rows. What was done before an error is in the outcome.
---@async
---@param held lunasa.HeldTurn
---@param source lunasa.RowSource
---@param how lunasa.ManyHow
---@return lunasa.Error? err
function single.run(held, source, how)
  local channel = held.channel
  while source:fill(channel, held.runtime) do
    local first = source:number()
    local tokens, raw = queue(channel.session, source, how)
    local failure = answer(held, tokens, first, how)
    if not failure and raw then
      failure = outcome.explain(errors.from_core(raw, how.sql), source:number(), 1)
    end
    if failure then
      return failure
    end
  end
end

return single
