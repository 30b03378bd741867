--- A prepared statement for many rows of parameters.
---
--- MariaDB takes many rows in one packet; elsewhere one execution for each is sent, a bounded
--- number in flight. Neither waits for one before the next.
local errors = require("lunasa.error")
local outcome = require("lunasa.executemany.outcome")
local result = require("lunasa.result")

local prepared = {}

--- Rows that are made ready at once, and executions in flight.
local SLICE = { bulk = 1024, single = 128 }

local UNSUPPORTED = "UNSUPPORTED"

--- Closes the connection of rows that were given up: what is in flight is more than one statement,
--- and KILL QUERY ends one.
local function give_up(channel, tokens, first, err)
  for i = first, #tokens do
    channel.session:abandon(tokens[i])
  end
  channel:close(errors.is_error(err, "TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
end

--- Waits for what was sent, and adds up what it did.
---@async
---@return lunasa.Error? failure
local function collect(held, sent, first, how, is_bulk)
  local channel, failure = held.channel, nil
  for i, token in ipairs(sent.tokens) do
    local ok, err = channel:wait(token, held.deadline)
    if not ok then
      give_up(channel, sent.tokens, i, err)
      return outcome.explain(err, first, sent.counts[i])
    end
    local answer
    answer, err = result.take(channel.session, token, how.format, how.sql)
    if answer and is_bulk then
      outcome.add_several(how.outcome, answer)
    elseif answer then
      outcome.add(how.outcome, answer)
    else
      failure = failure or outcome.explain(err, first, sent.counts[i])
    end
    first = first + sent.counts[i]
  end
  return failure
end

--- Sends rows; falls back to one by one where the bulk cannot say them.
local function send(session, how, limit, rows, at, count)
  local tokens, counts, raw = session:execute_rows(how.sql, rows, how.is_pyformat, limit, at, count)
  if tokens == nil then
    return nil, counts
  elseif raw and raw.code == UNSUPPORTED and #tokens == 0 and limit > 0 then
    return nil, nil
  end
  return { tokens = tokens, counts = counts, raw = raw }
end

--- Says which row cannot be sent: C counts from the first of the slice.
local function refuse(raw, sql, before)
  local number = tonumber(raw.message:match("^row (%d+): ")) or 1
  local err = errors.from_core(raw, sql)
  err.message = err.message:gsub("^row %d+: ", "")
  return outcome.explain(err, before + number, 1)
end

--- Sends all rows. What was done before an error is in the outcome.
---@async
---@param held lunasa.HeldTurn
---@param source lunasa.RowSource
---@param how lunasa.ManyHow
---@param limit integer the most bytes of parameters in one packet; 0 where rows travel one by one
---@return lunasa.Error? err
function prepared.run(held, source, how, limit)
  local channel = held.channel
  while source:fill(channel, held.runtime) do
    local first, at = source:number(), source.at
    local most = limit > 0 and SLICE.bulk or SLICE.single
    local sent, raw = send(channel.session, how, limit, source:take(most))
    if raw then
      how.outcome.refused_from = first
      return refuse(raw, how.sql, first - 1)
    elseif not sent then
      limit, source.at = 0, at
    else
      local failure = collect(held, sent, first, how, limit > 0)
      failure = failure or sent.raw and errors.from_core(sent.raw, how.sql)
      if failure then
        return failure
      end
    end
  end
end

return prepared
