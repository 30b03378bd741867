--- The results of a cursor that has them all in memory, and a place among their rows. What other
--- cursors of the connection do does not touch them.
local null = require("lunasa.null")
local shape = require("lunasa.cursor.shape")

local buffered = {}

--- One result after the other of what a cursor executed.
---@class lunasa.CursorRows
---@field names? string[] of the columns; nil for a statement without rows
---@field at integer rows given, or passed over
---@field rowcount integer rows or affected rows; -1 while nobody knows
---@field insert_id? integer nil for rows
---@field warning_count integer
---@field info string

---@class lunasa.BufferedRows: lunasa.CursorRows
---@field private settings lunasa.CursorSettings
---@field private result lunasa.Result
---@field private packed? userdata
---@field private count integer of the rows
---@field private format integer
---@field private make? fun(row: any[]): any
---@field private batch table[] rows made of a packed result
---@field private before integer number of the row in front of them
local Buffered = {}
Buffered.__index = Buffered

local NONE = {}

--- Stands where a result was when nothing is left.
local OVER = { nextset = function() end }

local function begin(self, result)
  local settings, names = self.settings, result.names
  self.result, self.packed = result, result.packed
  self.names = names
  self.rowcount, self.count = result.rowcount, names and result.rowcount or 0
  self.insert_id = not names and result.insert_id or nil
  self.warning_count, self.info = result.warning_count, result.info
  self.make = names and shape.maker(names, settings.is_dict, settings.dict_type)
  self.format = self.make and settings.array_format or settings.format
  self.batch, self.before, self.at = NONE, 0, 0
end

--- Makes rows of what a statement answered.
---@param result lunasa.Result
---@param settings lunasa.CursorSettings
---@return lunasa.BufferedRows
function buffered.new(result, settings)
  local self = setmetatable({
    settings = settings,
    result = result, -- this and what follows is here to give the table its size
    packed = false,
    names = false,
    rowcount = 0,
    count = 0,
    insert_id = false,
    warning_count = 0,
    info = "",
    make = false,
    format = 0,
    batch = NONE,
    before = 0,
    at = 0,
  }, Buffered)
  begin(self, result)
  return self
end

--- Gives a row of a packed result. Those behind it are made with it.
local function packed_row(self, at)
  local row = self.batch[at - self.before]
  if row == nil then
    self.batch, self.before = self.packed:batch(at, self.format), at - 1
    row = self.batch[1]
  end
  return row
end

--- Says why rows cannot be read; nil when they can.
---@return string?
function Buffered:obstacle()
  return nil
end

--- Tells whether no rows can come any more.
---@return boolean
function Buffered:is_over()
  return self.result == OVER
end

--- Gives the next row, nil behind the last.
---@return any
function Buffered:next()
  local at = self.at + 1
  if at > self.count then
    return nil
  end
  local row = self.packed and packed_row(self, at) or self.result[at]
  local make = self.make
  if make then
    row = make(row)
  end
  self.at = at
  return row
end

--- Gives all rows that are left.
---@return any[]
function Buffered:rest()
  if self.at == 0 and not self.make and self.names then
    self.at = self.count
    return self.packed and self.packed:all(self.format) or self.result:all()
  end
  local rows = {}
  for i = 1, self.count - self.at do
    rows[i] = self:next()
  end
  return rows
end

local function packed_values(self, cur)
  local next_values, expected
  return function()
    local at = self.at
    if at >= self.count then
      return nil
    elseif at ~= expected then
      next_values = self.packed:values(at + 1)
    end
    expected = at + 1
    self.at, cur.rownumber = expected, expected
    return next_values()
  end
end

local function small_values(self, cur)
  local names, is_array = self.names or NONE, self.format % 2 == 1
  local width = #names
  return function()
    if self.at >= self.count then
      return nil
    end
    self.at = self.at + 1
    cur.rownumber = self.at
    local row, values = self.result[self.at], {}
    for i = 1, width do
      local value = row[is_array and i or names[i]]
      values[i] = value == nil and null or value
    end
    return unpack(values, 1, width)
  end
end

--- Gives an iterator over the values of the rows that are left. NULL is lunasa.null.
---@param cur lunasa.Cursor whose `rownumber` follows
---@return fun(): any ...
function Buffered:values(cur)
  local result, next_values
  return function()
    if result ~= self.result then -- at first, and after `nextset`
      result = self.result
      next_values = (self.packed and packed_values or small_values)(self, cur)
    end
    return next_values()
  end
end

--- Moves to behind row `at`; false when there is no row behind it.
---@param at integer
---@return boolean
function Buffered:move(at)
  if at < 0 or at >= self.count then
    return false
  end
  self.at = at
  return true
end

--- Goes on to the next result; false when there is none. Raises when that statement failed: then
--- nothing is left.
---@return boolean
function Buffered:nextset()
  local ok, following = pcall(self.result.nextset, self.result)
  if not ok then
    self:close()
    error(following, 0)
  elseif following then
    self.result:close()
    begin(self, following)
  end
  return following ~= nil
end

--- Gives the memory of the rows back. Then there are none.
function Buffered:close()
  local result, is_packed = self.result, self.packed
  self.result = OVER
  self.names, self.packed, self.count, self.at = nil, nil, 0, 0
  if is_packed then
    result:close()
  end
  local following = rawget(result, "following")
  while following do
    following:close()
    following = rawget(following, "following")
  end
end

return buffered
