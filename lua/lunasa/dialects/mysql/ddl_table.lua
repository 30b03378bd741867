--- Options of tables, which stand behind the columns.
local option_of = require("lunasa.dialects.mysql.option")

---@param Compiler lunasa.sa.mysql.Compiler
return function(Compiler)
  --- The character set stands before its collation; partitions are last.
  local FIRST = { "engine", "auto_increment", "charset", "default_charset", "collate", "comment" }
  local LAST = {
    "with_system_versioning",
    "partition_by",
    "partitions",
    "subpartition_by",
    "subpartitions",
  }

  local WORDS = {
    charset = "CHARSET",
    default_charset = "DEFAULT CHARSET",
    engine = "ENGINE",
    auto_increment = "AUTO_INCREMENT",
    collate = "COLLATE",
    comment = "COMMENT",
    character_set = "CHARACTER SET",
    default_character_set = "DEFAULT CHARACTER SET",
    data_directory = "DATA DIRECTORY",
    index_directory = "INDEX DIRECTORY",
    partition_by = "PARTITION BY",
    subpartition_by = "SUBPARTITION BY",
    with_system_versioning = "WITH SYSTEM VERSIONING",
  }

  --- Options whose values are strings.
  local STRINGS = {}
  for name in
    ([[ comment connection password compression encryption data_directory index_directory
        engine_attribute secondary_engine_attribute ]]):gmatch("%S+")
  do
    STRINGS[name] = true
  end

  --- Options that take no sign.
  local SPACED = { collate = true, character_set = true, default_character_set = true }

  --- What is written in parentheses with the columns.
  local APART = { periods = true }

  local function options_of(self, one)
    local found = {}
    for name in pairs(one.options) do
      local option = name:match("^" .. self.dialect.name .. "_(.*)$") or name:match("^mysql_(.*)$")
      if option and not APART[option] then
        found[option] = option_of(self.dialect, one.options, option)
      end
    end
    if one.comment then
      found.comment = one.comment
    end
    return found
  end

  local function option_text(self, name, value)
    local word = WORDS[name] or name:upper()
    if STRINGS[name] then
      return word .. "=" .. self:string(value)
    elseif name == "with_system_versioning" then
      return word
    elseif name == "tablespace" then
      return word .. " " .. self:quote(value)
    end
    local sign = (name:find("partition") or SPACED[name]) and " " or "="
    return word .. sign .. self:definition(tostring(value))
  end

  --- The names of the rest, in their order.
  local function names_of(found)
    local names = {}
    for name in pairs(found) do
      names[#names + 1] = name
    end
    table.sort(names)
    return names
  end

  function Compiler:table_options(one)
    local found, parts, last = options_of(self, one), {}, {}
    for _, name in ipairs(LAST) do
      last[name], found[name] = found[name] or nil, nil
    end
    local function add(names, values)
      for _, name in ipairs(names) do
        if values[name] ~= nil then
          parts[#parts + 1] = option_text(self, name, values[name])
          values[name] = nil
        end
      end
    end
    add(FIRST, found)
    add(names_of(found), found)
    add(LAST, last)
    return #parts > 0 and " " .. table.concat(parts, " ") or ""
  end

  --- `PERIOD FOR p (a, b)`, which only MariaDB has.
  function Compiler:table_periods(one)
    local parts = {}
    for i, period in ipairs(option_of(self.dialect, one.options, "periods") or {}) do
      local name = period.name == "SYSTEM_TIME" and period.name or self:quote(period.name)
      local first, last = self:quote(period.first), self:quote(period.last)
      parts[i] = ("PERIOD FOR %s (%s, %s)"):format(name, first, last)
    end
    return parts
  end
end
