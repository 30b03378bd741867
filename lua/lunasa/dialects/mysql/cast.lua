--- The types that CAST of MySQL and MariaDB takes.
local common = require("lunasa.sa.compiler.types")

--- Types that CAST does not know: to them nothing is converted.
local UNKNOWN = { ENUM = true, SET = true, YEAR = true, BIT = true }

local function is_unknown(type_)
  return type_.kind == "enum" or type_.kind == "set" or UNKNOWN[type_.word] or false
end

local CASTS = {
  datetime = "DATETIME",
  date = "DATE",
  time = "TIME",
  binary = "BINARY",
  json = "JSON",
  interval = "DATETIME",
}

local BY_AFFINITY = {}

function BY_AFFINITY.string(_, type_)
  local text = type_.length and ("CHAR(%d)"):format(type_.length) or "CHAR"
  return type_.charset and text .. " CHARACTER SET " .. type_.charset or text
end

function BY_AFFINITY.integer(_, type_)
  return type_.unsigned and "UNSIGNED INTEGER" or "SIGNED INTEGER"
end

function BY_AFFINITY.numeric(dialect, type_)
  return (common.numeric(dialect, type_):gsub("^NUMERIC", "DECIMAL"))
end

function BY_AFFINITY.float(dialect, type_)
  return type_.kind == "named" and "FLOAT" or dialect:type_text(type_)
end

--- Gives the type as CAST takes it; nil for one that it cannot convert to.
---@param self lunasa.sa.Dialect
---@param type_ lunasa.sa.Type
---@return string?
local function for_cast(self, type_)
  local one = type_:for_dialect(self)
  if one.kind == "decorated" then
    return for_cast(self, one.impl)
  elseif is_unknown(one) then
    return nil
  elseif BY_AFFINITY[one.affinity] then
    return BY_AFFINITY[one.affinity](self, one)
  end
  local name = CASTS[one.affinity]
  return name and one.fsp and ("%s(%d)"):format(name, one.fsp) or name
end

return for_cast
