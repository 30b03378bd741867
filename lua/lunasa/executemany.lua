--- One statement for many rows of parameters.
---
--- MariaDB takes many rows in one packet; elsewhere one execution for each is sent, a bounded
--- number in flight. Neither waits for one before the next.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local result = require("lunasa.result")
local turn = require("lunasa.turn")

local executemany = {}

--- Rows that are made ready at once, and executions in flight.
local SLICE = { bulk = 1024, single = 128 }

--- Bytes of one packet, and what its head may take.
local LARGEST_PACKET, HEAD = 4 * 2 ^ 20, 4096

local UNSUPPORTED = "UNSUPPORTED"

--- The most bytes of parameters in one packet; 0 where rows travel one by one. The server is asked
--- once.
---@async
local function packet_limit(conn, channel)
  if not conn.is_mariadb then
    return 0
  elseif not channel.packet_limit then
    local most = conn:scalar("SELECT @@max_allowed_packet", nil, { protocol = "text" })
    channel.packet_limit = math.max(math.min(tonumber(most), LARGEST_PACKET) - HEAD, 1)
  end
  return channel.packet_limit
end

local function slice_of(rows, first, size)
  if first == 1 and #rows <= size then
    return rows
  end
  local slice = {}
  for i = first, math.min(first + size - 1, #rows) do
    slice[#slice + 1] = rows[i]
  end
  return slice
end

--- Says which rows an error is about.
local function explain(err, first, count)
  err.row = first
  local where = count == 1 and ("row %d"):format(first)
    or ("rows %d to %d"):format(first, first + count - 1)
  err.message = ("%s: %s"):format(where, err.message)
  return err
end

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
local function collect(channel, sent, first, sql, deadline)
  local affected, failure = 0, nil
  for i, token in ipairs(sent.tokens) do
    local ok, err = channel:wait(token, deadline)
    if not ok then
      give_up(channel, sent.tokens, i, err)
      return affected, explain(err, first, sent.counts[i])
    end
    local answer
    answer, err = result.take(channel.session, token, 0, sql)
    if answer then
      affected = affected + answer.affected_rows
    else
      failure = failure or explain(err, first, sent.counts[i])
    end
    first = first + sent.counts[i]
  end
  return affected, failure
end

--- Sends rows; falls back to one by one where the bulk cannot say them.
local function send(session, sql, rows, is_pyformat, limit)
  local tokens, counts, raw = session:execute_rows(sql, rows, is_pyformat, limit)
  if tokens == nil then
    return nil, counts
  elseif raw and raw.code == UNSUPPORTED and #tokens == 0 and limit > 0 then
    return nil, nil
  end
  return { tokens = tokens, counts = counts, raw = raw }
end

---@async
local function run(channel, sql, rows, is_pyformat, limit, deadline)
  local affected, first = 0, 1
  while first <= #rows do
    local slice = slice_of(rows, first, limit > 0 and SLICE.bulk or SLICE.single)
    local sent, raw = send(channel.session, sql, slice, is_pyformat, limit)
    if raw then
      local err = errors.from_core(raw, sql)
      err.message = err.message:gsub("^row (%d+)", function(number)
        return "row " .. tonumber(number) + first - 1
      end)
      return affected, err
    elseif not sent then
      limit = 0
    else
      local count, failure = collect(channel, sent, first, sql, deadline)
      affected = affected + count
      failure = failure or sent.raw and errors.from_core(sent.raw, sql)
      if failure then
        return affected, failure
      end
      first = first + #slice
    end
  end
  return affected
end

--- Runs a statement for each of many rows.
---@async
---@param conn lunasa.Connection
---@param channel lunasa.Channel
---@param sql string
---@param rows table[]
---@param is_pyformat boolean
---@param deadline? number absolute, in seconds
---@return integer affected_rows of all
function executemany.run(conn, channel, sql, rows, is_pyformat, deadline)
  local limit = packet_limit(conn, channel)
  turn.enter(channel, conn.runtime, deadline)
  if channel.closed then
    turn.leave(channel)
    errors.raise("InterfaceError", "the connection is closed")
  end
  local ok, affected, failure = pcall(run, channel, sql, rows, is_pyformat, limit, deadline)
  turn.leave(channel)
  if not ok then
    error(affected, 0)
  elseif failure then
    failure.affected_rows = affected
    command.fail(channel, failure)
  end
  return affected
end

return executemany
