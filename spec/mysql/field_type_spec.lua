local spec = require("lunasa_spec")

local BINARY, UTF8MB4, UNSIGNED = 63, 45, 0x20

local BY_TYPE = {
  [0x00] = "decimal",
  [0x01] = "integer",
  [0x02] = "integer",
  [0x03] = "integer",
  [0x04] = "real",
  [0x05] = "real",
  [0x06] = "null",
  [0x07] = "datetime",
  [0x08] = "integer",
  [0x09] = "integer",
  [0x0a] = "date",
  [0x0b] = "time",
  [0x0c] = "datetime",
  [0x0d] = "integer",
  [0x0e] = "date",
  [0x10] = "bit",
  [0xf2] = "binary",
  [0xf5] = "json",
  [0xf6] = "decimal",
  [0xff] = "binary",
}

describe("the class of a column", function()
  it("follows its type, in whatever character set", function()
    for type, class in pairs(BY_TYPE) do
      assert.equal(class, spec.class(type, 0, BINARY))
      assert.equal(class, spec.class(type, 0, UTF8MB4))
    end
  end)

  it("is unsigned only where an int64 cannot hold it", function()
    assert.equal("unsigned", spec.class(0x08, UNSIGNED, BINARY))
    for _, type in ipairs({ 0x01, 0x02, 0x03, 0x09, 0x0d }) do
      assert.equal("integer", spec.class(type, UNSIGNED, BINARY))
    end
  end)

  it("is text or binary by character set for all other types", function()
    for type = 0, 255 do
      if not BY_TYPE[type] then
        assert.equal("binary", spec.class(type, 0, BINARY))
        assert.equal("text", spec.class(type, 0, UTF8MB4))
        assert.equal("text", spec.class(type, 0, 2304))
      end
    end
  end)
end)
