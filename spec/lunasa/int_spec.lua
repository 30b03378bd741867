local errors = require("lunasa.error")
local int = require("lunasa.int")

local MIN_INT64 = -9223372036854775807LL - 1LL

local function assert_argument_error(pattern, work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok)
  assert.is_true(errors.is_error(err, "ArgumentError"))
  assert.matches(pattern, err.message)
end

describe("lunasa.int", function()
  describe(".parse", function()
    for text, number in pairs({
      ["0"] = 0,
      ["-0"] = 0,
      ["+7"] = 7,
      ["007"] = 7,
      ["-000"] = 0,
      ["4294967296"] = 4294967296,
      ["9007199254740991"] = 2 ^ 53 - 1,
      ["9007199254740992"] = 2 ^ 53,
      ["-9007199254740992"] = -2 ^ 53,
    }) do
      it("gives a number for " .. text, function()
        local value = int.parse(text)

        assert.equal("number", type(value))
        assert.equal(number, value)
        assert.is_true(1 / value > -math.huge)
      end)
    end

    for text, wanted in pairs({
      ["9007199254740993"] = 9007199254740993LL,
      ["-9007199254740993"] = -9007199254740993LL,
      ["9223372036854775807"] = 9223372036854775807LL,
      ["9223372036854775808"] = 9223372036854775808ULL,
      ["18446744073709551615"] = 18446744073709551615ULL,
      ["-9223372036854775808"] = MIN_INT64,
      ["00018446744073709551615"] = 18446744073709551615ULL,
    }) do
      it("gives exact cdata for " .. text, function()
        local value = int.parse(text)

        assert.equal(tostring(wanted), tostring(value))
      end)
    end

    it("raises beyond 64 bits", function()
      assert_argument_error("64 bits", int.parse, "18446744073709551616")
      assert_argument_error("64 bits", int.parse, "-9223372036854775809")
      assert_argument_error("64 bits", int.parse, ("9"):rep(40))
    end)

    it("raises for what is no decimal integer", function()
      for _, text in ipairs({ "", "-", " 1", "1 ", "1.0", "1e3", "0x10", "1\n", "--1", "one" }) do
        assert_argument_error("not a decimal integer", int.parse, text)
      end
      assert_argument_error("not a string", int.parse, nil)
      assert_argument_error("not a string", int.parse, 5)
    end)
  end)

  describe(".tostring", function()
    it("shows no suffix", function()
      assert.equal("5", int.tostring(5LL))
      assert.equal("18446744073709551615", int.tostring(18446744073709551615ULL))
      assert.equal("-9223372036854775808", int.tostring(MIN_INT64))
    end)

    it("shows every digit of a number", function()
      assert.equal("9007199254740992", int.tostring(2 ^ 53))
      assert.equal("123456789012345", int.tostring(123456789012345))
      assert.equal("0", int.tostring(-0))
      assert.equal("0.10000000000000001", int.tostring(0.1))
    end)
  end)

  describe(".key", function()
    it("is one key for equal integers", function()
      for _, value in ipairs({ 5, 5LL, 5ULL, "5", "+005" }) do
        assert.equal("5", int.key(value))
      end
    end)

    it("raises for what is no integer", function()
      assert_argument_error("needs an integer", int.key, 1.5)
      assert_argument_error("needs an integer", int.key, 0 / 0)
      assert_argument_error("needs an integer", int.key, math.huge)
      assert_argument_error("needs an integer", int.key, nil)
      assert_argument_error("not a decimal integer", int.key, "x")
    end)
  end)

  describe(".eq and .lt", function()
    local ASCENDING = {
      -math.huge,
      MIN_INT64,
      -9007199254740993LL,
      -2 ^ 53,
      "-1",
      -0.5,
      0ULL,
      0.5,
      1,
      "2",
      2 ^ 53,
      9007199254740993LL,
      "9223372036854775807",
      9223372036854775808ULL,
      18446744073709551615ULL,
      2 ^ 64,
    }

    it("order mixed carriers as integers are ordered", function()
      for i, a in ipairs(ASCENDING) do
        for j, b in ipairs(ASCENDING) do
          assert.equal(i < j, int.lt(a, b), ("%s < %s"):format(tostring(a), tostring(b)))
          assert.equal(i == j, int.eq(a, b), ("%s == %s"):format(tostring(a), tostring(b)))
        end
      end
    end)

    it("know that -1 is less than an unsigned zero", function()
      assert.is_true(int.lt(-1LL, 0ULL))
      assert.is_false(int.eq(-1LL, 18446744073709551615ULL))
    end)

    it("say false for NaN", function()
      local nan = 0 / 0

      assert.is_false(int.eq(nan, nan))
      assert.is_false(int.lt(nan, 1))
      assert.is_false(int.lt(1LL, nan))
    end)

    it("raise for what is no integer", function()
      assert_argument_error("int.eq needs integers, got boolean", int.eq, true, 1)
      assert_argument_error("int.lt needs integers", int.lt, 1, {})
      assert_argument_error("int.lt needs integers", int.lt, 1, "one")
    end)
  end)
end)
