local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local QUERY_ATTRIBUTES = 0x8000000
local HEAD = "\23\7\0\0\0\0\1\0\0\0"

local VALUES = {
  { "integer", -2 },
  { "unsigned", "18446744073709551615" },
  { "real", 1.5 },
  { "text", "hä" },
  { "binary", "\0\255" },
  { "null" },
}

describe("COM_STMT_EXECUTE", function()
  it("is the head only when there are no parameters", function()
    assert.equal(HEAD, spec.execute({ id = 7, values = {} }))
    assert.equal("\23\255\255\255\255\1\1\0\0\0", spec.execute({ id = 0xffffffff, flags = 1 }))
  end)

  it("carries a value of each kind", function()
    local expected = HEAD
      .. "\32\1"
      .. "\8\0\8\128\5\0\253\0\251\0\6\0"
      .. "\254\255\255\255\255\255\255\255"
      .. "\255\255\255\255\255\255\255\255"
      .. "\0\0\0\0\0\0\248\63"
      .. wire.text("hä")
      .. wire.text("\0\255")
    assert.equal(expected, spec.execute({ id = 7, values = VALUES }))
  end)

  it("has a bit per parameter for NULL", function()
    for count = 1, 40 do
      local values = {}
      for i = 1, count do
        values[i] = i % 3 == 0 and { "null" } or { "text", "" }
      end
      local packet = spec.execute({ id = 7, values = values })
      local size = math.ceil(count / 8)
      for i = 1, count do
        local byte = packet:byte(#HEAD + math.ceil(i / 8))
        local is_null = math.floor(byte / 2 ^ ((i - 1) % 8)) % 2 == 1
        assert.equal(i % 3 == 0, is_null)
      end
      local cells = count - math.floor(count / 3)
      assert.equal(#HEAD + size + 1 + count * 2 + cells, #packet)
    end
  end)

  it("leaves out what was sent before", function()
    local packet = spec.execute({
      id = 7,
      values = { { "binary", "gone" }, { "text", "here" } },
      long = { true, false },
    })
    assert.equal(HEAD .. "\0\1\251\0\253\0" .. wire.text("here"), packet)
  end)

  it("carries long and empty strings", function()
    for _, size in ipairs({ 0, 250, 251, 65535, 65536, 2 ^ 24 }) do
      local text = ("x"):rep(size)
      local packet = spec.execute({ id = 7, values = { { "text", text } } })
      assert.is_true(packet == HEAD .. "\0\1\253\0" .. wire.text(text))
    end
  end)

  it("names its parameters and carries attributes where that was agreed", function()
    local head = "\23\7\0\0\0\8\1\0\0\0"
    local attributes = { { "text", "v", "trace" }, { "null", nil, "none" } }

    assert.equal(head .. "\0", spec.execute({ id = 7, capabilities = QUERY_ATTRIBUTES }))
    assert.equal(
      head .. "\3\4\1" .. "\8\0\0\253\0\5trace\6\0\4none" .. "\1\0\0\0\0\0\0\0\1v",
      spec.execute({
        id = 7,
        capabilities = QUERY_ATTRIBUTES,
        values = { { "integer", 1 } },
        attributes = attributes,
      })
    )
    assert.equal(HEAD, spec.execute({ id = 7, attributes = attributes }))
  end)
end)
