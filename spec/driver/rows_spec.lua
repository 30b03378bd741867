local spec = require("lunasa_spec")

describe("lun_rows", function()
  it("gives back what it packed", function()
    local rows = { "", "a", ("b"):rep(3000), "\0\255", ("c"):rep(2 ^ 20 + 1), "", "last" }
    assert.is_true(table.concat(rows, "|") == table.concat((spec.rows(rows)), "|"))
    assert.same({ {}, 0 }, { spec.rows({}) })
  end)

  it("begins in its owner's room, and goes on outside", function()
    local first_row_too_large = { ("a"):rep(5000), "b", "" }
    local some, chunks, index = {}, {}, {}
    for i = 1, 16 do
      some[i] = "row " .. i
    end
    for i = 1, 10 do
      chunks[i] = ("c"):rep(300) .. i
    end
    for i = 1, 100 do
      index[i] = tostring(i)
    end

    for _, rows in ipairs({ {}, { "" }, some, chunks, index, first_row_too_large }) do
      assert.same(rows, (spec.rows(rows, true)))
    end
  end)

  it("holds little for one row, and little more than the rows for many", function()
    local _, one = spec.rows({ "x" })
    local many = {}
    for i = 1, 100000 do
      many[i] = ("%090d"):format(i)
    end

    local packed, bytes = spec.rows(many)

    assert.is_true(one < 4096, one .. " bytes")
    assert.is_true(bytes < 100000 * (90 + 4 + 16) * 1.3, bytes .. " bytes")
    assert.same(many, packed)
  end)
end)
