--- Text that is SQL already: constants, literal columns, and `text()` with its parameters.
local bind = require("lunasa.sa.expression.bind")
local class = require("lunasa.sa.class")
local compound = require("lunasa.sa.expression.compound")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local types = require("lunasa.sa.type")

local text = {}

local Expression = element.Expression

--- NULL, true and false as words.
local Constant = class("Constant", Expression)
Constant.kind = "constant"

local function constant(name, type)
  return setmetatable(
    { name = name, type = type, sh = shape.of("constant", name, false) },
    Constant
  )
end

local NULL_WORD = constant("null", generic.NullType())
local TRUE, FALSE = constant("true", generic.Boolean()), constant("false", generic.Boolean())

compound.opposite = { ["true"] = FALSE, ["false"] = TRUE }

--- The SQL word NULL.
function text.null()
  return NULL_WORD
end

--- The SQL word for true.
function text.true_()
  return TRUE
end

--- The SQL word for false.
function text.false_()
  return FALSE
end

local read_literal_column = options_of("literal_column", "type_")

--- `literal_column("x + 1")`: text as an expression, written as it is.
local LiteralColumn = class("LiteralColumn", Expression)
LiteralColumn.kind = "literal_column"

---@param sql string
---@param options? { type_: lunasa.sa.Type }
function text.literal_column(sql, options)
  if type(sql) ~= "string" then
    mistake.raise("ArgumentError", ("literal_column needs a string, got a %s"):format(type(sql)))
  end
  local given = options
  if type(options) == "table" and not options.is_type then
    given = read_literal_column(options).type_
  end
  local type_ = types.option(given, "literal_column") or generic.NullType()
  return setmetatable({
    text = sql,
    type = type_,
    sh = shape.of("literal_column", sql, type_.sh),
  }, LiteralColumn)
end

function LiteralColumn:result_name()
  return self.text:match("^[%a_][%w_]*$")
end

--- SQL with parameters written `:name`.
---@class lunasa.sa.Text: lunasa.sa.Expression
---@field parts (string|lunasa.sa.Bind)[] text, and the parameters between
local Text = class("Text", Expression)
Text.kind = "text"
Text.type = generic.NullType()
text.Text = Text

--- Splits at `:name`. A colon after a word character or another colon, or behind a backslash, is a
--- colon.
local function split(sql)
  local parts, from, at = {}, 1, 1
  local function is_in_quotes(position)
    local _, count = sql:sub(1, position):gsub("'", "")
    return count % 2 == 1
  end
  while true do
    local colon = sql:find(":", at, true)
    if not colon then
      break
    end
    local before, name = sql:sub(colon - 1, colon - 1), sql:match("^[%a_][%w_]*", colon + 1)
    if before == "\\" then
      parts[#parts + 1] = sql:sub(from, colon - 2) .. ":"
      from = colon + 1
    elseif
      name
      and not before:find("[%w_:]")
      and sql:sub(colon + 1 + #name, colon + 1 + #name) ~= ":"
    then
      parts[#parts + 1] = sql:sub(from, colon - 1)
      local made = bind.bindparam(name)
      made.is_in_quotes = is_in_quotes(colon)
      parts[#parts + 1] = made
      from = colon + 1 + #name
    end
    at = math.max(colon + 1, from)
  end
  parts[#parts + 1] = sql:sub(from)
  return parts
end

local function shape_of(sql, parts)
  local sh = shape.of("text", sql, false)
  for _, part in ipairs(parts) do
    if type(part) == "table" then
      sh = shape.of("part", sh, part.sh)
    end
  end
  return sh
end

--- SQL as it is, a statement or a part of one; `:name` stands for a parameter.
---@param sql string
---@return lunasa.sa.Text
function text.text(sql)
  if type(sql) ~= "string" then
    mistake.raise("ArgumentError", ("text needs a string, got %s"):format(type(sql)))
  end
  local parts = split(sql)
  return setmetatable({ sql = sql, parts = parts, sh = shape_of(sql, parts) }, Text)
end

local function with_parts(self, given)
  local parts, used = {}, {}
  for i, part in ipairs(self.parts) do
    local replacement = type(part) == "table" and given[part.key]
    if replacement then
      used[part.key] = true
    end
    parts[i] = replacement or part
  end
  for name in pairs(given) do
    if not used[name] then
      local message = ("this text has no parameter ':%s'"):format(name)
      mistake.raise("ArgumentError", message)
    end
  end
  return setmetatable({ sql = self.sql, parts = parts, sh = shape_of(self.sql, parts) }, Text)
end

--- Gives the parameters values, `bindparams{id = 1}`, or types, `bindparams(bindparam("id", …))`.
---@param ... table
---@return lunasa.sa.Text
function Text:bindparams(...)
  local given = {}
  for i = 1, select("#", ...) do
    local one = select(i, ...)
    if type(one) ~= "table" or one.is_element and not (one.kind == "bind" and one.key) then
      mistake.raise("ArgumentError", "bindparams needs values by name, or sa.bindparam()")
    elseif one.kind == "bind" then
      given[one.key] = one
    else
      for name, value in pairs(one) do
        given[name] = bind.bindparam(name, value, {})
      end
    end
  end
  return with_parts(self, given)
end

function Text:self_group()
  return self
end

--- Says which columns the text selects: `columns(column("id", Integer), …)` in their order, or
--- `columns{ id = Integer }`. It can stand in FROM then.
function Text:columns(...)
  return require("lunasa.sa.selectable.text_select").new(self, ...)
end

--- A name without a table: `column("x")`.
local NamedColumn = class("NamedColumn", Expression)
NamedColumn.kind = "column"

---@param name string
---@param type_? lunasa.sa.Type
function text.column(name, type_)
  local own = types.option(type_, "column") or generic.NullType()
  return setmetatable({
    name = name,
    key = tostring(name),
    type = own,
    sh = shape.of("named_column", shape.name(name), own.sh),
  }, NamedColumn)
end

function NamedColumn:result_name()
  return tostring(self.name)
end

function NamedColumn:collect_froms(found)
  if self.table then
    found[#found + 1] = self.table
  end
end

return text
