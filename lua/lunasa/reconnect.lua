--- Making a connection anew in place of one that is lost or closed.
local errors = require("lunasa.error")
local transaction = require("lunasa.transaction")

local reconnect = {}

--- Whether the user is still to be told that the work of a transaction is lost. Inside a block he
--- is told each time: it cannot go on over another session.
local function must_tell(conn, channel)
  local is_told = not channel or channel.is_loss_told
  if channel then
    channel.is_loss_told = true
  end
  return transaction.blocks(conn) > 0 or not is_told and (channel.session:in_transaction())
end

--- Opens another channel: in the pool's slot, when a pool lent the connection.
---@async
---@return lunasa.Channel
local function open(conn, deadline)
  local pool = conn.pool
  if pool then
    return pool:reopen(conn, deadline)
  end
  local config = conn.config
  local fresh =
    require("lunasa.connection").open(config.origin or config, conn.runtime, nil, deadline)
  return fresh:detach()
end

--- What was set with methods, and not with options.
---@async
local function set_again(conn, autocommit, charset)
  if autocommit ~= nil and autocommit ~= conn.config.autocommit then
    conn:autocommit(autocommit)
  end
  if charset and charset.name then
    conn:set_charset(charset.name, charset.collation)
  end
end

--- Makes a lost or closed connection anew.
---@async
---@param conn lunasa.Connection
---@param timeout? number seconds; nil for the connection's own limits
function reconnect.run(conn, timeout)
  local channel = conn.channel
  if conn.released_to then
    errors.raise("InterfaceError", "the connection was released to its pool", nil, 3)
  elseif must_tell(conn, channel) then
    local message = "the connection was lost inside a transaction: its work is undone, "
      .. "begin it anew"
    errors.raise("OperationalError", message, { errno = 2013 }, 3)
  end
  local autocommit, charset = conn.autocommit_mode, channel and channel.other_charset
  local fresh = open(conn, timeout and conn.runtime.now() + timeout)
  require("lunasa.connection").adopt(conn, fresh)
  set_again(conn, autocommit, charset)
end

return reconnect
