--- Compiled statements, found again by their shape.
---
--- A statement that is kept knows what it was compiled to. One that is built again is found by its
--- shape, an integer: nothing is walked, and no text is made.
local cache = {}

--- Compiled statements per dialect until all are forgotten.
local MOST = 2000

local function of_dialect(dialect)
  local own = dialect.cache
  if not own or own.count >= MOST then
    own = { count = 0, by_shape = {} }
    dialect.cache = own
  end
  return own
end

--- Keys of the parameters of an INSERT or UPDATE, as one text.
local function text_of(keys)
  return keys and table.concat(keys, "\0") or ""
end

--- The one of those for a shape that fits: they differ in which of their parts are one node.
local function fitting(found, statement)
  while found and found.fits and not found.fits(statement) do
    found = found.next
  end
  return found
end

local function find(own, statement, keys)
  local found = own.by_shape[statement.sh]
  if found and keys then
    return fitting(found.by_keys and found.by_keys[text_of(keys)], statement)
  end
  return found and rawget(found, "pieces") and fitting(found, statement) or nil
end

--- Gives what a statement is compiled to.
---@param statement table
---@param dialect lunasa.sa.Dialect
---@param keys? string[] sorted; the columns whose values the execution brings
---@return lunasa.sa.Compiled
function cache.get(statement, dialect, keys)
  local memo = not keys and statement.compiled_by
  if memo and memo.dialect == dialect then
    return memo
  end
  local sh = statement.sh
  local own = sh and of_dialect(dialect)
  local found = own and find(own, statement, keys)
  if not found then
    found = dialect.Compiler:new(dialect, { column_keys = keys }):compile(statement)
    found.statement = nil -- what is kept holds nobody's values
    if own and not found.is_alone then
      cache.keep(own, sh, found, keys)
    end
  end
  if not keys then
    rawset(statement, "compiled_by", found)
  end
  return found
end

function cache.keep(own, sh, compiled, keys)
  own.count = own.count + 1
  if keys == nil then
    local before = own.by_shape[sh]
    compiled.by_keys = before and before.by_keys
    compiled.next = before and rawget(before, "pieces") and before or nil
    own.by_shape[sh] = compiled
    return
  end
  local entry = own.by_shape[sh] or {}
  entry.by_keys = entry.by_keys or {}
  local name = text_of(keys)
  compiled.next = entry.by_keys[name]
  entry.by_keys[name] = compiled
  own.by_shape[sh] = entry
end

return cache
