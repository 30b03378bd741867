--- What SHOW CREATE TABLE says, as tokens.
---
--- Names are in backticks, or in quotes under ANSI_QUOTES, or bare where they need neither and
--- sql_quote_show_create is off. Strings have backslashes whatever the SQL mode is. What stands in
--- version comments, `/*!80023 INVISIBLE */`, counts like everything else.
local class = require("lunasa.sa.class")
local errors = require("lunasa.error")

local scan = {}

---@class lunasa.sa.mysql.Token
---@field kind "name"|"string"|"word"|"sign"
---@field value string of a name or a string what it says; of a word its capital letters
---@field from integer first byte in the text
---@field to integer last one

---@class lunasa.sa.mysql.Scanner
---@field source string
---@field tokens lunasa.sa.mysql.Token[]
---@field at integer index of the next token
---@field warnings string[] what nobody understood
local Scanner = class("Scanner")

local ESCAPES = { ["0"] = "\0", b = "\b", n = "\n", r = "\r", t = "\t", Z = "\26" }

--- The end of what a quote begins: a doubled one is part of it.
local function quoted_end(source, from, quote)
  local at = from + 1
  while true do
    local found = source:find(quote, at, true)
    if not found then
      return nil
    elseif source:sub(found + 1, found + 1) ~= quote then
      return found
    end
    at = found + 2
  end
end

local function string_end(source, from)
  local at = from + 1
  while true do
    local found = source:find("['\\]", at)
    if not found then
      return nil
    elseif source:byte(found) == 92 or source:sub(found + 1, found + 1) == "'" then
      at = found + 2
    else
      return found
    end
  end
end

local function string_value(raw)
  return (
    raw:gsub("''", "'"):gsub("\\(.)", function(letter)
      return ESCAPES[letter] or letter
    end)
  )
end

--- What begins a token, in the order in which it is tried; each gives the kind, the value and the
--- last byte.
local function next_token(source, from)
  local first = source:sub(from, from)
  if first == "`" or first == '"' then
    local to = quoted_end(source, from, first)
    if to then
      return "name", (source:sub(from + 1, to - 1):gsub(first .. first, first)), to
    end
  elseif first == "'" then
    local to = string_end(source, from)
    if to then
      return "string", string_value(source:sub(from + 1, to - 1)), to
    end
  end
  local word = source:match("^[%w_$\128-\255]+", from)
  if word then
    return "word", word:upper(), from + #word - 1
  end
  return "sign", first, from
end

--- Where the next token begins; version comments are left open, others are passed over.
local function skip(source, from)
  local at = from
  while true do
    at = source:find("%S", at)
    if not at then
      return nil
    end
    local _, to = source:find("^/%*M?!%d*", at)
    if not to then
      _, to = source:find("^%*/", at)
    end
    if not to then
      _, to = source:find("^/%*.-%*/", at)
    end
    if not to then
      return at
    end
    at = to + 1
  end
end

---@param source string
---@return lunasa.sa.mysql.Scanner
function scan.new(source)
  local tokens, at = {}, skip(source, 1)
  while at do
    local kind, value, to = next_token(source, at)
    tokens[#tokens + 1] = { kind = kind, value = value, from = at, to = to }
    at = skip(source, to + 1)
  end
  return setmetatable({ source = source, tokens = tokens, at = 1, warnings = {} }, Scanner)
end

--- Raises: the text is none that a server writes.
function Scanner:fail(wanted)
  local token = self.tokens[self.at]
  local near = token and self.source:sub(token.from, token.from + 40) or "the end"
  local message = "cannot read what the server says about the table: %s is missing before '%s'"
  errors.raise("InvalidRequestError", message:format(wanted, near))
end

--- Tells whether the next tokens are these words or signs.
---@param ... string
---@return boolean
function Scanner:sees(...)
  for i = 1, select("#", ...) do
    local token = self.tokens[self.at + i - 1]
    local is_plain = token and (token.kind == "word" or token.kind == "sign")
    if not is_plain or token.value ~= select(i, ...) then
      return false
    end
  end
  return true
end

--- Passes over these words or signs when they are next.
---@param ... string
---@return boolean
function Scanner:accept(...)
  local is_seen = self:sees(...)
  if is_seen then
    self.at = self.at + select("#", ...)
  end
  return is_seen
end

function Scanner:expect(sign)
  if not self:accept(sign) then
    self:fail("'" .. sign .. "'")
  end
end

local function of_kind(kind, wanted)
  return function(self)
    local token = self.tokens[self.at]
    if not token or token.kind ~= kind then
      self:fail(wanted)
    end
    self.at = self.at + 1
    return token.value
  end
end

--- The next word, in capitals.
Scanner.word = of_kind("word", "a word")
--- The next string, without its quotes.
Scanner.string = of_kind("string", "a string")

--- The next name, in quotes or not.
---@return string
function Scanner:name()
  local token = self.tokens[self.at]
  if not token or token.kind ~= "name" and token.kind ~= "word" then
    self:fail("a name")
  end
  self.at = self.at + 1
  return token.kind == "name" and token.value or self.source:sub(token.from, token.to)
end

--- A token as any session reads it: names in backticks, quotes of strings doubled.
local function neutral(self, token)
  local raw = self.source:sub(token.from, token.to)
  if token.kind == "name" then
    return "`" .. token.value:gsub("`", "``") .. "`"
  elseif token.kind ~= "string" then
    return raw
  end
  return (raw:gsub("\\(.)", function(letter)
    return letter == "'" and "''" or nil
  end))
end

--- The text of tokens.
---@param first integer
---@param last integer
---@return string
function Scanner:text(first, last)
  local parts = {}
  for i = first, last do
    local token, before = self.tokens[i], self.tokens[i - 1]
    if i > first and before.to + 1 < token.from then
      parts[#parts + 1] = " "
    end
    parts[#parts + 1] = neutral(self, token)
  end
  return table.concat(parts)
end

--- Passes over what stands in parentheses.
---@return string text of it
function Scanner:group()
  self:expect("(")
  local first, depth = self.at, 1
  while self.tokens[self.at] do
    if self:sees("(") then
      depth = depth + 1
    elseif self:sees(")") then
      depth = depth - 1
    end
    self.at = self.at + 1
    if depth == 0 then
      return self:text(first, self.at - 2)
    end
  end
  self:fail("')'")
end

--- Passes over one token, with what stands in parentheses if it opens some.
function Scanner:step()
  if self:sees("(") then
    self:group()
  elseif not self.tokens[self.at] then
    self:fail("something")
  else
    self.at = self.at + 1
  end
end

--- Tells whether a definition ends here.
function Scanner:is_over()
  return self.tokens[self.at] == nil or self:sees(",") or self:sees(")")
end

--- Passes over an expression that ends before one of the words, or with the definition.
---@param ends table<string, true>
---@return string text
function Scanner:expression(ends)
  local first = self.at
  while not self:is_over() do
    local token = self.tokens[self.at]
    if self.at > first and token.kind == "word" and ends[token.value] then
      break
    end
    self:step()
  end
  return self:text(first, self.at - 1)
end

---@param message string
---@param ... any its parts
function Scanner:warn(message, ...)
  self.warnings[#self.warnings + 1] = message:format(...)
end

return scan
