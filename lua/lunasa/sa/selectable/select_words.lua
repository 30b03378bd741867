--- Words around a SELECT that are not its clauses: prefixes, suffixes, hints, locks, and CTEs that
--- nothing in it names.
local mistake = require("lunasa.sa.mistake")
local options_of = require("lunasa.sa.options")
local query = require("lunasa.sa.selectable.query")
local shape = require("lunasa.sa.shape")
local words = require("lunasa.sa.selectable.words")

local NONE = {}

--- A CTE that nothing in the statement names, such as one that changes rows.
function query.Query:add_cte(one)
  local made = words.add_cte(self:copy(), one)
  return made
end

local read_lock = options_of("with_for_update", "read nowait skip_locked of key_share")

--- What is to be locked: one thing of FROM, or a list of them.
local function read_of(of)
  if of == nil then
    return nil
  elseif type(of) ~= "table" then
    mistake.raise("ArgumentError", "of names tables or columns, { of = users }")
  end
  local list = of.is_element and { of } or { unpack(of) }
  for _, one in ipairs(list) do
    if type(one) ~= "table" or not (one.is_from or one.table) then
      mistake.raise("ArgumentError", "of names tables or columns, { of = users }")
    end
  end
  return list
end

--- `FOR UPDATE`; options `read`, `nowait`, `skip_locked`, `of`, `key_share`.
function query.Query:with_for_update(options)
  options = read_lock(options)
  local of = read_of(options.of)
  local made = self:copy()
  made.lock = {
    read = options.read,
    nowait = options.nowait,
    skip_locked = options.skip_locked,
    key_share = options.key_share,
    of = of,
  }
  local flags = {}
  for _, name in ipairs({ "read", "nowait", "skip_locked", "key_share" }) do
    flags[#flags + 1] = options[name] and name or nil
  end
  made.sh = shape.of("lock " .. table.concat(flags, " "), made.sh, shape.of_list("of", of or NONE))
  return made
end

--- Adds them to the class.
---@param Select lunasa.sa.Select
return function(Select)
  --- Words between SELECT and the columns; `{ dialect = "mysql" }` for one dialect.
  function Select:prefix_with(...)
    local made = words.add(self:copy(), "prefixes", ...)
    return made
  end

  --- Words at the end.
  function Select:suffix_with(...)
    local made = words.add(self:copy(), "suffixes", ...)
    return made
  end

  --- Adds a hint; one for the same thing and dialect takes the place of the one before.
  local function with_hint(self, one, hint, dialect)
    if type(hint) ~= "string" then
      mistake.raise("ArgumentError", "a hint must be a string")
    elseif dialect ~= nil and type(dialect) ~= "string" then
      mistake.raise("ArgumentError", "a hint is for a dialect by its name, 'mysql'")
    end
    local made = self:copy()
    made.hints = self.appended(made.hints, { from = one, text = hint, dialect = dialect })
    made.sh = shape.of("hint", made.sh, hint .. "|" .. (dialect or "*"))
    made.sh = shape.of("hinted", made.sh, not one and 0 or one.sh)
    return made
  end

  --- An index hint behind a table, for one dialect or all. `%(name)s` in it is the table.
  function Select:with_hint(one, hint, dialect)
    if type(one) ~= "table" or not one.is_from then
      mistake.raise("ArgumentError", "with_hint needs a table or an alias, then the hint")
    end
    return with_hint(self, one, hint, dialect)
  end

  --- A hint behind the whole statement.
  function Select:with_statement_hint(hint, dialect)
    return with_hint(self, nil, hint, dialect)
  end
end
