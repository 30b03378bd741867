--- A client of ours and a server of OpenSSL's, with the bytes carried between them.

local certificates = require("spec.tls.certificates")
local server = require("spec.tls.server")
local tls = require("lunasa.tls")

---@class spec.TlsPair
---@field certificates spec.Certificates present between setup and teardown
local pair = {}

function pair.setup()
  pair.certificates = certificates.make()
end

function pair.teardown()
  pair.certificates:remove()
end

---@param holder string which certificate the server shows
---@param options? table see spec.TlsServer.Options
function pair.new_server(holder, options)
  options = options or {}
  options.certificate = pair.certificates:path(holder .. ".pem")
  options.key = pair.certificates:path(holder .. ".key")
  return server.new(options)
end

---@param options lunasa.tls.Options our CA is added
---@param name? string
---@return lunasa.tls.Client
function pair.new_client(options, name)
  if options.verify ~= "none" then
    options.ca_file = options.ca_file or pair.certificates:path("ca.pem")
  end
  return assert(assert(tls.context(options)):client(name))
end

local function feed(client, received, step)
  local done, err = client:handshake()
  for i = 1, #received, step do
    assert(client:feed(received:sub(i, i + step - 1)))
    done, err = client:handshake()
    if done == nil then
      break
    end
  end
  return done, err
end

--- Carries bytes both ways until the client is done, and what it says then to the server.
---@param step? integer bytes that the client gets at a time
---@return boolean? done nil on failure
---@return table? err
function pair.shake_hands(client, peer, step)
  local done, err = client:handshake()
  while done == false do
    local answer = peer:exchange(client:output())
    done, err = feed(client, answer, step or #answer)
  end
  assert(client:feed(peer:exchange(client:output())) or done == nil)
  return done, err
end

---@return boolean? done
---@return table? err
---@return lunasa.tls.Client client
---@return spec.TlsServer peer
function pair.connect(options, name, holder, server_options)
  local client, peer = pair.new_client(options, name), pair.new_server(holder, server_options)
  local done, err = pair.shake_hands(client, peer)
  return done, err, client, peer
end

--- Returns both ends of a verified connection to db.example.
function pair.open(server_options)
  local done, err, client, peer = pair.connect({}, "db.example", "good", server_options)
  assert(done, err and err.message)
  return client, peer
end

--- Asserts that the handshake of `connect(…)` fails in exactly these words.
function pair.assert_refused(message, ...)
  local done, err, client = pair.connect(...)
  assert(done == nil)
  assert(err.code == "TLS")
  assert(err.message == message, err.message)
  assert(not client:verified())
end

return pair
