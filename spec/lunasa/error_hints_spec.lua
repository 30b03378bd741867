local error_hints = require("lunasa.error_hints")

local SYNTAX = "You have an error in your SQL syntax; check the manual that corresponds to your "
  .. "MariaDB server version for the right syntax to use near '%s' at line 1"

describe("lunasa.error_hints", function()
  it("knows a second statement by the semicolon before it", function()
    local message = SYNTAX:format("SELECT 'it''s'")

    local hint = error_hints.find(1064, message, "SELECT 1 ;\n SELECT 'it''s'")

    assert.equal(
      'one statement at a time, unless multi_statements = true and protocol = "text"',
      hint
    )
  end)

  it("says nothing about any other syntax error", function()
    assert.is_nil(error_hints.find(1064, SYNTAX:format("FORM t"), "SELECT a FORM t"))
    assert.matches("pyformat", error_hints.find(1064, SYNTAX:format("%s"), "SELECT %s"))
    assert.matches("pyformat", error_hints.find(1064, SYNTAX:format("%(id)s AND x"), nil))
    assert.is_nil(error_hints.find(1064, SYNTAX:format(""), "SELECT 1;"))
    assert.is_nil(error_hints.find(1064, SYNTAX:format("SELECT 2"), nil))
    assert.is_nil(error_hints.find(1064, "Ein Fehler", "SELECT 1; SELECT 2"))
  end)

  it("tells a missing password from a wrong one", function()
    local denied = "Access denied for user 'a'@'b' (using password: %s)"

    assert.equal(
      "no password was given, or parsec refused it",
      error_hints.find(1045, denied:format("NO"))
    )
    assert.matches("wrong password", error_hints.find(1045, denied:format("YES")))
    assert.is_nil(error_hints.find(1045, "Access denied"))
  end)

  it("has none for most errors", function()
    assert.is_nil(error_hints.find(1062, "Duplicate entry"))
    assert.is_nil(error_hints.find(nil, "m"))
  end)
end)
