--- TLS over a stream of nginx, by the filter of `src/tls`.
---
--- nginx has a TLS of its own, which cannot be told what to verify for one connection. Ours works
--- on memory: whoever resumes a parked stream goes on with its TLS session.
local ngx_tls = {}

--- Sends what the filter has for the server, maybe an alert, and feeds it with the answer when it
--- needs one.
---@async
local function go_on(stream, client, deadline)
  local is_done, err = client:handshake()
  local is_sent, problem = stream:send_raw(client:output(), deadline)
  if is_done == nil or not is_sent then
    return nil, err or problem
  elseif is_done then
    return true
  end
  local bytes
  bytes, err = stream:receive_raw(deadline)
  if not bytes then
    local message = "the server closed the connection during the TLS handshake"
    return nil, err or { code = "TLS", message = message }
  end
  local is_fed
  is_fed, err = client:feed(bytes)
  return is_fed and false, err
end

--- Does the handshake.
---@async
---@param stream lunasa.ngx.Stream
---@param client lunasa.tls.Client
---@param deadline? number
---@return boolean? ok
---@return table? err
function ngx_tls.shake_hands(stream, client, deadline)
  local is_done, err
  repeat
    is_done, err = go_on(stream, client, deadline)
  until is_done ~= false
  return is_done, err
end

--- Receives until something can be decrypted.
---@async
---@param stream lunasa.ngx.Stream
---@param client lunasa.tls.Client
---@param deadline? number
---@return string? plain nil without an error at the end of the session or the stream
---@return table? err
function ngx_tls.receive(stream, client, deadline)
  local plain, is_closed = client:read()
  while plain == "" and not is_closed do
    local bytes, err = stream:receive_raw(deadline)
    if not bytes then
      return nil, err
    end
    local is_fed
    is_fed, err = client:feed(bytes)
    if not is_fed then
      return nil, err
    end
    plain, is_closed = client:read()
  end
  if plain == nil then
    return nil, is_closed
  elseif plain == "" then
    return nil
  end
  return plain
end

return ngx_tls
