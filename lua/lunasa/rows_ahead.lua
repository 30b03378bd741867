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

--- Rows that are decoded at once, and room for bytes of strings: some, and the longest for each.
local MOST_ROWS, BYTES, LONGEST = 32, 4096, core.rows_ahead.longest

local STRING = ("s"):byte()

local shape_of = jit.status() and core.rows_ahead.shape or function() end

local read = ffi.cast("double (*)(void *, void *)", core.rows_ahead.read)

--- What src/lua/rows_ahead.c has of an iterator. Cells are a number each, then where the string
--- begins, then its size.
local Window = ffi.typeof([[struct {
  double next;
  double due;
  uint32_t width, strings, format, few, most, room;
  int32_t at, last;
  double cells[?];
}]])

local IS_CLOSING = core.rows_ahead.is_closing
local AT, CELLS = ffi.offsetof(Window, "at"), ffi.offsetof(Window, "cells")
local BYTE, INT = ffi.typeof("const uint8_t *"), ffi.typeof("int32_t *")
local UINT, DOUBLE = ffi.typeof("uint32_t *"), ffi.typeof("double *")

--- What makes iterators, by their code, and how many there are.
local makers, maker_count = {}, 0

local function maker_of(code, ...)
  local maker = makers[code]
  if maker then
    return maker
  elseif maker_count == MOST_CODE then
    makers, maker_count = {}, 0
  end
  maker = assert(loadstring(code, "=lunasa.rows"))(read, ffi.string, ...)
  for _ = 1, 8 do
    maker() -- when a function has many closures, LuaJIT compiles a loop for all of them
  end
  makers[code], maker_count = maker, maker_count + 1
  return maker
end

--- Memory for rows of `kinds`, and where in it what is.
local function new_window(kinds, format, count)
  local width, strings, room = #kinds, 0, 0
  for i = 1, width do
    if kinds:byte(i) == STRING then
      strings, room = strings + 2 ^ (i - 1), room + LONGEST
    end
  end
  room = room > 0 and math.max(room, BYTES) or 0
  local most = math.min(MOST_ROWS, count)
  local window = Window(most * width * 2 + room / 8)
  window.width, window.strings, window.format = width, strings, format
  window.few, window.most, window.room = 4, most, room
  window.due = 256
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

--- Gives an iterator over the values of a result's rows, nil where C is to make them.
---@param packed userdata
---@param format integer
---@param count integer of its rows
---@return (fun(): any ...)?
function rows_ahead.values(packed, format, count)
  local kinds = count >= SOME and shape_of(packed, format)
  if not kinds then
    return nil
  end
  local make = maker_of(rows_ahead_code.values("result", kinds), raise_closed)
  return make(packed, format, IS_CLOSING + ffi.cast(BYTE, packed), new_window(kinds, format, count))
end

--- What makes iterators that give tables, by the names of columns: quicker to find than by code.
local weak = { __mode = "k" }
local named = { result = setmetatable({}, weak), stream = setmetatable({}, weak) }

local function tables_of(source, kinds, names, format, ...)
  if format_of.is_array(format) then
    return maker_of(rows_ahead_code.rows(source, kinds), ...)
  end
  local maker = named[source][names]
  if not maker then
    maker = maker_of(rows_ahead_code.rows(source, kinds, names), ...)
    named[source][names] = maker
  end
  return maker
end

--- Gives an iterator over a result's rows, nil where C is to make them.
---@param packed userdata
---@param format integer
---@param count integer of its rows
---@return (fun(): table?)?
function rows_ahead.rows(packed, format, count)
  local kinds, names = nil, nil
  if count >= SOME then
    kinds, names = shape_of(packed, format)
  end
  if not kinds then
    return nil
  end
  local make = tables_of("result", kinds, names, format, refuse_closed)
  return make(packed, format, IS_CLOSING + ffi.cast(BYTE, packed), new_window(kinds, format, count))
end

--- Looks at a batch that a stream has come to. Gives another iterator where its rows are of
--- another kind.
local function adopt(stream, kinds, names, format, plain)
  local packed = stream.packed
  local found_kinds, found_names = shape_of(packed, stream.format)
  packed:step() -- whatever a finalizer does now is seen by who calls
  if found_kinds ~= kinds or names and found_names ~= names or stream.format ~= format then
    return plain(stream)
  end
end

local function open_stream(make, stream, kinds, names, plain)
  local format = stream.format
  local window, state, numbers, offsets, sizes, bytes = new_window(kinds, format, MOST_ROWS)
  local function come_to_batch()
    return adopt(stream, kinds, names, format, plain)
  end
  return make(stream, come_to_batch, window, state, numbers, offsets, sizes, bytes)
end

local function shape_of_stream(stream)
  local has_many = stream.packed and (stream.is_partial or stream.count >= SOME)
  if has_many and not stream.open.ended then
    return shape_of(stream.packed, stream.format)
  end
end

--- Gives an iterator over the values of a stream's rows, nil where C is to make them.
---@param stream lunasa.Stream
---@param plain fun(stream: lunasa.Stream): function makes the iterator for which C makes rows
---@param rewind fun(stream: lunasa.Stream) gives back rows that were made and not given
---@param find_rows fun(stream: lunasa.Stream): boolean waits for the next row
---@return (fun(): any ...)?
function rows_ahead.stream_values(stream, plain, rewind, find_rows)
  local kinds = shape_of_stream(stream)
  if not kinds then
    return nil
  end
  local make = maker_of(rows_ahead_code.values("stream", kinds), rewind, find_rows)
  return open_stream(make, stream, kinds, nil, plain)
end

--- Gives an iterator over a stream's rows, nil where C is to make them.
---@param stream lunasa.Stream
---@param plain fun(stream: lunasa.Stream): function
---@param rewind fun(stream: lunasa.Stream)
---@param find_rows fun(stream: lunasa.Stream): boolean
---@return (fun(): table?)?
function rows_ahead.stream_rows(stream, plain, rewind, find_rows)
  local kinds, names = shape_of_stream(stream)
  if not kinds then
    return nil
  end
  local make = tables_of("stream", kinds, names, stream.format, rewind, find_rows)
  return open_stream(make, stream, kinds, names, plain)
end

return rows_ahead
