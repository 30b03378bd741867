--- A statement that was compiled: its text, and its parameters.
local NULL = require("lunasa.null")
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local program = require("lunasa.sa.compiler.program")

local compiled = {}

---@class lunasa.sa.Compiled
---@field string? string the text, for who asked a statement for it; lists are as long as its own
---@field params? { n: integer, [integer]: any } that statement's, in the order of the text
---@field dialect lunasa.sa.Dialect
---@field kind string of the statement, "select"
---@field target? lunasa.sa.Table of an INSERT, UPDATE or DELETE
---@field statement? table that was compiled; nil from the cache, where it is any one of its shape
---@field binds lunasa.sa.Bind[] in the order of the text, without values
---@field result lunasa.sa.ResultColumn[]
---@field statement? table that was compiled; nil from the cache: there it is any of its shape
---the numbers of their parameters
---@field collect fun(statement: table, given?: table, is_lenient?: boolean): any[]
---@field count integer of `binds`
---@field fits? fun(statement: table): boolean whether a statement of this shape may have it
---@field is_alone boolean no other statement may have it
---@field text? string nil when a parameter is a list, whose length the text shows
---@field private pieces string[] the text between the parameters
local Compiled = class("Compiled")

--- Splits the text at its marks. What looks like one in the user's own text was made unlike it.
local function split(text, marked)
  local pieces, binds, from = {}, {}, 1
  for before, number, after in text:gmatch("()\1(%d+)\2()") do
    pieces[#pieces + 1] = text:sub(from, before - 1)
    binds[#binds + 1] = marked[tonumber(number)]
    from = after
  end
  pieces[#pieces + 1] = text:sub(from)
  for i, piece in ipairs(pieces) do
    pieces[i] = piece:gsub("\1\2", "\1")
  end
  return pieces, binds
end

--- The text of a statement that has no lists.
local function fixed_text(dialect, pieces, binds)
  local parts = {}
  for i, bind in ipairs(binds) do
    parts[#parts + 1] = pieces[i]
    parts[#parts + 1] = bind.is_in_quotes and "?" or dialect:placeholder(i)
  end
  parts[#parts + 1] = pieces[#pieces]
  return table.concat(parts)
end

local function has_list(binds)
  for _, bind in ipairs(binds) do
    if bind.is_expanding then
      return true
    end
  end
  return false
end

--- What is known of a parameter without its value: a statement that is found again would hold those
--- of the first one of its shape.
local KEPT = {
  "key",
  "type",
  "types",
  "width",
  "is_expanding",
  "is_in_quotes",
  "is_alone",
  "is_negated",
}

local function without_values(binds)
  local described = {}
  for i, bind in ipairs(binds) do
    local one = {}
    for _, name in ipairs(KEPT) do
      one[name] = bind[name]
    end
    described[i] = one
  end
  return described
end

--- The columns of an INSERT of one row, with the numbers of their parameters.
local function numbered_row(row, binds)
  local numbers, numbered = {}, {}
  for i, bind in ipairs(binds) do
    numbers[bind] = i
  end
  for i, pair in ipairs(row) do
    numbered[i] = { pair[1], numbers[pair[2]] }
  end
  return numbered
end

---@param compiler lunasa.sa.Compiler
---@param statement table
---@param text string with marks
---@return lunasa.sa.Compiled
function compiled.new(compiler, statement, text)
  local dialect = compiler.dialect
  local pieces, binds = split(text, compiler.binds)
  local collect, fits, is_alone = program.make(statement, binds, dialect)
  return setmetatable({
    dialect = dialect,
    statement = statement,
    kind = statement.kind,
    target = statement.target,
    pieces = pieces,
    binds = without_values(binds),
    count = #binds,
    result = compiler.result,
    single_row = compiler.single_row and numbered_row(compiler.single_row, binds),
    collect = collect,
    fits = fits,
    is_alone = is_alone,
    text = not has_list(binds) and fixed_text(dialect, pieces, binds) or nil,
  }, Compiled)
end

--- Tells whether an item of a list is a row: plain tables are, where they are no documents.
local function is_row(bind, item)
  if bind.width then
    return true
  end
  local is_plain = type(item) == "table" and getmetatable(item) == nil
  return is_plain and bind.type.affinity ~= "json"
end
compiled.is_row = is_row

--- What turns the values of a list into what is sent; of rows, by the column.
local function processors_of(dialect, bind)
  local found = {}
  for i, type_ in ipairs(bind.types or { bind.type }) do
    found[i] = type_:for_dialect(dialect):bind_processor(dialect) or false
  end
  return found
end

local function check_row(bind, row)
  if type(row) ~= "table" or #row ~= bind.width then
    local message = "a list of rows of %d values is needed, {{1, 'a'}, …}"
    mistake.raise("ArgumentError", message:format(bind.width))
  end
end

--- What is written for a list, and its values behind the others.
local function write_list(dialect, bind, list, write)
  if #list == 0 then
    return dialect:empty_list(bind)
  end
  local parts, head, processors = {}, "", processors_of(dialect, bind)
  for i = 1, #list do
    local item = list[i]
    if is_row(bind, item) then
      if bind.width then
        check_row(bind, item)
      end
      head = dialect.tuple_list_head or ""
      local inner = {}
      for j = 1, #item do
        inner[j] = write(item[j], processors[j])
      end
      parts[i] = "(" .. table.concat(inner, ", ") .. ")"
    else
      parts[i] = write(item, processors[1])
    end
  end
  return head .. table.concat(parts, ", ")
end

--- A list that was given at execution may be anything.
local function checked_list(bind, list)
  if list == NULL then
    return {}
  elseif type(list) ~= "table" or getmetatable(list) ~= nil then
    local message = "the value of bindparam('%s') must be a list, got a %s"
    mistake.raise("ArgumentError", message:format(bind.key, type(list)))
  elseif table.maxn(list) ~= #list then
    local message = "the list of bindparam('%s') has nil in it: write sa.NULL for NULL"
    mistake.raise("ArgumentError", message:format(bind.key))
  end
  return list
end

--- Gives the text for these parameters, with lists as long as they are, and the parameters one by
--- one.
---@param collected any[] as `collect` gave them; may become the parameters
---@return string text
---@return { n: integer, [integer]: any } parameters
function Compiled:expand(collected)
  if self.text then
    collected.n = self.count
    return self.text, collected
  end
  local dialect, parts, values = self.dialect, {}, { n = 0 }
  local is_in_quotes
  local function write(value, process)
    if process and value ~= NULL then
      value = process(value)
    end
    values.n = values.n + 1
    values[values.n] = value == nil and NULL or value
    return is_in_quotes and "?" or dialect:placeholder(values.n)
  end
  for i, bind in ipairs(self.binds) do
    is_in_quotes = bind.is_in_quotes
    parts[#parts + 1] = self.pieces[i]
    if bind.is_expanding then
      parts[#parts + 1] = write_list(dialect, bind, checked_list(bind, collected[i]), write)
    else
      parts[#parts + 1] = write(collected[i])
    end
  end
  parts[#parts + 1] = self.pieces[#self.pieces]
  return table.concat(parts), values
end

--- Gives text and parameters of the statement that was compiled; what must be given and is not, is
--- NULL. What comes from the cache is of many statements: it needs to be told of which.
---@param given? table<string, any> values by name
---@param statement? table
---@return string text
---@return { n: integer, [integer]: any } parameters
function Compiled:construct(given, statement)
  statement = statement or self.statement
  if not statement then
    local message = "many statements of one shape share what sa.compiled gives: name yours, "
      .. "compiled:construct(values, statement)"
    mistake.raise("ArgumentError", message)
  end
  return self:expand(self.collect(statement, given, true))
end

return compiled
