--- usage: luajit scripts/embed.lua OUTPUT ROOT FILE...
---
--- Writes a C file with the bytecode of Lua modules, line numbers included, and the table
--- LUN_EMBEDDED_LUA of src/runner/embedded.h, sorted by name. FILEs are paths below ROOT.

package.path = arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local table_templates = require("table_templates")

local PER_LINE = 24 -- bytes of bytecode on a line of C

---@param path string such as lunasa/sa/init.lua
---@return string name such as lunasa.sa
local function module_name(path)
  return (path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- Compiles a file. Its chunk is named by the path below ROOT, so that no message depends on where
--- it was built.
local function bytecode_of(root, path)
  local file = assert(io.open(root .. "/" .. path, "rb"))
  local text = file:read("*a")
  file:close()
  return table_templates.restore(string.dump(assert(loadstring(text, "@" .. path)), false))
end

local function to_octal(byte)
  return ("\\%03o"):format(byte:byte())
end

local function write_array(output, index, bytecode)
  output:write(("static const char MODULE_%d[] =\n"):format(index))
  for first = 1, #bytecode, PER_LINE do
    local piece = bytecode:sub(first, first + PER_LINE - 1)
    output:write('    "', (piece:gsub(".", to_octal)), '"\n')
  end
  output:write("    ;\n")
end

local function write_table(output, names)
  output:write("const lun_embedded_lua LUN_EMBEDDED_LUA[] = {\n")
  for index, name in ipairs(names) do
    output:write(('    {"%s", MODULE_%d, sizeof MODULE_%d - 1},\n'):format(name, index, index))
  end
  output:write("    {NULL, NULL, 0},\n};\n")
end

local function main(target, root, ...)
  local paths, names = {}, {}
  for _, path in ipairs({ ... }) do
    local name = module_name(path)
    paths[name] = path
    table.insert(names, name)
  end
  table.sort(names)
  local output = assert(io.open(target, "wb"))
  output:write("// Written by scripts/embed.lua.\n")
  output:write('#include "runner/embedded.h"\n\n#include <stddef.h>\n\n')
  for index, name in ipairs(names) do
    write_array(output, index, bytecode_of(root, paths[name]))
  end
  write_table(output, names)
  assert(output:close())
end

main(...)
