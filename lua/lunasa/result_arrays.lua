--- Columns of a result as FFI arrays.
local errors = require("lunasa.error")
local ffi = require("ffi")
local int = require("lunasa.int")
local null = require("lunasa.null")

local result_arrays = {}

--- C types of FFI arrays, by the letter that the names' metatable has for the column.
local ARRAYS = { d = "double[?]", i = "int64_t[?]", u = "uint64_t[?]" }

--- Fills arrays from rows that were made already, in whatever form their integers are.
local function fill(self, column, cell, values, nulls)
  local floor, parse = math.floor, int.parse
  for i = 1, #self do
    local value, at = cell(self, self[i], column), floor((i - 1) / 8)
    if value == null then
      nulls[at] = nulls[at] + 2 ^ ((i - 1) % 8)
    else
      values[i - 1] = type(value) == "string" and parse(value) or value
    end
  end
end

--- Gives one numeric column as an FFI array, counted from 0, with its length and a bitmap of NULLs.
---@param self lunasa.Result
---@param column integer
---@param cell fun(self: lunasa.Result, row: table, column: integer): any
---@return ffi.cdata* values
---@return integer count
---@return ffi.cdata* nulls
function result_arrays.column(self, column, cell)
  local kind = getmetatable(self.names).kinds:sub(column, column)
  if not ARRAYS[kind] then
    local message = ("column '%s' holds no numbers"):format(self.names[column])
    errors.raise("ProgrammingError", message, nil, 3)
  end
  local count = self.packed and self.packed:count() or #self
  local values = ffi.new(ARRAYS[kind], count)
  local nulls = ffi.new("uint8_t[?]", math.floor(count / 8) + 1)
  if self.packed then
    local bytes = ffi.typeof("uint8_t *")
    self.packed:fill(column, kind, ffi.cast(bytes, values), ffi.cast(bytes, nulls), count)
  else
    fill(self, column, cell, values, nulls)
  end
  return values, count, nulls
end

return result_arrays
