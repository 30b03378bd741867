local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local CAPABILITY = wire.CAPABILITY

describe("COM_CHANGE_USER", function()
  local fields = {
    capabilities = CAPABILITY.PLUGIN_AUTH + CAPABILITY.CONNECT_ATTRS,
    charset = 45,
    user = "user",
    auth_response = "answer",
    database = "db",
    auth_plugin = "plugin",
    connect_attributes = wire.text("a") .. wire.text("b"),
  }

  local function with(more)
    return setmetatable(more, { __index = fields })
  end

  it("has all fields, with two bytes of character set", function()
    local expected = "user\0\6answerdb\0\45\0plugin\0\4\1a\1b"
    assert.equal(expected, spec.change_user(fields))
  end)

  it("leaves out what was not agreed", function()
    local expected = "user\0\6answerdb\0\45\0"
    assert.equal(expected, spec.change_user(with({ capabilities = 0 })))
  end)

  it("may be without answer, database and attributes", function()
    local empty = { auth_response = "", database = "", connect_attributes = "" }
    assert.equal("user\0\0\0\45\0plugin\0\0", spec.change_user(with(empty)))
  end)

  it("has room for 255 bytes of answer", function()
    local long = ("x"):rep(255)
    local sent = spec.change_user(with({ auth_response = long }))
    assert.equal("user\0\255" .. long .. "db\0", sent:sub(1, 264))
  end)
end)
