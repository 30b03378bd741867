--- Ways to look at every value of a packed result without keeping any.

local lunasa = require("lunasa")

local touch = {}

--- `sum` is what the compiler cannot leave out.
touch.sum = 0

--- Looks at rows of `id, a, b, s`, as values.
---@param rows lunasa.Result|lunasa.Stream
---@return number check
---@return integer count
function touch.values(rows)
  local ids, sum, count = 0, 0, 0
  for id, a, b, s in rows:values() do
    ids, count = ids + id, count + 1
    sum = sum + a + b + #s
  end
  touch.sum = sum
  return ids, count
end

--- Looks at them by their names.
---@param res lunasa.Result
---@return number check
function touch.dicts(res)
  local ids, sum = 0, 0
  for row in res:rows() do
    ids = ids + row.id
    sum = sum + row.a + row.b + #row.s
  end
  touch.sum = sum
  return ids
end

local WIDE_LOOP = [[
local null, res = ...
local nulls = 0
for %s in res:values() do
  %s
end
return nulls
]]

--- Counts the NULLs of a result with many columns, in a loop that has a variable for each.
---@param res lunasa.Result
---@return integer check
function touch.wide(res)
  local variables, tests = {}, {}
  for i = 1, #res.names do
    variables[i] = "v" .. i
    tests[i] = ("if v%d == null then nulls = nulls + 1 end"):format(i)
  end
  local loop = WIDE_LOOP:format(table.concat(variables, ", "), table.concat(tests, "\n  "))
  return assert(loadstring(loop))(lunasa.null, res)
end

--- Sums a column of numbers in an FFI array, where some are NULL.
local function sum_but_nulls(values, count, bits)
  local sum = 0
  for i = 0, count - 1 do
    if bit.band(bits[bit.rshift(i, 3)], bit.lshift(1, bit.band(i, 7))) == 0 then
      sum = sum + tonumber(values[i])
    end
  end
  return sum
end

--- Sums a column of numbers in an FFI array.
---@param values ffi.cdata*
---@param count integer
---@param bits ffi.cdata*
---@param null_count integer
---@return number sum
function touch.array(values, count, bits, null_count)
  if null_count > 0 then
    return sum_but_nulls(values, count, bits)
  end
  local sum = 0
  for i = 0, count - 1 do
    sum = sum + tonumber(values[i])
  end
  return sum
end

--- Sums the lengths of a column of strings.
---@param values lunasa.Strings
---@param count integer
---@return number sum
function touch.strings(values, count)
  local sum = 0
  for i = 0, count - 1 do
    sum = sum + (values:length(i) or 0)
  end
  return sum
end

--- Looks at `id, a, b, s`, column by column.
---@param res lunasa.Result
---@return number check
function touch.columns(res)
  local columns, count, nulls, null_counts = res:columns({ ffi = true })
  local function sum(name)
    return touch.array(columns[name], count, nulls[name], null_counts[name])
  end
  touch.sum = sum("a") + sum("b") + touch.strings(columns.s, count)
  return sum("id")
end

--- Looks at `id, a, b, s` by column, some rows at a time.
---@param rows lunasa.Result|lunasa.Stream
---@return number check
---@return integer count
function touch.batches(rows)
  local ids, rest, total = 0, 0, 0
  for columns, count, nulls, null_counts in rows:column_batches({ ffi = true }) do
    ids = ids + touch.array(columns.id, count, nulls.id, null_counts.id)
    rest = rest
      + touch.array(columns.a, count, nulls.a, null_counts.a)
      + touch.array(columns.b, count, nulls.b, null_counts.b)
      + touch.strings(columns.s, count)
    total = total + count
  end
  touch.sum = rest
  return ids, total
end

return touch
