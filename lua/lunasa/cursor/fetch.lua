--- The methods of a cursor that give rows.
local errors = require("lunasa.error")
local misuse = require("lunasa.misuse")

local fetch = {}

--- Raises where there can be no rows, and gives where they come from.
---@param self lunasa.Cursor
---@return lunasa.BufferedRows|lunasa.UnbufferedRows
local function rows_of(self)
  if type(self) ~= "table" then
    misuse.dot("cur", 3)
  end
  local source = self.source
  if self.closed then
    errors.raise("ProgrammingError", "Cursor closed", nil, 3)
  elseif not source then
    errors.raise("ProgrammingError", "execute() first", nil, 3)
  end
  local obstacle = source:obstacle()
  if obstacle then
    errors.raise("InterfaceError", "the rows are gone: " .. obstacle, nil, 3)
  end
  return source
end

--- Shows where the cursor is now, and what is known behind the last row.
local function follow(self, source)
  self.rownumber = source.at
  self.rowcount = source.rowcount
  self.warning_count, self.info = source.warning_count, source.info
end

local function check_size(size)
  if type(size) ~= "number" or size < 0 or size ~= math.floor(size) then
    local message = "fetchmany needs a number of rows, an integer from 0, got " .. tostring(size)
    errors.raise("ArgumentError", message, nil, 3)
  end
end

--- Adds its methods to the class of cursors.
---@param Cursor lunasa.Cursor the class
function fetch.add(Cursor)
  --- Gives the next row, nil behind the last.
  ---@async
  ---@return any
  function Cursor:fetchone()
    local source = rows_of(self)
    local row = source:next()
    if row == nil then
      follow(self, source)
    else
      self.rownumber = source.at
    end
    return row
  end

  --- Gives the next rows, fewer when there are no more.
  ---@async
  ---@param size? integer by default `arraysize`
  ---@return any[]
  function Cursor:fetchmany(size)
    size = size or self.arraysize
    check_size(size)
    local source = rows_of(self)
    local rows, count = {}, 0
    while count < size do
      local row = source:next()
      if row == nil then
        break
      end
      count = count + 1
      rows[count] = row
    end
    follow(self, source)
    return rows
  end

  --- Gives all rows that are left.
  ---@async
  ---@return any[]
  function Cursor:fetchall()
    local source = rows_of(self)
    local rows = source:rest()
    follow(self, source)
    return rows
  end

  --- Iterates over the rows that are left: `for row in cur:rows() do`.
  ---@return fun(cur: lunasa.Cursor): any
  ---@return lunasa.Cursor
  function Cursor:rows()
    rows_of(self)
    return Cursor.fetchone, self
  end

  --- Iterates over them with their numbers, the first row's being 1.
  ---@return fun(): integer?, any
  function Cursor:irows()
    rows_of(self)
    return function()
      local row = self:fetchone()
      if row ~= nil then
        return self.rownumber, row
      end
    end
  end

  --- Iterates over their values: `for id, name in cur:values() do`. NULL is always lunasa.null.
  ---@return fun(): any ...
  function Cursor:values()
    local source = rows_of(self)
    local next_values = source:values(self, follow)
    return function()
      if rows_of(self) ~= source then
        errors.raise("InterfaceError", "the rows are gone: the cursor executed again", nil, 2)
      end
      return next_values()
    end
  end

  --- Calls a function with each row that is left. When it returns false, or raises, the cursor is
  --- closed, which a loop that is left by `break` cannot do.
  ---@async
  ---@param work fun(row: any): boolean?
  function Cursor:each(work)
    for row in self:rows() do
      local ok, answer = pcall(work, row)
      if not ok then
        local is_closed, failure = pcall(self.close, self)
        error(is_closed and answer or errors.suppress(answer, failure), 0)
      elseif answer == false then
        return self:close()
      end
    end
  end

  --- Moves among the rows of the result. An unbuffered cursor moves forward only.
  ---@async
  ---@param value integer
  ---@param mode? "relative"|"absolute" from where it is, or from the first row, which is 0
  function Cursor:scroll(value, mode)
    local source = rows_of(self)
    if type(value) ~= "number" or value ~= math.floor(value) then
      local message = "scroll needs a number of rows, an integer, got " .. tostring(value)
      errors.raise("ArgumentError", message, nil, 2)
    elseif mode ~= nil and mode ~= "relative" and mode ~= "absolute" then
      local message = ("unknown scroll mode %s: it is 'relative' or 'absolute'"):format(
        tostring(mode)
      )
      errors.raise("ProgrammingError", message, nil, 2)
    elseif not source.names then
      errors.raise("ProgrammingError", "the statement gave no rows to scroll in", nil, 2)
    end
    local target = mode == "absolute" and value or source.at + value
    if not source:move(target) then
      errors.raise("IndexError", "out of range", nil, 2)
    end
    follow(self, source)
  end
end

return fetch
