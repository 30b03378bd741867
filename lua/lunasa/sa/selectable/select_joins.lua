--- The joins of SELECT: what `select:join` adds, and which side it starts from.
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local join = require("lunasa.sa.selectable.join")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

--- Adds them to the class.
---@param Select lunasa.sa.Select
return function(Select)
  local function with_join(self, one)
    local made, options = Select.copy(self), one.options
    made.joins = Select.appended(made.joins, one)
    local kind = options.full and "full" or options.isouter and "outer" or "inner"
    made.sh = shape.of(kind, made.sh, one.right.sh)
    made.sh = shape.of("on", made.sh, not one.onclause and 0 or one.onclause.sh)
    made.sh = shape.of("left", made.sh, not one.left and 0 or one.left.sh)
    return made
  end

  local function joined(self, left, right, onclause, options)
    local is_left = left == nil or type(left) == "table" and left.is_from
    if type(right) ~= "table" or not right.is_from or not is_left then
      mistake.raise("ArgumentError", "join needs a table, an alias or a subquery")
    end
    onclause, options = join.read(onclause, options)
    options = options or {}
    if onclause ~= nil then
      onclause = compound.as_condition(coerce.criterion(onclause, "join"))
    end
    local one = { left = left, right = right, onclause = onclause, options = options }
    local made = with_join(self, one)
    one.position = mistake.position_of(made.sh)
    return made
  end

  --- `select(users.c.name):join(orders)`, with a condition, with `{ isouter = true }`.
  function Select:join(right, onclause, options)
    local made = joined(self, nil, right, onclause, options)
    return made
  end

  function Select:outerjoin(right, onclause, options)
    onclause, options = join.read(onclause, options)
    local outer = { isouter = true, full = options and options.full }
    local made = joined(self, nil, right, onclause, outer)
    return made
  end

  --- The same, with the left side said.
  function Select:join_from(left, right, onclause, options)
    local made = joined(self, left, right, onclause, options)
    return made
  end

  function Select:outerjoin_from(left, right, onclause, options)
    onclause, options = join.read(onclause, options)
    local outer = { isouter = true, full = options and options.full }
    local made = joined(self, left, right, onclause, outer)
    return made
  end
end
