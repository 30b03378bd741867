--- What a statement answered, as rows that know their columns.
---
--- It stands on a result or a stream of the driver. A row is made when somebody fetches it. The
--- result closes itself behind the last row, and at once when there can be none.
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")
local not_iterable = require("lunasa.not_iterable")
local plan = require("lunasa.engine.plan")
local state = require("lunasa.engine.transaction.state")

local result = {}

---@class lunasa.ResultProxy
---@field dialect lunasa.sa.Dialect
---@field cursor? lunasa.Result|lunasa.Stream the driver's; nil once closed
---@field rowcount? integer rows, or rows that matched; nil while a stream's are not known
---@field lastrowid integer the first key that was generated; 0 for none
---@field returns_rows boolean
---@field closed boolean
---@field warning_count integer
---@field inserted_primary_key? table of a single-row INSERT: a list, and by name
---@field private answer lunasa.Result|lunasa.Stream
---@field private conn lunasa.SAConnection
---@field private compiled? lunasa.sa.Compiled of an INSERT
---@field private collected? table its parameters
---@field private plan lunasa.EnginePlan|false
---@field private at? integer rows fetched
---@field private streamed? boolean
---@field private next_row? fun(): any[]? of a large result
local ResultProxy = { __name = "lunasa.ResultProxy", __call = not_iterable("result") }
result.ResultProxy = ResultProxy

--- Four fields is what a result has from the beginning, because most are asked for one row; others
--- are looked for without asking the class.
local function fetched(self)
  return rawget(self, "at") or 0
end

--- What is made when somebody asks for it.
local FIELDS = {}

function ResultProxy.__index(self, name)
  local method = ResultProxy[name]
  if method then
    return method
  end
  local field = FIELDS[name]
  if field then
    return field(self)
  end
end

function FIELDS.dialect(self)
  return self.conn.dialect
end

function FIELDS.cursor(self)
  return not self.closed and self.answer or nil
end

function FIELDS.rowcount(self)
  if rawget(self, "streamed") then
    return self.closed and self.plan and fetched(self) or nil
  end
  return self.answer.rowcount
end

function FIELDS.returns_rows(self)
  return self.plan ~= false
end

function FIELDS.lastrowid(self)
  return self.answer.insert_id
end

function FIELDS.warning_count(self)
  return self.answer.warning_count
end

function FIELDS.inserted_primary_key(self)
  return rawget(self, "collected") and require("lunasa.engine.inserted").key(self) or nil
end

--- Makes the result of an answer of the driver.
---@param conn lunasa.SAConnection
---@param answer lunasa.Result|lunasa.Stream
---@param compiled? lunasa.sa.Compiled|false
---@param is_streamed? boolean
---@return lunasa.ResultProxy
function result.new(conn, answer, compiled, is_streamed)
  local names = answer.names
  if is_streamed and not names then
    answer:close()
  end
  local made = names and compiled and compiled.plan_of == names and compiled.plan
  local self = setmetatable({
    conn = conn,
    answer = answer,
    plan = made or names and plan.of(compiled, answer, conn.dialect) or false,
    closed = not names,
  }, ResultProxy)
  if is_streamed then
    self.streamed = true
  end
  return self
end

--- Raises why there are no rows.
local function refuse(self)
  if not self.plan then
    local message = "This result object does not return rows. It has been closed automatically."
    mistake.raise("ResourceClosedError", message)
  end
  mistake.raise("ResourceClosedError", "This result object is closed.")
end

--- Gives the rows back. Counts and names stay. Closing twice is no mistake.
---@async
function ResultProxy:close()
  if self.closed then
    return
  end
  self.closed = true
  local answer = self.answer
  if rawget(self, "streamed") or answer.packed then
    answer:close()
  end
end

--- Takes the next values of a stream. A transaction may end there too, as by a deadlock.
---@async
local function fetch(conn, stream)
  if not conn._transaction then
    local values = stream:fetch()
    return values
  end
  local ok, values = pcall(stream.fetch, stream)
  if not ok then
    state.note(conn, values)
    errors.throw(values)
  end
  return values
end

--- Takes the next values from the driver; nil behind the last.
---@async
local function take(self)
  local answer = self.answer
  local at = fetched(self) + 1
  local values
  if rawget(self, "streamed") then
    values = fetch(self.conn, answer)
  elseif answer.packed then
    local next_row = rawget(self, "next_row")
    if not next_row then
      next_row = answer:rows()
      self.next_row = next_row
    end
    values = next_row()
  else
    values = answer[at]
  end
  if values then
    self.at = at
  end
  return values
end

--- Gives the next row, nil behind the last, which closes the result.
---@async
---@return lunasa.RowProxy?
function ResultProxy:fetchone()
  if self.closed then
    refuse(self)
  end
  local values = take(self)
  if values then
    return plan.row(self.plan, values)
  end
  self:close()
  return nil
end

--- Gives the next rows, none behind the last, which closes the result.
---@async
---@param size? integer rows at most; 1
---@return lunasa.RowProxy[]
function ResultProxy:fetchmany(size)
  if self.closed then
    refuse(self)
  end
  size = size or 1
  if type(size) ~= "number" or size < 1 or size % 1 ~= 0 then
    mistake.raise("ArgumentError", "fetchmany needs a number of rows, 1 or more")
  end
  local rows = {}
  for i = 1, size do
    local values = take(self)
    if not values then
      break
    end
    rows[i] = plan.row(self.plan, values)
  end
  if rows[1] == nil then
    self:close()
  end
  return rows
end

--- Takes all values that are left from the driver.
---@async
local function rest(self)
  local rows = {}
  local values = take(self)
  while values do
    rows[#rows + 1] = values
    values = take(self)
  end
  return rows
end

--- Gives the rows that are left, and closes the result.
---@async
---@return lunasa.RowProxy[]
function ResultProxy:fetchall()
  if self.closed then
    refuse(self)
  end
  local made, answer = self.plan, self.answer
  local rows
  if fetched(self) == 0 and not rawget(self, "streamed") and answer.packed then
    rows = answer:all() -- faster than one by one
    self.at = #rows
  else
    rows = rest(self)
  end
  for i = 1, #rows do
    plan.row(made, rows[i])
  end
  self:close()
  return rows
end
ResultProxy.all = ResultProxy.fetchall

--- Gives the next row, nil when there is none, and closes the result.
---@async
---@return lunasa.RowProxy?
function ResultProxy:first()
  if self.closed then
    refuse(self)
  end
  local answer = self.answer
  local values
  if rawget(self, "streamed") or answer.packed then
    values = take(self)
    self:close()
  else
    values = answer[fetched(self) + 1]
    self.closed = true
  end
  return values and plan.row(self.plan, values)
end

--- Gives the first value of the next row, nil for NULL and when there is no row, and closes.
---@async
---@return any
function ResultProxy:scalar()
  local row = self:first()
  return row and row[1]
end

--- Gives the only row that is left, nil when there is none; several raise.
---@async
local function only(self)
  if self.closed then
    refuse(self)
  end
  local first = take(self)
  local second = first and take(self)
  local row = first and plan.row(self.plan, first)
  self:close()
  if second then
    local message = "Multiple rows were found when exactly one was required"
    mistake.raise("MultipleResultsFound", message)
  end
  return row
end

--- Gives the only row; none or several raise.
---@async
---@return lunasa.RowProxy
function ResultProxy:one()
  local row = only(self)
  if not row then
    mistake.raise("NoResultFound", "No row was found when one was required")
  end
  return row
end

--- Gives the only row, nil when there is none; several raise.
---@async
---@return lunasa.RowProxy?
function ResultProxy:one_or_none()
  local row = only(self)
  return row
end

--- Iterates over the rows that are left: `for row in res:rows() do`.
---@return fun(res: lunasa.ResultProxy): lunasa.RowProxy?
---@return lunasa.ResultProxy
function ResultProxy:rows()
  if self.closed then
    refuse(self)
  end
  return ResultProxy.fetchone, self
end

--- Gives the names of the columns; none for a statement without rows.
---@return string[]
function ResultProxy:keys()
  local keys = {}
  for i, name in ipairs(self.plan and self.plan.keys or {}) do
    keys[i] = name
  end
  return keys
end

--- Gives the statement's next result, nil behind the last.
---@return lunasa.ResultProxy?
function ResultProxy:nextset()
  if rawget(self, "streamed") then
    mistake.raise("NotSupportedError", "a streamed result has no nextset: res.cursor has")
  end
  local following = self.answer:nextset()
  return following and result.new(self.conn, following, false) or nil
end

function ResultProxy:__tostring()
  if not self.plan then
    return ("lunasa.ResultProxy(%s rows)"):format(tostring(self.rowcount))
  end
  local names = table.concat(self.plan.keys, ", ")
  return ("lunasa.ResultProxy(%s%s)"):format(names, self.closed and ", closed" or "")
end

require("lunasa.engine.view").add(ResultProxy)

return result
