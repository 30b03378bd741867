--- Iterators over many rows, which LuaJIT compiles into the user's loop.
---
--- C decodes some rows ahead, by a call of its address, into memory of ours: numbers, and copies
--- of the bytes of strings. Of those an iterator makes values. Its code is made once for each kind
--- of rows, so that a loop of the user's is compiled once. A row in which there is something else,
--- such as NULL, is made by C; so are all where LuaJIT does not compile, and where options ask for
--- other values.
local core = require("lunasa.core")
local errors = require("lunasa.error")
local ffi = require("ffi")
local format_of = require("lunasa.format")
local rows_ahead_code = require("lunasa.rows_ahead_code")

local rows_ahead = {}

--- Fewer rows are not worth the memory.
local SOME = 64

--- Kinds of rows of which the code is kept.
local MOST_CODE = 256

--- What is decoded at once, and room for the bytes of each column of strings.
local MOST_ROWS, MOST_CELLS, ROOM = 32, core.rows_ahead.most_cells, 1024

local STRING = ("s"):byte()

local shape_of = jit.status() and core.rows_ahead.shape or function() end

local collect = collectgarbage

--- Whether a finalizer is running, as the collector rests meanwhile, or somebody stopped it.
local function is_finalizing()
  return not collect("isrunning")
end

local read = ffi.cast("double (*)(void *, void *)", core.rows_ahead.read)

--- What src/lua/rows_ahead.c has of an iterator. Cells are a number each, then where the string
--- begins, then its size.
local Window = ffi.typeof([[struct {
  double next;
  double due;
  uint32_t width, strings, format, few, most, room, odds, unused;
  int32_t at, last;
  double cells[?];
}]])

local IS_CLOSING = core.rows_ahead.is_closing
local AT, CELLS = ffi.offsetof(Window, "at"), ffi.offsetof(Window, "cells")
local BYTE, INT = ffi.typeof("const uint8_t *"), ffi.typeof("int32_t *")
local UINT, DOUBLE = ffi.typeof("uint32_t *"), ffi.typeof("double *")

--- What makes iterators, by their code; how many there are; and, quicker to find, the same by the
--- kinds of columns, or the table of their names.
local makers, maker_count, known = {}, 0, {}

local function forget()
  makers, maker_count = {}, 0
  for _, source in ipairs({ "result", "stream" }) do
    known[source] = { values = {}, lists = {}, dicts = setmetatable({}, { __mode = "k" }) }
  end
end

forget()

local function maker_of(code, ...)
  local maker = makers[code]
  if maker then
    return maker
  elseif maker_count == MOST_CODE then
    forget()
  end
  maker = assert(loadstring(code, "=lunasa.rows"))(read, ffi.string, is_finalizing, ...)
  for _ = 1, 8 do
    maker() -- when a function has many closures, LuaJIT compiles a loop for all of them
  end
  makers[code], maker_count = maker, maker_count + 1
  return maker
end

local function maker_for(source, form, kinds, names, ...)
  local key = form == "dicts" and names or kinds
  local maker = known[source][form][key]
  if not maker then
    maker = maker_of(rows_ahead_code[form](source, kinds, names), ...)
    known[source][form][key] = maker
  end
  return maker
end

--- Memory for rows of `kinds`, and where in it what is. Where nothing but values is made, it pays
--- that the collector does a step now and then; tables of rows cost more that way.
local function new_window(kinds, format, steps)
  local width, strings, count = #kinds, 0, 0
  for i = 1, width do
    if kinds:byte(i) == STRING then
      strings, count = strings + 2 ^ (i - 1), count + 1
    end
  end
  local most = math.min(MOST_ROWS, math.floor(MOST_CELLS / width))
  local window = Window(most * width * 2 + count * ROOM / 8)
  window.width, window.strings, window.format = width, strings, format
  window.few, window.most, window.room = 4, most, ROOM
  window.due = steps and 256 or math.huge
  local bytes = ffi.cast(BYTE, window)
  local numbers = ffi.cast(DOUBLE, bytes + CELLS)
  local offsets = ffi.cast(UINT, numbers + most * width)
  local sizes = offsets + most * width
  return window, ffi.cast(INT, bytes + AT), numbers, offsets, sizes, bytes
end

local function raise_closed()
  error("the result is closed", 3)
end

local function refuse_closed()
  errors.raise("InterfaceError", "the result is closed", nil, 3)
end

local function form_of(format)
  return format_of.is_array(format) and "lists" or "dicts"
end

local function open_result(self, form, refuse, plain)
  local packed, format = self.packed, self.format
  local kinds, names = shape_of(packed, format)
  if not kinds or packed:count() < SOME then
    return plain(self)
  end
  local make = maker_for("result", form, kinds, names, refuse, plain)
  local is_closing = ffi.cast(BYTE, packed) + IS_CLOSING
  return make(self, packed, format, is_closing, new_window(kinds, format, form == "values"))
end

local function plain_values(result, from)
  return result.packed:values(from)
end

--- Makes an iterator over the values of a packed result's rows.
---@param result lunasa.Result
---@return fun(): any ...
function rows_ahead.values(result)
  return open_result(result, "values", raise_closed, plain_values)
end

--- Makes an iterator over a packed result's rows.
---@param result lunasa.Result
---@param plain fun(result: lunasa.Result, from?: integer): function one for which C makes rows
---@return fun(): table?
function rows_ahead.rows(result, plain)
  return open_result(result, form_of(result.format), refuse_closed, plain)
end

--- Makes an iterator, nil where C is to make the rows.
local function open_stream(stream, form, plain, rewind, find_rows)
  local format = stream.format
  local has_many = stream.packed and (stream.is_partial or stream.count >= SOME)
  local kinds, names = nil, nil
  if has_many and not stream.open.ended then
    kinds, names = shape_of(stream.packed, format)
  end
  if not kinds then
    return nil
  end

  -- Whether the rows of a batch are such as the code is for.
  local function come_to_batch()
    local packed = stream.packed
    local found_kinds, found_names = shape_of(packed, stream.format)
    packed:step() -- whatever a finalizer does now is seen by who calls
    local has_names = form ~= "dicts" or found_names == names
    return found_kinds == kinds and has_names and stream.format == format
  end

  local make = maker_for("stream", form, kinds, names, rewind, find_rows, plain)
  return make(stream, come_to_batch, new_window(kinds, format))
end

--- Makes an iterator over the values of a stream's rows, nil where C is to make them.
---@param stream lunasa.Stream
---@param plain fun(stream: lunasa.Stream): function makes one for which C makes rows
---@param rewind fun(stream: lunasa.Stream) gives back rows that were made and not given
---@param find_rows fun(stream: lunasa.Stream): boolean waits for the next row
---@return (fun(): any ...)?
function rows_ahead.stream_values(stream, plain, rewind, find_rows)
  return open_stream(stream, "values", plain, rewind, find_rows)
end

--- Makes an iterator over a stream's rows, nil where C is to make them.
---@param stream lunasa.Stream
---@param plain fun(stream: lunasa.Stream): function
---@param rewind fun(stream: lunasa.Stream)
---@param find_rows fun(stream: lunasa.Stream): boolean
---@return (fun(): table?)?
function rows_ahead.stream_rows(stream, plain, rewind, find_rows)
  return open_stream(stream, form_of(stream.format), plain, rewind, find_rows)
end

return rows_ahead
