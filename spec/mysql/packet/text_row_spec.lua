local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local TYPES = "SELECT CAST(-5"
local COUNT = 10

local function row_of(name)
  return fixture.answer(name, TYPES)[COUNT + 2]
end

describe("Text Resultset Row", function()
  for _, name in ipairs({ "mariadb-10.11.19-commands", "mysql-9.7.4-commands" }) do
    it("is read from " .. name, function()
      assert.same({
        "-5",
        "18446744073709551615",
        "1.5",
        "12.50",
        "hä",
        "\0\255",
        false,
        "2024-02-29",
        "-12:34:56",
        "2024-02-29 01:02:03",
      }, spec.text_row(row_of(name), COUNT))
    end)

    it("is refused at every point of truncation in " .. name, function()
      decoder.refuses_truncation(function(row)
        return spec.text_row(row, COUNT)
      end, row_of(name))
    end)

    it("is refused with a cell more or less in " .. name, function()
      assert.same({ nil, "TRAILING" }, { spec.text_row(row_of(name), COUNT - 1) })
      assert.same({ nil, "TRUNCATED" }, { spec.text_row(row_of(name), COUNT + 1) })
    end)
  end

  it("is refused for hostile lengths", function()
    for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
      if length ~= "\251" then
        assert.is_nil((spec.text_row(length .. "abc", 1)))
        assert.is_nil((spec.text_row("\1x" .. length .. "abc", 2)))
      end
    end
  end)

  it("holds cells around the widths of a length", function()
    for _, size in ipairs({ 0, 1, 250, 251, 252, 65535, 65536, 2 ^ 24 - 1, 2 ^ 24 }) do
      local cell = ("x"):rep(size)
      local row = assert(spec.text_row(wire.row(cell, false, "end"), 3))
      assert.is_true(row[1] == cell and row[2] == false and row[3] == "end")
    end
  end)

  it("takes lengths that are written longer than need be", function()
    local row = "\252\1\0a\253\1\0\0b\254\1\0\0\0\0\0\0\0c"
    assert.same({ "a", "b", "c" }, spec.text_row(row, 3))
  end)

  it("holds as many cells as there are columns, and no other number", function()
    assert.same({ false, false }, spec.text_row("\251\251", 2))
    assert.same({ nil, "TRAILING" }, { spec.text_row("\251\251\251", 2) })
    assert.same({ nil, "TRUNCATED" }, { spec.text_row("", 1) })
  end)
end)
