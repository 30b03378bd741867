local core = require("lunasa.core")
local format = require("lunasa.format")

local FLAGS = core.format

describe("lunasa.format", function()
  describe("of", function()
    local CASES = {
      { {}, 0 },
      { { rows = "dict", null = "null", bigint = "auto", decimal = "string" }, 0 },
      { { rows = "array" }, FLAGS.array },
      { { null = "nil" }, FLAGS.null_nil },
      { { bigint = "string" }, FLAGS.bigint_string },
      { { bigint = "number" }, FLAGS.bigint_number },
      { { bigint = "int64" }, FLAGS.bigint_int64 },
      { { decimal = "number" }, FLAGS.decimal_number },
      { { datetime = "table" }, FLAGS.datetime_table },
      { { json = "decode" }, FLAGS.json_decode },
      { { bit = "number" }, FLAGS.bit_number },
    }
    for i, case in ipairs(CASES) do
      it("makes the flag of one option, case " .. i, function()
        assert.equal(case[2], format.of(case[1]))
      end)
    end

    it("adds the flags of several", function()
      local options = { rows = "array", null = "nil", bit = "number" }

      assert.equal(FLAGS.array + FLAGS.null_nil + FLAGS.bit_number, format.of(options))
    end)

    it("has every flag for itself", function()
      local sum, count = 0, 0
      for _, flag in pairs(FLAGS) do
        sum, count = sum + flag, count + 1
      end

      assert.equal(2 ^ count - 1, sum)
    end)

    it("lets a call win over its connection", function()
      local base = { rows = "array", null = "nil", bigint = "string" }

      assert.equal(FLAGS.array + FLAGS.bigint_string, format.of({ null = "null" }, base))
      assert.equal(format.of(base), format.of({}, base))
    end)
  end)

  it("carries the protocol", function()
    local flags = format.of({ protocol = "binary", rows = "array" })

    assert.is_true(format.is_binary(flags))
    assert.is_false(format.is_binary(format.of({ rows = "array" }, { protocol = "text" })))
    assert.equal(flags, format.binary(FLAGS.array))
  end)

  it("of our own statements is text, and quiet", function()
    local flags = format.of({ protocol = "binary", rows = "array" })

    assert.equal(FLAGS.array + FLAGS.quiet, format.own(flags))
    assert.equal(FLAGS.array + FLAGS.quiet, format.own(FLAGS.array))
  end)
end)
