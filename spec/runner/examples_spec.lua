local program = require("spec.runner.program")

describe("the example", function()
  after_each(program.clean)

  it("quickstart.lua prints a table", function()
    local outcome = program.run({ "--server", "examples/quickstart.lua" })

    assert.equal("", outcome.err)
    assert.matches("^moon +planet +radius/km +year/days\nLuna +Earth +1737 +365\n", outcome.out)
    assert.equal(0, outcome.status)
  end)

  it("query.lua asks the server", function()
    local outcome = program.run({ "--server", "examples/query.lua" })

    assert.equal("", outcome.err)
    assert.matches("^server\t%d.*\nuser\troot@localhost\n", outcome.out)
  end)
end)
