local decoder = require("spec.mysql.decoder")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local function definitions(...)
  local columns = {}
  for i, type in ipairs({ ... }) do
    columns[i] = wire.column("c" .. i, { type = type })
  end
  return columns
end

local WIDTHS = { [1] = 1, [2] = 2, [13] = 2, [3] = 4, [9] = 4, [4] = 4, [5] = 8, [8] = 8 }
local TEMPORAL = {
  [10] = { 0, 4, 7, 11 },
  [12] = { 0, 4, 7, 11 },
  [7] = { 0, 4, 7, 11 },
  [14] = { 0, 4, 7, 11 },
  [11] = { 0, 8, 12 },
}

describe("Binary Protocol Resultset Row", function()
  it("holds exactly the cells of its columns", function()
    local columns = definitions(3, 0xfd, 12, 8)
    local row = "\0\0" .. wire.uint(1, 4) .. "\2ab" .. "\4\232\7\1\2" .. wire.uint(9, 8)
    local function check(bytes)
      return spec.check_binary_row(columns, bytes)
    end
    assert.is_true(check(row))
    decoder.refuses_truncation(check, row)
    decoder.refuses(check, row .. "\0", "TRAILING")
  end)

  it("has cells of the width of their type", function()
    for type = 0, 255 do
      local widths = TEMPORAL[type]
      for size = 0, 16 do
        local is_right = WIDTHS[type] == size
        local row = "\0\0" .. ("\1"):rep(size)
        if widths or not WIDTHS[type] then
          row = "\0\0" .. wire.text(("\1"):rep(size))
          is_right = not widths and type ~= 6
        end
        for _, width in ipairs(widths or {}) do
          is_right = is_right or width == size
        end
        local is_taken = spec.check_binary_row(definitions(type), row) == true
        assert.equal(is_right, is_taken, ("type %d, %d bytes"):format(type, size))
      end
    end
  end)

  it("leaves out what its bitmap says is NULL", function()
    for type = 0, 255 do
      assert.is_true(spec.check_binary_row(definitions(type), "\0\4"))
    end
    local many = {}
    for i = 1, 20 do
      many[i] = 3
    end
    assert.is_true(spec.check_binary_row(definitions(unpack(many)), "\0\252\255\63"))
  end)

  it("is refused when a bit is set that is of no column", function()
    for bit = 0, 7 do
      local row = "\0" .. string.char(2 ^ bit) .. (bit == 2 and "" or "\1")
      local is_taken = spec.check_binary_row(definitions(1), row) == true
      assert.equal(bit == 2, is_taken)
    end
    assert.same({ nil, "PROTOCOL" }, { spec.check_binary_row(definitions(1, 1), "\0\28") })
  end)

  it("is refused with another header", function()
    for header = 1, 255 do
      local row = string.char(header) .. "\0\1"
      assert.same({ nil, "PROTOCOL" }, { spec.check_binary_row(definitions(1), row) })
    end
  end)

  it("is refused for hostile lengths", function()
    for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
      for _, type in ipairs({ 0xfd, 0xfc, 0x10, 0xf6, 10, 11, 12 }) do
        assert.is_nil((spec.check_binary_row(definitions(type), "\0\0" .. length .. "abc")))
      end
    end
  end)
end)
