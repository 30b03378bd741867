--- The results of a cursor that reads them as they come: a `lunasa.Stream`, and the count of what
--- was read. Nothing but a window of the rows is in memory.
local errors = require("lunasa.error")
local shape = require("lunasa.cursor.shape")

local unbuffered = {}

---@class lunasa.UnbufferedRows: lunasa.CursorRows
---@field private settings lunasa.CursorSettings
---@field private stream lunasa.Stream
---@field private make? fun(row: any[]): any
local Unbuffered = {}
Unbuffered.__index = Unbuffered

local function begin(self)
  local settings, stream = self.settings, self.stream
  local names = stream.names
  self.names, self.at = names, 0
  self.rowcount = names and -1 or stream.affected_rows
  self.insert_id = not names and stream.insert_id or nil
  self.warning_count, self.info = stream.warning_count, stream.info
  self.make = names and shape.maker(names, settings.is_dict, settings.dict_type)
  stream.format = self.make and settings.array_format or settings.format
  if not names then
    stream:fetch() -- nothing comes: the connection is free, unless other results follow
  end
end

--- Makes rows of a stream.
---@async
---@param stream lunasa.Stream
---@param settings lunasa.CursorSettings
---@return lunasa.UnbufferedRows
function unbuffered.new(stream, settings)
  local self = setmetatable({ settings = settings, stream = stream }, Unbuffered)
  begin(self)
  return self
end

--- Says why rows cannot be read; nil when they can.
---@return string?
function Unbuffered:obstacle()
  return self.stream.open.ended
end

--- Tells whether no rows can come any more.
---@return boolean
function Unbuffered:is_over()
  return self.stream.closed
end

--- Notes what is known behind the last row.
local function finish(self)
  local stream = self.stream
  if self.rowcount == -1 and not stream.failed then
    self.rowcount = self.at
    self.warning_count, self.info = stream.warning_count, stream.info
  end
end

--- Gives the next row, nil behind the last.
---@async
---@return any
function Unbuffered:next()
  local row = self.stream:fetch()
  if row == nil then
    finish(self)
    return nil
  end
  self.at = self.at + 1
  local make = self.make
  if make then
    row = make(row)
  end
  return row
end

--- Gives all rows that are left.
---@async
---@return any[]
function Unbuffered:rest()
  local rows, count = {}, 0
  for row in Unbuffered.next, self do
    count = count + 1
    rows[count] = row
  end
  return rows
end

local function counted(self, cur, follow, ...)
  if ... == nil then
    finish(self)
    follow(cur, self)
    return nil
  end
  self.at = self.at + 1
  cur.rownumber = self.at
  return ...
end

--- Gives an iterator over the values of the rows that are left. NULL is lunasa.null.
---@param cur lunasa.Cursor
---@param follow fun(cur: lunasa.Cursor, source: lunasa.CursorRows) shows where it is
---@return fun(): any ...
function Unbuffered:values(cur, follow)
  local next_values = self.stream:values()
  return function()
    return counted(self, cur, follow, next_values())
  end
end

--- Moves to behind row `at`, reading those before it. Behind the last one there is nothing.
---@async
---@param at integer
---@return boolean is_possible
function Unbuffered:move(at)
  if at < self.at then
    local message = "Backwards scrolling not supported by this cursor: use one that has all rows"
    errors.raise("NotSupportedError", message, nil, 3)
  end
  while self.at < at and self.stream:fetch() do
    self.at = self.at + 1
  end
  if self.at < at then
    finish(self)
  end
  return true
end

--- Goes on to the next result; false when there is none. What is left of this one is thrown away.
--- Raises when that statement failed: then nothing is left.
---@async
---@return boolean
function Unbuffered:nextset()
  local has_result = self.stream:nextset()
  if has_result then
    begin(self)
  end
  return has_result
end

--- Throws away what is left. A server that holds that up is told to end the statement, and the
--- connection is fenced meanwhile.
---@async
function Unbuffered:close()
  local stream = self.stream
  stream:close(stream.connection.config.cancel_timeout)
end

return unbuffered
