local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")

local function sent(name)
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "client" then
      return step.bytes:sub(5)
    end
  end
end

describe("Protocol::SSLRequest", function()
  it("is written as captured", function()
    for name, charset in pairs({ ["mariadb-10.11.19-tls"] = 45, ["mysql-9.7.4-sha2-tls"] = 255 }) do
      local payload = sent(name)
      local greeting = spec.greeting(fixture.server(name, 1))
      local a, b, c, d = payload:byte(1, 4)
      local capabilities = a + b * 0x100 + c * 0x10000 + d * 0x1000000

      assert.equal(payload, spec.ssl_request(capabilities, 2 ^ 30, charset))
      assert.equal(greeting.charset, charset)
    end
  end)

  it("has 32 bytes whatever it says", function()
    assert.equal(("\0"):rep(32), spec.ssl_request(0, 0, 0))
    assert.equal(("\255"):rep(9) .. ("\0"):rep(23), spec.ssl_request(2 ^ 32 - 1, 2 ^ 32 - 1, 255))
  end)
end)
