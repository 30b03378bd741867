--- Which things stand in FROM of a SELECT: those its parts name, without what a join has inside and
--- what an enclosing SELECT has already (correlation).
local join = require("lunasa.sa.selectable.join")
local mistake = require("lunasa.sa.mistake")

local from_list = {}

local function add_unique(list, seen, one)
  if not seen[one] then
    seen[one] = true
    list[#list + 1] = one
  end
end

local function objects_of(nodes)
  local found = {}
  for _, node in ipairs(nodes) do
    node:collect_froms(found)
  end
  return found
end

--- Tells whether a condition names something that `one` has.
local function is_named(one, onclause)
  local mentioned = {}
  for _, inner in ipairs(objects_of({ onclause })) do
    mentioned[inner] = true
  end
  for _, inner in ipairs(objects_of({ one })) do
    if mentioned[inner] then
      return true
    end
  end
  return false
end

--- Tells whether a join of `right` can start from `one`.
local function is_left_side(one, given)
  if given.onclause then
    return is_named(one, given.onclause)
  end
  return join.condition(one, given.right, given.position) ~= nil
end

--- Raises, or gives which of `candidates` a join can start from: with a single one it always can.
local function left_side(candidates, given)
  local usable, others = {}, {}
  for i, one in ipairs(candidates) do
    if one ~= given.right then
      others[#others + 1] = i
      usable[#usable + 1] = is_left_side(one, given) and i or nil
    end
  end
  local found = #usable == 1 and usable or others
  if #found == 1 or #candidates == 1 then
    return found[1] or 1
  end
  local message = #usable == 0
      and "cannot tell what to join to: give the left side with join_from, or a condition"
    or "several tables could be joined to: give the left side with join_from"
  mistake.raise("InvalidRequestError", message, given.position)
end

--- Tells whether something of FROM is `wanted`, or a join with it inside.
local function has(one, wanted)
  return one == wanted or one.kind == "join" and (has(one.left, wanted) or has(one.right, wanted))
end

--- The side that was said, or the join with it inside, and where it stands or is to stand.
local function explicit_side(froms, left)
  local at
  for i, one in ipairs(froms) do
    at = has(one, left) and i or at
  end
  return at and froms[at] or left, at or #froms + 1
end

--- What a join can start from when nothing is in FROM yet: what the columns name, else what the
--- conditions name.
local function implicit_sides(statement)
  local candidates, seen = {}, {}
  for _, nodes in ipairs({ statement:expressions(), statement.criteria }) do
    if #candidates == 0 then
      for _, one in ipairs(objects_of(nodes)) do
        add_unique(candidates, seen, one)
      end
    end
  end
  return candidates
end

--- Puts the joins of `select:join` together with what is there.
local function with_joins(statement)
  local froms = {}
  for i, one in ipairs(statement.froms) do
    froms[i] = one
  end
  for _, given in ipairs(statement.joins) do
    local left, at
    if given.left then
      left, at = explicit_side(froms, given.left)
    else
      local candidates = #froms > 0 and froms or implicit_sides(statement)
      local found = left_side(candidates, given)
      left, at = candidates[found], #froms > 0 and found or 1
    end
    froms[at] = join.new(left, given.right, given.onclause, given.options, given.position)
  end
  return froms
end

--- Gives everything that the statement names.
---@param statement lunasa.sa.Select
---@return lunasa.sa.From[]
function from_list.all(statement)
  local found, seen = {}, {}
  for _, nodes in ipairs({ statement.given, statement.criteria, with_joins(statement) }) do
    for _, one in ipairs(objects_of(nodes)) do
      add_unique(found, seen, one)
    end
  end
  return found
end

local function without(list, is_out)
  local kept = {}
  for _, one in ipairs(list) do
    if not is_out(one) then
      kept[#kept + 1] = one
    end
  end
  return kept
end

--- A column of a restated CTE belongs to the CTE as it became.
local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do
    set[one] = true
  end
  return set
end

--- Gives what is written in FROM.
---@param statement lunasa.sa.Select
---@param explicit table<table, true> what enclosing SELECTs have, for those who asked for it
---@param implicit table<table, true> and for who did not ask
---@return lunasa.sa.From[]
function from_list.displayed(statement, explicit, implicit)
  local froms, hidden = from_list.all(statement), {}
  for _, one in ipairs(froms) do
    if one.collect_hidden then
      one:collect_hidden(hidden)
    end
  end
  froms = without(froms, function(one)
    return hidden[one]
  end)
  if statement.correlated then
    local wanted = set_of(statement.correlated)
    froms = without(froms, function(one)
      return explicit[one] and wanted[one]
    end)
  elseif statement.not_correlated then
    local kept = set_of(statement.not_correlated)
    froms = without(froms, function(one)
      return explicit[one] and not kept[one]
    end)
  elseif #froms > 1 then
    local left = without(froms, function(one)
      return implicit[one]
    end)
    if #left == 0 then
      local message = "a subquery has nothing left in FROM after correlation: say what with "
        .. "correlate(), or use an alias"
      mistake.raise("InvalidRequestError", message)
    end
    froms = left
  end
  return froms
end

from_list.objects_of = objects_of

return from_list
