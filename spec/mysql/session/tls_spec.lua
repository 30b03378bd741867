local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local REQUIRED, PREFERRED = { tls = "required" }, { tls = "preferred" }
local WITHOUT_TLS = { capabilities = wire.ALL - wire.CAPABILITY.SSL }
local SSL_REQUEST_SIZE = 4 + 32

local function greet(talk, greeting)
  talk:server(wire.frame(0, wire.greeting(greeting)))
end

describe("TLS", function()
  for mode, config in pairs({ required = REQUIRED, preferred = PREFERRED }) do
    it_talks("begins after a request without a name in it, when " .. mode, function(talk)
      greet(talk)
      talk:wants("write")
      local request = talk:output()

      assert.equal(SSL_REQUEST_SIZE, #request)
      assert.equal("\32\0\0\1", request:sub(1, 4))
      talk:wants("tls")
    end, config)
  end

  it_talks("carries the handshake response, with the next number", function(talk)
    greet(talk)
    local request = talk:output()
    talk.session:encrypted(true)
    local response = talk:output()

    assert.equal(2, response:byte(4))
    assert.equal(request:sub(5), response:sub(5, SSL_REQUEST_SIZE))
    assert.is_truthy(response:find("root\0", 1, true))
    talk:server(wire.frame(3, wire.ok()))
    assert.equal("open", (talk.session:state()))
    assert.is_true(talk.session:facts().is_encrypted)
    assert.is_true(talk.session:facts().is_verified)
  end, REQUIRED)

  it_talks("is not begun where a server without it is good enough", function(talk)
    talk:log_in(WITHOUT_TLS)
    assert.is_false(talk.session:facts().is_encrypted)
  end, PREFERRED)

  it_talks("C21: is missed before a byte is sent, where it is required", function(talk)
    greet(talk, WITHOUT_TLS)
    talk:fails("TLS", "does not offer it")
    talk:client_sends("")
  end, { tls = "required", password = "secret" })

  for name, bytes in pairs({
    ["a byte"] = "\0",
    ["an OK"] = wire.frame(2, wire.ok()),
    ["an ERR with sequence 0"] = wire.frame(0, wire.err(1, "x")),
  }) do
    it_talks("is refused when " .. name .. " comes behind the greeting", function(talk)
      talk:server(wire.frame(0, wire.greeting()) .. bytes)
      talk:fails("PROTOCOL", "between its greeting and TLS")
      talk:client_sends("")
    end, REQUIRED)

    it_talks("is refused when " .. name .. " comes behind our request", function(talk)
      greet(talk)
      talk:output()
      talk:wants("tls")
      talk:server(bytes)
      talk:fails("PROTOCOL", "between its greeting and TLS")
    end, REQUIRED)
  end

  it_talks("ends with the host's reason when it fails", function(talk)
    greet(talk)
    talk:output()
    talk.session:hangup("TLS", "certificate has expired")
    talk:fails("TLS", "^certificate has expired$")
  end, REQUIRED)

  it_talks("is not begun by a host that was not asked", function(talk)
    talk.session:encrypted(true)
    assert.is_false(talk.session:facts().is_encrypted)
    talk:log_in()
    talk.session:encrypted(true)
    talk:wants("nothing")
    assert.is_false(talk.session:facts().is_encrypted)
  end)

  it_talks("may come too late", function(talk)
    greet(talk)
    talk:output()
    talk.session:hangup("TIMEOUT", "too late")
    talk.session:encrypted(true)
    talk:fails("TIMEOUT", "^too late$")
    talk:client_sends("")
  end, REQUIRED)
end)
