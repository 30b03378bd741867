local datetime = require("lunasa.datetime")
local errors = require("lunasa.error")
local values = require("lunasa.values")

local function assert_refused(pattern, make, source)
  local ok, err = pcall(function()
    make(source)
  end)
  assert.is_false(ok)
  assert.is_true(errors.is_error(err, "ArgumentError"))
  assert.matches(pattern, err.message)
  assert.matches("datetime_spec.lua:%d+$", err.position)
end

describe("lunasa.datetime", function()
  describe(".new", function()
    for _, text in ipairs({
      "0000-00-00",
      "0000-00-00 00:00:00",
      "2024-00-00",
      "2024-02-31",
      "9999-12-31 23:59:59.999999",
      "2024-01-02 03:04:05",
      "2024-01-02 03:04:05.0",
      "2024-01-02 03:04:05.100",
      "0001-01-01 00:00:00.000001",
    }) do
      it("prints " .. text .. " as it was read", function()
        assert.equal(text, tostring(datetime.new(text)))
      end)
    end

    it("reads fields and microseconds", function()
      local value = datetime.new("2024-01-02T03:04:05.12")

      assert.same(
        setmetatable(
          { year = 2024, month = 1, day = 2, hour = 3, min = 4, sec = 5, usec = 120000, fsp = 2 },
          datetime.Datetime
        ),
        value
      )
      assert.same({ 120000, 2 }, { value.usec, value.fsp })
      assert.equal("datetime", values.kind(value))
    end)

    it("makes a date of a table without a time", function()
      local value = datetime.new({ year = 2024, month = 1, day = 2 })

      assert.is_nil(value.hour)
      assert.equal("2024-01-02", tostring(value))
    end)

    it("fills up a time that is given in part", function()
      assert.equal(
        "2024-01-02 00:30:00",
        tostring(datetime.new({ year = 2024, month = 1, day = 2, min = 30 }))
      )
      assert.equal(
        "2024-01-02 00:00:00.000007",
        tostring(datetime.new({ year = 2024, month = 1, day = 2, usec = 7 }))
      )
    end)

    it("takes what os.date gives", function()
      local now = os.date("!*t", 86400)

      assert.equal("1970-01-02 00:00:00", tostring(datetime.new(now)))
    end)

    it("copies the table", function()
      local source = { year = 2024, month = 1, day = 2 }

      assert.not_equal(source, datetime.new(source))
      assert.is_nil(getmetatable(source))
    end)

    for source, pattern in pairs({
      ["now"] = "'now' is not a date",
      [""] = "'' is not a date",
      ["2024-1-2"] = "is not a date",
      ["2024-01-02 "] = "is not a date and time",
      ["2024-01-02 03:04"] = "is not a date and time",
      ["2024-01-02 03:04:05."] = "is not a date and time",
      ["2024-01-02 03:04:05.1234567"] = "is not a date and time",
      ["2024-01-02 03:04:05Z"] = "is not a date and time",
      ["2024-13-01"] = "month must be an integer from 0 to 12",
      ["2024-01-32"] = "day must be an integer from 0 to 31",
      ["2024-01-02 24:00:00"] = "hour must be an integer from 0 to 23",
      ["2024-01-02 00:60:00"] = "min must be an integer from 0 to 59",
    }) do
      it(("refuses '%s'"):format(source), function()
        assert_refused(pattern, datetime.new, source)
      end)
    end

    it("refuses fields that are missing or no integers", function()
      assert_refused("year must be an integer", datetime.new, {})
      assert_refused("day must be an integer", datetime.new, { year = 1, month = 1, day = 1.5 })
      assert_refused("day must be an integer", datetime.new, { year = 1, month = 1, day = "1" })
      assert_refused("needs a table or a string, got number", datetime.new, 5)
    end)
  end)

  describe("comparing", function()
    it("goes by the moment, not by the decimals", function()
      local midnight = datetime.new("2024-01-02 00:00:00.000")
      local later = datetime.new("2024-01-02 00:00:00.000001")

      assert.is_true(midnight == datetime.new("2024-01-02"))
      assert.is_true(midnight < later)
      assert.is_true(midnight <= later)
      assert.is_false(later <= midnight)
    end)

    it("puts zero and partial dates before the days that they lack", function()
      local zero = datetime.new("0000-00-00")
      local partial = datetime.new("2024-01-00")

      assert.is_true(zero < partial)
      assert.is_true(datetime.new("2023-12-31 23:59:59") < partial)
      assert.is_true(partial < datetime.new("2024-01-01"))
    end)
  end)

  describe(":is_zero", function()
    it("knows the zero date only", function()
      assert.is_true(datetime.new("0000-00-00"):is_zero())
      assert.is_true(datetime.new("0000-00-00 00:00:00.000"):is_zero())
      assert.is_false(datetime.new("0000-01-00"):is_zero())
    end)
  end)

  describe(":timestamp", function()
    for text, seconds in pairs({
      ["1970-01-01"] = 0,
      ["1970-01-01 00:00:01.5"] = 1.5,
      ["1969-12-31 23:59:59"] = -1,
      ["2000-02-29"] = 951782400,
      ["2000-03-01"] = 951868800,
      ["2024-12-31 23:59:59"] = 1735689599,
      ["1900-03-01"] = -2203891200,
      ["9999-12-31"] = 253402214400,
    }) do
      it("counts the seconds to " .. text, function()
        assert.equal(seconds, datetime.new(text):timestamp())
      end)
    end

    it("takes the offset of the value's time zone", function()
      assert.equal(-7200, datetime.new("1970-01-01"):timestamp(7200))
    end)

    it("is nil for a zero or partial date", function()
      assert.is_nil(datetime.new("0000-00-00"):timestamp())
      assert.is_nil(datetime.new("2024-05-00"):timestamp())
    end)
  end)

  describe(".duration", function()
    for _, text in ipairs({
      "00:00:00",
      "-00:00:01",
      "838:59:59",
      "-838:59:59.000000",
      "25:00:00.5",
      "123:00:00",
    }) do
      it("prints " .. text .. " as it was read", function()
        assert.equal(text, tostring(datetime.duration(text)))
      end)
    end

    it("has no negative zero", function()
      assert.equal("00:00:00", tostring(datetime.duration("-00:00:00")))
      assert.is_true(datetime.duration({ neg = true }):is_zero())
    end)

    it("reads fields", function()
      local value = datetime.duration({ neg = true, hours = 25, usec = 500000 })

      assert.equal("-25:00:00.500000", tostring(value))
      assert.equal(-90000.5, value:total_seconds())
      assert.is_false(value:is_zero())
      assert.equal("duration", values.kind(value))
    end)

    it("orders values across zero", function()
      local less = datetime.duration("-01:00:00")
      local more = datetime.duration("00:00:01")

      assert.is_true(less < more)
      assert.is_true(less <= more)
      assert.is_true(less == datetime.duration("-01:00:00.000"))
    end)

    it("refuses what a TIME cannot hold", function()
      assert_refused("hours must be an integer from 0 to 838", datetime.duration, "839:00:00")
      assert_refused("sec must be an integer", datetime.duration, { sec = 60 })
      assert_refused("'1:2' is not a time", datetime.duration, "1:2")
      assert_refused("needs a table or a string, got nil", datetime.duration, nil)
    end)
  end)
end)
