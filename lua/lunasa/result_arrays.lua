--- Columns of a result as FFI arrays.
local core = require("lunasa.core")
local errors = require("lunasa.error")
local ffi = require("ffi")
local int = require("lunasa.int")
local null = require("lunasa.null")
local result_strings = require("lunasa.result_strings")

local result_arrays = {}

--- Under which formats values are made of the strings of a column.
local CONVERTED = {
  n = core.format.decimal_number,
  b = core.format.bit_number,
  j = core.format.json_decode,
  t = core.format.datetime_table,
}

local NUMBERS, INTEGERS = { d = true, i = true, u = true }, { i = true, u = true }
local BYTES = ffi.typeof("const uint8_t **")

local MADE = "column '%s' holds what an option has made of strings: ask for it without ffi"
local ROUNDED = "column '%s' holds integers that bigint = \"number\" has rounded: "
  .. "ask for it without ffi"

local function is_set(self, flag)
  return flag and self.format and bit.band(self.format, flag) ~= 0
end

--- Whether rows that were made already have an integer that may be another one on the server.
local function has_rounded(self, column, cell)
  for i = 1, #self do
    local value = cell(self, self[i], column)
    if type(value) == "number" and (value >= 2 ^ 53 or value <= -2 ^ 53) then
      return true
    end
  end
  return false
end

--- Refuses a column of which there is no more what the server sent.
local function check(self, column, kind, cell, level)
  local message
  if is_set(self, CONVERTED[kind]) then
    message = MADE
  elseif
    INTEGERS[kind]
    and not self.packed
    and is_set(self, core.format.bigint_number)
    and has_rounded(self, column, cell)
  then
    message = ROUNDED
  end
  if message then
    errors.raise("ProgrammingError", message:format(self.names[column]), nil, level + 1)
  end
end

local function set_null(nulls, i)
  local at = math.floor(i / 8)
  nulls[at] = nulls[at] + 2 ^ (i % 8)
end

--- Fills an array from rows that were made already, in whatever form their integers are.
local function fill_numbers(self, from, count, column, cell, values, nulls)
  local null_count = 0
  for i = 1, count do
    local value = cell(self, self[from + i], column)
    if value == null then
      set_null(nulls, i - 1)
      null_count = null_count + 1
    else
      values[i - 1] = type(value) == "string" and int.parse(value) or value
    end
  end
  return null_count
end

--- Gives the strings of rows that were made already, and fills in where they begin.
local function fill_strings(self, from, count, column, cell, offsets, nulls)
  local texts, null_count = {}, 0
  for i = 1, count do
    local value = cell(self, self[from + i], column)
    if value == null then
      set_null(nulls, i - 1)
      value, null_count = "", null_count + 1
    end
    texts[i], offsets[i] = value, offsets[i - 1] + #value
  end
  return table.concat(texts), null_count
end

--- Gives a column of `count` rows behind the first `from`.
local function from_rows(self, from, count, column, cell, kind)
  local values, nulls = core.make_array(kind, count)
  if NUMBERS[kind] then
    local null_count = fill_numbers(self, from, count, column, cell, values, nulls)
    return values, nulls, null_count
  end
  local text, null_count = fill_strings(self, from, count, column, cell, values, nulls)
  local bytes = ffi.cast("const uint8_t *", text)
  return result_strings.new(count, bytes, values, nulls, null_count, text), nulls, null_count
end

--- Gives one column of a packed result, or all of them.
local function from_packed(self, column)
  local values, nulls, null_counts, owners, count = self.packed:arrays(column)
  for i, owner in ipairs(owners) do
    if owner then
      local bytes = ffi.cast(BYTES, owner)[0]
      values[i] = result_strings.new(count, bytes, values[i], nulls[i], null_counts[i], owner)
    end
  end
  return values, count, nulls, null_counts
end

local function kinds_of(self)
  return getmetatable(self.names).kinds
end

--- Gives one column as an FFI array, or its strings, with their number, a bitmap of NULLs, and how
--- many those are.
---@param self lunasa.Result
---@param column integer
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
---@return ffi.cdata*|lunasa.Strings values counted from 0
---@return integer count
---@return ffi.cdata* nulls
---@return integer null_count
function result_arrays.column(self, column, cell)
  local kind = kinds_of(self):sub(column, column)
  check(self, column, kind, cell, 3)
  if not self.packed then
    local values, nulls, null_count = from_rows(self, 0, #self, column, cell, kind)
    return values, #self, nulls, null_count
  end
  local values, count, nulls, null_counts = from_packed(self, column)
  return values[1], count, nulls[1], null_counts[1]
end

--- Columns by their names; the first one of a name.
---@param names string[]
---@param list any[] something of each column
---@return table<string, any>
function result_arrays.by_name(names, list)
  local named = {}
  for i = #names, 1, -1 do
    named[names[i]] = list[i]
  end
  return named
end

--- Gives all columns of `count` rows behind the first `from`, which were made already.
---@param self lunasa.Result
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
---@param from integer
---@param count integer
---@return table<string, ffi.cdata*|lunasa.Strings> values
---@return integer count
---@return table<string, ffi.cdata*> nulls
---@return table<string, integer> null_counts
function result_arrays.of_rows(self, cell, from, count)
  local kinds, names, by_name = kinds_of(self), self.names, result_arrays.by_name
  local values, nulls, null_counts = {}, {}, {}
  for i = 1, #kinds do
    values[i], nulls[i], null_counts[i] = from_rows(self, from, count, i, cell, kinds:sub(i, i))
  end
  return by_name(names, values), count, by_name(names, nulls), by_name(names, null_counts)
end

--- Refuses columns of which there is no more what the server sent.
---@param self lunasa.Result
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
---@param level integer whose mistake it is, counted as by `error` in here
function result_arrays.check(self, cell, level)
  local kinds = kinds_of(self)
  for i = 1, #kinds do
    check(self, i, kinds:sub(i, i), cell, level)
  end
end

--- Gives all columns, by their names.
---@param self lunasa.Result
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
---@return table<string, ffi.cdata*|lunasa.Strings> values
---@return integer count
---@return table<string, ffi.cdata*> nulls
---@return table<string, integer> null_counts
function result_arrays.columns(self, cell)
  local names, by_name = self.names, result_arrays.by_name
  result_arrays.check(self, cell, 4)
  if not self.packed then
    return result_arrays.of_rows(self, cell, 0, #self)
  end
  local values, count, nulls, null_counts = from_packed(self)
  return by_name(names, values), count, by_name(names, nulls), by_name(names, null_counts)
end

return result_arrays
