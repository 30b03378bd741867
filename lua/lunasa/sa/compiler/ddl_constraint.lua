--- How constraints are written: in CREATE TABLE, and in ALTER TABLE.
local mistake = require("lunasa.sa.mistake")
local naming = require("lunasa.sa.compiler.naming")

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  local function names_of(self, columns)
    local names = {}
    for i, column in ipairs(columns) do
      names[i] = self:quote(column.name, column.quote)
    end
    return table.concat(names, ", ")
  end

  local function deferral(one)
    local options, text = one.options or {}, ""
    if options.deferrable ~= nil then
      text = options.deferrable and " DEFERRABLE" or " NOT DEFERRABLE"
    end
    return options.initially and text .. " INITIALLY " .. options.initially or text
  end

  local WRITERS = {}

  function WRITERS.primary_key_constraint(self, one)
    return self:primary_key_text(one)
  end

  function WRITERS.unique_constraint(self, one)
    return ("UNIQUE (%s)"):format(names_of(self, one.columns)) .. deferral(one)
  end

  function WRITERS.check_constraint(self, one)
    local text = ("CHECK (%s)"):format(self:definition(one.criterion))
    return text .. self:check_words(one) .. deferral(one)
  end

  function WRITERS.foreign_key_constraint(self, one)
    local targets = {}
    for i, key in ipairs(one.elements) do
      targets[i] = key:column()
    end
    local text = ("FOREIGN KEY(%s) REFERENCES %s (%s)%s"):format(
      names_of(self, one.columns),
      self:referred_table(targets[1].table),
      names_of(self, targets),
      self:match_text(one.options and one.options.match)
    )
    if one.ondelete then
      text = text .. " ON DELETE " .. one.ondelete
    end
    if one.onupdate then
      text = text .. " ON UPDATE " .. one.onupdate
    end
    return text .. self:deferral(one, deferral(one))
  end

  function Compiler:referred_table(one)
    return self:table_name(one)
  end

  function Compiler.match_text(_, match)
    return match and " MATCH " .. match or ""
  end

  function Compiler.deferral(_, _, text)
    return text
  end

  --- The columns of a key: of one that the columns have said, the counted one comes first.
  function Compiler:key_order(one)
    if not one.is_implied then
      return one.columns
    end
    local counted, columns = self:counted_column(one.table), {}
    for _, column in ipairs(one.columns) do
      table.insert(columns, column == counted and 1 or #columns + 1, column)
    end
    return columns
  end

  function Compiler:primary_key_text(one)
    return ("PRIMARY KEY (%s)"):format(names_of(self, self:key_order(one)))
  end

  --- What stands behind a check.
  function Compiler.check_words()
    return ""
  end

  --- A constraint with its name.
  function Compiler:constraint_text(one)
    local name = naming.of(one, one.table)
    local text = WRITERS[one.kind](self, one)
    return name and ("CONSTRAINT %s %s"):format(self:quote(name), text) or text
  end

  function Compiler:add_constraint(node)
    local one = node.subject
    return ("ALTER TABLE %s ADD %s"):format(self:table_name(one.table), self:constraint_text(one))
  end

  function Compiler.dropped_constraint(_, _, name)
    return "CONSTRAINT " .. name
  end

  function Compiler.cascade_word()
    return " CASCADE"
  end

  function Compiler:drop_constraint(node)
    local one = node.subject
    local name = naming.of(one, one.table)
    if not name then
      mistake.raise(
        "CompileError",
        "a constraint without a name cannot be dropped: give it its name"
      )
    end
    return ("ALTER TABLE %s DROP %s%s"):format(
      self:table_name(one.table),
      self:dropped_constraint(one, self:quote(name)),
      node.options.cascade and self:cascade_word() or ""
    )
  end
end
