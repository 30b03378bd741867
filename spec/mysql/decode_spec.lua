local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local TYPE =
  { LONG = 3, DOUBLE = 5, LONGLONG = 8, DATE = 10, BIT = 16, NEWDECIMAL = 0xf6, BLOB = 0xfc }
local UNSIGNED = 0x20

local function decode(type, cell, fields)
  fields = fields or {}
  fields.type = type
  return { spec.decode({ wire.column("a", fields) }, wire.row(cell), 1) }
end

describe("decoding", function()
  for _, name in ipairs({ "mariadb-10.11.19-commands", "mysql-9.7.4-commands" }) do
    it("gives the values of the row in " .. name, function()
      local packets = fixture.answer(name, "SELECT CAST(-5")
      local definitions = { unpack(packets, 2, 11) }
      local found = {}

      for i = 1, #definitions do
        found[i] = { spec.decode(definitions, packets[12], i) }
      end

      assert.same({
        { "integer", "-5" },
        { "unsigned", "18446744073709551615" },
        { "real", 1.5 },
        { "text", "12.50" },
        { "text", "hä" },
        { "binary", "\0\255" },
        { "null" },
        { "text", "2024-02-29" },
        { "text", "-12:34:56" },
        { "text", "2024-02-29 01:02:03" },
      }, found)
    end)

    it("gives the values of a table in " .. name, function()
      local packets = fixture.answer(name, "SELECT * FROM spec_t")
      local definitions = { unpack(packets, 2, 5) }

      assert.same({ "integer", "1" }, { spec.decode(definitions, packets[6], 1) })
      assert.same({ "text", "y" }, { spec.decode(definitions, packets[6], 2) })
      assert.same({ "binary", "\5" }, { spec.decode(definitions, packets[6], 3) })
      assert.same({ "text", "a" }, { spec.decode(definitions, packets[6], 4) })
      assert.same({ "null" }, { spec.decode(definitions, packets[7], 3) })
    end)
  end

  it("gives the integers at both ends of their types", function()
    local signed = "-9223372036854775808"
    local unsigned = "18446744073709551615"

    assert.same({ "integer", signed }, decode(TYPE.LONGLONG, signed))
    assert.same({ "unsigned", unsigned }, decode(TYPE.LONGLONG, unsigned, { flags = UNSIGNED }))
    assert.same({ "integer", "42" }, decode(TYPE.LONG, "0000000042", { flags = UNSIGNED }))
  end)

  it("refuses numbers that no server writes, rather than give wrong ones", function()
    for _, text in ipairs({ "", " 1", "1 ", "1x", "+", "-", "0x10", "9223372036854775808" }) do
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.LONGLONG, text))
    end
    for _, text in ipairs({ "-1", "18446744073709551616" }) do
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.LONGLONG, text, { flags = UNSIGNED }))
    end
    for _, text in ipairs({ "", "nan", "inf", "1e999", "1,5", "1.5 ", "0x1p3", "e5" }) do
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.DOUBLE, text))
    end
  end)

  it("keeps what is not a number as it came", function()
    local long = ("9"):rep(1000000)
    assert.same({ "text", long }, decode(TYPE.NEWDECIMAL, long))
    assert.same({ "text", "2024-13-00" }, decode(TYPE.DATE, "2024-13-00"))
    assert.same({ "binary", ("\255"):rep(9) }, decode(TYPE.BIT, ("\255"):rep(9)))
    assert.same({ "binary", "" }, decode(TYPE.BLOB, ""))
    assert.same({ "text", "\255" }, decode(TYPE.BLOB, "\255", { charset = 45 }))
  end)

  it("gives NULL for every type", function()
    for type = 0, 255 do
      assert.same({ "null" }, decode(type, false))
    end
  end)

  it("refuses definitions that are cut, and ones that go on", function()
    local whole = wire.column("a")
    for size = 0, #whole - 1 do
      assert.is_nil((spec.decode({ whole:sub(1, size) }, "\1x", 1)))
    end
    assert.same({ nil, "TRAILING" }, { spec.decode({ whole .. "x" }, "\1x", 1) })
  end)
end)
