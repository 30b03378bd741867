--- Where lunasa says what nobody asked for: warnings about leaked connections, lost clean-ups.
---
--- Never raises: a message that cannot be delivered is dropped.
local log = {}

---@alias lunasa.LogLevel "info"|"warn"|"error"
---@alias lunasa.LogHandler fun(level: lunasa.LogLevel, message: string)

---@type lunasa.LogHandler
local function to_stderr(level, message)
  io.stderr:write("lunasa: ", level, ": ", message, "\n")
end

local handler = to_stderr

--- Replaces what receives the messages; nil restores the default, which writes to stderr.
---@param on_message? lunasa.LogHandler
---@return lunasa.LogHandler previous
function log.set(on_message)
  local previous = handler
  handler = on_message or to_stderr
  return previous
end

--- Turns any value into text, even one whose `__tostring` fails.
local function text_of(message)
  local ok, text = pcall(tostring, message)
  return ok and type(text) == "string" and text or "(a message that cannot be shown)"
end

--- Hands a message to the handler, or to stderr when the handler fails.
---@param level lunasa.LogLevel
---@param message any
function log.write(level, message)
  local text = text_of(message)
  local ok, failure = pcall(handler, level, text)
  if not ok and handler ~= to_stderr then
    pcall(to_stderr, level, text)
    pcall(to_stderr, "error", "the log handler failed: " .. text_of(failure))
  end
end

--- Says something that a user would want to know about a run that works.
---@param message any
function log.info(message)
  log.write("info", message)
end

--- Says something that should be repaired.
---@param message any
function log.warn(message)
  log.write("warn", message)
end

--- Says that something failed where no caller could be told.
---@param message any
function log.error(message)
  log.write("error", message)
end

return log
