--- Rows of parameters: from a list, from a function that gives one at a time, or from what has such
--- a function: a result, a stream or a cursor.
local errors = require("lunasa.error")

local source = {}

--- Rows that are asked of a function at once.
local SLICE = 128

---@alias lunasa.Rows table[]|(fun(): table?)|lunasa.Result|lunasa.Stream|lunasa.Cursor

---@class lunasa.RowSource
---@field slice table[] rows that are there
---@field at integer position in the slice of the next row
---@field before integer rows that came before the slice
---@field private next_row? fun(): table? nil for a list, and when it has given its last one
local RowSource = {}
RowSource.__index = RowSource

local function has_rows(given)
  return getmetatable(given) ~= nil and type(given.rows) == "function"
end

--- Gives a function for what has one, and everything else as it is.
---@param rows any
---@return any
function source.plain(rows)
  if type(rows) ~= "table" or not has_rows(rows) then
    return rows
  end
  local next_row, state, last = rows:rows()
  return function()
    last = next_row(state, last)
    return last
  end
end

--- Makes a source.
---@param rows table[]|fun(): table? see `source.plain`
---@return lunasa.RowSource
function source.of(rows)
  local is_list = type(rows) == "table"
  return setmetatable({
    slice = is_list and rows or {},
    at = 1,
    before = 0,
    next_row = not is_list and rows or nil,
  }, RowSource)
end

--- Checks what was given as rows.
---@param rows any
---@param level integer whose mistake it is, counted as by `error` in here
function source.check(rows, level)
  local message
  if type(rows) ~= "table" and type(rows) ~= "function" then
    message = "executemany needs a list of rows, or a function that gives them, got " .. type(rows)
  elseif type(rows) == "table" and not has_rows(rows) and #rows == 0 then
    message = "executemany needs a list of rows with at least one"
  end
  if message then
    errors.raise("ArgumentError", message, nil, level)
  end
end

local function ask(next_row)
  local slice = {}
  while #slice < SLICE do
    local row = next_row()
    if row == nil then
      return slice, nil
    end
    slice[#slice + 1] = row
  end
  return slice, next_row
end

--- Sees to it that there is a next row. A function may suspend, but not use the connection.
---@async
---@param channel lunasa.Channel whose turn is held meanwhile
---@param runtime lunasa.Runtime
---@return boolean has_row
function RowSource:fill(channel, runtime)
  if self.at <= #self.slice then
    return true
  elseif not self.next_row then
    return false
  end
  channel.sender = runtime.current()
  local ok, slice, next_row = pcall(ask, self.next_row)
  channel.sender = nil
  if not ok then
    error(slice, 0)
  end
  self.before = self.before + #self.slice
  self.slice, self.next_row, self.at = slice, next_row, 1
  return #slice > 0
end

--- Takes the next rows, as many as are there, at most `most`.
---@param most integer
---@return table[] slice that they are in
---@return integer at position of the first
---@return integer count
function RowSource:take(most)
  local at = self.at
  local count = math.min(#self.slice - at + 1, most)
  self.at = at + count
  return self.slice, at, count
end

--- Gives the number of the next row, counted from 1.
---@return integer
function RowSource:number()
  return self.before + self.at
end

return source
