local decoder = require("spec.mysql.decoder")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local OPTIONAL_METADATA = 0x2000000

local WHOLE = "\0" .. wire.uint(0x01020304, 4) .. "\3\0\2\0\0\5\0"

describe("COM_STMT_PREPARE_OK", function()
  it("is read", function()
    assert.same({
      statement_id = 0x01020304,
      column_count = 3,
      parameter_count = 2,
      warnings = 5,
      has_metadata = true,
    }, spec.prepare_ok(WHOLE, 0))
  end)

  it("tells whether definitions follow, where that is optional", function()
    assert.is_true(spec.prepare_ok(WHOLE .. "\1", OPTIONAL_METADATA).has_metadata)
    assert.is_false(spec.prepare_ok(WHOLE .. "\0", OPTIONAL_METADATA).has_metadata)
    assert.same({ nil, "PROTOCOL" }, { spec.prepare_ok(WHOLE .. "\2", OPTIONAL_METADATA) })
  end)

  it("is refused at every point of truncation, and when it goes on", function()
    for capabilities, packet in pairs({ [0] = WHOLE, [OPTIONAL_METADATA] = WHOLE .. "\1" }) do
      local function decode(bytes)
        return spec.prepare_ok(bytes, capabilities)
      end
      decoder.refuses_truncation(decode, packet)
      decoder.refuses(decode, packet .. "\0", "TRAILING")
    end
  end)

  it("is refused with another header", function()
    for header = 1, 255 do
      local packet = string.char(header) .. WHOLE:sub(2)
      assert.same({ nil, "PROTOCOL" }, { spec.prepare_ok(packet, 0) })
    end
  end)
end)
