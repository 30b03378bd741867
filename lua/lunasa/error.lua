--- The objects that lunasa raises, and the tree of their classes.
---
--- Every error is one table with one metatable; its class is a name in the field `class`. A handler
--- asks `err:is("IntegrityError")` or a predicate such as `err:is_duplicate_key()`.
local error_hints = require("lunasa.error_hints")

local errors = {}

--- The numbers are looked at when an error asks for them, so that starting does not pay for them.
local function codes()
  return require("lunasa.error_codes")
end

--- Class and parent, after PEP 249. CancelledError and Interrupted are no Error, so that a
--- handler of errors does not swallow them.
local PARENTS = {
  MySQLError = false,
  Warning = "MySQLError",
  Error = "MySQLError",
  InterfaceError = "Error",
  PoolError = "InterfaceError",
  ArgumentError = "ProgrammingError",
  DatabaseError = "Error",
  DataError = "DatabaseError",
  OperationalError = "DatabaseError",
  TimeoutError = "OperationalError",
  IntegrityError = "DatabaseError",
  InternalError = "DatabaseError",
  ProgrammingError = "DatabaseError",
  IndexError = "ProgrammingError",
  NotSupportedError = "DatabaseError",
  CompileError = "ArgumentError",
  UnsupportedCompilationError = "CompileError",
  InvalidRequestError = "ArgumentError",
  NoSuchColumnError = "InvalidRequestError",
  ResourceClosedError = "InvalidRequestError",
  NoResultFound = "InvalidRequestError",
  MultipleResultsFound = "InvalidRequestError",
  NoForeignKeysError = "ArgumentError",
  AmbiguousForeignKeysError = "ArgumentError",
  NoReferencedTableError = "InvalidRequestError",
  NoSuchTableError = "InvalidRequestError",
  UnreflectableTableError = "InvalidRequestError",
  CircularDependencyError = "ArgumentError",
  CancelledError = false,
  Interrupted = false,
}

--- The classes by their names, for who would rather write `err:is(lunasa.err.DataError)`.
---@type table<string, string>
errors.classes = {}
for name in pairs(PARENTS) do
  errors.classes[name] = name
end

--- What an error of the C layer is, unless its number says more.
local CORE_CODES = {
  SERVER = { class = "OperationalError" },
  IO = { class = "OperationalError", errno = 2013 },
  TIMEOUT = { class = "TimeoutError" },
  CANCELLED = { class = "CancelledError" },
  AUTH = { class = "OperationalError", errno = 2061 },
  TLS = { class = "OperationalError", errno = 2026 },
  PROTOCOL = { class = "InternalError", errno = 2027 },
  TRUNCATED = { class = "InternalError", errno = 2027 },
  TRAILING = { class = "InternalError", errno = 2027 },
  LIMIT = { class = "OperationalError" },
  ARGUMENT = { class = "ArgumentError" },
  STATE = { class = "InterfaceError" },
  NOMEM = { class = "OperationalError", errno = 2008 },
  UNSUPPORTED = { class = "NotSupportedError" },
}

local UNKNOWN_CODE = { class = "InternalError" }

--- What a statement is told whose connection was closed by its own program.
errors.CLOSED_HERE = "the connection was closed by this program while a statement was running"

--- The longest piece of a statement that `tostring` shows, in bytes.
local SHOWN_SQL = 200

---@class lunasa.Error
---@field class string such as "IntegrityError"
---@field errno? integer the server's number, or the client's (2000 and up)
---@field sqlstate? string
---@field message string
---@field sql? string the statement with its placeholders, never with values
---@field hint? string what to do about it
---@field cause? any the error that led to this one
---@field suppressed any[] what failed while cleaning up after this one
---@field traceback? string where it was raised
---@field position? string "file:line" of the caller who misused an interface
---@field package block? integer number of the block that it ends, of interruptions
---@field which? string what ran out of time: "connect", "acquire", "query", "statement" …
local Error = {}
Error.__index = Error
Error.__name = "lunasa.Error"

--- Cuts between two UTF-8 characters.
local function cut(text, size)
  if #text <= size then
    return text
  end
  while size > 0 and text:byte(size + 1) >= 0x80 and text:byte(size + 1) < 0xc0 do
    size = size - 1
  end
  return text:sub(1, size) .. "…"
end

--- Puts a statement on one line that is safe to write to a terminal.
local function shown_sql(sql)
  return cut((sql:gsub("%s+", " "):gsub("%c", "?")), SHOWN_SQL)
end

function Error:__tostring()
  local head = self.position and self.position .. ": " .. self.class or self.class
  if self.errno then
    head = ("%s %d"):format(head, self.errno)
  end
  if self.sqlstate and self.sqlstate ~= "" then
    head = ("%s (%s)"):format(head, self.sqlstate)
  end
  local hint = self.hint and (" (%s)"):format(self.hint) or ""
  local sql = self.sql and (" [SQL: %s]"):format(shown_sql(self.sql)) or ""
  return ("%s: %s%s%s"):format(head, self.message, hint, sql)
end

function Error.__concat(a, b)
  return tostring(a) .. tostring(b)
end

--- Tells whether the error is of a class or one below it. An unknown class is never matched.
---@param class string
---@return boolean
function Error:is(class)
  local own = self.class
  while own do
    if own == class then
      return true
    end
    own = PARENTS[own]
  end
  return false
end

--- Tells whether the connection was lost, so that it cannot be used again.
---@return boolean
function Error:is_disconnect()
  return codes().is_in(codes().disconnect, self.errno, self.message)
end

--- Tells whether time ran out: ours, or the server's limit for a statement.
---@return boolean
function Error:is_timeout()
  return self:is("TimeoutError") or codes().is_in(codes().timeout, self.errno)
end

--- Tells whether the same transaction may succeed when it is begun anew.
---@return boolean
function Error:is_retryable()
  return codes().is_in(codes().retryable, self.errno) or (self.sqlstate or ""):sub(1, 2) == "40"
end

--- Tells whether a row with the same key exists.
---@return boolean
function Error:is_duplicate_key()
  return codes().is_in(codes().duplicate_key, self.errno)
end

--- Tells whether a key, a CHECK or NOT NULL was violated.
---@return boolean
function Error:is_constraint()
  return self:is("IntegrityError") or codes().is_in(codes().constraint, self.errno, self.message)
end

--- Tells whether the server refused to write because it is a replica or the transaction read-only.
---@return boolean
function Error:is_read_only()
  return codes().is_in(codes().read_only, self.errno, self.message)
end

--- Tells whether the task was cancelled.
---@return boolean
function Error:is_cancelled()
  return self:is("CancelledError")
end

--- Adds a class of errors, such as the SQL layer's own. Defining it again changes nothing.
---@param class string
---@param parent string
---@return string class
function errors.define(class, parent)
  assert(PARENTS[parent] ~= nil, "the parent class is not known")
  assert(PARENTS[class] == nil or PARENTS[class] == parent, "the class has another parent")
  PARENTS[class], errors.classes[class] = parent, class
  return class
end

--- Makes an error without raising it.
---@param fields? table more fields of lunasa.Error
---@return lunasa.Error
function errors.new(class, message, fields)
  assert(PARENTS[class] ~= nil, "the class is not known")
  local err = { class = class, message = message, suppressed = {} }
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  err[1], err[2] = err.errno, message
  return setmetatable(err, Error)
end

--- Tells whether a value is an error object of lunasa, and of a class when one is named.
---@param value any
---@param class? string
---@return boolean
function errors.is_error(value, class)
  if type(value) ~= "table" or getmetatable(value) ~= Error then
    return false
  end
  return class == nil or Error.is(value, class)
end

--- Tells whether an error is for the task that waits, whatever it waits for: a cancellation, or the
--- end of a lunasa.timeout around it.
---@param err any
---@return boolean
function errors.is_interruption(err)
  local is_timeout = errors.is_error(err, "TimeoutError") and err.which == "block"
  return is_timeout or errors.is_error(err, "CancelledError")
end

--- Raises any value as it is; an error object gets its traceback.
---@param err any
---@param form? "object"|"string" the option `errors`; "string" raises an object's words instead
function errors.throw(err, form)
  if form == "string" and errors.is_error(err) then
    error(tostring(err), 0)
  end
  if errors.is_error(err) and not err.traceback then
    err.traceback = debug.traceback("", 2):sub(2)
  end
  error(err, 0)
end

--- Makes an error and raises it. Not for a tail call, which would hide the frame to be named.
---@param class string
---@param message string
---@param fields? table
---@param level? integer whose misuse it is, counted as by `error`; fills `position`
function errors.raise(class, message, fields, level)
  local err = errors.new(class, message, fields)
  if level then
    local caller = debug.getinfo(level + 1, "Sl")
    if caller and caller.currentline > 0 then
      err.position = ("%s:%d"):format(caller.short_src, caller.currentline)
    end
  end
  err.traceback = debug.traceback("", 2):sub(2)
  error(err, 0)
end

--- Notes what failed while cleaning up after an error; the error itself stays the one to raise.
---@param err any
---@param failure any
---@return any err
function errors.suppress(err, failure)
  if errors.is_error(err) and not rawequal(err, failure) then
    table.insert(err.suppressed, failure)
  end
  return err
end

--- The value, unless it is the one by which C says that there is none.
local function given(value, absent)
  return value ~= absent and value or nil
end

--- The client's number when C gave none: 2003 cannot connect, 2006 gone away while idle.
local function client_number(raw, default)
  if raw.phase == "connect" and (raw.code == "IO" or raw.code == "TIMEOUT") then
    return 2003
  end
  return raw.phase == "idle" and raw.code == "IO" and 2006 or default
end

--- The class of an error of the C layer: the number says it, else the layer's own code does.
local function core_class(raw, kind, errno, sqlstate)
  if raw.code == "SERVER" then
    return codes().class_of(errno or 0, sqlstate)
  end
  return kind.class ~= "TimeoutError" and codes().class_of_number(errno) or kind.class
end

--- Which of the limits on a silent peer ended a connection: "read", "write" or nil.
local function silence_of(raw, message)
  return raw.code == "TIMEOUT" and message:match("%((%a+)_timeout%)$") or nil
end

--- Makes an error of what the C layer returns beside nil, which is
--- `{ code, errno, sqlstate, message, phase }`; `phase` says what the connection was doing:
--- "connect", "idle", "query" …
---@param raw table|string|lunasa.Error
---@param sql? string the statement with its placeholders
---@return lunasa.Error
function errors.from_core(raw, sql)
  if errors.is_error(raw) then
    return raw
  elseif type(raw) ~= "table" then
    return errors.new("InternalError", tostring(raw), { sql = sql })
  end
  local kind = CORE_CODES[raw.code] or UNKNOWN_CODE
  local message = raw.message or "no message"
  local silence = silence_of(raw, message)
  local errno = given(raw.errno, 0) or client_number(raw, silence and 2013 or kind.errno)
  local sqlstate = given(raw.sqlstate, "")
  local class = core_class(raw, kind, errno, sqlstate)
  return errors.new(class, message, {
    errno = errno,
    sqlstate = sqlstate,
    sql = sql,
    cause = raw.cause,
    hint = error_hints.find(errno, message, sql),
    which = class == "TimeoutError" and (raw.phase or silence or "statement") or nil,
  })
end

local function outcome(ok, ...)
  if ok then
    return true, ...
  end
  return nil, (...)
end

--- Returns true with the function's results, or nil with whatever it raised. It may suspend.
---@param work function
---@param ... any its arguments
---@return true|nil ok
---@return any ... results, or the error
function errors.try(work, ...)
  if type(work) ~= "function" and not (getmetatable(work) or {}).__call then
    local message = ("try needs a function, and what to call it with, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  return outcome(pcall(work, ...))
end

return errors
