local spec = require("lunasa_spec")

local function redact(sql, quoting)
  return spec.redact(sql, quoting or {})
end

describe("redaction", function()
  it("leaves texts without literals alone", function()
    for _, sql in ipairs({
      "",
      "SELECT a, t1.b2, `x 'y' 1`, _utf8 FROM t1 WHERE a = ? AND b = :name LIMIT ?",
      "SELECT @v1, @@session.sql_mode, NULL, TRUE, größe FROM db1.t$2",
      "SELECT %s, %(name)s, a.b",
    }) do
      assert.equal(sql, redact(sql))
    end
  end)

  it("replaces strings, whatever is in them", function()
    for sql, shown in pairs({
      ["SELECT 'canary', \"canary\""] = "SELECT ?, ?",
      ["SELECT 'it''s', 'it\\'s', '\\\\', ''"] = "SELECT ?, ?, ?, ?",
      ["SELECT N'canary', x'00', X'00', b'01', _latin1'x'"] = "SELECT ?, ?, ?, ?, _latin1?",
      ["SELECT 'a' 'b' '?' '-- x' '/* '"] = "SELECT ? ? ? ? ?",
      ["SELECT 'canary"] = "SELECT ?",
      ["SELECT 'canary\\"] = "SELECT ?",
      ["SELECT '\n\0canary'"] = "SELECT ?",
    }) do
      assert.equal(shown, redact(sql))
    end
  end)

  it("replaces numbers, but not those in names", function()
    for sql, shown in pairs({
      ["a1 = 1"] = "a1 = ?",
      ["1,-2,+3.5,.5,1.,1e5,1E-5,1.5e+10"] = "?,-?,+?,?,?,?,?,?",
      ["0x1F, 0b01, 0xE-1"] = "?, ?, ?-?",
      ["LIMIT 10 OFFSET 20"] = "LIMIT ? OFFSET ?",
      ["IN (1,2,3)"] = "IN (?,?,?)",
      ["12345678901234567890"] = "?",
      ["`t`.1"] = "`t`.?",
    }) do
      assert.equal(shown, redact(sql))
    end
  end)

  it("leaves comments out, and looks into those that are code", function()
    for sql, shown in pairs({
      ["SELECT /* canary 'x */ 1"] = "SELECT   ?",
      ["SELECT 1 -- canary's\n, 2"] = "SELECT ?  \n, ?",
      ["SELECT 1 # canary"] = "SELECT ?  ",
      ["SELECT 1 --2"] = "SELECT ? --?",
      ["/*!50001 SELECT 'canary' */"] = "/*!50001 SELECT ? */",
      ["/*M!100100 SELECT 1 */"] = "/*M!100100 SELECT ? */",
      ["SELECT /*+ MAX_EXECUTION_TIME(5) */ 1"] = "SELECT /*+ MAX_EXECUTION_TIME(?) */ ?",
      ["SELECT /* canary"] = "SELECT  ",
      ["/*"] = " ",
      ["/*/ canary */1"] = " ?",
    }) do
      assert.equal(shown, redact(sql))
    end
  end)

  it("knows when a backslash is nothing special", function()
    assert.equal("SELECT ?, b", redact("SELECT 'a\\', b", { no_backslash_escapes = true }))
    assert.equal("SELECT ?", redact("SELECT 'a\\', b"))
  end)

  it("shows nothing behind a quote where a character's second byte may look like one", function()
    assert.equal("SELECT a, ?", redact("SELECT a, '\xbf\\', canary", { charset = "gbk" }))
  end)
end)
