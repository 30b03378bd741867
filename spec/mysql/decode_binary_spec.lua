local decoder = require("spec.mysql.decoder")
local ffi = require("ffi")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local uint = wire.uint

local TYPE = {
  TINY = 1,
  SHORT = 2,
  LONG = 3,
  FLOAT = 4,
  DOUBLE = 5,
  TIMESTAMP = 7,
  LONGLONG = 8,
  INT24 = 9,
  DATE = 10,
  TIME = 11,
  DATETIME = 12,
  YEAR = 13,
  NEWDATE = 14,
  BIT = 16,
  VECTOR = 0xf2,
  JSON = 0xf5,
  NEWDECIMAL = 0xf6,
  BLOB = 0xfc,
  VAR_STRING = 0xfd,
  STRING = 0xfe,
  GEOMETRY = 0xff,
}
local UNSIGNED = 0x20

--- Decodes the only cell of a row.
local function decode(type, bytes, fields)
  fields = fields or {}
  fields.type = type
  return { spec.decode_binary({ wire.column("a", fields) }, "\0\0" .. bytes, 1) }
end

local function date(year, month, day)
  return uint(year, 2) .. string.char(month, day)
end

local function clock(hour, minute, second, microsecond)
  return string.char(hour, minute, second) .. (microsecond and uint(microsecond, 4) or "")
end

local function time(sign, days, hour, minute, second, microsecond)
  local bytes = string.char(sign) .. uint(days, 4) .. clock(hour, minute, second, microsecond)
  return wire.text(bytes)
end

describe("decoding a binary row", function()
  it("gives the integers at both ends of their types", function()
    for _, case in ipairs({
      { "TINY", "\128", "-128", "128" },
      { "TINY", "\255", "-1", "255" },
      { "SHORT", "\0\128", "-32768", "32768" },
      { "LONG", "\255\255\255\127", "2147483647", "2147483647" },
      { "LONG", "\0\0\0\128", "-2147483648", "2147483648" },
      { "INT24", "\0\0\128\255", "-8388608", "4286578688" },
      { "INT24", "\255\255\255\0", "16777215", "16777215" },
    }) do
      local type, bytes, signed, unsigned = unpack(case)
      assert.same({ "integer", signed }, decode(TYPE[type], bytes))
      assert.same({ "integer", unsigned }, decode(TYPE[type], bytes, { flags = UNSIGNED }))
    end
    local lowest = ("\0"):rep(7) .. "\128"
    assert.same({ "integer", "-9223372036854775808" }, decode(TYPE.LONGLONG, lowest))
    local all = ("\255"):rep(8)
    assert.same({ "integer", "-1" }, decode(TYPE.LONGLONG, all))
    assert.same(
      { "unsigned", "18446744073709551615" },
      decode(TYPE.LONGLONG, all, { flags = UNSIGNED })
    )
    assert.same({ "integer", "2155" }, decode(TYPE.YEAR, uint(2155, 2)))
    assert.same({ "integer", "0" }, decode(TYPE.YEAR, "\0\0"))
  end)

  it("gives reals bit by bit, a FLOAT as what it is", function()
    for _, value in ipairs({ 0, -0.0, 1.5, 0.1, 1e308, 5e-324, -2 ^ 53 }) do
      local bytes = ffi.string(ffi.new("double[1]", value), 8)
      assert.same({ "real", value }, decode(TYPE.DOUBLE, bytes))
    end
    local single = ffi.new("float[1]", 0.1)
    assert.same({ "real", tonumber(single[0]) }, decode(TYPE.FLOAT, ffi.string(single, 4)))
  end)

  it("refuses what is no real number", function()
    for _, value in ipairs({ 0 / 0, 1 / 0, -1 / 0 }) do
      local bytes = ffi.string(ffi.new("double[1]", value), 8)
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.DOUBLE, bytes))
      bytes = ffi.string(ffi.new("float[1]", value), 4)
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.FLOAT, bytes))
    end
  end)

  it("gives dates as the servers print them", function()
    assert.same({ "date", "2024-02-29" }, decode(TYPE.DATE, "\4" .. date(2024, 2, 29)))
    assert.same({ "date", "0000-00-00" }, decode(TYPE.DATE, "\0"))
    assert.same({ "date", "0001-00-00" }, decode(TYPE.NEWDATE, "\4" .. date(1, 0, 0)))
    assert.same({ "date", "9999-12-31" }, decode(TYPE.DATE, "\7" .. date(9999, 12, 31) .. "\0\0\0"))
  end)

  it("gives dates with times as the servers print them", function()
    for _, type in ipairs({ TYPE.DATETIME, TYPE.TIMESTAMP }) do
      local day = date(2024, 2, 29)
      local full = "\11" .. day .. clock(1, 2, 3, 40500)
      assert.same({ "datetime", "2024-02-29 00:00:00" }, decode(type, "\4" .. day))
      assert.same(
        { "datetime", "2024-02-29 01:02:03" },
        decode(type, "\7" .. day .. clock(1, 2, 3))
      )
      assert.same({ "datetime", "2024-02-29 01:02:03.040500" }, decode(type, full))
      assert.same(
        { "datetime", "2024-02-29 01:02:03.040500" },
        decode(type, full, { decimals = 31 })
      )
      assert.same({ "datetime", "2024-02-29 01:02:03.04" }, decode(type, full, { decimals = 2 }))
      assert.same(
        { "datetime", "2024-02-29 00:00:00.000" },
        decode(type, "\4" .. day, { decimals = 3 })
      )
      assert.same({ "datetime", "0000-00-00 00:00:00" }, decode(type, "\0"))
      assert.same({ "datetime", "0000-00-00 00:00:00.0" }, decode(type, "\0", { decimals = 1 }))
    end
  end)

  it("gives times as the servers print them", function()
    local function text(bytes, decimals)
      return decode(TYPE.TIME, bytes, { decimals = decimals })
    end
    assert.same({ "time", "00:00:00" }, text("\0"))
    assert.same({ "time", "00:00:00.000000" }, text("\0", 6))
    assert.same({ "time", "-838:59:59" }, text(time(1, 34, 22, 59, 59)))
    assert.same({ "time", "100:00:01" }, text(time(0, 4, 4, 0, 1)))
    assert.same({ "time", "-00:00:00.5" }, text(time(1, 0, 0, 0, 0, 500000), 1))
    assert.same({ "time", "12:34:56.000001" }, text(time(0, 0, 12, 34, 56, 1), 39))
  end)

  it("refuses dates and times that there are not", function()
    local day = date(2024, 2, 29)
    for _, bytes in ipairs({
      date(10000, 1, 1),
      date(2024, 13, 1),
      date(2024, 1, 32),
      day .. clock(24, 0, 0),
      day .. clock(0, 60, 0),
      day .. clock(0, 0, 60),
      day .. clock(0, 0, 0, 1000000),
      day .. clock(0, 0, 0, 4000000000),
    }) do
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.DATETIME, wire.text(bytes)))
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.DATE, wire.text(bytes)))
    end
    assert.same({ nil, "PROTOCOL" }, decode(TYPE.DATE, wire.text(day .. clock(0, 0, 1))))
    for _, bytes in ipairs({
      time(2, 0, 0, 0, 1),
      time(0, 35, 0, 0, 0),
      time(0, 34, 23, 0, 0),
      time(0, 0xffffffff, 0, 0, 0),
      time(0, 0, 200, 0, 0),
      time(0, 0, 0, 60, 0),
      time(0, 0, 0, 0, 60),
      time(0, 0, 0, 0, 0, 4000000000),
    }) do
      assert.same({ nil, "PROTOCOL" }, decode(TYPE.TIME, bytes))
    end
  end)

  it("gives strings of all kinds as the text protocol does", function()
    for _, name in ipairs({ "BIT", "VECTOR", "BLOB", "GEOMETRY", "STRING", "VAR_STRING" }) do
      assert.same({ "binary", "\0\255" }, decode(TYPE[name], "\2\0\255"))
    end
    for _, name in ipairs({ "NEWDECIMAL", "JSON" }) do
      assert.same({ "text", "12.50" }, decode(TYPE[name], "\00512.50"))
    end
    assert.same({ "text", "" }, decode(TYPE.VAR_STRING, "\0", { charset = 45 }))
    local long = ("x"):rep(70000)
    assert.is_true(decode(TYPE.BLOB, wire.text(long), { charset = 45 })[2] == long)
  end)

  it("gives NULL for every type", function()
    for type = 0, 255 do
      local columns = { wire.column("a", { type = type }) }
      assert.same({ "null" }, { spec.decode_binary(columns, "\0\4", 1) })
    end
  end)

  --- A row of TINY columns whose values are their numbers, but for one.
  local function row_with_null(count, null)
    local cells, bitmap = {}, {}
    for i = 1, count do
      cells[i] = i ~= null and string.char(i) or ""
    end
    for i = 0, math.floor((count + 9) / 8) - 1 do
      bitmap[i + 1] = math.floor((null + 1) / 8) == i and string.char(2 ^ ((null + 1) % 8)) or "\0"
    end
    return "\0" .. table.concat(bitmap) .. table.concat(cells)
  end

  it("gives NULL at every place of the bitmap", function()
    local columns = {}
    for count = 1, 20 do
      columns[count] = wire.column("a", { type = TYPE.TINY })
      for null = 1, count do
        local row = row_with_null(count, null)
        for i = 1, count do
          local expected = i == null and { "null" } or { "integer", tostring(i) }
          assert.same(expected, { spec.decode_binary(columns, row, i) })
        end
      end
    end
  end)

  it("is refused at every point of truncation", function()
    local columns = {}
    for i, type in ipairs({ TYPE.LONG, TYPE.DATETIME, TYPE.TIME, TYPE.DOUBLE, TYPE.BLOB }) do
      columns[i] = wire.column("a", { type = type })
    end
    local row = "\0\0"
      .. uint(5, 4)
      .. wire.text(date(2024, 2, 29) .. clock(1, 2, 3, 4))
      .. time(1, 1, 2, 3, 4, 5)
      .. ("\0"):rep(8)
      .. wire.text("blob")
    for column = 1, #columns do
      local function cell(bytes)
        return spec.decode_binary(columns, bytes, column)
      end
      assert(cell(row))
      decoder.refuses_truncation(cell, row)
      decoder.refuses(cell, row .. "\0", "TRAILING")
    end
  end)
end)
