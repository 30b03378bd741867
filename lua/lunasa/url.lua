--- Database URLs: `mysql://user:password@host:port/database?option=value`.
---
--- Every part may be percent-encoded, and must be where it holds `/ ? # @ :` or `%`. No message and
--- no `tostring` shows the password.
local errors = require("lunasa.error")

local url = {}

---@class lunasa.Url
---@field scheme string "mysql", "mariadb" …
---@field user? string
---@field password? string
---@field host? string without the brackets of IPv6
---@field port? integer
---@field database? string
---@field options table<string, string> what follows the question mark, as text
local Url = { __name = "lunasa.Url" }
Url.__index = Url

local ADVICE = "write scheme://user:password@host:port/database?option=value"

local function decode(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    return nil
  end
  local decoded = text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  return not decoded:find("%z") and decoded or nil
end

local function encode(text, kept)
  return (
    text:gsub("[^%w%-._~" .. (kept or "") .. "]", function(character)
      return ("%%%02X"):format(character:byte())
    end)
  )
end

--- Decodes one part into `parts`; an empty one counts as missing.
---@return string? problem
local function put(parts, name, text)
  if not text or text == "" then
    return nil
  end
  parts[name] = decode(text)
  return not parts[name] and ("the %s is not percent-encoded properly"):format(name) or nil
end

--- Reads host and port. The text may be a piece of a password that was not percent-encoded, so it
--- is never quoted.
local function read_address(parts, address)
  local host, port = address:match("^%[([%x:.]+)%](.*)$")
  if not host then
    host, port = address:match("^([^:%[%]]*)(.*)$")
  end
  if port ~= "" and port ~= ":" then
    parts.port = tonumber(port:match("^:(%d+)$"))
    if not parts.port or parts.port < 1 or parts.port > 65535 then
      return "the port is not a number from 1 to 65535, or a part is not percent-encoded"
    end
  end
  return put(parts, "host", host)
end

local function read_authority(parts, authority)
  local user_info, address = authority:match("^(.*)@(.*)$")
  local user, password = (user_info or ""):match("^([^:]*):?(.*)$")
  return put(parts, "user", user)
    or put(parts, "password", password)
    or read_address(parts, address or authority)
end

local function read_options(parts, query)
  for pair in query:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=(.*)$")
    name, value = decode(name or pair), decode(value or "true")
    if not name or not value then
      return "an option is not percent-encoded properly"
    elseif parts.options[name] then
      return ("the option '%s' is given twice"):format(name)
    end
    parts.options[name] = value
  end
  return nil
end

--- Looks for what tells that a part was not percent-encoded, such as a password with a '/'.
local function find_misplaced(path, query)
  if path:find("/", 1, true) then
    return "it has a '/' too many, or one not percent-encoded"
  end
  return (path .. query):find("@", 1, true) and "it has an '@' not percent-encoded" or nil
end

--- Reads a URL without raising.
---@param text string
---@return lunasa.Url? parts
---@return string? problem
local function read(text)
  local scheme, rest = text:match("^([%a][%w+.-]*)://(.*)$")
  if not scheme then
    return nil, "it does not begin with a scheme such as mysql://"
  elseif rest:find("[%s#]") then
    return nil, "it holds a space or '#', which must be percent-encoded"
  end
  local driver = scheme:match("%+(.*)$")
  if driver and driver ~= "lunasa" then
    return nil, ("it names the driver '%s', not lunasa"):format(driver)
  end
  local before, query = rest:match("^([^?]*)%??(.*)$")
  local authority, path = before:match("^([^/]*)/?(.*)$")
  local parts = { scheme = scheme:match("^[^+]*"):lower(), options = {} }
  local problem = find_misplaced(path, query)
    or read_authority(parts, authority)
    or put(parts, "database", path)
    or read_options(parts, query)
  return not problem and parts or nil, problem
end

--- Reads a URL. Missing parts are nil; the values of options stay text.
---@param text string
---@param level? integer whose mistake a bad URL is, counted as by `error`; 1, the caller
---@return lunasa.Url
function url.parse(text, level)
  local parts, problem
  if type(text) == "string" then
    parts, problem = read(text)
  else
    problem = ("it is not a string but a %s"):format(type(text))
  end
  if not parts then
    local message = ("bad database URL: %s; %s"):format(problem, ADVICE)
    errors.raise("ArgumentError", message, nil, (level or 1) + 1)
  end
  return setmetatable(parts, Url)
end

local function user_info_text(user, password)
  if not user and not password then
    return ""
  end
  return encode(user or "") .. (password and ":" .. encode(password) or "") .. "@"
end

local function host_text(host)
  return host:find(":", 1, true) and "[" .. host .. "]" or encode(host)
end

local function query_text(options)
  local pairs_of_query = {}
  for name, value in pairs(options or {}) do
    table.insert(pairs_of_query, encode(name) .. "=" .. encode(tostring(value), "/:,"))
  end
  table.sort(pairs_of_query)
  return #pairs_of_query > 0 and "?" .. table.concat(pairs_of_query, "&") or ""
end

--- Writes a URL, password included, so that `url.parse` gives the same parts.
---@param parts lunasa.Url|table
---@return string
function url.build(parts)
  return table.concat({
    parts.scheme or "mysql",
    "://",
    user_info_text(parts.user, parts.password),
    parts.host and host_text(parts.host) or "",
    parts.port and ":" .. parts.port or "",
    parts.database and "/" .. encode(parts.database) or "",
    query_text(parts.options),
  })
end

--- Hides what may be a password in the rest of a URL, up to the next space or quote: all between
--- the first ':' and the last '@', so that one that is not percent-encoded is hidden whole.
local function redact_rest(scheme, rest)
  local user, after = rest:match("^([^:@/?]*):.*@(.*)$")
  if user then
    rest = user .. ":***@" .. after
  else
    rest = rest:gsub("^([^:/?%[]*):([^/?]*[^%d/?][^/?]*)", "%1:***")
  end
  rest = rest:gsub("([?&]pass[^=&]*=)[^&]*", "%1***"):gsub("([?&]pwd=)[^&]*", "%1***")
  return scheme .. rest
end

--- Replaces the passwords of all URLs in a text by `***`.
---@param text string
---@return string
function url.redact(text)
  return (text:gsub("(%a[%w+.-]*://)([^%s\"'<>]*)", redact_rest))
end

function Url:__tostring()
  return url.redact(url.build(self))
end

return url
