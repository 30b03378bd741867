--- A cosocket with deadlines, and with TLS once it is asked for.
---
--- What fails returns nil and an error of the C layer's shape, `{ code, message }`.
local ngx_tls = require("lunasa.runtime.ngx_tls")

local stream = {}

--- What nginx takes for the longest timeout, in milliseconds.
local FOREVER = 2 ^ 31 - 1

local READ_SIZE = 64 * 1024

---@class lunasa.ngx.Stream
---@field private host lunasa.ngx.Host
---@field private address lunasa.ngx.Address
---@field private key string of nginx's pool; no other stream ever has the same
---@field private socket? table nil while parked
---@field private is_connecting boolean the socket is not connected yet
---@field private limit? number milliseconds, as the socket was told last
---@field private client? lunasa.tls.Client once it is encrypted
local Stream = {}
Stream.__index = Stream
Stream.__name = "lunasa.ngx.Stream"

---@class lunasa.ngx.Address
---@field target string what cosockets connect to
---@field port? integer
---@field where string for messages
---@field local_address? string to connect from

--- Gives what cosockets need to know of a server. They resolve no `localhost`.
---@param wanted table `stream` of a lunasa.Login
---@return lunasa.ngx.Address
function stream.address(wanted)
  if wanted.path then
    return { target = "unix:" .. wanted.path, where = wanted.path }
  end
  local host = wanted.host == "localhost" and "127.0.0.1" or wanted.host
  if host:find(":", 1, true) then
    host = "[" .. host .. "]"
  end
  return {
    target = host,
    port = tonumber(wanted.port),
    where = host .. ":" .. wanted.port,
    local_address = wanted.bind_address,
  }
end

local function new(host, address, key)
  return setmetatable({
    host = host,
    address = address,
    key = key,
    socket = nil,
    is_connecting = false,
    limit = nil,
    client = nil,
  }, Stream)
end

local function timed_out()
  return nil, { code = "TIMEOUT", message = "timed out" }
end

--- Tells the socket how long it may take.
---@return boolean is_in_time
local function set_limit(self, deadline)
  local limit = FOREVER
  if deadline then
    limit = math.ceil((deadline - self.host.now()) * 1000)
    if limit <= 0 then
      return false
    end
    limit = math.min(limit, FOREVER)
  end
  if limit ~= self.limit then
    self.socket:settimeouts(limit, limit, limit)
    self.limit = limit
  end
  return true
end

local function connect_failure(self, problem)
  if problem == "timeout" then
    return timed_out()
  elseif problem:find("resolve", 1, true) then
    local message =
      "cannot resolve the name in %s: %s (nginx needs a resolver directive, or an address)"
    return nil, { code = "IO", message = message:format(self.address.where, problem) }
  end
  local message = ("cannot connect to %s: %s"):format(self.address.where, problem)
  return nil, { code = "IO", message = message }
end

--- Has a new socket connect from an address of the user's.
---@return table? err
local function bind(self)
  local wanted = self.address.local_address
  if not wanted then
    return nil
  elseif not self.socket.bind then
    local message = "option 'bind_address' needs cosockets that can bind (lua-nginx-module 0.10.25)"
    return { code = "UNSUPPORTED", message = message }
  end
  local ok, problem = self.socket:bind(wanted)
  local message = ("cannot connect from %s: %s"):format(wanted, problem or "refused")
  return not ok and { code = "IO", message = message } or nil
end

--- Gets a socket: the one that was parked under our key when it is still there, else a new one.
---@async
---@param deadline? number
---@return boolean? is_same the parked one
---@return table? err
local function attach(self, deadline)
  self.socket, self.limit = self.host.tcp(), nil
  if not set_limit(self, deadline) then
    self.socket = nil
    return timed_out()
  end
  local refusal = bind(self)
  if refusal then
    self.socket = nil
    return nil, refusal
  end
  local address, options = self.address, { pool = self.key, pool_size = 1 }
  local ok, problem
  self.is_connecting = true
  if address.port then
    ok, problem = self.socket:connect(address.target, address.port, options)
  else
    ok, problem = self.socket:connect(address.target, options)
  end
  self.is_connecting = false
  if not ok then
    self.socket = nil
    return connect_failure(self, problem)
  end
  return self.socket:getreusedtimes() > 0
end

--- Connects.
---@async
---@param host lunasa.ngx.Host
---@param address lunasa.ngx.Address
---@param key string
---@param deadline? number
---@return lunasa.ngx.Stream?
---@return table? err
function stream.open(host, address, key, deadline)
  local self = new(host, address, key)
  local is_same, err = attach(self, deadline)
  if err then
    return nil, err
  end
  assert(not is_same, "a key of nginx's pools was used twice")
  return self
end

--- Gives the socket to nginx's pool, for a later request. When that fails, it is closed.
---@param seconds? number until nginx closes it; nil for never
---@return boolean is_parked
function Stream:park(seconds)
  local socket = self.socket
  self.socket = nil
  local limit = seconds and math.ceil(seconds * 1000) or 0
  local is_ours, is_parked = pcall(socket.setkeepalive, socket, limit, 1)
  return is_ours and is_parked == 1
end

--- Takes the parked socket back.
---@async
---@param deadline? number
---@return boolean? is_same
---@return lunasa.ngx.Stream|table|nil fresh a new stream in its place, or the error
function Stream:resume(deadline)
  local is_same, err = attach(self, deadline)
  if is_same or err then
    return is_same, err
  end
  local fresh = new(self.host, self.address, self.key)
  fresh.socket, fresh.limit = self.socket, self.limit
  self.socket = nil
  return false, fresh
end

--- Tells whether nginx closed the socket of its own, because the request that used it is over.
---@return boolean
function Stream:is_orphan()
  return self.socket ~= nil and not self.is_connecting and not self.socket:getreusedtimes()
end

function Stream:is_parked()
  return self.socket == nil
end

--- Sends without encrypting.
---@async
---@param bytes string
---@param deadline? number
---@return boolean? ok
---@return table? err
function Stream:send_raw(bytes, deadline)
  if bytes == "" then
    return true
  elseif not set_limit(self, deadline) then
    return timed_out()
  end
  local sent, problem = self.socket:send(bytes)
  if sent then
    return true
  elseif problem == "timeout" then
    return timed_out()
  end
  return nil, { code = "IO", message = "cannot send: " .. problem }
end

--- Receives at least one byte, as it comes. nginx counts from when it last looked at the clock, so
--- that its timeout may come too early.
---@async
---@param deadline? number
---@return string? bytes nil without an error at the end of the stream
---@return table? err
function Stream:receive_raw(deadline)
  repeat
    if not set_limit(self, deadline) then
      return timed_out()
    end
    local bytes, problem = self.socket:receiveany(READ_SIZE)
    if bytes then
      return bytes
    elseif problem == "closed" then
      return nil
    elseif problem ~= "timeout" then
      return nil, { code = "IO", message = "cannot receive: " .. problem }
    end
  until false
end

--- Sends all of it.
---@async
---@param bytes string
---@param deadline? number
---@return boolean? ok
---@return table? err
function Stream:send(bytes, deadline)
  if self.client then
    local ok, err = self.client:write(bytes)
    if not ok then
      return nil, err
    end
    bytes = self.client:output()
  end
  return self:send_raw(bytes, deadline)
end

--- Receives at least one byte.
---@async
---@param deadline? number
---@return string? bytes nil without an error at the end of the stream
---@return table? err
function Stream:receive(deadline)
  if self.client then
    return ngx_tls.receive(self, self.client, deadline)
  end
  return self:receive_raw(deadline)
end

--- Encrypts from here on.
---@async
---@param context lunasa.tls.Context
---@param server_name? string
---@param deadline? number
---@return table? encryption what the session is told
---@return table? err
function Stream:encrypt(context, server_name, deadline)
  local client, err = context:client(server_name)
  if not client then
    return nil, err
  end
  local ok
  ok, err = ngx_tls.shake_hands(self, client, deadline)
  if not ok then
    return nil, err
  end
  self.client = client
  return client:encryption()
end

--- Closes. A socket that is not this request's is left to the request whose it is.
function Stream:close()
  local socket = self.socket
  self.socket = nil
  if socket then
    pcall(socket.close, socket)
  end
end

return stream
