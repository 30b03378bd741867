local program = require("spec.runner.program")

describe("pairs and next", function()
  after_each(program.clean)

  --- Runs a chunk and gives what it prints.
  local function output(chunk)
    local outcome = program.run({ "-e", chunk })
    assert.equal("", outcome.err)
    return outcome.out
  end

  it("are not LuaJIT's own where its compiler breaks them", function()
    local out = output([[
      print(jit.version, (tostring(next):find("builtin")), (tostring(pairs):find("builtin")))
    ]])

    if out:find("2.1.0-beta3", 1, true) then
      assert.matches("\tnil\tnil\n$", out)
    else
      assert.is_nil(out:find("nil", 1, true))
    end
  end)

  it("go through arrays, hashes, holes and empty tables", function()
    local out = output([[
      local seen = {}
      for key, value in pairs({ 10, nil, 30, a = "x", [2.5] = false }) do
        seen[#seen + 1] = tostring(key) .. "=" .. tostring(value)
      end
      table.sort(seen)
      print(table.concat(seen, " "))
      for _ in pairs({}) do
        print("never")
      end
      print(next({}), (next({ 7 })), select("#", next({})))
    ]])

    assert.equal("1=10 2.5=false 3=30 a=x\nnil\t1\t1\n", out)
  end)

  it("let fields be cleared on the way", function()
    local out = output([[
      local t, n = {}, 0
      for i = 1, 1000 do
        t["k" .. i] = i
      end
      for key in pairs(t) do
        t[key] = nil
        n = n + 1
      end
      print(n, next(t))
    ]])

    assert.equal("1000\tnil\n", out)
  end)

  it("refuse what is no table, and a key that is not in it", function()
    local out = output([[
      print(pcall(pairs, 5))
      print(pcall(next, {}, "nowhere"))
    ]])

    assert.matches("^false\t[^\n]*table expected, got number%)\n", out)
    assert.matches("invalid key to 'next'\n$", out)
  end)
end)
