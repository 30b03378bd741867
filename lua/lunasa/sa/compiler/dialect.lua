--- What is common to the dialects: names in quotes, values as text, placeholders.
local NULL = require("lunasa.null")
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")

---@class lunasa.sa.Dialect
---@field name string "mysql", "mariadb", "sqlite" or "postgresql"
---@field family string of dialects that share options: "mysql" for MariaDB
---@field title string for messages
---@field reserved table<string, true>
---@field quote_character string
---@field constants table<string, string> null, true and false
---@field has_native_boolean boolean
---@field has_alter boolean ALTER TABLE ADD CONSTRAINT
---@field has_named_types boolean an Enum with a name is one
---@field Compiler lunasa.sa.Compiler
local Dialect = class("Dialect")

Dialect.constants = { null = "NULL", ["true"] = "true", ["false"] = "false" }
Dialect.has_native_boolean = false
Dialect.has_alter = true
Dialect.has_named_types = false
Dialect.quote_character = '"'

--- Makes a dialect out of what sets it apart.
---@param fields table
---@return lunasa.sa.Dialect
function Dialect.new(fields)
  fields.quoted = {}
  return setmetatable(fields, Dialect)
end

--- Tells whether something for one dialect is for this one.
---@param name? string nil: for all
function Dialect:is_named(name)
  return name == nil or name == "*" or name == self.name or name == self.family
end

--- Names remembered per dialect until all are forgotten: labels made at run time would fill it.
local MOST_NAMES = 10000

local function quote_always(self, name)
  local character = self.quote_character
  if name:find("[%z\1\2]") then
    mistake.raise("ArgumentError", "a name cannot have control characters")
  end
  return character .. name:gsub(character, character .. character) .. character
end

local function needs_quotes(self, name)
  return self.reserved[name:lower()]
    or name:find("^[%d$]")
    or name:find("[^%w_$]")
    or name:find("%u") ~= nil
    or name == ""
end

--- Writes a name, in quotes where the dialect needs them.
---@param name string|table
---@param is_quoted? boolean by force, or never
---@return string
function Dialect:quote(name, is_quoted)
  if type(name) == "table" then
    name, is_quoted = name.text, name.is_quoted
  end
  if is_quoted == true then
    return quote_always(self, name)
  elseif is_quoted == false then
    return name
  end
  local known = self.quoted[name]
  if not known then
    self.quoted_count = (self.quoted_count or 0) + 1
    if self.quoted_count > MOST_NAMES then
      self.quoted, self.quoted_count = {}, 1
    end
    known = needs_quotes(self, name) and quote_always(self, name) or name
    self.quoted[name] = known
  end
  return known
end

--- The name of a function keeps its letters.
function Dialect:quote_function(name)
  if name:find("[^%w_$]") then
    return quote_always(self, name)
  end
  return name
end

--- A string as text.
function Dialect:string(value)
  return "'" .. value:gsub("'", "''") .. "'"
end

function Dialect:placeholder()
  return "?"
end

--- What stands in the parentheses of IN for no value.
function Dialect:empty_list(bind)
  if bind.is_alone then
    return self:empty_set()
  end
  local none = bind.width and ("(NULL%s)"):format((", NULL"):rep(bind.width - 1)) or "NULL"
  return none .. (bind.is_negated and ") OR (1 = 1" or ") AND (1 != 1")
end

--- A SELECT without rows, where the list stands behind an IN that is text.
function Dialect.empty_set()
  return "SELECT _in_0 FROM (SELECT 1 AS _in_0) as _empty_set WHERE 1!=1"
end

local NUMBERS = { integer = true, numeric = true, float = true }

--- Integers up to this are exact, and %d writes them.
local EXACT = 2 ^ 53

--- Tells whether text is a number and nothing else, so that it may stand without quotes.
local function is_number(text)
  local digits = text:match("^[+-]?([%d.]+)$") or text:match("^[+-]?([%d.]+)[eE][+-]?%d+$")
  return digits ~= nil and digits:find("^%d*%.?%d*$") ~= nil and digits:find("%d") ~= nil
end

--- A number as text; nil for what is none.
local function number_text(value, type_)
  local kind = type(value)
  if kind == "number" then
    if value ~= value or math.abs(value) == math.huge then
      mistake.raise("ArgumentError", ("%s cannot be written as a number of SQL"):format(value))
    end
    local is_plain = value % 1 == 0 and math.abs(value) <= EXACT
    return (is_plain and "%d" or "%.17g"):format(value)
  elseif kind ~= "cdata" and not NUMBERS[type_.affinity] then
    return nil
  end
  local text = tostring(value):gsub("U?LL$", "")
  return is_number(text) and text or nil
end

--- Raises about what has no text in SQL: tostring gives one for everything.
local function check_writable(value)
  local kind = type(value)
  local has_text = kind == "table" and (getmetatable(value) or {}).__tostring
  if kind == "function" or kind == "thread" or kind == "table" and not has_text then
    mistake.raise("ArgumentError", ("a %s cannot be written as a value of SQL"):format(kind))
  end
end

--- A value as text, for DDL and `literal_binds`.
---@param value any
---@param type_ lunasa.sa.Type
---@return string
function Dialect:literal(value, type_)
  if value == NULL or value == nil then
    return "NULL"
  elseif type_.kind == "decorated" then
    return self:literal(type_:decorate(value, self), type_.impl)
  elseif type_.affinity == "boolean" then
    return self.constants[tostring(value and value ~= 0)]
  end
  local process = type_:for_dialect(self):bind_processor(self)
  if process and not NUMBERS[type_.affinity] then
    value = process(value)
  end
  check_writable(value)
  return number_text(value, type_) or self:string(tostring(value))
end

--- A step or a path into JSON, as MySQL and SQLite write it: `$."a"[0]`.
function Dialect.json_path(_, value)
  local parts = { "$" }
  for _, step in ipairs(type(value) == "table" and value or { value }) do
    parts[#parts + 1] = type(step) == "number" and ("[%d]"):format(step) or ('."%s"'):format(step)
  end
  return table.concat(parts)
end

--- Tells whether the database has a type of its own for an enum.
function Dialect.has_enum()
  return false
end

function Dialect:quote_collation(name)
  return self:quote(name)
end

--- The type in CAST and DDL.
function Dialect:type_text(type_)
  local own = type_:for_dialect(self)
  local write = self.types[own.kind]
  if not write then
    mistake.raise("CompileError", ("%s has no type '%s'"):format(self.title, own.kind))
  end
  return write(self, own)
end

return Dialect
