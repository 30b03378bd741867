--- TLS without configuration: a server whose certificate nobody vouches for proves that it knows
--- the password, or is left.
local conversation = require("spec.mysql.session.conversation")
local ffi = require("ffi")
local wire = require("spec.mysql.wire")

ffi.cdef([[
unsigned char *SHA1(const unsigned char *, size_t, unsigned char *);
unsigned char *SHA256(const unsigned char *, size_t, unsigned char *);
]])

local crypto = ffi.load("crypto")
local it_talks = conversation.it

local PROVING = { version = "11.8.6-MariaDB" }
local FINGERPRINT = ("\7"):rep(32)
local DOUBT = "certificate verify failed: self signed"
local CONFIG = { tls = "required", password = "secret" }

local function digest(name, size, text)
  local out = ffi.new("unsigned char[?]", size)
  crypto[name](text, #text, out)
  return ffi.string(out, size)
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

local function key_of(password)
  return digest("SHA1", 20, digest("SHA1", 20, password))
end

--- What an honest server says.
local function proof(password, fingerprint, scramble)
  local text = key_of(password) .. (scramble or wire.SCRAMBLE) .. (fingerprint or FINGERPRINT)
  return "\1" .. hex(digest("SHA256", 32, text))
end

--- Goes on to where the server has the answer to its greeting.
local function answer(talk, greeting, doubt)
  talk:server(wire.frame(0, wire.greeting(greeting or PROVING)))
  talk:output()
  talk.session:encrypted({
    is_verified = false,
    doubt = doubt,
    version = "TLSv1.3",
    cipher = "TLS_AES_256_GCM_SHA384",
    fingerprint = FINGERPRINT,
  })
  return talk:output()
end

local function log_in(talk, info, doubt)
  assert.not_equal("", answer(talk, nil, doubt))
  talk:server(wire.frame(3, wire.ok({ info = info })))
end

describe("a server whose certificate nobody vouches for", function()
  it_talks("is verified by its proof", function(talk)
    log_in(talk, proof("secret"), DOUBT)

    assert.equal("open", (talk.session:state()))
    assert.is_true(talk.session:facts().is_verified)
    assert.equal("TLSv1.3", talk.session:facts().tls_version)
    assert.equal("TLS_AES_256_GCM_SHA384", talk.session:facts().tls_cipher)
  end, CONFIG)

  it_talks("proves with the scramble of its greeting after a switch", function(talk)
    answer(talk, PROVING, DOUBT)
    talk:server(wire.frame(3, wire.auth_switch("mysql_native_password", ("z"):rep(20) .. "\0")))
    talk:output()
    talk:server(wire.frame(5, wire.ok({ info = proof("secret") })))

    assert.is_true(talk.session:facts().is_verified)
  end, CONFIG)

  it_talks("is verified though nobody asked for it", function(talk)
    log_in(talk, proof("secret"))

    assert.is_true(talk.session:facts().is_verified)
  end, CONFIG)

  local right = proof("secret")
  local WRONG = {
    ["for another certificate"] = proof("secret", ("\8"):rep(32)),
    ["for another password"] = proof("Secret"),
    ["for another greeting"] = proof("secret", nil, ("s"):rep(20)),
    ["with one digit changed"] = right:sub(1, -2) .. (right:sub(-1) == "0" and "1" or "0"),
    ["of zeros"] = "\1" .. ("0"):rep(64),
  }
  for how, info in pairs(WRONG) do
    it_talks("is left when its proof is " .. how, function(talk)
      log_in(talk, info, DOUBT)

      talk:fails("TLS", "^" .. DOUBT .. "; .*is wrong: somebody may be in between$")
      talk:client_sends("")
    end, { tls = "required", password = "secret", init_commands = { "SET autocommit = 1" } })

    it_talks("is not verified, where nobody asked, by a proof " .. how, function(talk)
      log_in(talk, info)

      assert.equal("open", (talk.session:state()))
      assert.is_false(talk.session:facts().is_verified)
    end, CONFIG)
  end

  local MISSING = {
    ["no proof"] = "",
    ["a text"] = "Welcome to MariaDB",
    ["half a proof"] = right:sub(1, 33),
    ["a proof of 64 bytes"] = right:sub(1, 64),
    ["a proof of 66 bytes"] = right .. "0",
    ["a proof with another mark"] = "\2" .. right:sub(2),
    ["a proof with a letter that is no digit"] = right:sub(1, 64) .. "g",
    ["a proof with a NUL"] = right:sub(1, 64) .. "\0",
  }
  for what, info in pairs(MISSING) do
    it_talks("is left when it gives " .. what, function(talk)
      log_in(talk, info, DOUBT)

      talk:fails("TLS", "nor did the server prove that it knows the account's password$")
      talk:client_sends("")
    end, CONFIG)
  end

  local UNABLE = { "10.11.19-MariaDB", "11.3.2-MariaDB", "9.7.4", "11.4.0", "5.5.5-10.6.1-MariaDB" }
  for _, version in ipairs(UNABLE) do
    it_talks("learns not even the user's name when it is " .. version, function(talk)
      assert.equal("", answer(talk, { version = version }, DOUBT))
      talk:fails("TLS", "^" .. DOUBT .. "$")
    end, CONFIG)
  end

  it_talks("cannot prove anything to an account without a password", function(talk)
    assert.equal("", answer(talk, PROVING, DOUBT))
    talk:fails("TLS", "without a password proves nothing instead$")
  end, { tls = "required" })

  for _, plugin in ipairs({
    "caching_sha2_password",
    "sha256_password",
    "mysql_clear_password",
    "dialog",
  }) do
    it_talks("gets no answer when it asks for " .. plugin, function(talk)
      answer(talk, PROVING, DOUBT)
      talk:server(wire.frame(3, wire.auth_switch(plugin, wire.SCRAMBLE .. "\0")))
      talk:fails("TLS", plugin .. " cannot prove who the server is")
      talk:client_sends("")
    end, CONFIG)

    it_talks("is answered by another plugin when it greets with " .. plugin, function(talk)
      local greeting = { version = PROVING.version, plugin = plugin }
      local said = answer(talk, greeting, DOUBT)
      assert.is_truthy(said:find("mysql_native_password\0", 1, true))
      assert.is_nil(said:find("secret", 1, true))
    end, CONFIG)
  end

  it_talks("is left where auth_plugins lists none that could prove", function(talk)
    assert.equal("", answer(talk, PROVING, DOUBT))
    talk:fails("TLS", "option auth_plugins prove nothing instead$")
  end, { tls = "required", password = "secret", auth_plugins = "caching_sha2_password" })
end)
