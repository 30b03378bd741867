--- How the statements of a connection are sent: the driver's options of a call, checked once.
local call = require("lunasa.call")

local how = {}

---@class lunasa.EngineHow
---@field options { timeout?: number|false, prepared?: boolean }
---@field compiled lunasa.CallSettings of what was compiled
---@field text lunasa.CallSettings of what cannot be prepared, and of text with `?`
---@field pyformat lunasa.CallSettings of text with `%s`
---@field stream_compiled lunasa.CallSettings
---@field stream_text lunasa.CallSettings
---@field stream_pyformat lunasa.CallSettings

--- Makes it.
---@param connection lunasa.Connection any of the engine's: they have one configuration
---@param options { timeout?: number|false, prepared?: boolean }
---@return lunasa.EngineHow
function how.new(connection, options)
  local function settle(is_prepared, paramstyle, is_streamed)
    return call.settle(connection, {
      rows = "array",
      null = "nil",
      protocol = is_prepared and "binary" or "text",
      paramstyle = paramstyle,
      timeout = options.timeout,
    }, is_streamed, 2)
  end
  local is_compiled, is_text = options.prepared ~= false, options.prepared == true
  return {
    options = options,
    compiled = settle(is_compiled, "qmark", false),
    text = settle(is_text, "qmark", false),
    pyformat = settle(is_text, "pyformat", false),
    stream_compiled = settle(is_compiled, "qmark", true),
    stream_text = settle(is_text, "qmark", true),
    stream_pyformat = settle(is_text, "pyformat", true),
  }
end

--- Gives it with other options.
---@param before lunasa.EngineHow
---@param connection lunasa.Connection
---@param options { timeout?: number|false, prepared?: boolean }
---@return lunasa.EngineHow
function how.changed(before, connection, options)
  local own = { timeout = options.timeout, prepared = options.prepared }
  if own.timeout == nil then
    own.timeout = before.options.timeout
  end
  if own.prepared == nil then
    own.prepared = before.options.prepared
  end
  return how.new(connection, own)
end

return how
