--- The order in which tables are made, and which foreign keys have to wait until all are there.
local mistake = require("lunasa.sa.mistake")

--- The foreign keys of a table to others that are in the set, each with its target. Those that
--- are deferred are left out.
local function references(one, is_wanted, is_deferred)
  local found = {}
  for _, constraint in ipairs(one.constraints) do
    if constraint.kind == "foreign_key_constraint" and not is_deferred[constraint] then
      local target = constraint.elements[1]:column(true)
      local other = target and target.table
      if other and other ~= one and is_wanted[other] then
        found[#found + 1] = { constraint = constraint, target = other }
      end
    end
  end
  return found
end

--- What is left of tables that wait for each other without those that no other waits for.
local function in_circles(waiting, edges)
  local is_in, count = {}, #waiting
  for _, one in ipairs(waiting) do
    is_in[one] = true
  end
  while true do
    local is_needed, left = {}, 0
    for one in pairs(is_in) do
      for _, edge in ipairs(edges[one]) do
        is_needed[edge.target] = true
      end
    end
    for one in pairs(is_in) do
      is_in[one] = is_needed[one]
    end
    for _ in pairs(is_in) do
      left = left + 1
    end
    if left == count then
      return is_in
    end
    count = left
  end
end

local function names_of(waiting, is_in)
  local names = {}
  for _, one in ipairs(waiting) do
    if is_in[one] then
      names[#names + 1] = ("'%s'"):format(one.full_name)
    end
  end
  return table.concat(names, ", ")
end

--- Takes the foreign keys out of the circles.
local function break_circles(waiting, edges, deferred, may_defer)
  local is_in, is_broken = in_circles(waiting, edges), false
  for _, one in ipairs(waiting) do
    local kept = {}
    for _, edge in ipairs(is_in[one] and edges[one] or {}) do
      if is_in[edge.target] and may_defer and may_defer(edge.constraint) then
        deferred[#deferred + 1], is_broken = edge.constraint, true
      else
        kept[#kept + 1] = edge
      end
    end
    edges[one] = is_in[one] and kept or edges[one]
  end
  if not is_broken then
    local message = "the tables %s refer to each other in a circle: give the foreign keys names, "
      .. "and one of them use_alter = true"
    mistake.raise("CircularDependencyError", message:format(names_of(waiting, is_in)))
  end
end

local function is_ready(edges, is_done)
  for _, edge in ipairs(edges) do
    if not is_done[edge.target] then
      return false
    end
  end
  return true
end

--- The foreign keys that each table waits for.
local function edges_of(tables, deferred, may_defer)
  local edges, is_wanted = {}, {}
  for _, one in ipairs(tables) do
    is_wanted[one] = true
  end
  for _, one in ipairs(tables) do
    local is_deferred = {}
    for _, constraint in ipairs(one.constraints) do
      if constraint.use_alter and (not may_defer or may_defer(constraint)) then
        deferred[#deferred + 1], is_deferred[constraint] = constraint, true
      end
    end
    edges[one] = references(one, is_wanted, is_deferred)
  end
  return edges
end

--- Gives tables so that each follows those that it refers to, and foreign keys that have to wait:
--- those with use_alter, and those of circles if they may.
---@param tables lunasa.sa.Table[]
---@param may_defer? fun(constraint: lunasa.sa.Constraint): boolean nil: circles raise
---@return lunasa.sa.Table[] sorted
---@return lunasa.sa.Constraint[] deferred
return function(tables, may_defer)
  local waiting, sorted, deferred, is_done = { unpack(tables) }, {}, {}, {}
  local edges = edges_of(tables, deferred, may_defer)
  while #waiting > 0 do
    local left, ready = {}, {}
    for _, one in ipairs(waiting) do
      table.insert(is_ready(edges[one], is_done) and ready or left, one)
    end
    for _, one in ipairs(ready) do
      sorted[#sorted + 1], is_done[one] = one, true
    end
    if #ready == 0 then
      break_circles(left, edges, deferred, may_defer)
    end
    waiting = left
  end
  return sorted, deferred
end
