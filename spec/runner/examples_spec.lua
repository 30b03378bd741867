local program = require("spec.runner.program")

describe("the example", function()
  after_each(program.clean)

  it("quickstart.lua prints a table", function()
    local outcome = program.run({ "--server", "examples/quickstart.lua" })

    assert.equal("", outcome.err)
    assert.matches("^moon +planet +radius/km +year/days\nLuna +Earth +1737 +365\n", outcome.out)
    assert.equal(0, outcome.status)
  end)

  it("observability.lua shows what is done, and counts it", function()
    local outcome = program.run({ "--server", "examples/observability.lua" })

    assert.equal("", outcome.err)
    for _, line in ipairs({
      "\nquery    1                        SELECT ? + ?\n",
      "\nwarning\tDivision by 0\nquery    1                        SELECT 1 / 0\n",
      "\nquery    ProgrammingError         SELECT nowhere\n",
      "\nwarn\tslow query: 0.",
      "\nbegin    0                        START TRANSACTION\n",
      "\nstream   2                        SELECT 1 UNION SELECT 2\n",
      '\nlunasa_slow_queries_total{pool="shop",service="example"} 1\n',
    }) do
      assert.is_truthy(outcome.out:find(line, 1, true), line .. outcome.out)
    end
  end)

  it("query.lua asks the server", function()
    local outcome = program.run({ "--server", "examples/query.lua" })

    assert.equal("", outcome.err)
    assert.matches("^server\t%d.*\nuser\troot@localhost\n", outcome.out)
  end)
end)
