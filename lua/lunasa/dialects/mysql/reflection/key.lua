--- Keys and constraints as SHOW CREATE TABLE defines them.
local NULL = require("lunasa.null")

local key = {}

--- `ON DELETE SET NULL`.
local ACTIONS = { "CASCADE", "RESTRICT", "SET NULL", "NO ACTION", "SET DEFAULT" }

--- One part of a key: a column, the beginning of one, or an expression.
local function read_part(scanner, found)
  local at = #found.column_names + 1
  local is_expression = scanner:sees("(")
  local text = is_expression and scanner:group() or scanner:name()
  if scanner:accept("WITHOUT", "OVERLAPS") then
    found.period = text
    return
  end
  found.column_names[at], found.expressions[at] = is_expression and NULL or text, text
  found.has_expressions = found.has_expressions or is_expression
  if not is_expression and scanner:accept("(") then
    found.lengths[text] = tonumber(scanner:word())
    scanner:expect(")")
  end
  if not scanner:accept("ASC") and scanner:accept("DESC") then
    found.sorting[text] = { "desc" }
  end
end

local function read_parts(scanner)
  local found = { column_names = {}, expressions = {}, lengths = {}, sorting = {} }
  scanner:expect("(")
  repeat
    read_part(scanner, found)
  until not scanner:accept(",")
  scanner:expect(")")
  return found
end

--- What an engine of MariaDB knows: `` `M`=8 ``.
local function read_attribute(scanner, options)
  local first = scanner.at
  local name = scanner:name()
  if scanner:accept("=") then
    options["mysql_" .. name:lower()] = scanner:word()
  else
    scanner:warn("a key has '%s', which lunasa does not know", scanner:text(first, first))
  end
end

--- What may stand behind the columns of a key.
local function read_options(scanner, options)
  while not scanner:is_over() do
    if scanner:accept("USING") then
      options.mysql_using = scanner:word()
    elseif scanner:accept("COMMENT") then
      options.mysql_comment = scanner:string()
    elseif scanner:accept("WITH", "PARSER") then
      options.mysql_with_parser = scanner:name()
    elseif scanner:accept("INVISIBLE") or scanner:accept("IGNORED") then
      options.mysql_visible = false
    elseif scanner:accept("KEY_BLOCK_SIZE", "=") then
      options.mysql_key_block_size = tonumber(scanner:word())
    else
      read_attribute(scanner, options)
    end
  end
end

--- Adds what the parts of a key say, and gives how they are sorted; nil for upwards.
local function finish(found, options)
  options.mysql_length = next(found.lengths) and found.lengths or nil
  options.mysql_without_overlaps = found.period
  return next(found.sorting) and found.sorting or nil
end

--- Reads what stands behind PRIMARY KEY.
---@param scanner lunasa.sa.mysql.Scanner
---@return table description
function key.primary(scanner)
  local options = {}
  if scanner:accept("USING") then
    options.mysql_using = scanner:word()
  end
  local found = read_parts(scanner)
  read_options(scanner, options)
  return {
    constrained_columns = found.column_names,
    column_sorting = finish(found, options),
    dialect_options = options,
  }
end

--- Reads what stands behind KEY.
---@param scanner lunasa.sa.mysql.Scanner
---@param prefix? "UNIQUE"|"FULLTEXT"|"SPATIAL"|"VECTOR"
---@return table description
function key.index(scanner, prefix)
  local options, name = {}, scanner:name()
  if scanner:accept("USING") then
    options.mysql_using = scanner:word()
  end
  local found = read_parts(scanner)
  if prefix and prefix ~= "UNIQUE" then
    options.mysql_prefix = prefix
  end
  read_options(scanner, options)
  return {
    name = name,
    column_names = found.column_names,
    expressions = found.has_expressions and found.expressions or nil,
    column_sorting = finish(found, options),
    unique = prefix == "UNIQUE",
    dialect_options = options,
  }
end

local function read_names(scanner)
  local names = {}
  scanner:expect("(")
  repeat
    names[#names + 1] = scanner:name()
  until not scanner:accept(",")
  scanner:expect(")")
  return names
end

local function read_action(scanner)
  for _, words in ipairs(ACTIONS) do
    local first, second = words:match("^(%u+) ?(%u*)$")
    if second == "" and scanner:accept(first) or scanner:accept(first, second) then
      return words
    end
  end
  return scanner:word()
end

--- Reads what stands behind FOREIGN KEY.
---@param scanner lunasa.sa.mysql.Scanner
---@param name? string of the constraint
---@return table description
function key.foreign(scanner, name)
  local found = { name = name, options = {} }
  found.constrained_columns = read_names(scanner)
  if not scanner:accept("REFERENCES") then
    scanner:fail("REFERENCES")
  end
  found.referred_table = scanner:name()
  if scanner:accept(".") then
    found.referred_schema, found.referred_table = found.referred_table, scanner:name()
  end
  found.referred_columns = read_names(scanner)
  while not scanner:is_over() do
    if scanner:accept("ON", "DELETE") then
      found.options.ondelete = read_action(scanner)
    elseif scanner:accept("ON", "UPDATE") then
      found.options.onupdate = read_action(scanner)
    elseif scanner:accept("MATCH") then
      found.options.match = scanner:word()
    else
      scanner:fail("an action of the foreign key")
    end
  end
  return found
end

--- Reads what stands behind CHECK.
---@param scanner lunasa.sa.mysql.Scanner
---@param name? string of the constraint
---@return table description
function key.check(scanner, name)
  local found = { name = name, sqltext = scanner:group(), dialect_options = {} }
  if scanner:accept("NOT", "ENFORCED") then
    found.dialect_options.mysql_enforced = false
  end
  return found
end

return key
