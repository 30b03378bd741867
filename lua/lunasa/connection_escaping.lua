--- Values as SQL text, for what placeholders cannot do. It is escaped for what the session is at
--- the moment, its SQL mode and its character set: send it at once or not at all.
local call = require("lunasa.call")
local errors = require("lunasa.error")
local identifier = require("lunasa.identifier")

local connection_escaping = {}

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param use fun(self: lunasa.Connection): lunasa.Channel the channel; raises without one
function connection_escaping.add(Connection, use)
  local function given(self, text, raw)
    if not text then
      errors.throw(errors.from_core(raw), self.config.errors)
    end
    return text
  end

  --- Gives a value as SQL text: a string in quotes, a list as `(1, 2)`.
  ---@param value any
  ---@return string
  function Connection:literal(value)
    return given(self, use(self).session:literal(value))
  end

  --- The same.
  Connection.escape = Connection.literal

  --- Gives what stands between the quotes of a string literal.
  ---@param text string
  ---@return string
  function Connection:escape_string(text)
    local channel = use(self)
    if type(text) ~= "string" then
      local message = ("escape_string needs a string, got %s: see conn:escape"):format(type(text))
      errors.raise("ArgumentError", message, nil, 2)
    end
    return given(self, channel.session:literal(text)):sub(2, -2)
  end

  --- Gives a name in backticks, for where no placeholder can stand.
  ---@param name string
  ---@return string
  function Connection:quote_identifier(name)
    local channel = use(self)
    if type(name) ~= "string" then
      local message = ("quote_identifier needs a name, got %s"):format(type(name))
      errors.raise("ArgumentError", message, nil, 2)
    end
    local quoted = identifier.quote(channel.session, name, 3)
    return quoted
  end

  --- Gives the text that `query` would send now, in the text protocol.
  ---@param sql string
  ---@param args? table
  ---@param options? table of a call
  ---@return string
  function Connection:mogrify(sql, args, options)
    local channel = use(self)
    call.check_statement(sql, args, 3)
    local is_pyformat = self.is_pyformat
    if options then
      is_pyformat = select(3, call.with_options(self, options, 3))
    end
    if not args then
      return sql
    end
    local text, raw = channel.session:format(sql, args, is_pyformat)
    if not text then
      errors.throw(errors.from_core(raw, sql), self.config.errors)
    end
    return text
  end
end

return connection_escaping
