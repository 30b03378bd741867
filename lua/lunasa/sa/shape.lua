--- Small integers for the structure of statements: two trees that differ only in the values of
--- their parameters have the same one, found without walking them.
---
--- Each node asks once, when it is made, with its own kind and the shapes of its parts. A node
--- whose text depends on what stands around it, such as an alias without a name, has no shape:
--- `nil`, and so has everything that contains it.
local mistake = require("lunasa.sa.mistake")

local shape = {}

--- Interned shapes until all are forgotten: text pasted together at run time would fill the memory.
local MOST = 50000

local known, count, last = {}, 0, 0

local function branch(node, key)
  local found = node[key]
  if not found then
    found = {}
    node[key] = found
  end
  return found
end

--- Gives a shape that nothing else has, and that is never given again.
---@return integer
function shape.unique()
  last = last + 1
  return last
end

--- Gives the shape of a kind with two parts. A part is a shape, or text that is part of the
--- statement; `false` stands for a part that is not there, nil for one without a shape.
---@param kind string|integer
---@param left? integer|string|boolean
---@param right? integer|string|boolean
---@return integer?
function shape.of(kind, left, right)
  if left == nil or right == nil or kind == nil then
    return nil
  end
  local node = branch(branch(known, kind), left)
  local found = node[right]
  if not found then
    count = count + 1
    if count > MOST then
      known, count = {}, 1
      node = branch(branch(known, kind), left)
    end
    last = last + 1
    found = last
    node[right] = found
  end
  return found
end

--- Gives the shape of a kind with a list of parts.
---@param kind string|integer
---@param parts { sh?: integer }[]
---@return integer?
function shape.of_list(kind, parts)
  local found = shape.of(kind, #parts, false)
  for i = 1, #parts do
    found = shape.of("part", found, parts[i].sh)
  end
  return found
end

--- Gives what a name is in a shape: whether it is quoted by force is part of it.
---@param name string|table
---@return string
function shape.name(name)
  if type(name) == "table" and name.is_quoted_name then
    return ("%s\0%s"):format(name.text, tostring(name.is_quoted))
  elseif type(name) ~= "string" then
    mistake.raise("ArgumentError", ("a name must be a string, got a %s"):format(type(name)))
  end
  return name
end

return shape
