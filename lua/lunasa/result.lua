--- What a statement answered: rows to iterate, index and count, or the counts of an OK.
---
--- A small result is its rows, in a table; a large one is packed, and rows are made when somebody
--- looks at them. Both have the same fields and methods.
local column_batches = require("lunasa.column_batches")
local errors = require("lunasa.error")
local not_iterable = require("lunasa.not_iterable")
local null = require("lunasa.null")
local read_once = require("lunasa.read_once")
local result_arrays = require("lunasa.result_arrays")
local result_sequence = require("lunasa.result_sequence")
local rows_ahead = require("lunasa.rows_ahead")

local result = {}

---@class lunasa.Result
---@field names? string[] of the columns; nil for a statement without rows
---@field rowcount integer rows, or affected rows for a statement without rows
---@field affected_rows integer
---@field insert_id integer 0 when none was generated
---@field warning_count integer
---@field warnings? lunasa.Warning[] with the option `warnings = "fetch"`
---@field is_out_parameters boolean the row is what a procedure gave out in its OUT parameters
---@field info string the server's words, such as "Rows matched: 1  Changed: 1  Warnings: 0"
---@field private following? lunasa.Result
---@field private failure? lunasa.Error why the next result is none
---@field private packed? userdata
---@field private is_closed boolean
---@field [integer] table
local Result = {
  -- What most results say; a result has those of its own that differ.
  affected_rows = 0,
  insert_id = 0,
  warning_count = 0,
  info = "",
  is_closed = false,
  is_out_parameters = false,
}
Result.__index = Result
Result.__name = "lunasa.Result"

--- Results whose rows are in C: `res[i]` makes the row.
local Packed = { __name = "lunasa.Result" }

--- Results whose rows were given back: `res[i]` raises.
local Closed = { __name = "lunasa.Result" }

local positions_of = setmetatable({}, { __mode = "k" })

--- The position of each name; a name that appears twice stands for its first column.
local function positions(names)
  local known = positions_of[names]
  if not known then
    known = {}
    for i = #names, 1, -1 do
      known[names[i]] = i
    end
    positions_of[names] = known
  end
  return known
end

--- Finds a column by name or number, counted from 1.
local function position(self, column)
  local names = self.names
  local found = names
    and (type(column) == "number" and names[column] and column or positions(names)[column])
  if not found then
    local list = names and "'" .. table.concat(names, "', '") .. "'" or "none"
    local message = ("no column '%s' in the result; its columns are %s"):format(column, list)
    errors.raise("ProgrammingError", message, nil, 3)
  end
  return found
end

local function check_open(self)
  if self.is_closed then
    errors.raise("InterfaceError", "the result is closed", nil, 3)
  end
end

--- The cell of a row that was made already.
local function cell(self, row, column)
  local value = row[column]
  if value == nil then
    value = row[self.names[column]]
  end
  if value == nil then
    return null
  end
  return value
end

--- Iterates over the rows of a packed result, which are made batch by batch, from row `from` on.
local function packed_rows(self, from)
  local packed, format = self.packed, self.format
  local batch, at, done = {}, 0, (from or 1) - 1
  return function()
    local row = batch[at + 1]
    if row == nil then
      check_open(self)
      local before = done
      local made, count = packed:batch(before + 1, format) -- may raise
      read_once.check(done == before)
      batch, at, done, row = made, 0, before + count, made[1]
    end
    at = at + 1
    return row
  end
end

--- Iterates over the rows: `for row in res:rows() do`.
---@return fun(): table?
function Result:rows()
  check_open(self)
  if self.packed then
    return rows_ahead.rows(self, packed_rows)
  end
  local i = 0
  return function()
    i = i + 1
    return self[i]
  end
end

--- Iterates over rows with their numbers: `for i, row in res:irows() do`.
---@return fun(): integer?, table?
function Result:irows()
  local next_row, i = self:rows(), 0
  return function()
    local row = next_row()
    if row then
      i = i + 1
      return i, row
    end
  end
end

--- Iterates over the rows' values: `for id, name in res:values() do`. NULL is always lunasa.null.
---@return fun(): any ...
function Result:values()
  check_open(self)
  if self.packed then
    return rows_ahead.values(self)
  end
  local i, width = 0, self.names and #self.names or 0
  return function()
    i = i + 1
    local row = self[i]
    if row == nil then
      return nil
    end
    local values = {}
    for column = 1, width do
      values[column] = cell(self, row, column)
    end
    return unpack(values, 1, width)
  end
end

--- Gives one cell, nil outside the result.
---@param i integer row, from 1
---@param column string|integer
---@return any
function Result:get(i, column)
  check_open(self)
  local found = position(self, column)
  if self.packed then
    return self.packed:get(i, found)
  end
  local row = self[i]
  return row and cell(self, row, found)
end

--- Gives all rows in a plain table, for ipairs and JSON encoders.
---@return table[]
function Result:all()
  check_open(self)
  if self.packed then
    return self.packed:all(self.format)
  end
  local rows = {}
  for i = 1, #self do
    rows[i] = self[i]
  end
  return rows
end

--- Gives one column: a table of its values, or with `{ffi = true}` an FFI array counted from 0
--- (strings: lunasa.Strings), its length, a bitmap in which a set bit is a NULL, and how
--- many are.
---@param column string|integer
---@param options? { ffi?: boolean }
---@return any[]|ffi.cdata*|lunasa.Strings values
---@return integer? count
---@return ffi.cdata*? nulls
---@return integer? null_count
function Result:column(column, options)
  check_open(self)
  local found = position(self, column)
  if options and options.ffi then
    return result_arrays.column(self, found, cell)
  elseif self.packed then
    return self.packed:column(found)
  end
  local values = {}
  for i = 1, #self do
    values[i] = cell(self, self[i], found)
  end
  return values
end

--- Gives every column by name, each as `column` does, in one walk over the rows. With
--- `{ffi = true}` the number of rows, and bitmaps and numbers of NULLs by name, too.
---@param options? { ffi?: boolean }
---@return table<string, any[]|ffi.cdata*|lunasa.Strings> values
---@return integer? count
---@return table<string, ffi.cdata*>? nulls
---@return table<string, integer>? null_counts
function Result:columns(options)
  check_open(self)
  if options and options.ffi and self.names then
    return result_arrays.columns(self, cell)
  elseif self.packed then
    return result_arrays.by_name(self.names, self.packed:columns())
  end
  local columns = {}
  for i, name in ipairs(self.names or {}) do
    columns[name] = columns[name] or self:column(i)
  end
  return columns
end

column_batches.add_to_results(Result, check_open, cell)

--- Gives what the server says of the columns, nil for a statement without rows.
---@return lunasa.Column[]?
function Result:fields()
  return require("lunasa.cursor.description").of(self.names)
end

--- Gives the statement's next result, nil after the last one; raises when that statement failed.
---@return lunasa.Result?
function Result:nextset()
  if self.failure then
    errors.throw(self.failure)
  end
  return self.following
end

--- Gives the memory back now rather than at the next collection.
function Result:close()
  if self.is_closed then
    return
  end
  self.is_closed = true
  if self.packed then
    self.packed:close()
  end
  for i = #self, 1, -1 do
    self[i] = nil
  end
  setmetatable(self, Closed)
end

function Result:__tostring()
  if self.is_closed then
    return "lunasa.Result(closed)"
  elseif self.names then
    return ("lunasa.Result(%d rows of %d columns)"):format(self.rowcount, #self.names)
  end
  return ("lunasa.Result(%d rows affected)"):format(self.affected_rows)
end

function Packed.__index(self, key)
  if type(key) == "number" then
    return rawget(self, "packed"):row(key, rawget(self, "format"))
  end
  return Result[key]
end

function Packed:__len()
  return self.rowcount
end

Packed.__tostring = Result.__tostring
Result.__call, Packed.__call = not_iterable("result"), not_iterable("result")

function Closed.__index(_, key)
  if type(key) == "number" then
    errors.raise("InterfaceError", "the result is closed", nil, 2)
  end
  return Result[key]
end

Closed.__tostring = Result.__tostring

local function finish(self, names, count, affected_rows, insert_id, warning_count, info)
  self.names = names
  self.rowcount = names and count or affected_rows
  if affected_rows ~= 0 then
    self.affected_rows = affected_rows
  end
  if insert_id ~= 0 then
    self.insert_id = insert_id
  end
  if warning_count ~= 0 then
    self.warning_count = warning_count
  end
  if info then
    self.info = info
  end
  return self
end

--- Makes one result of several that have the same columns. They are closed.
---@param results lunasa.Result[]
---@return lunasa.Result
function result.join(results)
  local first, last = results[1], results[#results]
  local names, info = first.names, last.info
  local joined = setmetatable({}, Result)
  local count, affected_rows, warning_count = 0, 0, 0
  for _, part in ipairs(results) do
    for row in part:rows() do
      count = count + 1
      joined[count] = row
    end
    affected_rows = affected_rows + part.affected_rows
    warning_count = warning_count + part.warning_count
    part:close()
  end
  return finish(joined, names, count, affected_rows, last.insert_id, warning_count, info)
end

--- Makes a result of rows that are made already, and of counts where there are any.
---@param rows table
---@param names? string[]
---@param count integer
---@return lunasa.Result
function result.of(rows, names, count, affected_rows, insert_id, warning_count, info)
  local self = setmetatable(rows, Result)
  if affected_rows then
    return finish(self, names, count, affected_rows, insert_id, warning_count, info)
  end
  self.names, self.rowcount = names, count
  return self
end

--- Takes the next result that was answered to `token`.
---@return lunasa.Result?
---@return boolean|lunasa.Error has_more or the error
local function take_one(session, token, format, sql)
  local rows, names, count, affected_rows, insert_id, warning_count, info, has_more, is_out =
    session:take(token, format)
  if rows == nil then
    return nil, errors.from_core(names, sql)
  end
  local self
  if type(rows) == "table" then
    self = setmetatable(rows, Result)
  else
    self = setmetatable({ packed = rows, format = format }, Packed)
  end
  finish(self, names, count, affected_rows, insert_id, warning_count, info)
  if is_out then
    self.is_out_parameters = true
  end
  return self, has_more
end

--- Takes what has been answered to `token`, all its results.
---@param session userdata
---@param token integer
---@param format integer
---@param sql? string for the error
---@return lunasa.Result?
---@return lunasa.Error? err
function result.take(session, token, format, sql)
  local first, has_more = take_one(session, token, format, sql)
  if not first then
    return nil, has_more
  end
  local last = first
  if has_more then
    result_sequence.note(session, token, first)
  end
  while has_more do
    local following
    following, has_more = take_one(session, token, format, sql)
    if not following then
      last.failure = has_more
      break
    end
    last.following, last = following, following
  end
  return first
end

return result
