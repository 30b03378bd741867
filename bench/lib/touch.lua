--- Ways to look at every value of a packed result without keeping any.

local lunasa = require("lunasa")

local touch = {}

--- `sum` is what the compiler cannot leave out.
touch.sum = 0

--- Looks at rows of `id, a, b, s`, as values.
---@param res lunasa.Result
---@return number check
function touch.values(res)
  local ids, sum = 0, 0
  for id, a, b, s in res:values() do
    ids = ids + id
    sum = sum + a + b + #s
  end
  touch.sum = sum
  return ids
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

--- Sums a column of numbers in an FFI array, and its NULLs.
---@param res lunasa.Result
---@param column string|integer
---@return number sum
---@return integer nulls
function touch.array(res, column)
  local values, count, bits = res:column(column, { ffi = true })
  local sum, nulls = 0, 0
  for i = 0, count - 1 do
    if bit.band(bits[bit.rshift(i, 3)], bit.lshift(1, bit.band(i, 7))) == 0 then
      sum = sum + tonumber(values[i])
    else
      nulls = nulls + 1
    end
  end
  return sum, nulls
end

--- Sums the lengths of a column of strings, and its NULLs.
---@param res lunasa.Result
---@param column string|integer
---@return number sum
---@return integer nulls
function touch.strings(res, column)
  local values, null = res:column(column), lunasa.null
  local sum, nulls = 0, 0
  for i = 1, #values do
    local value = values[i]
    if value == null then
      nulls = nulls + 1
    else
      sum = sum + #value
    end
  end
  return sum, nulls
end

--- Looks at `id, a, b, s`, column by column.
---@param res lunasa.Result
---@return number check
function touch.columns(res)
  local ids = touch.array(res, "id")
  touch.sum = touch.array(res, "a") + touch.array(res, "b") + touch.strings(res, "s")
  return ids
end

return touch
