--- The other end of a TLS connection: OpenSSL's server over memory BIOs, in this process.

local ffi = require("ffi")

ffi.cdef([[
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct bio_st BIO;
const void *TLS_server_method(void);
SSL_CTX *SSL_CTX_new(const void *method);
void SSL_CTX_free(SSL_CTX *);
long SSL_CTX_ctrl(SSL_CTX *, int command, long number, void *pointer);
int SSL_CTX_set_cipher_list(SSL_CTX *, const char *);
int SSL_CTX_use_certificate_chain_file(SSL_CTX *, const char *);
int SSL_CTX_use_PrivateKey_file(SSL_CTX *, const char *, int type);
int SSL_CTX_load_verify_locations(SSL_CTX *, const char *, const char *);
void SSL_CTX_set_verify(SSL_CTX *, int mode, void *callback);
SSL *SSL_new(SSL_CTX *);
void SSL_free(SSL *);
void SSL_set_bio(SSL *, BIO *, BIO *);
void SSL_set_accept_state(SSL *);
int SSL_do_handshake(SSL *);
int SSL_read(SSL *, void *, int);
int SSL_write(SSL *, const void *, int);
int SSL_shutdown(SSL *);
int SSL_get_shutdown(const SSL *);
int SSL_renegotiate(SSL *);
int SSL_key_update(SSL *, int kind);
const char *SSL_get_servername(const SSL *, int kind);
const void *BIO_s_mem(void);
BIO *BIO_new(const void *method);
int BIO_read(BIO *, void *, int);
int BIO_write(BIO *, const void *, int);
void ERR_clear_error(void);
unsigned long ERR_peek_error(void);
]])

local ssl, crypto = ffi.load("ssl"), ffi.load("crypto")
local FILETYPE_PEM, CTRL_SET_MIN_PROTO, CTRL_SET_MAX_PROTO = 1, 123, 124
local VERIFY_CLIENT, KEY_UPDATE_REQUESTED, RECEIVED_SHUTDOWN = 3, 1, 2
local CHUNK = 65536

---@class spec.TlsServer
---@field private handle ffi.cdata* SSL
---@field private input ffi.cdata* BIO
---@field private output ffi.cdata* BIO
local Server = {}
Server.__index = Server

local chunk = ffi.new("char[?]", CHUNK)

local function drain(read)
  local parts = {}
  repeat
    local count = read()
    if count > 0 then
      table.insert(parts, ffi.string(chunk, count))
    end
  until count <= 0
  crypto.ERR_clear_error()
  return table.concat(parts)
end

--- Takes cipher text in, goes on with the handshake, and returns cipher text for the client.
---@param received string
---@return string
function Server:exchange(received)
  crypto.BIO_write(self.input, received, #received)
  ssl.SSL_do_handshake(self.handle)
  crypto.ERR_clear_error()
  return self:output_text()
end

---@return string cipher text for the client
function Server:output_text()
  return drain(function()
    return crypto.BIO_read(self.output, chunk, CHUNK)
  end)
end

--- Takes cipher text in and returns what the client wrote.
---@param received string
---@return string
function Server:decrypt(received)
  crypto.BIO_write(self.input, received, #received)
  return drain(function()
    return ssl.SSL_read(self.handle, chunk, CHUNK)
  end)
end

---@param plain string
---@return string cipher text
function Server:encrypt(plain)
  assert(ssl.SSL_write(self.handle, plain, #plain) == #plain)
  return self:output_text()
end

---@return string cipher text of close_notify
function Server:close()
  ssl.SSL_shutdown(self.handle)
  return self:output_text()
end

--- Asks for new keys (TLS 1.3) and returns the cipher text of the request.
function Server:update_keys()
  assert(ssl.SSL_key_update(self.handle, KEY_UPDATE_REQUESTED) == 1)
  ssl.SSL_do_handshake(self.handle)
  return self:output_text()
end

--- Asks for a new handshake (TLS 1.2) and returns the cipher text of the request.
function Server:renegotiate()
  assert(ssl.SSL_renegotiate(self.handle) == 1)
  ssl.SSL_do_handshake(self.handle)
  return self:output_text()
end

---@return boolean whether the client's close_notify came
function Server:is_closed()
  return ssl.SSL_get_shutdown(self.handle) >= RECEIVED_SHUTDOWN
end

---@return string? name the client asked for (SNI)
function Server:name()
  local name = ssl.SSL_get_servername(self.handle, 0)
  return name ~= nil and ffi.string(name) or nil
end

---@class (exact) spec.TlsServer.Options
---@field certificate string path of a PEM file
---@field key string path of a PEM file
---@field client_ca? string path of a PEM file; clients must have a certificate by it
---@field min? integer oldest protocol version
---@field max? integer newest protocol version

---@param options spec.TlsServer.Options
---@return spec.TlsServer
local function new(options)
  local context = ffi.gc(ssl.SSL_CTX_new(ssl.TLS_server_method()), ssl.SSL_CTX_free)
  assert(ssl.SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0") == 1)
  assert(ssl.SSL_CTX_ctrl(context, CTRL_SET_MIN_PROTO, options.min or 0, nil) == 1)
  assert(ssl.SSL_CTX_ctrl(context, CTRL_SET_MAX_PROTO, options.max or 0, nil) == 1)
  assert(ssl.SSL_CTX_use_certificate_chain_file(context, options.certificate) == 1)
  assert(ssl.SSL_CTX_use_PrivateKey_file(context, options.key, FILETYPE_PEM) == 1)
  if options.client_ca then
    assert(ssl.SSL_CTX_load_verify_locations(context, options.client_ca, nil) == 1)
    ssl.SSL_CTX_set_verify(context, VERIFY_CLIENT, nil)
  end
  local handle = ffi.gc(ssl.SSL_new(context), ssl.SSL_free)
  local input, output = crypto.BIO_new(crypto.BIO_s_mem()), crypto.BIO_new(crypto.BIO_s_mem())
  ssl.SSL_set_bio(handle, input, output)
  ssl.SSL_set_accept_state(handle)
  return setmetatable({ handle = handle, input = input, output = output }, Server)
end

--- Whether someone left an error in OpenSSL's queue, where it would confuse the next user.
---@return boolean
local function has_errors()
  return crypto.ERR_peek_error() ~= 0
end

return {
  TLS_1_1 = 0x0302,
  TLS_1_2 = 0x0303,
  TLS_1_3 = 0x0304,
  has_errors = has_errors,
  new = new,
}
