--- The time that a server may take for a statement: option `max_statement_time`, in seconds.
---
--- MariaDB limits any statement, MySQL only SELECT; each has a way of its own to say it.
local errors = require("lunasa.error")

local statement_limit = {}

--- What MySQL may find before the first keyword of a statement.
local BLANKS = { "^%s+", "^%(", "^/%*[^!+].-%*/", "^%-%-%s[^\n]*", "^#[^\n]*" }

--- As long as MySQL can be told; a hint of 0 leaves the session's limit.
local FOREVER = 2 ^ 32 - 1

local function milliseconds(seconds)
  return math.min(math.ceil(seconds * 1000), FOREVER)
end

--- MariaDB counts in microseconds, and takes 0 for no limit.
local function rounded(seconds)
  return ("%.6f"):format(math.ceil(seconds * 1e6) / 1e6)
end

--- Gives the statement that sets the limit of a session. Each server reads the comment that is
--- meant for it.
---@param seconds number
---@return string
function statement_limit.session_statement(seconds)
  local sql = "SET SESSION /*M!100101 max_statement_time = %s *//*!50708 max_execution_time = %d */"
  return sql:format(rounded(seconds), milliseconds(seconds))
end

--- Finds the end of the SELECT that a statement begins with.
---@return integer?
local function end_of_select(sql)
  local at, is_blank = 1, true
  while is_blank do
    is_blank = false
    for _, pattern in ipairs(BLANKS) do
      local _, last = sql:sub(at):find(pattern)
      if last then
        at, is_blank = at + last, true
      end
    end
  end
  local word = sql:match("^[%w_$\128-\255]+", at)
  return word and word:upper() == "SELECT" and at + #word - 1 or nil
end

--- Writes the hint, into the one that is there already.
local function with_hint(sql, last, limit)
  local hint = (" /*+ MAX_EXECUTION_TIME(%d) "):format(limit)
  local rest = sql:match("^%s*/%*%+(.*)$", last + 1)
  return sql:sub(1, last) .. hint .. (rest or "*/" .. sql:sub(last + 1))
end

--- Gives the text that has the server limit one statement. Raises where it has no way to.
---@param sql string
---@param seconds number|false false for no limit, whatever the session's is
---@param is_mariadb boolean
---@return string
function statement_limit.apply(sql, seconds, is_mariadb)
  local limit = seconds or 0
  if is_mariadb then
    return ("SET STATEMENT max_statement_time = %s FOR %s"):format(rounded(limit), sql)
  end
  local last = end_of_select(sql)
  if last then
    return with_hint(sql, last, limit == 0 and FOREVER or milliseconds(limit))
  elseif limit == 0 then
    return sql
  end
  errors.raise(
    "NotSupportedError",
    "MySQL limits only statements that begin with SELECT: option 'max_statement_time' cannot be "
      .. "had here, option 'timeout' can"
  )
end

--- Gives a statement with the limit that the options of a call set, if they do.
---@param sql string
---@param options? table
---@param is_mariadb boolean
---@return string
function statement_limit.of_call(sql, options, is_mariadb)
  if options and options.max_statement_time ~= nil then
    return statement_limit.apply(sql, options.max_statement_time, is_mariadb)
  end
  return sql
end

return statement_limit
