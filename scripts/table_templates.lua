--- Gives table constructors in bytecode the room that they have in source.
---
--- LuaJIT makes the table of `{ kind = "x", name = name }` by copying a template. `string.dump`
--- leaves keys out of it whose values are not constant, and tables of a dumped function then grow
--- key by key. The instructions that follow name these keys: they are added with the value nil, as
--- the parser does. A key without a value means nothing to Lua, so one too many changes nothing.
---
--- The format is that of lj_bcdump.h, version 2; other bytecode is returned as it is.

local vmdef = require("jit.vmdef")

local HEADER = "\27LJ\2"
local BIG_ENDIAN, STRIPPED = 1, 2
local GC_CHILD, GC_TABLE, GC_INT64, GC_UINT64, GC_COMPLEX, GC_STRING = 0, 1, 2, 3, 4, 5
local KEY_NIL, KEY_INTEGER, KEY_NUMBER, KEY_STRING = 0, 3, 4, 5

---@class lunasa.bytecode.Template
---@field first integer where it begins in the bytecode
---@field last integer
---@field array integer entries of the array part
---@field hash integer keys in the template
---@field entries string its array entries and keys, as they stand in the bytecode
---@field split integer bytes of `entries` that are array entries
---@field known table<string, true> its string keys
---@field added string[] what it lacks
---@field wanted integer entries that the array part must have

--- A place in the bytecode.
---@class lunasa.bytecode.Cursor
---@field bytes string
---@field at integer of the next byte

---@param cursor lunasa.bytecode.Cursor
---@return integer
local function byte(cursor)
  cursor.at = cursor.at + 1
  return cursor.bytes:byte(cursor.at - 1)
end

--- A number of seven bits a byte, the lowest first.
---@param cursor lunasa.bytecode.Cursor
---@return integer
local function number(cursor)
  local value, factor = 0, 1
  repeat
    local part = byte(cursor)
    value = value + part % 128 * factor
    factor = factor * 128
  until part < 128
  return value
end

---@param value integer
---@return string
local function to_number(value)
  local bytes = ""
  while value >= 128 do
    bytes = bytes .. string.char(value % 128 + 128)
    value = math.floor(value / 128)
  end
  return bytes .. string.char(value)
end

---@param cursor lunasa.bytecode.Cursor
---@param size integer
---@return string
local function text(cursor, size)
  cursor.at = cursor.at + size
  return cursor.bytes:sub(cursor.at - size, cursor.at - 1)
end

--- A key or a value of a template.
---@param cursor lunasa.bytecode.Cursor
---@return string? string
local function entry(cursor)
  local kind = number(cursor)
  if kind >= KEY_STRING then
    return text(cursor, kind - KEY_STRING)
  elseif kind == KEY_NUMBER then
    number(cursor)
    number(cursor)
  elseif kind == KEY_INTEGER then
    number(cursor)
  end
end

---@param cursor lunasa.bytecode.Cursor behind the kind
---@return lunasa.bytecode.Template
local function read_template(cursor)
  local template = { known = {}, added = {}, first = cursor.at }
  template.array, template.hash = number(cursor), number(cursor)
  template.wanted = template.array
  local begin = cursor.at
  for _ = 1, template.array do
    entry(cursor)
  end
  template.split = cursor.at - begin
  for _ = 1, template.hash do
    local key = entry(cursor)
    entry(cursor)
    if key then
      template.known[key] = true
    end
  end
  template.entries = cursor.bytes:sub(begin, cursor.at - 1)
  template.last = cursor.at - 1
  return template
end

---@param cursor lunasa.bytecode.Cursor
---@return string|lunasa.bytecode.Template|nil constant when it is a string or a template
local function read_constant(cursor)
  local kind = number(cursor)
  if kind >= GC_STRING then
    return text(cursor, kind - GC_STRING)
  elseif kind == GC_TABLE then
    return read_template(cursor)
  elseif kind == GC_INT64 or kind == GC_UINT64 then
    number(cursor)
    number(cursor)
  elseif kind == GC_COMPLEX then
    for _ = 1, 4 do
      number(cursor)
    end
  else
    assert(kind == GC_CHILD)
  end
end

---@param opcode integer
---@return string name such as TSETS
local function name_of(opcode)
  return (vmdef.bcnames:sub(opcode * 6 + 1, opcode * 6 + 6):gsub(" ", ""))
end

---@param template lunasa.bytecode.Template
---@param key string
local function add_key(template, key)
  if not template.known[key] then
    template.known[key] = true
    table.insert(template.added, key)
  end
end

--- Looks for what is stored into the table that the instruction before `at` makes in register
--- `made`, until something else may be in that register.
---@param code string
---@param at integer
---@param made integer
---@param template lunasa.bytecode.Template
---@param constant_at fun(operand: integer): any
local function follow(code, at, made, template, constant_at)
  for i = at, #code, 4 do
    local opcode, a, c, b = code:byte(i, i + 3)
    local name = name_of(opcode)
    if name == "TSETS" and b == made then
      add_key(template, constant_at(c))
    elseif name == "TSETB" and b == made and c <= math.max(template.wanted, 1) then
      template.wanted = math.max(template.wanted, c + 1) -- one of a list
    elseif a <= made and not name:find("^TSET") and not name:find("^IS") then
      return
    end
  end
end

---@param code string four bytes for each instruction: opcode, A, and C and B or the two of D
---@param constants table<integer, any> as they stand in the bytecode, the last one first in code
---@param count integer
local function complete_templates(code, constants, count)
  local function constant_at(operand)
    return constants[count - operand]
  end
  for i = 1, #code, 4 do
    local opcode, a, low, high = code:byte(i, i + 3)
    if name_of(opcode) == "TDUP" then
      follow(code, i + 4, a, constant_at(low + 256 * high), constant_at)
    end
  end
end

---@param template lunasa.bytecode.Template
---@return string
local function to_bytes(template)
  local empty = string.char(KEY_NIL)
  local parts = {
    to_number(template.wanted),
    to_number(template.hash + #template.added),
    template.entries:sub(1, template.split),
    empty:rep(template.wanted - template.array),
    template.entries:sub(template.split + 1),
  }
  for _, key in ipairs(template.added) do
    table.insert(parts, to_number(KEY_STRING + #key) .. key .. empty)
  end
  return table.concat(parts)
end

--- One function: its head, its instructions and upvalues, its constants, the rest.
---@param bytes string
---@param is_stripped boolean
---@return string
local function restore_function(bytes, is_stripped)
  local cursor = { bytes = bytes, at = 4 } -- behind flags, parameters and size of the frame
  local upvalues = byte(cursor)
  local constant_count, _, size = number(cursor), number(cursor), number(cursor)
  if not is_stripped and number(cursor) > 0 then
    number(cursor) -- the first line
    number(cursor) -- lines
  end
  local code = text(cursor, size * 4)
  text(cursor, upvalues * 2)

  local constants = {}
  for i = 1, constant_count do
    constants[i] = read_constant(cursor) or false
  end
  complete_templates(code, constants, constant_count)

  local parts, copied = {}, 0
  for i = 1, constant_count do
    local template = constants[i]
    if type(template) == "table" then
      table.insert(parts, bytes:sub(copied + 1, template.first - 1) .. to_bytes(template))
      copied = template.last
    end
  end
  return table.concat(parts) .. bytes:sub(copied + 1)
end

--- Returns `bytecode`, as string.dump made it, with complete templates.
---@param bytecode string
---@return string
local function restore(bytecode)
  local cursor = { bytes = bytecode, at = #HEADER + 1 }
  local flags = number(cursor)
  if bytecode:sub(1, #HEADER) ~= HEADER or flags % 2 == BIG_ENDIAN then
    return bytecode
  end
  local is_stripped = flags % 4 >= STRIPPED
  if not is_stripped then
    text(cursor, number(cursor))
  end
  local parts = { bytecode:sub(1, cursor.at - 1) }
  local size = number(cursor)
  while size > 0 do
    local restored = restore_function(text(cursor, size), is_stripped)
    table.insert(parts, to_number(#restored) .. restored)
    size = number(cursor)
  end
  return table.concat(parts) .. "\0"
end

return { restore = restore }
