local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local CAPABILITY = wire.CAPABILITY
local FIXED = 32

local function encode(fields)
  return spec.handshake_response(fields):sub(FIXED + 1)
end

local function sent(name, n)
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "client" then
      n = n - 1
      if n == 0 then
        return step.bytes:sub(5)
      end
    end
  end
end

-- user, and an answer of that size, both of which a capture has behind the fixed part
local function parse(payload, user, answer_size)
  local at = FIXED + #user + 2
  return {
    capabilities = tonumber(
      ("%02x%02x%02x%02x"):format(payload:sub(1, 4):reverse():byte(1, 4)),
      16
    ),
    max_packet = 2 ^ 30,
    charset = payload:byte(9),
    user = user,
    auth_response = payload:sub(at + 1, at + answer_size),
  }
end

describe("Protocol::HandshakeResponse41", function()
  for name, case in pairs({
    ["mariadb-10.11.19-native"] = { "native", 20, "mysql_native_password" },
    ["mysql-9.7.4-sha2-fast"] = { "sha2", 32, "caching_sha2_password" },
    ["mysql-9.7.4-sha2-empty"] = { "sha2empty", 0, "caching_sha2_password" },
  }) do
    it("is written as captured in " .. name, function()
      local payload = sent(name, 1)
      local fields = parse(payload, case[1], case[2])
      fields.database = "test"
      fields.auth_plugin = case[3]
      fields.connect_attributes = wire.text("program_name") .. wire.text("spec")

      assert.equal(payload, spec.handshake_response(fields))
    end)
  end

  it("starts as the SSL request does", function()
    local fields = { capabilities = 0x1234, max_packet = 99, charset = 45, user = "u" }

    assert.equal(spec.ssl_request(0x1234, 99, 45), spec.handshake_response(fields):sub(1, FIXED))
  end)

  it("leaves out what was not agreed", function()
    local fields = {
      capabilities = 0,
      user = "u",
      auth_response = "abc",
      database = "d",
      auth_plugin = "p",
      connect_attributes = "x",
    }

    assert.equal("u\0\3abc", encode(fields))
    fields.capabilities = CAPABILITY.CONNECT_WITH_DB
    assert.equal("u\0\3abcd\0", encode(fields))
    fields.capabilities = CAPABILITY.PLUGIN_AUTH
    assert.equal("u\0\3abcp\0", encode(fields))
    fields.capabilities = CAPABILITY.CONNECT_ATTRS
    assert.equal("u\0\3abc\1x", encode(fields))
  end)

  it("writes an answer of more than 250 bytes where that was agreed", function()
    local long = ("x"):rep(300)

    assert.equal(
      "u\0\252" .. wire.uint(300, 2) .. long,
      encode({ capabilities = CAPABILITY.PLUGIN_AUTH_LENENC, user = "u", auth_response = long })
    )
  end)

  it("writes attributes of more than 250 bytes", function()
    local long = wire.text("a") .. wire.text(("v"):rep(70000))
    local fields = {
      capabilities = CAPABILITY.CONNECT_ATTRS,
      user = "",
      connect_attributes = long,
    }

    assert.equal("\0\0" .. wire.text(long), encode(fields))
  end)
end)
