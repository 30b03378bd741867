local spec = require("lunasa_spec")

describe("the collation of the handshake", function()
  it("is the server's own where that belongs to the character set", function()
    assert.equal(255, spec.collation("utf8mb4", "", 255))
    assert.equal(45, spec.collation("utf8mb4", "", 45))
    assert.equal(224, spec.collation("utf8mb4", "", 224))
    assert.equal(48, spec.collation("latin1", "", 48))
  end)

  it("is the character set's default where it does not", function()
    assert.equal(45, spec.collation("utf8mb4", "", 8))
    assert.equal(45, spec.collation("utf8mb4", "", 0))
    assert.equal(8, spec.collation("latin1", "", 255))
    assert.equal(33, spec.collation("utf8", "", 45))
    assert.equal(33, spec.collation("utf8mb3", "", 45))
    assert.equal(63, spec.collation("binary", "", 45))
  end)

  it("is the one asked for", function()
    assert.equal(46, spec.collation("utf8mb4", "utf8mb4_bin", 255))
    assert.equal(46, spec.collation("UTF8MB4", "UTF8MB4_BIN", 255))
    assert.equal(83, spec.collation("utf8", "utf8_bin", 255))
  end)

  it("is MySQL's own only where the server has said it first", function()
    assert.equal(255, spec.collation("utf8mb4", "utf8mb4_0900_ai_ci", 255))
    assert.equal(0, spec.collation("utf8mb4", "utf8mb4_0900_ai_ci", 45))
    assert.equal(0, spec.collation("utf8mb4", "utf8mb4_0900_ai_ci", 0))
  end)

  it("is left to SET NAMES where a byte cannot say it", function()
    assert.equal(0, spec.collation("utf8mb4", "utf8mb4_uca1400_ai_ci", 45))
    assert.equal(0, spec.collation("utf8mb4", "latin1_bin", 45))
    assert.equal(0, spec.collation("gbk", "", 28))
    assert.equal(0, spec.collation("", "", 45))
    assert.equal(0, spec.collation("utf8mb4\0", "", 45))
  end)
end)

describe("escaping byte by byte", function()
  it("is safe where quote and backslash are always themselves", function()
    for _, charset in ipairs({ "utf8mb4", "utf8mb3", "utf8", "latin1", "ascii", "binary" }) do
      assert.is_true(spec.is_escapable(charset), charset)
    end
  end)

  it("is refused where they may be half a character, and where nobody knows", function()
    for _, charset in ipairs({
      "big5",
      "cp932",
      "gbk",
      "sjis",
      "gb18030",
      "utf16",
      "",
      "utf8mb",
      "x",
    }) do
      assert.is_false(spec.is_escapable(charset), charset)
    end
  end)
end)
