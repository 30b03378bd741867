local spec = require("lunasa_spec")

local function split(sql, quoting)
  return { spec.split_insert(sql, quoting or {}) }
end

describe("an INSERT of one list", function()
  local CASES = {
    { "INSERT INTO t VALUES (?)", "INSERT INTO t VALUES ", "(?)", "" },
    { "insert into t values(?, ?)", "insert into t values", "(?, ?)", "" },
    { "REPLACE t (a) VALUE (?);", "REPLACE t (a) VALUE ", "(?)", "" },
    { "INSERT t VALUES (%s) ; ; -- x\n", "INSERT t VALUES ", "(%s)", "" },
    { "/* a (b */ INSERT INTO t VALUES (?)", "/* a (b */ INSERT INTO t VALUES ", "(?)", "" },
    { "-- x\n#y\nINSERT t VALUES (?)", "-- x\n#y\nINSERT t VALUES ", "(?)", "" },
    { "INSERT INTO t VALUES/*x*/(?) -- y", "INSERT INTO t VALUES/*x*/", "(?)", " -- y" },
    {
      "INSERT t VALUES (NOW(), ')', \"(\", f(?, (1)))",
      "INSERT t VALUES ",
      "(NOW(), ')', \"(\", f(?, (1)))",
      "",
    },
    { "INSERT t (`values`) VALUES (?)", "INSERT t (`values`) VALUES ", "(?)", "" },
    { "INSERT `values` (a) VALUES (/*)*/ ?)", "INSERT `values` (a) VALUES ", "(/*)*/ ?)", "" },
    { "INSERT value (a, b) VALUES (?, ?)", "INSERT value (a, b) VALUES ", "(?, ?)", "" },
    { "INSERT d.value VALUE (?)", "INSERT d.value VALUE ", "(?)", "" },
    {
      "INSERT t VALUES (?) AS new ON DUPLICATE KEY UPDATE a = new.a ; ",
      "INSERT t VALUES ",
      "(?)",
      " AS new ON DUPLICATE KEY UPDATE a = new.a",
    },
    {
      "INSERT t VALUES (?)\nON DUPLICATE KEY UPDATE a = VALUES(a)",
      "INSERT t VALUES ",
      "(?)",
      "\nON DUPLICATE KEY UPDATE a = VALUES(a)",
    },
    { "INSERT t VALUES (?) RETURNING id, ';'", "INSERT t VALUES ", "(?)", " RETURNING id, ';'" },
    { "INSERT t VALUES (%(a)s, %(b)s)", "INSERT t VALUES ", "(%(a)s, %(b)s)", "" },
    { "INSERT t VALUES ('a\\')', ?)", "INSERT t VALUES ", "('a\\')', ?)", "" },
    { "INSERT t VALUES ()", "INSERT t VALUES ", "()", "" },
    { "INSERT tä VALUES (?)", "INSERT tä VALUES ", "(?)", "" },
  }
  for _, case in ipairs(CASES) do
    it("is known: " .. case[1], function()
      assert.same({ case[2], case[3], case[4] }, split(case[1]))
    end)
  end

  it("is known by the quotes of the session", function()
    assert.same({}, split("INSERT t VALUES ('\\', ?)"))
    local parts = split("INSERT t VALUES ('\\', ?)", { no_backslash_escapes = true })
    assert.same({ "INSERT t VALUES ", "('\\', ?)", "" }, parts)
  end)

  for _, sql in ipairs({
    "",
    ";",
    "INSERT",
    "INSERT INTO t",
    "INSERT INTO t VALUES",
    "INSERT INTO t VALUES ?",
    "INSERT INTO t VALUES (?",
    "INSERT INTO t VALUES (?;)",
    "INSERT INTO t VALUES (?))",
    "INSERT INTO t VALUES (?), (?)",
    "INSERT INTO t VALUES (?) + 1",
    "INSERT INTO t VALUES (?); SELECT 1",
    "INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a = 1; DELETE FROM t",
    "INSERT INTO t VALUES ROW(?)",
    "INSERT INTO t SET a = ?",
    "INSERT INTO t SELECT ?",
    "INSERT INTO t SELECT 1 ON DUPLICATE KEY UPDATE a = VALUES(a)",
    "INSERT INTO t (SELECT 1) ON DUPLICATE KEY UPDATE a = VALUES (a)",
    "INSERT INTO t WITH c AS (SELECT 1) SELECT * FROM c",
    "INSERTINTO t VALUES (?)",
    "UPDATE t SET a = VALUES (?)",
    "SELECT 'INSERT INTO t VALUES (?)'",
    "EXPLAIN INSERT INTO t VALUES (?)",
    "/* INSERT INTO t VALUES (?) */",
    "INSERT INTO t /* VALUES (?) */",
    "INSERT INTO `t VALUES (?)",
  }) do
    it("is something else than " .. sql, function()
      assert.same({}, split(sql))
    end)
  end
end)
