local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local HEAD = "\250\7\0\0\0\128\0"
local NULL = { "null" }

--- The packet for one column.
local function column(...)
  return spec.bulk_execute({ id = 7, width = 1, values = { ... } })
end

local function int(value)
  return { "integer", value }
end

local ONE = "\0\1\0\0\0\0\0\0\0"

describe("COM_STMT_BULK_EXECUTE", function()
  it("sends the types once and a value or NULL per cell", function()
    local packet = spec.bulk_execute({
      id = 7,
      width = 2,
      values = { int(1), { "text", "a" }, NULL, NULL, int(1), { "text", "" } },
    })
    assert.equal(HEAD .. "\8\0\253\0" .. ONE .. "\0\1a" .. "\1\1" .. ONE .. "\0\0", packet)
  end)

  it("chooses a type that every row fits", function()
    assert.equal(HEAD .. "\8\0" .. ONE .. ONE, column(int(1), int(1)))
    assert.equal(HEAD .. "\8\128" .. ONE .. ONE, column(int(1), { "unsigned", 1 }))
    assert.equal(
      HEAD .. "\8\0" .. "\0" .. ("\255"):rep(8) .. ONE,
      column(int(-1), { "unsigned", 1 })
    )
    assert.equal(HEAD .. "\5\0\1\0" .. wire.uint(0, 6) .. "\248\63", column(NULL, { "real", 1.5 }))
    assert.equal(HEAD .. "\253\0\1\1", column(NULL, NULL))
    assert.equal(HEAD .. "\251\0\0\2\0\255\0\1\49", column({ "binary", "\0\255" }, int(1)))
  end)

  it("sends mixed numbers as their digits", function()
    local largest = "18446744073709551615"
    assert.equal(
      HEAD .. "\253\0\0\2-1\0" .. wire.text(largest),
      column(int(-1), { "unsigned", largest })
    )
    assert.equal(HEAD .. "\253\0\0\1\49\0\3\48.1", column(int(1), { "real", 0.1 }))
    assert.equal(HEAD .. "\253\0\0\1\49\0\1x", column(int(1), { "text", "x" }))
    local lowest = "-9223372036854775808"
    assert.equal(
      HEAD .. "\253\0\0" .. wire.text(lowest) .. "\0\1x",
      column({ "integer", lowest }, { "text", "x" })
    )
  end)

  it("refuses text beside binary, which no type can say", function()
    assert.same({ nil, "UNSUPPORTED" }, { column({ "text", "a" }, NULL, { "binary", "a" }) })
  end)
end)
