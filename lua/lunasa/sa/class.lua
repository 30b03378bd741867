--- Classes of the SQL language: tables in which instances find their methods, and in their parents.

--- Makes a class. Metamethods are copied from the parent, since Lua does not look for them by
--- `__index`; a parent has them before its children are made.
---@param name string
---@param parent? table
---@return table
return function(name, parent)
  local self = { __name = "lunasa.sa." .. name }
  for key, value in pairs(parent or {}) do
    if key:sub(1, 2) == "__" and key ~= "__name" then
      self[key] = value
    end
  end
  self.__index = self
  return setmetatable(self, { __index = parent })
end
