--- Columns of CREATE TABLE.
local Base = require("lunasa.sa.compiler.default")
local option_of = require("lunasa.dialects.mysql.option")

---@param Compiler lunasa.sa.mysql.Compiler
return function(Compiler)
  --- Where every integer of a key may be counted, one that isn't in the key may be, too.
  function Compiler.counted_column(self, one)
    for _, column in ipairs(one.c) do
      if column.autoincrement == true then
        return column
      end
    end
    return Base.counted_column(self, one)
  end

  --- Says what is generated, and whether it may be NULL: a TIMESTAMP could not be by itself.
  local function null_text(self, column, row)
    local text = row and " GENERATED ALWAYS AS ROW " .. row or ""
    if column.computed then
      text = self:computed_text(column.computed)
    end
    local is_timestamp = column.type:for_dialect(self.dialect).kind == "timestamp"
    if not column.nullable then
      return text .. " NOT NULL"
    end
    return is_timestamp and text == "" and " NULL" or text
  end

  --- The word of an option that is set.
  local WORDS = {
    { "invisible", " INVISIBLE" },
    { "without_system_versioning", " WITHOUT SYSTEM VERSIONING" },
  }

  local function words(self, column)
    local text = ""
    for _, pair in ipairs(WORDS) do
      if option_of(self.dialect, column.options, pair[1]) then
        text = text .. pair[2]
      end
    end
    for _, name in ipairs({ "column_format", "storage" }) do
      local word = option_of(self.dialect, column.options, name)
      text = word and ("%s %s %s"):format(text, name:upper(), word) or text
    end
    return text
  end

  --- The default of a column, and what an UPDATE sets it to.
  local function default_text(self, column)
    local text = ""
    if column.server_default ~= nil then
      text = " DEFAULT " .. self:default_text(column)
    end
    local on_update = column.options.server_onupdate
    if type(on_update) == "table" and on_update.is_element then
      text = text .. " ON UPDATE " .. self:definition(on_update)
    end
    return text
  end

  function Compiler:column_definition(column, is_counted)
    local row = option_of(self.dialect, column.options, "row")
    local text = self:quote(column.name, column.quote) .. " " .. self:column_type(column)
    if option_of(self.dialect, column.options, "compressed") then
      text = text .. " COMPRESSED"
    end
    text = text .. null_text(self, column, row)
    if column.comment then
      text = text .. " COMMENT " .. self:string(column.comment)
    end
    text = text .. (is_counted and " AUTO_INCREMENT" or default_text(self, column))
    return text .. words(self, column)
  end
end
