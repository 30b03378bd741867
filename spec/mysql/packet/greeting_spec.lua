local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local MARIADB = fixture.server("mariadb-10.11.19-commands", 1)
local MYSQL = fixture.server("mysql-9.7.4-commands", 1)

-- Version, id, both capability words, the lengths and reserved bytes; the scramble is last.
local function size_up_to_plugin(payload, plugin)
  return #payload - #plugin - 1
end

local function with_declared_size(size)
  local payload = wire.greeting()
  local at = payload:find("\21" .. ("\0"):rep(10), 1, true)
  return payload:sub(1, at - 1) .. string.char(size) .. payload:sub(at + 1)
end

describe("Protocol::HandshakeV10", function()
  it("is read from MariaDB", function()
    local packet = spec.greeting(MARIADB)

    assert.equal("5.5.5-10.11.19-MariaDB-0+deb12u1", packet.server_version)
    assert.equal("mysql_native_password", packet.auth_plugin)
    assert.equal(0x81fff7fe + 0x800, packet.capabilities)
    assert.equal(45, packet.charset)
    assert.equal(2, packet.status_flags)
    assert.equal([[g/Q,(%{aT_aJ,>2!K:{"]], packet.scramble)
  end)

  it("is read from MySQL", function()
    local packet = spec.greeting(MYSQL)

    assert.equal("9.7.4-2", packet.server_version)
    assert.equal("caching_sha2_password", packet.auth_plugin)
    assert.equal(0xd7ffffff, packet.capabilities)
    assert.equal(255, packet.charset)
    assert.equal(20, #packet.scramble)
  end)

  it("is refused at every point of truncation but inside the plugin's name", function()
    for _, case in ipairs({
      { MARIADB, "mysql_native_password" },
      { MYSQL, "caching_sha2_password" },
    }) do
      local whole = {}
      for size = size_up_to_plugin(case[1], case[2]), #case[1] do
        whole[size] = true -- 5.5.7 to 5.5.9 forget the NUL, so a shorter name is a name
      end
      decoder.refuses_truncation(spec.greeting, case[1], whole)
    end
  end)

  it("ends the plugin's name at its NUL or its end", function()
    local payload = wire.greeting({ plugin = "some_plugin" })

    assert.equal("some_plugin", spec.greeting(payload).auth_plugin)
    assert.equal("some_plugin", spec.greeting(payload:sub(1, -2)).auth_plugin)
    assert.equal("some_plugin", spec.greeting(payload .. "more\0").auth_plugin)
    assert.equal("", spec.greeting(wire.greeting({ plugin = "" })).auth_plugin)
    assert.equal(1024, #spec.greeting(wire.greeting({ plugin = ("p"):rep(1024) })).auth_plugin)
  end)

  it("takes the declared size of the scramble for a hint", function()
    for _, size in ipairs({ 0, 1, 8, 20, 21 }) do
      assert.equal(wire.SCRAMBLE, spec.greeting(with_declared_size(size)).scramble)
    end
    decoder.refuses(spec.greeting, with_declared_size(255), "TRUNCATED")
    local padded = with_declared_size(255) .. ("x"):rep(255)
    assert.equal(wire.SCRAMBLE, spec.greeting(padded).scramble)
  end)

  it("takes any version", function()
    assert.equal("", spec.greeting(wire.greeting({ version = "" })).server_version)
    local long = ("9"):rep(65536)
    assert.equal(long, spec.greeting(wire.greeting({ version = long })).server_version)
    decoder.refuses(spec.greeting, "\10" .. ("9"):rep(65536), "TRUNCATED")
  end)

  it("is refused for another protocol", function()
    for _, version in ipairs({ 0, 9, 11, 255 }) do
      decoder.refuses(spec.greeting, string.char(version) .. MYSQL:sub(2), "PROTOCOL")
    end
  end)
end)
