local spec = require("lunasa_spec")

local PLAIN = {}
local NO_BACKSLASH = { no_backslash_escapes = true }

local function text(value, quoting)
  return spec.literal("text", value, quoting or PLAIN)
end

describe("a literal", function()
  it("is NULL, a number, or SQL as it is", function()
    assert.equal("NULL", spec.literal("null", nil, PLAIN))
    assert.equal("-5", spec.literal("integer", -5, PLAIN))
    assert.equal("9007199254740992", spec.literal("unsigned", 2 ^ 53, PLAIN))
    assert.equal("NOW()", spec.literal("literal", "NOW()", PLAIN))
  end)

  it("is a DOUBLE, never a DECIMAL, for a real number", function()
    for value, written in pairs({
      [1.5] = "1.5e0",
      [-2] = "-2e0",
      [1e300] = "1e300",
      [0.1] = "0.1e0",
      [2 ^ 60] = "1152921504606846976e0",
      [5e-324] = "5e-324",
    }) do
      local found = spec.literal("real", value, PLAIN)
      assert.equal(value, tonumber(found))
      assert.matches("e", found)
      assert.equal(tonumber(written), tonumber(found))
    end
  end)

  it("is refused for numbers that SQL has not", function()
    for _, value in ipairs({ 1 / 0, -1 / 0, 0 / 0 }) do
      local literal, code, message = spec.literal("real", value, PLAIN)
      assert.is_nil(literal)
      assert.equal("ARGUMENT", code)
      assert.matches("cannot be a parameter", message)
    end
  end)

  it("escapes with backslashes where the SQL mode has them", function()
    for value, written in pairs({
      [""] = "''",
      ["plain ä 😀"] = "'plain ä 😀'",
      ["it's"] = [['it\'s']],
      ['say "x"'] = [['say \"x\"']],
      ["back\\slash"] = [['back\\slash']],
      ["\0\n\r\26\9"] = "'\\0\\n\\r\\Z\9'",
      ["\\'"] = [['\\\'']],
      ["%_"] = "'%_'",
    }) do
      assert.equal(written, text(value))
    end
  end)

  it("doubles the quote where it has not", function()
    for value, written in pairs({
      [""] = "''",
      ["it's"] = "'it''s'",
      ["''"] = "''''''",
      ["back\\"] = [['back\']],
      ["\0\n"] = "'\0\n'",
      ['"'] = "'\"'",
    }) do
      assert.equal(written, text(value, NO_BACKSLASH))
    end
  end)

  it("ends where it should for every byte, in both modes", function()
    for byte = 0, 255 do
      local value = string.char(byte) .. "'" .. string.char(byte)
      local escaped = text(value):sub(2, -2):gsub("\\(.)", {
        ["0"] = "\0",
        n = "\n",
        r = "\r",
        Z = "\26",
        ["\\"] = "\\",
        ["'"] = "'",
        ['"'] = '"',
      })
      assert.equal(value, escaped)
      assert.equal(value, (text(value, NO_BACKSLASH):sub(2, -2):gsub("''", "'")))
    end
  end)

  it("is hexadecimal for binary", function()
    assert.equal("x''", spec.literal("binary", "", PLAIN))
    assert.equal("x'00FF27'", spec.literal("binary", "\0\255'", NO_BACKSLASH))
  end)

  it("is refused for text in a character set that hides quotes", function()
    for _, charset in ipairs({ "gbk", "sjis", "big5", "cp932", "gb18030", "unheard_of", "" }) do
      local literal, code, message = text("x", { charset = charset })
      assert.is_nil(literal)
      assert.equal("ARGUMENT", code)
      assert.matches("'" .. charset .. "'", message, 1, true)
      assert.equal("x'78'", spec.literal("binary", "x", { charset = charset }))
    end
  end)
end)
