--- What to do about the errors that everybody meets once.
local error_hints = {}

--- A server quotes what follows the semicolon, "near '…'", so the semicolon itself is looked for
--- in the statement.
local function second_statement(message, sql)
  local rest = message:match("near '(.*)' at line %d+$")
  if not rest or rest == "" or not sql then
    return nil
  end
  local start = sql:find(rest, 1, true)
  if start and sql:sub(1, start - 1):find(";%s*$") then
    return 'one statement at a time, unless multi_statements = true and protocol = "text"'
  end
  return nil
end

--- Python's placeholders, which the server was sent as they are.
local function python_placeholder(message)
  if message:find("near '%%%(?[%w_]*%)?s") then
    return '%s and %(name)s are placeholders with paramstyle = "pyformat"'
  end
  return nil
end

local function wrong_syntax(message, sql)
  return python_placeholder(message) or second_statement(message, sql)
end

local function denied(message)
  local using_password = message:match("using password: (%a+)")
  if using_password == "NO" then
    return "no password was given, or parsec refused it"
  end
  return using_password == "YES" and "wrong password, or this user may not come from this host"
    or nil
end

local HINTS = {
  [1040] = "let the pools' maxsize together stay below the server's max_connections",
  [1045] = denied,
  [1049] = "create the database first, or connect without one",
  [1064] = wrong_syntax,
  [1153] = "raise the server's max_allowed_packet",
  [1295] = 'use protocol = "text" for this statement',
  [1461] = "raise the server's max_prepared_stmt_count",
  [1820] = "set a new password with ALTER USER first",
  [2006] = "closed by the server while idle: see wait_timeout, and max_idle or pre_ping",
  [2059] = "the server asks for an authentication plugin that lunasa does not have",
  [3159] = "the server wants TLS: give ssl = true",
}

--- Finds the hint for an error.
---@param errno? integer
---@param message string
---@param sql? string
---@return string?
function error_hints.find(errno, message, sql)
  local hint = HINTS[errno]
  if type(hint) == "function" then
    return hint(message, sql)
  end
  return hint
end

return error_hints
