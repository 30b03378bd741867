local spec = require("lunasa_spec")

describe("lun_reader", function()
  it("reads little-endian fields in a row", function()
    local fields = { "u8", "u16", "u32", "lenenc", "text", "nul", 2, "rest" }
    local bytes = "\1\2\1\4\3\2\1\252\1\2\3abcde\0fghi"

    local values, status = spec.read(bytes, fields)

    assert.equal("LUN_OK", status)
    assert.same({ 1, 0x102, 0x1020304, 0x201, "abc", "de", "fg", "hi" }, values)
  end)

  it("fails once and for all", function()
    local values, status = spec.read("\1\2", { "u32", "u8", "text", "nul", 1, "rest", "lenenc" })

    assert.equal("TRUNCATED", status)
    assert.same({ 0, 0, "", "", "", "", 0 }, values)
  end)

  it("notices what is left", function()
    assert.same({ { 1 }, "TRAILING" }, { spec.read("\1\2", { "u8" }) })
    assert.same({ {}, "LUN_OK" }, { spec.read("", {}) })
  end)

  it("takes as much as there is and no more", function()
    assert.same({ { "abc" }, "LUN_OK" }, { spec.read("abc", { 3 }) })
    assert.same({ { "" }, "TRUNCATED" }, { spec.read("abc", { 4 }) })
    assert.same({ { "" }, "TRUNCATED" }, { spec.read("abc", { 2 ^ 62 }) })
    assert.same({ { "", "", "" }, "LUN_OK" }, { spec.read("", { 0, "rest", 0 }) })
  end)

  it("wants a NUL at the end of a string", function()
    assert.same({ { "" }, "TRUNCATED" }, { spec.read("abc", { "nul" }) })
    assert.same({ { "" }, "TRUNCATED" }, { spec.read("", { "nul" }) })
    assert.same({ { "", "" }, "LUN_OK" }, { spec.read("\0\0", { "nul", "nul" }) })
  end)
end)

describe("Protocol::LengthEncodedInteger", function()
  it("is read as it was written", function()
    for _, number in ipairs({ 0, 250, 251, 252, 255, 65535, 65536, 2 ^ 24 - 1, 2 ^ 24, 2 ^ 53 }) do
      assert.same({ { number }, "LUN_OK" }, { spec.read(spec.lenenc(number), { "lenenc" }) })
    end
  end)

  it("takes one, three, four or nine bytes", function()
    for number, size in pairs({ [250] = 1, [251] = 3, [65536] = 4, [2 ^ 24] = 9 }) do
      assert.equal(size, #spec.lenenc(number))
    end
  end)

  it("is refused when it is cut", function()
    for _, number in ipairs({ 1, 251, 65536, 2 ^ 24 }) do
      local bytes = spec.lenenc(number)
      for size = 0, #bytes - 1 do
        assert.same({ { 0 }, "TRUNCATED" }, { spec.read(bytes:sub(1, size), { "lenenc" }) })
      end
    end
  end)

  it("is none where it begins with 0xfb or 0xff", function()
    for _, first in ipairs({ "\251", "\255" }) do
      assert.same({ { 0 }, "PROTOCOL" }, { spec.read(first .. ("\0"):rep(8), { "lenenc" }) })
    end
  end)
end)
