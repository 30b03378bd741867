local statement_limit = require("lunasa.statement_limit")

describe("a statement's limit", function()
  for sql, limited in pairs({
    ["SELECT 1"] = "SELECT /*+ MAX_EXECUTION_TIME(1500) */ 1",
    ["select'a'"] = "select /*+ MAX_EXECUTION_TIME(1500) */'a'",
    ["SELECT(1)"] = "SELECT /*+ MAX_EXECUTION_TIME(1500) */(1)",
    [" \n(SELECT 1)"] = " \n(SELECT /*+ MAX_EXECUTION_TIME(1500) */ 1)",
    ["/* a * b */ -- c\n# d\nSELECT\t1"] = "/* a * b */ -- c\n# d\nSELECT "
      .. "/*+ MAX_EXECUTION_TIME(1500) */\t1",
    ["SELECT /*+ NO_INDEX(t) */ 1"] = "SELECT /*+ MAX_EXECUTION_TIME(1500)  NO_INDEX(t) */ 1",
  }) do
    it("is a hint in MySQL: " .. sql, function()
      assert.equal(limited, statement_limit.apply(sql, 1.5, false))
    end)
  end

  for _, sql in ipairs({
    "",
    "UPDATE t SET a = 1",
    "SELECTED",
    "WITH r AS (SELECT 1) SELECT * FROM r",
    "/* SELECT */ DELETE FROM t",
    "/*! SELECT 1 */",
    "/* SELECT",
    "-- SELECT",
  }) do
    it("cannot be had in MySQL: " .. sql, function()
      local ok, err = pcall(statement_limit.apply, sql, 1, false)

      assert.is_false(ok)
      assert.equal("NotSupportedError", err.class)
      assert.equal(sql, statement_limit.apply(sql, false, false))
    end)
  end

  it("is a prefix in MariaDB", function()
    local prefix = "SET STATEMENT max_statement_time = %s FOR DELETE FROM t"

    assert.equal(prefix:format("1.500000"), statement_limit.apply("DELETE FROM t", 1.5, true))
    assert.equal(prefix:format("0.000001"), statement_limit.apply("DELETE FROM t", 1e-9, true))
    assert.equal(prefix:format("0.000000"), statement_limit.apply("DELETE FROM t", false, true))
  end)

  it("that is off in MySQL is as long as can be", function()
    local sql = "SELECT /*+ MAX_EXECUTION_TIME(4294967295) */ 1"

    assert.equal(sql, statement_limit.apply("SELECT 1", false, false))
    assert.equal(sql, statement_limit.apply("SELECT 1", 1e10, false))
  end)

  it("is never rounded to none", function()
    assert.matches("(1)", statement_limit.apply("SELECT 1", 1e-9, false), 1, true)
  end)
end)
