--- Where lunasa says what nobody asked for: warnings about leaked connections, lost clean-ups.
---
--- Never raises: a message that cannot be delivered is dropped.
local log = {}

---@alias lunasa.LogLevel "info"|"warn"|"error"
---@alias lunasa.LogHandler fun(level: lunasa.LogLevel, message: string, fields?: table)

---@type lunasa.LogHandler
local function to_stderr(level, message)
  io.stderr:write("lunasa: ", level, ": ", message, "\n")
end

local handler = to_stderr

--- What finalizers said, until it can be handed on; nil where they may do that themselves.
---@type { level: lunasa.LogLevel, message: any }[]?
local held

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
---@param fields? table what the message was made of
function log.write(level, message, fields)
  local text = text_of(message)
  local ok, failure = pcall(handler, level, text, fields)
  if not ok and handler ~= to_stderr then
    pcall(to_stderr, level, text)
    pcall(to_stderr, "error", "the log handler failed: " .. text_of(failure))
  end
end

--- Has what finalizers say held until `deliver`, where a host must not be called by them.
---@return table[] held to be looked at: empty when there is nothing to deliver
function log.hold()
  held = held or {}
  return held
end

--- Hands on what finalizers said.
function log.deliver()
  while held and held[1] do
    local entry = table.remove(held, 1)
    log.write(entry.level, entry.message)
  end
end

--- Says something in a finalizer.
---@param level lunasa.LogLevel
---@param message any
function log.finally(level, message)
  if held then
    table.insert(held, { level = level, message = message })
  else
    log.write(level, message)
  end
end

--- Says something that a user would want to know about a run that works.
---@param message any
---@param fields? table
function log.info(message, fields)
  log.write("info", message, fields)
end

--- Says something that should be repaired.
---@param message any
---@param fields? table
function log.warn(message, fields)
  log.write("warn", message, fields)
end

--- Says that something failed where no caller could be told.
---@param message any
---@param fields? table
function log.error(message, fields)
  log.write("error", message, fields)
end

--- `lunasa.log("warn", "message", { more = … })` is `log.write`.
return setmetatable(log, {
  __call = function(_, level, message, fields)
    log.write(level, message, fields)
  end,
})
