--- The options that say what a session is like: each is checked here, and becomes a statement that
--- goes out with the login.
local suggest = require("lunasa.suggest")

local session_options = {}

-- stylua: ignore
local CHARSETS = {
  "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852",
  "cp866", "cp932", "dec8", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "geostd8", "greek",
  "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7", "macce",
  "macroman", "sjis", "swe7", "tis620", "ujis", "utf8mb3", "utf8mb4",
}

--- What people call them. `utf8` is what MySQL calls utf8mb3 and everybody else utf8mb4.
local ALIASES = {
  ["cp1252"] = "latin1",
  ["iso-8859-1"] = "latin1",
  ["iso-8859-2"] = "latin2",
  ["latin-1"] = "latin1",
  ["utf-8"] = "utf8mb4",
  ["utf8"] = "utf8mb4",
}

--- Those that no client can have: their bytes are not those of ASCII.
local WIDE = { ucs2 = true, utf16 = true, utf16le = true, utf32 = true }

local KNOWN = {}
for _, name in ipairs(CHARSETS) do
  KNOWN[name] = true
end

--- Gives the name by which servers know a character set.
---@param name string
---@return string
function session_options.charset_name(name)
  local lower = name:lower()
  return ALIASES[lower] or lower
end

--- Checks the option `charset`.
---@return string? allowed nil when it is right, or `problem` says what is wrong
---@return string? kept
---@return string? problem
function session_options.check_charset(value)
  if type(value) ~= "string" then
    return "the name of a character set"
  end
  local name = session_options.charset_name(value)
  if KNOWN[name] then
    return nil, name
  elseif WIDE[name] then
    return nil, nil, ("the character set %s cannot be a client's: use utf8mb4"):format(name)
  end
  local shown = value:sub(1, 40):gsub("[^%w_-]", "?")
  local phrase = suggest.phrase(value, CHARSETS)
  return nil, nil, ("unknown character set '%s'%s"):format(shown, phrase)
end

--- Checks the option `sql_mode`: modes with commas between them, in quotes or not.
---@return string? allowed
---@return string? kept
function session_options.check_modes(value)
  local modes = type(value) == "string" and (value:match("^'(.*)'$") or value)
  if not modes or modes:find("[^%w_, ]") then
    return "SQL modes with commas between them"
  end
  return nil, (modes:gsub(" ", ""))
end

local ISOLATION_LEVELS = {
  ["read committed"] = true,
  ["read uncommitted"] = true,
  ["repeatable read"] = true,
  ["serializable"] = true,
}

--- Checks the option `isolation_level`.
---@return string? allowed
---@return string? kept
function session_options.check_isolation(value)
  local level = type(value) == "string" and value:lower():gsub("[_-]", " ")
  if ISOLATION_LEVELS[level] then
    return nil, level:upper()
  end
  return "'read uncommitted', 'read committed', 'repeatable read' or 'serializable'"
end

--- Variables that would change how texts are read without the driver's knowing.
local OTHERWISE = {
  autocommit = "autocommit",
  character_set_client = "charset",
  character_set_connection = "charset",
  character_set_results = "charset",
  collation_connection = "collation",
  sql_mode = "sql_mode",
}

local VALUES = { boolean = true, number = true, string = true }

--- Checks the option `session`.
---@return string? allowed
---@return table<string, string|number|boolean>? kept
---@return string? problem
function session_options.check_variables(value)
  local copy = {}
  for name, setting in pairs(type(value) == "table" and value or { value }) do
    local is_number = type(setting) == "number"
    local is_usable = VALUES[type(setting)] and not (is_number and setting - setting ~= 0)
    if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") or not is_usable then
      return "a table of strings, numbers and booleans by names of session variables"
    elseif OTHERWISE[name:lower()] then
      local message = "option 'session' cannot set %s: use the option '%s'"
      return nil, nil, message:format(name, OTHERWISE[name:lower()])
    end
    copy[name] = setting
  end
  return nil, copy
end

--- Writes a value so that neither SQL mode nor character set matter.
local function literal(value)
  if type(value) == "boolean" then
    return value and "1" or "0"
  elseif type(value) == "number" then
    return value == math.floor(value) and ("%.0f"):format(value) or ("%.17g"):format(value)
  elseif not value:find("[^%w _.,:+/-]") then
    return "'" .. value .. "'"
  end
  local digits = value:gsub(".", function(character)
    return ("%02X"):format(character:byte())
  end)
  return ("CONVERT(X'%s' USING utf8mb4)"):format(digits)
end

--- Makes the statement for the option `session`.
---@param variables table<string, string|number|boolean>
---@return string? sql nil when there are none
function session_options.variables_statement(variables)
  local names = {}
  for name in pairs(variables) do
    table.insert(names, name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    names[i] = ("SESSION %s = %s"):format(name, literal(variables[name]))
  end
  return #names > 0 and "SET " .. table.concat(names, ", ") or nil
end

return session_options
