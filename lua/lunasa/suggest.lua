--- The nearest known name to one that was mistyped: "did you mean 'user'?".
local suggest = {}

--- Names longer than this are not compared: the work grows with the square of the length.
local LONGEST = 64

--- Makes names comparable that differ in case or in the choice of separator only.
local function folded(name)
  return (name:lower():gsub("[-_. ]", "_"))
end

--- Counts the single edits that turn one name into the other: a letter added, dropped or replaced,
--- or two neighbours exchanged (optimal string alignment).
---@param a string
---@param b string
---@return integer edits
function suggest.distance(a, b)
  local before_last, last = {}, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before_last[j - 2] + 1)
      end
    end
    before_last, last = last, row
  end
  return last[#b]
end

--- Finds the candidate that `name` was probably meant to be. One edit is forgiven per three
--- letters, at least one; of equally near candidates the first wins.
---@param name any
---@param candidates string[]
---@return string? candidate nil when nothing is near, or `name` is not a usable string
function suggest.nearest(name, candidates)
  if type(name) ~= "string" or #name > LONGEST then
    return nil
  end
  local wanted = folded(name)
  local nearest, fewest = nil, math.max(1, math.floor(#name / 3)) + 1
  for _, candidate in ipairs(candidates) do
    if math.abs(#candidate - #name) < fewest then
      local edits = suggest.distance(wanted, folded(candidate))
      if edits < fewest then
        nearest, fewest = candidate, edits
      end
    end
  end
  return nearest
end

--- Phrases the suggestion as the end of an error message.
---@param name any
---@param candidates string[]
---@return string phrase " — did you mean 'user'?", or "" when nothing is near
function suggest.phrase(name, candidates)
  local nearest = suggest.nearest(name, candidates)
  return nearest and (" — did you mean '%s'?"):format(nearest) or ""
end

--- Phrases the suggestion of one of a table's keys.
---@param name any
---@param map table<string, any>
---@return string phrase
function suggest.among(name, map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return suggest.phrase(name, keys)
end

return suggest
