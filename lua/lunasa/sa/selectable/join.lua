--- Joins of two things of FROM, and the condition that foreign keys give.
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local from = require("lunasa.sa.selectable.from")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")

local join = {}

local From = from.From

---@class lunasa.sa.Join: lunasa.sa.From
---@field left lunasa.sa.From
---@field right lunasa.sa.From
---@field onclause lunasa.sa.Expression
---@field is_outer boolean
---@field is_full boolean
local Join = from.class("Join")
Join.kind = "join"
join.Join = Join

local function named(one)
  return one.name and ("'%s'"):format(tostring(one.name)) or "a join"
end

--- Adds the pairs of columns that the foreign keys of `referring` make with `referred`.
local function add_pairs(found, referring, referred)
  for _, own in ipairs(referring.c) do
    for _, key in ipairs(own.foreign_keys) do
      local target = key:column()
      local other = target and referred:corresponding_column(target)
      if other then
        local constraint = key.constraint or key
        if not found[constraint] then
          found[constraint] = {}
          found[#found + 1] = constraint
        end
        table.insert(found[constraint], { other, own })
      end
    end
  end
end

local function all_pairs(left, right)
  local found = {}
  add_pairs(found, right, left)
  if left ~= right then
    add_pairs(found, left, right)
  end
  return found
end

--- The right one of the joined things is the one that a further join is about first.
local function sides_of(left)
  return left.kind == "join" and { left.right, left } or { left }
end

--- Gives the condition that foreign keys make; nil without any.
---@param left lunasa.sa.From
---@param right lunasa.sa.From
---@param position? string where the join was asked for, when that is over
---@return lunasa.sa.Expression?
function join.condition(left, right, position)
  for _, side in ipairs(sides_of(left)) do
    local found = all_pairs(side, right)
    if #found > 1 then
      local message = ("%s and %s are joined by several foreign keys: give the condition"):format(
        named(left),
        named(right)
      )
      mistake.raise("AmbiguousForeignKeysError", message, position)
    elseif #found == 1 then
      local equalities = {}
      for i, pair in ipairs(found[found[1]]) do
        equalities[i] = compound.binary(pair[1], operator.eq, pair[2])
      end
      return compound.conjunction(operator.and_, equalities)
    end
  end
  return nil
end

--- Makes a join; the condition comes from the foreign keys when it is not given.
---@param left lunasa.sa.From
---@param right lunasa.sa.From
---@param onclause? lunasa.sa.Expression
---@param options? { isouter?: boolean, full?: boolean }
---@param position? string
---@return lunasa.sa.Join
function join.new(left, right, onclause, options, position)
  options = options or {}
  if type(right) ~= "table" or not right.is_from then
    mistake.raise("ArgumentError", "join needs a table, an alias or a subquery")
  end
  if onclause == nil then
    onclause = join.condition(left, right, position)
    if not onclause then
      local message = (
        "there is no foreign key between %s and %s: give the condition, "
        .. "a:join(b, a.c.id:eq(b.c.a_id))"
      ):format(named(left), named(right))
      mistake.raise("NoForeignKeysError", message, position)
    end
  else
    onclause = compound.as_condition(coerce.criterion(onclause, "join"))
  end
  local kind = options.full and "full" or options.isouter and "outer" or "inner"
  local sh = shape.of("join", left.sh, right.sh)
  return setmetatable({
    left = left,
    right = right,
    onclause = onclause,
    is_outer = options.isouter or false,
    is_full = options.full or false,
    sh = shape.of(kind, sh, onclause.sh),
  }, Join)
end

local read_options = options_of("join", "isouter full")

--- Takes the options where the condition would be.
local function read(onclause, options)
  if type(onclause) == "table" and not onclause.is_element and not onclause.as_operand then
    return nil, read_options(onclause)
  end
  return onclause, options and read_options(options)
end

--- `a:join(b)`, `a:join(b, condition)`, `a:join(b, { isouter = true })`.
function From:join(right, onclause, options)
  onclause, options = read(onclause, options)
  local made = join.new(self, right, onclause, options)
  return made
end

function From:outerjoin(right, onclause, options)
  onclause, options = read(onclause, options)
  local made = join.new(self, right, onclause, { isouter = true, full = options and options.full })
  return made
end

--- All columns of both sides.
function Join:make_columns()
  local made = {}
  for _, side in ipairs({ self.left, self.right }) do
    for _, one in ipairs(side.c) do
      made[#made + 1] = one
    end
  end
  return made
end

function Join:collect_froms(found)
  found[#found + 1] = self
  self.left:collect_froms(found)
  self.right:collect_froms(found)
  self.onclause:collect_froms(found)
end

function Join:collect_hidden(hidden)
  local inside = {}
  self.left:collect_froms(inside)
  self.right:collect_froms(inside)
  for _, one in ipairs(inside) do
    hidden[one] = true
  end
end

join.read = read

return join
