--- What became of a statement that was run for many rows.
local result = require("lunasa.result")

local outcome = {}

---@class lunasa.ManyRows
---@field rowcount integer of all rows: affected rows, or rows of answers that have some
---@field affected_rows integer of all rows
---@field insert_id integer of the last statement; its first one, when it was for several rows
---@field warning_count integer of all rows
---@field refused_from? integer first row of the batch that was not sent, for what is wrong with one
---@field last? lunasa.Result what the last statement answered
---@field results? lunasa.Result[] all that have rows, of a statement for several rows (RETURNING)

--- Makes the outcome of no row.
---@return lunasa.ManyRows
function outcome.new()
  return { rowcount = 0, affected_rows = 0, insert_id = 0, warning_count = 0 }
end

--- Adds what a statement did.
---@param all lunasa.ManyRows
---@param answer lunasa.Result
function outcome.add(all, answer)
  all.rowcount = all.rowcount + answer.rowcount
  all.affected_rows = all.affected_rows + answer.affected_rows
  all.warning_count = all.warning_count + answer.warning_count
  all.insert_id = answer.insert_id
  all.last = answer
end

--- Adds what a statement for several rows did.
---@param all lunasa.ManyRows
---@param answer lunasa.Result
function outcome.add_several(all, answer)
  outcome.add(all, answer)
  if answer.names then
    all.results = all.results or {}
    table.insert(all.results, answer)
  end
end

--- Gives what can be read afterwards: the rows of all statements for several rows, else what the
--- last row was answered.
---@param all lunasa.ManyRows
---@return lunasa.Result
function outcome.result(all)
  local results = all.results
  if results and #results > 1 then
    return result.join(results)
  end
  return all.last
end

local function range(first, last)
  return first == last and ("row %d"):format(first) or ("rows %d to %d"):format(first, last)
end

--- Says which rows an error is about.
---@param err lunasa.Error
---@param first integer
---@param count integer
---@return lunasa.Error
function outcome.explain(err, first, count)
  err.row = first
  err.message = ("%s: %s"):format(range(first, first + count - 1), err.message)
  return err
end

--- Says what is done already when an error ends the rest.
---@param err lunasa.Error
---@param all lunasa.ManyRows
---@return lunasa.Error
function outcome.conclude(err, all)
  err.affected_rows = all.affected_rows
  local first = err.row and (all.refused_from or err.row)
  if first and first > 1 then
    local before = range(1, first - 1)
    err.message = ("%s (%s executed before)"):format(err.message, before)
  end
  return err
end

return outcome
