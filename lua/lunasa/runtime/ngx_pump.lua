--- Does what a session wants, for whoever waits for an answer.
local login = require("lunasa.login")

local pump = {}

--- How long a server that stopped listening may take to say why, in seconds.
local LAST_WORDS = 1

--- How long one look at the socket lasts, in seconds: nobody can end it earlier.
local LOOK = 0.25

--- Tells the session that its stream has ended.
---@param self lunasa.Channel
---@param raw? table why; nil for an orderly end
function pump.hang_up(self, raw)
  if raw then
    local code = raw.code == "TLS" and "TLS" or "IO"
    self.session:hangup(code, raw.message)
  else
    self.session:hangup()
  end
end

--- Ends the session when the server has been silent for longer than it may be.
local function check_silence(self, now)
  local limit = self.wanted.stream.read_timeout
  if limit > 0 and now - self.used_at >= limit then
    local message = "lost the connection: the server sent nothing for %g s (read_timeout)"
    self.session:hangup("TIMEOUT", message:format(limit))
  end
end

---@async
local function receive(self, deadline)
  local now = self.host.now()
  local bytes, raw = self.stream:receive(math.min(deadline or math.huge, now + LOOK))
  if bytes then
    self.used_at = now
    self.session:feed(bytes)
  elseif raw and raw.code == "TIMEOUT" and (deadline or math.huge) > self.host.now() then
    return check_silence(self, now) -- the session may have been ended meanwhile
  elseif not raw or raw.code ~= "TIMEOUT" then
    pump.hang_up(self, raw)
  else
    return raw
  end
end

--- Sends. A server that does not listen any more may have said why: its words come first.
---@async
local function send(self, deadline)
  local limit = self.wanted.stream.write_timeout
  local now = self.host.now()
  local is_shorter = limit > 0 and now + limit < (deadline or math.huge)
  self.is_sending, self.used_at = true, now
  local ok, raw = self.stream:send(self.session:output(), is_shorter and now + limit or deadline)
  self.is_sending = not ok
  if ok then
    return
  elseif raw.code == "TIMEOUT" and is_shorter then
    local message = "lost the connection: the server took nothing of what was sent for %g s "
      .. "(write_timeout)"
    self.session:hangup("TIMEOUT", message:format(limit))
    return
  elseif raw.code == "TIMEOUT" then
    return raw
  end
  receive(self, math.min(deadline or math.huge, self.host.now() + LAST_WORDS))
  pump.hang_up(self, raw)
end

---@async
local function encrypt(self, deadline)
  local wanted = self.wanted
  local context = login.tls_context(wanted)
  local encryption, raw = self.stream:encrypt(context, wanted.stream.server_name, deadline)
  if encryption then
    self.session:encrypted(encryption)
  elseif raw.code ~= "TIMEOUT" then
    pump.hang_up(self, raw)
  else
    return raw
  end
end

local SERVE = { read = receive, write = send, tls = encrypt }

local function is_answered(session, token)
  if token then
    return session:done(token)
  end
  return session:state() ~= "connecting"
end

--- Does what the session wants until `token` is answered, or without one until it is logged in.
---@async
---@param self lunasa.Channel
---@param token? integer
---@param deadline? number
---@return table? raw when the deadline came first
function pump.run(self, token, deadline)
  local session = self.session
  while not is_answered(session, token) do
    local serve = SERVE[session:want()]
    if not serve then
      pump.hang_up(self, { message = "nothing is left that could bring the answer" })
      break
    end
    local raw = serve(self, deadline)
    if raw then
      return raw
    end
  end
  if self.closed then
    self.stream:close() -- which could not be done while this waited on it
  end
end

return pump
