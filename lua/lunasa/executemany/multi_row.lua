--- An INSERT for many rows, sent as text: a few statements of many rows each.
---
--- The texts are made in C, one at a time, when the one before it is answered.
local command = require("lunasa.command")
local errors = require("lunasa.error")
local format = require("lunasa.format")
local outcome = require("lunasa.executemany.outcome")

local multi_row = {}

--- What no server can be set below. One that has room for more is asked how much when it matters.
local SMALLEST_PACKET = 1024

--- Bytes of a packet that are in front of the statement's text, and some to spare.
local HEAD = 16

local ASK = "SELECT @@max_allowed_packet"

---@class lunasa.MultiRow
---@field private held lunasa.HeldTurn
---@field private sql string
---@field private format integer
---@field private source lunasa.RowSource
---@field private insert userdata
---@field private outcome lunasa.ManyRows
---@field private most integer bytes of a statement, as the user wants it
---@field private limit integer bytes of a statement that is known to be allowed

--- Asks the server for the longest packet that it takes, once.
---@async
---@param held lunasa.HeldTurn
---@return integer? bytes
---@return lunasa.Error? err
function multi_row.packet_size(held)
  local channel = held.channel
  if not channel.max_allowed_packet then
    local token, raw = channel.session:query(ASK)
    local answer, err = command.answer(held, token, raw, format.ARRAY, ASK)
    if not answer then
      return nil, err
    end
    channel.max_allowed_packet = tonumber(answer[1][1])
  end
  return channel.max_allowed_packet
end

local function room(self)
  local packet = self.held.channel.max_allowed_packet
  return (packet or SMALLEST_PACKET) - HEAD
end

--- Finds out how long a statement may be, as soon as that matters.
---@async
---@return boolean? is_longer it may be longer than was known; nil and an error when asking failed
local function learn(self, is_full, size)
  local is_known = self.held.channel.max_allowed_packet
  if is_known or size <= room(self) and not (is_full and self.limit < self.most) then
    return false
  end
  local _, err = multi_row.packet_size(self.held)
  if err then
    return nil, err
  end
  local before = self.limit
  self.limit = math.min(self.most, room(self))
  return self.limit > before
end

local TOO_LONG = "the row makes a statement of %d bytes, and the server takes no packet above %d "
  .. "(its max_allowed_packet)"

local function too_long(self, size)
  local most = self.held.channel.max_allowed_packet
  return errors.new("DataError", TOO_LONG:format(size, most), { errno = 1153, sql = self.sql })
end

--- Adds the rows that are there, as long as the statement has room.
---@async
---@return boolean? is_full
---@return lunasa.Error? err
local function add_rows(self)
  local source, held = self.source, self.held
  local next_at, is_full, size =
    held.channel.session:insert_rows(self.insert, source.slice, source.at, self.limit)
  if not next_at then
    local err = errors.from_core(is_full, self.sql)
    return nil, outcome.explain(err, source.before + size, 1)
  end
  source.at = next_at
  local is_longer, err = learn(self, is_full, size)
  if err then
    return nil, err
  elseif size > room(self) then
    return nil, outcome.explain(too_long(self, size), source:number() - 1, 1)
  elseif is_full and is_longer then
    return add_rows(self)
  end
  return is_full
end

--- Makes the next statement.
---@async
---@return integer? count of its rows; 0 when there are none
---@return lunasa.Error? err
local function make(self)
  local source, held = self.source, self.held
  local first, is_full = source:number(), false
  while not is_full and source:fill(held.channel, held.runtime) do
    local err
    is_full, err = add_rows(self)
    if err then
      return nil, err
    end
  end
  return source:number() - first
end

--- Sends the statement that was made, and adds up what it did.
---@async
---@return lunasa.Error? err
local function send(self)
  local held = self.held
  local token, raw = held.channel.session:insert_send(self.insert)
  local answer, err = command.answer(held, token, raw, self.format, self.sql)
  if not answer then
    return err
  end
  outcome.add_several(self.outcome, answer)
end

--- Begins with the first row of a source. Gives nothing when the statement is not an INSERT of one
--- list of values with all the placeholders in it: then it is to be run for each row.
---@param held lunasa.HeldTurn
---@param source lunasa.RowSource with a row
---@param how lunasa.ManyHow
---@return lunasa.MultiRow?
function multi_row.begin(held, source, how)
  local row = source.slice[source.at]
  if type(row) ~= "table" then
    return nil -- the other way says what is wrong with it
  end
  local insert = held.channel.session:insert(how.sql, row, how.is_pyformat)
  local most = how.max_stmt_length
  return insert
    and {
      held = held,
      sql = how.sql,
      format = how.format,
      source = source,
      insert = insert,
      most = most,
      limit = math.min(most, (held.channel.max_allowed_packet or SMALLEST_PACKET) - HEAD),
      outcome = how.outcome,
    }
end

--- Sends all rows. What was done before an error is in the outcome.
---@async
---@param self lunasa.MultiRow
---@return lunasa.Error? err
function multi_row.run(self)
  local source = self.source
  while true do
    local first = source:number()
    local count, err = make(self)
    if err or count == 0 then
      self.outcome.refused_from = err and first
      return err
    end
    err = send(self)
    if err then
      return outcome.explain(err, first, count)
    end
  end
end

--- Gives the statement that was sent last.
---@param self lunasa.MultiRow
---@return string
function multi_row.text(self)
  return self.held.channel.session:insert_text(self.insert)
end

return multi_row
