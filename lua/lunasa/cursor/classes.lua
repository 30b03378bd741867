--- The kinds of cursors, under the names that aiomysql gives their classes. Each is a set of
--- options, and sets add up: `lunasa.SSCursor + lunasa.DictCursor + { arraysize = 100 }`.
local errors = require("lunasa.error")

local classes = {}

---@class lunasa.CursorClass
---@operator add(lunasa.CursorClass|lunasa.CursorOptions): lunasa.CursorClass
local Class = { __name = "lunasa.CursorClass" }

--- What is wanted where a class is.
classes.ALLOWED = "lunasa.Cursor, DictCursor, SSCursor, SSDictCursor, DeserializationCursor, a sum "
  .. "of these, or a table of options"

--- Names and options by class, kept out of the classes, which nobody may change.
local names = setmetatable({}, { __mode = "k" })
local options_of = setmetatable({}, { __mode = "k" })

local function new(name, options)
  local class = setmetatable({}, Class)
  names[class], options_of[class] = name, options
  return class
end

--- The classes by name.
---@type table<string, lunasa.CursorClass>
classes.all = {
  Cursor = new("Cursor", {}),
  DictCursor = new("DictCursor", { dict = true }),
  SSCursor = new("SSCursor", { unbuffered = true }),
  SSDictCursor = new("SSDictCursor", { dict = true, unbuffered = true }),
  DeserializationCursor = new("DeserializationCursor", { json = "decode" }),
}

for name, class in pairs(classes.all) do
  classes[name] = class
end

--- Gives the options that a class, the name of one, or a table stands for; nil for anything else.
--- They are not to be changed.
---@param value any
---@return table?
function classes.options(value)
  local class = type(value) == "string" and classes.all[value] or value
  return options_of[class] or type(class) == "table" and class or nil
end

--- Tells whether a value is a class.
---@param value any
---@return boolean
function classes.is_class(value)
  return options_of[value] ~= nil
end

--- Puts options together; later ones win.
---@param first table
---@param second table
---@return table
function classes.merge(first, second)
  local merged = {}
  for _, options in ipairs({ first, second }) do
    for name, value in pairs(options) do
      merged[name] = value
    end
  end
  return merged
end

local function name_of(value)
  return names[value] or "{…}"
end

function Class.__add(a, b)
  local first, second = classes.options(a), classes.options(b)
  if not first or not second then
    local wrong = first and b or a
    local message = "a cursor class is added to another, or to a table of options, not to a "
      .. type(wrong)
    errors.raise("ArgumentError", message, nil, 2)
  end
  return new(name_of(a) .. "+" .. name_of(b), classes.merge(first, second))
end

function Class.__index(class, name)
  return options_of[class][name]
end

function Class.__newindex(class)
  local message = "a cursor class is not changed: add to it, as in lunasa.%s + { arraysize = 100 }"
  errors.raise("ArgumentError", message:format(name_of(class)), nil, 2)
end

function Class.__tostring(class)
  return "lunasa." .. name_of(class)
end

return classes
