--- What a subquery leaves to the SELECT around it.
local NULL = require("lunasa.null")
local mistake = require("lunasa.sa.mistake")
local shape = require("lunasa.sa.shape")

local NONE = {}

local function check_froms(where, ...)
  for i = 1, select("#", ...) do
    local one = select(i, ...)
    local is_none = i == 1 and (one == nil or one == NULL)
    if not is_none and (type(one) ~= "table" or not one.is_from) then
      mistake.raise("ArgumentError", where .. " needs tables, aliases, or sa.NULL for none")
    end
  end
end

--- Adds the methods to the class.
---@param Select lunasa.sa.Select
return function(Select)
  --- Leaves these out of FROM where an enclosing SELECT has them; NULL: none.
  function Select:correlate(...)
    check_froms("correlate", ...)
    local made = self:copy()
    made.correlated = { ... }
    if ... == NULL or ... == nil then
      made.correlated = NONE
    end
    made.sh = shape.of("correlate", made.sh, shape.of_list("to", made.correlated))
    return made
  end

  --- Leaves all others out of FROM where an enclosing SELECT has them.
  function Select:correlate_except(...)
    check_froms("correlate_except", ...)
    local made = self:copy()
    made.not_correlated = (... == NULL or ... == nil) and NONE or { ... }
    made.sh = shape.of("correlate_except", made.sh, shape.of_list("to", made.not_correlated))
    return made
  end
end
