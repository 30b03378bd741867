local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")

describe("Protocol::AuthSwitchRequest", function()
  it("is read from captures, with the NUL behind the scramble", function()
    for name, plugin in pairs({
      ["mariadb-10.11.19-switch"] = "mysql_native_password",
      ["mysql-9.7.4-switch"] = "caching_sha2_password",
      ["mysql-9.7.4-sha256"] = "sha256_password",
    }) do
      local packet = spec.auth_switch(fixture.server(name, 2))

      assert.equal(plugin, packet.auth_plugin)
      assert.equal(21, #packet.data)
      assert.equal(0, packet.data:byte(21))
    end
  end)

  it("is refused wherever the name is cut", function()
    local payload = fixture.server("mysql-9.7.4-switch", 2)
    local whole = {}
    for size = #"\254caching_sha2_password\0", #payload do
      whole[size] = true -- how long the data must be is the plugin's to say
    end

    decoder.refuses_truncation(spec.auth_switch, payload, whole)
  end)

  it("is refused without a NUL, however long the name", function()
    decoder.refuses(spec.auth_switch, "\254" .. ("n"):rep(100000), "TRUNCATED")
  end)

  it("keeps data of any size and content", function()
    assert.same({ auth_plugin = "p", data = "" }, spec.auth_switch("\254p\0"))
    assert.same({ auth_plugin = "", data = "\0\0x" }, spec.auth_switch("\254\0\0\0x"))
  end)
end)
