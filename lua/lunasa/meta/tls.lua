---@meta lunasa.tls
-- luacheck: no unused

--- TLS over memory, for hosts that carry the bytes themselves: nginx. The C host has its own way.
---
---     local client = assert(assert(tls.context({ ca_file = "ca.pem" })):client("db.example"))
---     while not assert(client:handshake()) do   -- nil, err on failure
---       socket:send(client:output())
---       client:feed(socket:receiveany(16384))
---     end
---     client:write(plain); socket:send(client:output())
---     client:feed(socket:receiveany(16384)); plain = client:read()
---
--- What can fail returns `nil, err`. A failure ends the connection: every later call fails in the
--- same words. The output may then hold an alert for the server; send it before closing.
---@class lunasa.tls
local tls = {}

---@class lunasa.tls.Error
---@field code "TLS"|"ARGUMENT"|"STATE"|"NOMEM"
---@field message string

--- Without any of the ca_ options the system's trust store counts, with one only what they name.
---@class (exact) lunasa.tls.Options
---@field verify? "none"|"ca"|"identity" what is checked about the server; "identity" by default
---@field resumes? boolean goes on with earlier TLS sessions with the same server
---@field accepts_proof? boolean whether a certificate that nobody vouches for passes, with a doubt
---@field ca_file? string PEM bundle
---@field ca_path? string folder made by `openssl rehash`
---@field ca_pem? string PEM text
---@field crl_file? string PEM bundle of revocation lists
---@field crl_path? string folder of them, made by `openssl rehash`
---@field cert_file? string our own certificate, PEM, followed by its chain
---@field cert_pem? string PEM text instead of a file
---@field key_file? string its key, PEM; by default it is with the certificate
---@field key_pem? string PEM text instead of a file
---@field key_password? string of an encrypted key
---@field ciphers? string of TLS 1.2, OpenSSL's list
---@field ciphersuites? string of TLS 1.3, names with colons between them
---@field min_version? "TLSv1.2"|"TLSv1.3"
---@field max_version? "TLSv1.2"|"TLSv1.3"
---@field fingerprint? string SHA-256 of the server's certificate, or several with commas
---@field public_key_pin? string "sha256//" and base64 of its public key's, or several with commas

--- A configuration, for any number of connections. Reads the files now, and not again.
---@class lunasa.tls.Context
local Context = {}

---@param options lunasa.tls.Options unknown ones raise
---@return lunasa.tls.Context?
---@return lunasa.tls.Error?
function tls.context(options) end

---@param server_name? string name or IP address to verify; names are asked for (SNI)
---@return lunasa.tls.Client?
---@return lunasa.tls.Error?
function Context:client(server_name) end

--- Tells whether a file that it was made of is another one by now.
---@return boolean
function Context:is_stale() end

--- Our end of one connection.
---@class lunasa.tls.Client
local Client = {}

--- Goes on with the handshake as far as the bytes fed allow.
---@return boolean? done
---@return lunasa.tls.Error?
function Client:handshake() end

---@param received string cipher text
---@return true?
---@return lunasa.tls.Error?
function Client:feed(received) end

--- Returns all that can be decrypted, "" when more cipher text is needed.
---@return string? plain
---@return boolean|lunasa.tls.Error closed whether the server ended the session
function Client:read() end

---@param plain string
---@return true?
---@return lunasa.tls.Error?
function Client:write(plain) end

--- Returns the cipher text waiting to be sent, and forgets it.
---@return string
function Client:output() end

--- Ends our side of the session: puts a close_notify into the output, once.
function Client:close() end

---@return boolean # whether the handshake is done and the certificate was verified
function Client:verified() end

--- What a session is told of its encryption, after the handshake.
---@return { is_verified: boolean, is_resumed: boolean, doubt: string?, version: string,
---  cipher: string, fingerprint: string? }
function Client:encryption() end

---@return string? # SHA-256 of the server's certificate, 32 bytes; nil before the handshake
function Client:fingerprint() end

---@return string # such as "TLSv1.3", "" before the handshake is done
function Client:version() end

---@return string # such as "TLS_AES_256_GCM_SHA384", "" before the handshake is done
function Client:cipher() end

return tls
