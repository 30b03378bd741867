--- The rows that the insert workloads send.

local inserts = {}

--- b is never integral: drivers whose language has one type of number would bind such rows as
--- another type, and MariaDB's bulk packets would fall apart.
---@param n integer
---@return table[]
function inserts.rows(n)
  local rows = {}
  for i = 1, n do
    rows[i] = { i * 7919, i + 0.25, ("row-%d-xxxxxxxxxxxxxxxxxxxx"):format(i) }
  end
  return rows
end

return inserts
