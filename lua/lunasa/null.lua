--- The value that stands for SQL NULL where `nil` would leave a hole.
---
--- It is the light userdata NULL, so it equals `cjson.null` and `ngx.null`. Only C can make one:
--- it comes from `lunasa.core`, or from cjson where the query builder is installed alone. With
--- neither, a userdata of our own serves: no other NULL is about then that it should equal.

--- Loads a module that may be absent. One that is there but broken raises, as `require` does.
local function optional(name)
  local ok, module = pcall(require, name)
  if ok then
    return module
  end
  if not tostring(module):find(("module '%s' not found"):format(name), 1, true) then
    error(module, 0)
  end
  return nil
end

local function stand_in()
  local null = newproxy(true)
  getmetatable(null).__tostring = function()
    return "NULL"
  end
  return null
end

local source = optional("lunasa.core") or optional("cjson")

---@type lightuserdata
local null = source and source.null or stand_in()

return null
