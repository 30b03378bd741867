--- Which placeholders a text has is seen outside of strings, names and comments.
local paramstyle = require("lunasa.engine.paramstyle")

describe("placeholders of Python's drivers", function()
  for _, text in ipairs({
    "SELECT %s",
    "%(name)s",
    "SELECT '' , %s",
    "'it''s' %s",
    "'a\\'b' %s",
    "-- %s\nSELECT %s",
    "/* ? */ %s",
    "a --%s",
    "a-b%s",
    "1 / %s",
    "%%%s",
    "`a``b` = %s",
  }) do
    it("are in " .. text:gsub("\n", " "), function()
      assert.is_true(paramstyle.is_pyformat(text))
    end)
  end

  for _, text in ipairs({
    "",
    "SELECT ?",
    "7 % ?",
    "SELECT '%s'",
    "SELECT '\\'%s', ?",
    'SELECT "%s"',
    "SELECT `%s`",
    "SELECT 'unclosed %s",
    "# %s",
    "-- %s",
    "/* %(name)s */ ?",
    "/* unclosed %s",
    "%%s",
    "%%(a)s",
    "%(a)d",
    "% s",
  }) do
    it("are not in " .. text, function()
      assert.is_false(paramstyle.is_pyformat(text))
    end)
  end
end)
