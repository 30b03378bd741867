--- How the values of parameters are written into the text.
local NULL = require("lunasa.null")
local compiled = require("lunasa.sa.compiler.compiled")
local mistake = require("lunasa.sa.mistake")
local types = require("lunasa.sa.type")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- A value, written into the text, without what would look like the mark of a parameter.
  function Compiler:literal(node)
    return (self:literal_text(node):gsub("\1", "\1\2"))
  end

  --- The value of a parameter that is written into the text.
  local function value_of(self, node)
    local value = node.value
    if node.key and self.given and self.given[node.key] ~= nil then
      value = self.given[node.key]
    end
    if value == nil and node.is_required then
      local message = "bindparam('%s') is written into the text: it needs its value before"
      mistake.raise("CompileError", message:format(node.key))
    end
    return value
  end

  --- One of a list: a value, or a row of them.
  function Compiler:literal_item(item, node)
    if not compiled.is_row(node, item) then
      return self.dialect:literal(item, node.type)
    end
    local parts, kinds = {}, node.types or {}
    for i = 1, #item do
      local kind = kinds[i] and kinds[i].affinity ~= "null" and kinds[i]
      parts[i] = self.dialect:literal(item[i], kind or types.of_value(item[i]))
    end
    return "(" .. table.concat(parts, ", ") .. ")"
  end

  function Compiler:literal_text(node)
    local value = value_of(self, node)
    if node.is_expanding then
      local list = value or {}
      if #list == 0 then
        return self.dialect:empty_list(node)
      end
      local parts = {}
      for i = 1, #list do
        parts[i] = self:literal_item(list[i], node)
      end
      local has_rows = compiled.is_row(node, list[1])
      return (has_rows and self.dialect.tuple_list_head or "") .. table.concat(parts, ", ")
    end
    return self.dialect:literal(value == nil and NULL or value, node.type)
  end
end
