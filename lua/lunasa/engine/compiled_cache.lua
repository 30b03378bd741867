--- The option `compiled_cache`: a table that shows which statements were compiled, by statement.
---
--- Compiled statements are found without it, by their shape. In it are those whose parameters all
--- come with the execution, or that have none, as in aiomysql.
local mistake = require("lunasa.sa.mistake")

local compiled_cache = {}

---@class lunasa.CompiledCache
---@field entries table<table, lunasa.sa.Compiled> the user's, or one of its own
---@field count integer of them
---@field most integer of them, until all are forgotten

--- How many there are at most where nobody says so.
local MOST = 500

--- Makes it of what the option was given: a table, or how many statements it may hold.
---@param given? table|integer
---@return lunasa.CompiledCache|false
function compiled_cache.new(given)
  if given == nil or given == false then
    return false
  elseif type(given) == "number" and given >= 1 and given % 1 == 0 then
    return { entries = {}, count = 0, most = given }
  elseif type(given) ~= "table" then
    local message = "option 'compiled_cache' must be a table, or how many statements it holds"
    mistake.raise("ArgumentError", message)
  end
  local count = 0
  for _ in pairs(given) do
    count = count + 1
  end
  return { entries = given, count = count, most = math.max(count, MOST) }
end

--- Tells whether all its parameters come with the execution.
local function is_named(compiled)
  for _, bind in ipairs(compiled.binds) do
    if bind.key == nil then
      return false
    end
  end
  return true
end

--- Notes a statement that is executed.
---@param self lunasa.CompiledCache
---@param statement table
---@param compiled lunasa.sa.Compiled
function compiled_cache.note(self, statement, compiled)
  local entries = self.entries
  if entries[statement] or not is_named(compiled) then
    return
  elseif self.count >= self.most then
    for one in pairs(entries) do
      entries[one] = nil
    end
    self.count = 0
  end
  entries[statement], self.count = compiled, self.count + 1
end

return compiled_cache
