local spec = require("lunasa_spec")

local NO_BACKSLASH = { no_backslash_escapes = true }

local function qmark(sql, quoting)
  return spec.interpolate(sql, "qmark", quoting or {})
end

local function named(sql)
  return spec.interpolate(sql, "named", {})
end

local function pyformat(sql)
  return spec.interpolate(sql, "pyformat", {})
end

describe("interpolation", function()
  it("replaces question marks in their order", function()
    assert.equal("SELECT <1>, <2>", qmark("SELECT ?, ?"))
    assert.equal("<1><2>", qmark("??"))
    assert.equal("", qmark(""))
    assert.equal("SELECT 1", qmark("SELECT 1"))
  end)

  it("leaves strings and quoted identifiers alone", function()
    for _, sql in ipairs({
      "'?'",
      '"?"',
      "`?`",
      "'it''s ?'",
      "'it\\'s ?'",
      "'\\\\'",
      '"a\\"?"',
      "`a``?`",
      "'?",
      "'?\\",
      "'\n?\n'",
    }) do
      assert.equal(sql, qmark(sql))
    end
    assert.equal("'\\\\'<1>", qmark("'\\\\'?"))
    assert.equal("`\\`<1>", qmark("`\\`?"))
  end)

  it("knows that a backslash may be a character like others", function()
    assert.equal("'\\'<1>'x'", qmark("'\\'?'x'", NO_BACKSLASH))
    assert.equal("'\\'?'x'", qmark("'\\'?'x'"))
  end)

  it("leaves comments alone", function()
    for sql, expected in pairs({
      ["-- ?\n?"] = "-- ?\n<1>",
      ["--\t?\n?"] = "--\t?\n<1>",
      ["--\n?"] = "--\n<1>",
      ["--?"] = "--<1>",
      ["1--1 ?"] = "1--1 <1>",
      ["# ?\n?"] = "# ?\n<1>",
      ["/* ? */ ?"] = "/* ? */ <1>",
      ["/*?*/?"] = "/*?*/<1>",
      ["/*/ ? */?"] = "/*/ ? */<1>",
      ["/* ' */ ?"] = "/* ' */ <1>",
      ["/* ? "] = "/* ? ",
      ["/*"] = "/*",
      ["--"] = "--",
      ["? -"] = "<1> -",
      ["?/"] = "<1>/",
      ["-- it's\n?"] = "-- it's\n<1>",
    }) do
      assert.equal(expected, qmark(sql))
    end
  end)

  it("replaces names, each time they are met", function()
    assert.equal("SELECT <a>, <b_2>, <a>", named("SELECT :a, :b_2, :a"))
    assert.equal("<a>+<b>", named(":a+:b"))
    assert.equal("? '%s' <a>", named("? '%s' :a"))
  end)

  it("takes no label, assignment, time or cast for a name", function()
    for _, sql in ipairs({
      "@x := 1",
      "@x:=1",
      "loop1:BEGIN END loop1",
      "a::int",
      ": a",
      "TIME 12:30",
      ":",
      ":1",
      "x:y",
    }) do
      assert.equal(sql, named(sql))
    end
  end)

  it("replaces %s and %(name)s, and halves doubled percent signs everywhere", function()
    assert.equal("<1>, <2>", pyformat("%s, %s"))
    assert.equal("<a> <b c>", pyformat("%(a)s %(b c)s"))
    assert.equal("5 % 2", pyformat("5 %% 2"))
    assert.equal("LIKE 'a%' -- 100%", pyformat("LIKE 'a%%' -- 100%%"))
    assert.equal("'%s' /* %s */", pyformat("'%s' /* %s */"))
    assert.equal("'\\%'", pyformat("'\\%%'"))
    assert.equal("? :a", pyformat("? :a"))
  end)

  it("refuses a percent sign that is no placeholder", function()
    for _, sql in ipairs({ "%", "5 % 2", "%d", "%(a", "%(a)", "%(a)d", "%\n" }) do
      local _, code = pyformat(sql)
      assert.equal("ARGUMENT", code)
    end
  end)

  it("copies every byte that it does not replace", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[#bytes + 1] = string.char(byte)
    end
    local sql = table.concat(bytes):gsub("['\"`?#:%%]", "")
    assert.equal(sql, qmark(sql))
    assert.equal(sql, named(sql))
    assert.equal(sql, pyformat(sql))
  end)
end)
