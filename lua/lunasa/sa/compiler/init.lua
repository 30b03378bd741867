--- The compiler: a statement becomes text and the list of its parameters, in the order of the text.
---
--- Each kind of node has a method here, in a file of its group; a dialect's compiler is a child
--- that overrides what it writes in another way. Methods return text. A parameter is written as a
--- mark and gets its placeholder at the end, because its place in the text is known only then.
local class = require("lunasa.sa.class")
local compiled = require("lunasa.sa.compiler.compiled")
local mistake = require("lunasa.sa.mistake")

---@class lunasa.sa.Compiler
---@field dialect lunasa.sa.Dialect
---@field binds lunasa.sa.Bind[] by the number in their mark
---@field stack table[] the statements that are being written, the innermost last
---@field is_literal boolean values are written into the text
---@field has_table_names boolean columns are written with their table
---@field column_keys? table<string, true> of an INSERT or UPDATE without values
local Compiler = class("Compiler")

---@param dialect lunasa.sa.Dialect
---@param options? { literal_binds?: boolean, column_keys?: string[] }
---@return lunasa.sa.Compiler
function Compiler:new(dialect, options)
  options = options or {}
  return setmetatable({
    dialect = dialect,
    binds = {},
    stack = {},
    names = {},
    counters = {},
    ctes = {},
    is_literal = options.literal_binds or false,
    has_table_names = true,
    column_keys = options.column_keys,
  }, self)
end

--- Writes a node.
---@param node table
---@param ... any what its parent tells it
---@return string
function Compiler:process(node, ...)
  local visit = self[node.kind]
  if not visit then
    local message = ("%s cannot write '%s'"):format(self.dialect.name, tostring(node.kind))
    mistake.raise("UnsupportedCompilationError", message)
  elseif rawget(node, "bound") then
    self:take_values(node.bound)
  end
  return visit(self, node, ...)
end

--- Remembers values of `params{}`, for parameters that are written into the text; those of what
--- is around go before.
function Compiler:take_values(bound)
  local given = {}
  for _, values in ipairs({ bound, self.given or {} }) do
    for name, value in pairs(values) do
      given[name] = value
    end
  end
  self.given = given
end

--- Writes several with something between.
---@param nodes table[]
---@param separator string
---@return string
function Compiler:join_all(nodes, separator, ...)
  local parts = {}
  for i = 1, #nodes do
    parts[i] = self:process(nodes[i], ...)
  end
  return table.concat(parts, separator)
end

--- Writes the mark of a parameter.
---@param bind lunasa.sa.Bind
---@return string
function Compiler:mark(bind)
  local binds = self.binds
  binds[#binds + 1] = bind
  return ("\1%d\2"):format(#binds)
end

--- Gives the name of what has none: its base and a number.
---@param anonymous lunasa.sa.AnonymousName
---@return string
function Compiler:number_name(anonymous)
  local known = self.names[anonymous.of]
  if not known then
    known = {}
    self.names[anonymous.of] = known
  end
  local base = anonymous.base
  if not known[base] then
    known[base] = self:numbered(base:gsub("[%%() $]+", "_"))
  end
  return known[base]
end

--- A base with its next number.
function Compiler:numbered(base)
  local count = (self.counters[base] or 0) + 1
  self.counters[base] = count
  return ("%s_%d"):format(base, count)
end

--- The name of an alias or a subquery.
function Compiler:name_of(from)
  return from.name or self:number_name({ base = self:base_name(from), of = from })
end

function Compiler:base_name(from)
  local inner = from.element
  return inner and inner.is_from and inner.name and tostring(inner.name) or "anon"
end

--- Writes a name, in quotes where it needs them.
---@param name string|table
---@param is_quoted? boolean by force, or never
---@return string
function Compiler:quote(name, is_quoted)
  return self.dialect:quote(name, is_quoted)
end

--- Raises about what this dialect has no words for.
function Compiler:refuse(what)
  mistake.raise("CompileError", ("%s has no %s"):format(self.dialect.title, what))
end

--- Writes a whole statement.
---@param statement table
---@return lunasa.sa.Compiled
function Compiler:compile(statement)
  local ok, text = pcall(self.process, self, statement)
  if not ok and type(text) == "string" and text:find("stack overflow", 1, true) then
    local message = "this statement is nested too deeply: give sa.and_, sa.or_ and functions their "
      .. "operands side by side, or a list to in_"
    mistake.raise("CompileError", message)
  elseif not ok then
    error(text, 0)
  end
  return compiled.new(self, statement, self:with_ctes(text, statement))
end

return Compiler
