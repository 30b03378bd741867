--- Columns some rows at a time: `for columns, count in res:column_batches() do`.
---
--- As FFI arrays they are used again: memory that is in the processor's cache, however many rows
--- there are. What somebody keeps of an earlier batch is then the next one; it is never freed under
--- their hands.
local errors = require("lunasa.error")
local result_arrays = require("lunasa.result_arrays")
local result_strings = require("lunasa.result_strings")
local suggest = require("lunasa.suggest")

local column_batches = {}

--- Options of `column_batches`.
---@class lunasa.ColumnBatchOptions
---@field ffi? boolean arrays outside of Lua, as of `res:columns({ ffi = true })`
---@field batch_size? integer rows of each batch but the last one; 4096, or so many that all columns
--- have 32,768 values
---@field reuse? boolean false: arrays of its own for each batch

local DEFAULT_ROWS, DEFAULT_VALUES, MOST_ROWS = 4096, 32768, 2 ^ 24
local CHECKS = { batch_size = "number", ffi = "boolean", reuse = "boolean" }
local NONE = {}

local OTHERS = "the columns are others now: ask for column_batches again"
local BETWEEN = "rows were asked for while a batch was being made of them"

local function check_options(options, level)
  if type(options) ~= "table" then
    local message = ("the options of column_batches must be a table, got %s"):format(type(options))
    errors.raise("ArgumentError", message, nil, level)
  end
  for name, value in pairs(options) do
    local kind = CHECKS[name]
    local message
    if not kind then
      message = ("unknown option '%s' of column_batches%s"):format(
        tostring(name),
        suggest.among(name, CHECKS)
      )
    elseif type(value) ~= kind then
      message = ("option '%s' of column_batches must be a %s, got %s"):format(
        name,
        kind,
        type(value)
      )
    end
    if message then
      errors.raise("ArgumentError", message, nil, level)
    end
  end
  local size = options.batch_size
  if size and not (size >= 1 and size <= MOST_ROWS and size % 1 == 0) then
    local message = "option 'batch_size' of column_batches must be an integer from 1 to %d, got %s"
    errors.raise("ArgumentError", message:format(MOST_ROWS, tostring(size)), nil, level)
  end
end

--- How many rows a batch has: what stays in the processor's cache, when nobody says it.
local function size_of(options, names)
  local width = names and #names or 1
  local size = math.min(DEFAULT_ROWS, math.ceil(DEFAULT_VALUES / width))
  return options.batch_size or size
end

--- Rows as FFI arrays.
---@class lunasa.ArrayBatch
local Arrays = {}
Arrays.__index = Arrays

--- Gives the strings of a batch as many rows as it has; none while rows are being written.
local function show(self, count)
  for i, owner in ipairs(self.owners) do
    if owner then
      result_strings.set(self.strings[i], owner, count, self.batch:null_count(i))
    end
  end
end

local function new_arrays(packed, names, size, is_reused)
  local batch, values, nulls, owners = packed:new_batch(size, is_reused)
  local strings, shown = {}, {}
  for i, owner in ipairs(owners) do
    strings[i] = owner and result_strings.new(0, nil, values[i], nulls[i], 0, owner)
    shown[i] = strings[i] or values[i]
  end
  return setmetatable({
    batch = batch,
    names = names,
    owners = owners,
    strings = strings,
    columns = result_arrays.by_name(names, shown),
    nulls = result_arrays.by_name(names, nulls),
    null_counts = {},
    is_reused = is_reused,
  }, Arrays)
end

--- Begins the next batch, in memory that was used before.
function Arrays:clear()
  show(self, 0)
  self.batch:clear()
end

--- Writes rows behind those that are there; gives how many there are, nil where columns differ.
function Arrays:fill(packed, from)
  return packed:fill(self.batch, from)
end

function Arrays:shown(count)
  local names, null_counts = self.names, self.null_counts
  if not self.is_reused then
    self.batch:settle()
  end
  for i = #names, 1, -1 do
    null_counts[names[i]] = self.batch:null_count(i)
  end
  show(self, count)
  return self.columns, count, self.nulls, null_counts
end

--- Rows as tables of values.
---@class lunasa.TableBatch
local Tables = {}
Tables.__index = Tables

local function new_tables(_, names, size)
  local lists = {}
  for i = 1, #names do
    lists[i] = {}
  end
  return setmetatable({ lists = lists, names = names, size = size, count = 0 }, Tables)
end

function Tables:fill(packed, from)
  local count = packed:add_to(self.lists, from, self.count, self.size - self.count)
  packed:step()
  self.count = count or self.count
  return count
end

function Tables:shown(count)
  return result_arrays.by_name(self.names, self.lists), count
end

local function has_names(names, others)
  if names == others then
    return true
  end
  for i = 1, math.max(#names, #others) do
    if names[i] ~= others[i] then
      return false
    end
  end
  return true
end

--- Where rows come from.
---@class lunasa.BatchSource
---@field names string[]?
---@field find fun(self): boolean whether there are more rows; may wait, and raises at the line of
--- whoever calls its caller
---@field get fun(self): userdata?, integer, string[] rows, the next of them, and their names; no
--- rows where they were closed since `find`
---@field take fun(self, count: integer, rows: userdata, from: integer): boolean whether so many
--- from there were taken; false where others have taken some of them meanwhile
---@field is_over fun(self): boolean whether what went wrong ended it
---@field is_interruption fun(self, err: any): boolean whether `find` raised it for the task's sake

--- Makes an iterator over batches of what a source has.
---@param source lunasa.BatchSource
---@param options lunasa.ColumnBatchOptions
---@param size integer
---@return fun(): table?, integer?, table?, table?
local function iterator(source, options, size)
  local names, failure, room, call = source.names or NONE, nil, nil, 0
  local make = options.ffi and new_arrays or new_tables
  local is_reused = options.ffi and options.reuse ~= false

  --- What went wrong behind some rows is for whoever asks for the next ones.
  local function finds_more()
    local ok, is_there = pcall(source.find, source)
    if ok then
      return is_there
    elseif source:is_interruption(is_there) then
      error(is_there, 0)
    end
    failure = is_there
  end

  local function begin(packed)
    if room and is_reused then
      room:clear()
    else
      room = make(packed, names, size, is_reused)
    end
    return room
  end

  --- A finalizer may have asked for the next batch, which is in the same memory. A function of
  --- `conv` may, too: then `take` finds that the rows are not the next any more.
  local function check_memory(this_call)
    if is_reused and call ~= this_call then
      errors.raise("InterfaceError", BETWEEN, nil, 3)
    end
  end

  return function()
    if failure then
      local err = failure
      failure = source:is_over() and err or nil
      error(err, 0)
    elseif not source:find() then
      return nil
    end
    call = call + 1
    local count, this_call = 0, call
    local batch = begin((source:get()))
    repeat
      check_memory(this_call)
      local packed, from, its_names = source:get()
      if not packed then
        errors.raise("InterfaceError", BETWEEN, nil, 2)
      end
      local filled = has_names(names, its_names) and batch:fill(packed, from)
      if not filled then
        errors.raise("InterfaceError", OTHERS, nil, 2)
      elseif not source:take(filled - count, packed, from) then
        errors.raise("InterfaceError", BETWEEN, nil, 2)
      end
      count = filled
    until count == size or not finds_more()
    check_memory(this_call)
    local columns, _, nulls, null_counts = batch:shown(count)
    check_memory(this_call)
    return columns, count, nulls, null_counts
  end
end

--- Rows that were made already, as batches of their own.
local function over_rows(self, cell, options, size, check_open)
  local done = 0
  return function()
    check_open(self)
    local from, count = done, math.min(size, #self - done)
    if count <= 0 then
      return nil
    end
    done = done + count
    if options.ffi then
      return result_arrays.of_rows(self, cell, from, count)
    end
    local lists = {}
    for column = 1, #self.names do
      lists[column] = {}
      for i = 1, count do
        lists[column][i] = cell(self, self[from + i], column)
      end
    end
    return result_arrays.by_name(self.names, lists), count
  end
end

--- The rows of a packed result.
local function source_of_result(self)
  local done = 0
  return {
    names = self.names,
    find = function()
      if self.is_closed then
        errors.raise("InterfaceError", "the result is closed", nil, 3)
      end
      return done < self.rowcount
    end,
    get = function()
      return self.packed, done + 1, self.names
    end,
    take = function(_, count, _, from)
      local is_next = from == done + 1
      done = is_next and done + count or done
      return is_next
    end,
    is_over = function()
      return false
    end,
    is_interruption = function()
      return false
    end,
  }
end

--- The rows of a stream that are left.
local function source_of_stream(self, rewind, find_rows)
  return {
    names = self.names,
    find = function()
      rewind(self)
      return find_rows(self) -- a tail call, as it raises at the line of its caller's caller
    end,
    get = function()
      return self.packed, self.done + 1, self.names
    end,
    take = function(_, count, packed, from)
      local is_next = self.packed == packed and self.done == from - 1
      self.done = is_next and self.done + count or self.done
      return is_next
    end,
    is_over = function()
      return self.closed
    end,
    is_interruption = function(_, err)
      return errors.is_interruption(err) or errors.is_interruption(self.failure)
    end,
  }
end

--- Adds its method to the class of results.
---@param Result table
---@param check_open fun(self: lunasa.Result)
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
function column_batches.add_to_results(Result, check_open, cell)
  --- Iterates over the columns of some rows at a time, by name: tables of values and their number,
  --- or with `{ffi = true}` what `columns` gives for it, where the next batch is written over this
  --- one.
  ---@param options? lunasa.ColumnBatchOptions
  ---@return fun(): table<string, any>?, integer?, table<string, ffi.cdata*>?, table?
  function Result:column_batches(options)
    check_open(self)
    options = options or NONE
    check_options(options, 3)
    local size = math.min(size_of(options, self.names), math.max(self.rowcount, 1))
    if options.ffi and self.names then
      result_arrays.check(self, cell, 3)
    end
    if self.packed then
      return iterator(source_of_result(self), options, size)
    end
    return over_rows(self, cell, options, size, check_open)
  end
end

--- Adds its method to the class of streams.
---@param Stream table
---@param rewind fun(self: lunasa.Stream) gives back rows that were made and not given
---@param find_rows fun(self: lunasa.Stream): boolean waits for the next row
function column_batches.add_to_streams(Stream, rewind, find_rows)
  --- Iterates over the columns of the rows that are left, some at a time, as a result does. All
  --- batches but the last have `batch_size` rows, which are waited for.
  ---@param options? lunasa.ColumnBatchOptions
  ---@return async fun(): table<string, any>?, integer?, table<string, ffi.cdata*>?, table?
  function Stream:column_batches(options)
    options = options or NONE
    check_options(options, 3)
    if options.ffi and self.names then
      result_arrays.check(self, nil, 3)
    end
    local source = source_of_stream(self, rewind, find_rows)
    return iterator(source, options, size_of(options, self.names))
  end
end

return column_batches
