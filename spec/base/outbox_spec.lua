local spec = require("lunasa_spec")

local function left(steps, max)
  local parts, is_empty = spec.outbox(steps, max)
  assert.equal(is_empty, #parts == 0)
  return parts
end

describe("lun_outbox", function()
  it("is empty at first and when all is sent", function()
    assert.same({}, left({}))
    assert.same({}, left({ "abc", 3 }))
    assert.same({}, left({ { "abc" }, 3 }))
    assert.same({}, left({ "ab", { "cd" }, "ef", 6 }))
    assert.same({}, left({ { "" }, "" }))
  end)

  it("keeps copied and lent bytes in their order", function()
    assert.same(
      { "ab", "CD", "ef", "GH", "IJ" },
      left({ "ab", { "CD" }, "e", "f", { "GH" }, { "IJ" } })
    )
    assert.same({ "AB", "cd" }, left({ { "AB" }, "cd" }))
  end)

  it("forgets exactly what was sent", function()
    local all = "abCDEfghIJ"
    for count = 0, #all do
      local parts = left({ "ab", { "CDE" }, "fgh", { "IJ" }, count })
      assert.equal(all:sub(count + 1), table.concat(parts))
    end
  end)

  it("forgets byte by byte", function()
    local steps = { "ab", { "CDE" }, "fgh" }
    for count = 1, 8 do
      table.insert(steps, 1)
      assert.equal(("abCDEfgh"):sub(count + 1), table.concat(left(steps)))
    end
  end)

  it("takes more behind what is half sent", function()
    assert.same({ "b", "CD", "ef" }, left({ "ab", { "CD" }, 1, "ef" }))
    assert.same({ "D", "ef", "GH" }, left({ "ab", { "CD" }, 3, "ef", { "GH" } }))
    assert.same({ "x" }, left({ "ab", { "CD" }, 4, "x" }))
  end)

  it("lends no more parts than asked for", function()
    local steps = { "ab", { "CD" }, "ef" }
    assert.same({ "ab" }, left(steps, 1))
    assert.same({ "ab", "CD" }, left(steps, 2))
    assert.same({ "ab", "CD", "ef" }, left(steps, 3))
  end)

  it("does not mind being told too much", function()
    assert.same({}, left({ "ab", { "CD" }, 1000 }))
    assert.same({ "x" }, left({ "ab", 1000, "x" }))
  end)

  it("gives back the memory of what was large", function()
    local _, _, kept = spec.outbox({ ("x"):rep(100), 100 })
    local _, _, returned = spec.outbox({ ("x"):rep(100000), 100000 })

    assert.is_true(kept > 0)
    assert.equal(0, returned)
  end)

  it("does not grow while it is never quite empty", function()
    local steps, piece = { "x" }, ("y"):rep(1000)
    for i = 1, 2000 do
      table.insert(steps, piece)
      if i % 3 == 0 then
        table.insert(steps, { "LENT" })
        table.insert(steps, 4)
      end
      table.insert(steps, 1000)
    end

    local parts, _, capacity = spec.outbox(steps)

    assert.equal(1, #table.concat(parts))
    assert.is_true(capacity <= 128 * 1024, capacity .. " bytes")
  end)
end)
