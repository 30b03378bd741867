--- The programs of docs/concurrency.md that stand alone print what their comments say.
local program = require("spec.runner.program")

--- The Lua under each heading that begins by requiring lunasa, and prints.
local function programs()
  local found, heading = {}, nil
  local text = program.read("docs/concurrency.md")
  for before, block in text:gmatch("(.-)```lua\n(.-)```") do
    for title in before:gmatch("\n## ([^\n]+)") do
      heading = title
    end
    if block:find("^local lunasa") and block:find("-->", 1, true) then
      table.insert(found, { heading = heading, text = block })
    end
  end
  return found
end

describe("docs/concurrency.md", function()
  after_each(program.clean)

  it("has a program about each way to wait for another task", function()
    local headings = {}
    for _, example in ipairs(programs()) do
      table.insert(headings, example.heading)
    end
    assert.same({ "Groups", "Channels", "Semaphores", "Events" }, headings)
  end)

  for _, example in ipairs(programs()) do
    it("tells the truth about " .. example.heading, function()
      local expected = {}
      for line in example.text:gmatch("%-%-> ([^\n]+)") do
        table.insert(expected, (line:gsub("%s+", " ")) .. "\n")
      end
      local outcome = program.run({ "--server", program.file(example.text, ".lua") })

      assert.equal("", outcome.err)
      assert.equal(table.concat(expected), (outcome.out:gsub("[ \t]+", " ")))
      assert.equal(0, outcome.status)
    end)
  end
end)
