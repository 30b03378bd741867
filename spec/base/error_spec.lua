local spec = require("lunasa_spec")

local MOST = 511

local function shown(message)
  return select(3, spec.server_error(1064, "42000", message))
end

describe("lun_error", function()
  it("has the server's number, state and words", function()
    assert.same({ 1064, "42000", "bad ä" }, { spec.server_error(1064, "42000", "bad ä") })
    assert.same({ 1040, "", "" }, { spec.server_error(1040, "", "") })
    assert.same({ 1, "", "x" }, { spec.server_error(1, "4200", "x") })
  end)

  it("cuts long words between two characters", function()
    assert.equal(("x"):rep(MOST), shown(("x"):rep(2000)))
    assert.equal(("x"):rep(MOST), spec.error_text(("x"):rep(2000)))
    for before = 0, 3 do
      local expected = ("x"):rep(before) .. ("😀"):rep(math.floor((MOST - before) / 4))
      local text = ("x"):rep(before) .. ("😀"):rep(200)
      assert.equal(expected, shown(text))
      assert.equal(expected, spec.error_text(text))
    end
    assert.equal("", shown(("\128"):rep(2000)))
  end)

  it("shows no control byte, whoever chose the words", function()
    local hostile = "\27[2J\7\8\r\127\n\tend"
    assert.equal("?[2J????\n\tend", shown(hostile))
    assert.equal("?[2J????\n\tend", spec.error_text(hostile))
    assert.equal("a?b", shown("a\0b"))
  end)
end)
