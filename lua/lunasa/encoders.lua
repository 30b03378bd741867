--- Parameters of the program's own kinds: what C asks when it meets a table or a userdata with a
--- metatable that says nothing to it.
---
--- The function for it is that of the connection's option `encoders`, or the field `__lunasa` of
--- the metatable. What it returns is sent in the place of the value, as any other parameter is.
local core = require("lunasa.core")
local runtime = require("lunasa.runtime")

local encoders = {}

--- Both are weak: a channel holds its session, and would never go.
local channels = setmetatable({}, { __mode = "kv" })

--- Remembers whose session it is.
---@param channel lunasa.Channel
function encoders.note(channel)
  channels[channel.session] = channel
end

--- Gives a connection for functions to look at. They cannot wait inside a parameter, so it serves
--- its fields, `literal` and the like.
local function connection_over(channel)
  local conn = channel.encoding_connection
  if not conn then
    conn = setmetatable({
      channel = channel,
      runtime = runtime,
      closed = false,
      transaction_depth = 0,
    }, channel.connection_metatable)
    channel.encoding_connection = conn
  end
  return conn
end

--- Gives what is to be sent for a value.
---@param value table|userdata
---@param session userdata
---@return boolean is_known whether there is a function for it
---@return any encoded
local function encode(value, session)
  local metatable = debug.getmetatable(value)
  local channel = channels[session]
  local own = channel and channel.config and channel.config.encoders
  local encoder = own and own[metatable] or rawget(metatable, "__lunasa")
  if type(encoder) ~= "function" then
    return false
  end
  return true, encoder(value, channel and connection_over(channel))
end

core.set_converters({ encode = encode })

return encoders
