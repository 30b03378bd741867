--- The types of the standard as text, which the dialects share.
local mistake = require("lunasa.sa.mistake")

local types = {}

local function word(text)
  return function()
    return text
  end
end

types.integer, types.small_integer = word("INTEGER"), word("SMALLINT")
types.big_integer, types.boolean = word("BIGINT"), word("BOOLEAN")
types.date, types.datetime, types.timestamp = word("DATE"), word("DATETIME"), word("TIMESTAMP")
types.time = word("TIME")
types.large_binary, types.blob = word("BLOB"), word("BLOB")
types.float, types.json, types.interval = word("FLOAT"), word("JSON"), word("DATETIME")

--- A column without a type, often a mistyped name such as `sa.Intger`, cannot be created.
function types.null()
  mistake.raise("CompileError", "a column without a type cannot be created: give one, sa.Integer")
end

function types.named(_, type_)
  return type_.word
end

--- A type below one of the user's own.
function types.decorated(dialect, type_)
  return dialect:type_text(type_.impl)
end

local function with_length(name)
  return function(dialect, type_)
    local text = type_.length and ("%s(%d)"):format(name, type_.length) or name
    if type_.collation then
      text = text .. " COLLATE " .. dialect:quote_collation(type_.collation)
    end
    return text
  end
end
types.with_length = with_length

types.string, types.unicode = with_length("VARCHAR"), with_length("VARCHAR")
types.char, types.nchar, types.nvarchar =
  with_length("CHAR"), with_length("NCHAR"), with_length("NVARCHAR")
types.text, types.unicode_text = with_length("TEXT"), with_length("TEXT")
types.binary, types.varbinary = with_length("BINARY"), with_length("VARBINARY")

local function with_precision(name)
  return function(_, type_)
    if type_.precision and type_.scale then
      return ("%s(%d, %d)"):format(name, type_.precision, type_.scale)
    end
    return type_.precision and ("%s(%d)"):format(name, type_.precision) or name
  end
end
types.numeric, types.decimal = with_precision("NUMERIC"), with_precision("DECIMAL")

--- Without a type of its own, a string as long as the longest value.
function types.enum(_, type_)
  return ("VARCHAR(%d)"):format(type_.length)
end

return types
