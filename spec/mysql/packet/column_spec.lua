local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local FIXED = 13
local STRINGS = 6

local function extended_column(bytes)
  return spec.column(bytes, true)
end

describe("Protocol::ColumnDefinition41", function()
  it("is read from MariaDB", function()
    assert.same({
      schema = "test",
      table = "spec_t",
      original_table = "spec_t",
      name = "name",
      original_name = "name",
      charset = 45,
      length = 80,
      type = 0xfd,
      flags = 0,
      decimals = 0,
      type_name = "",
      format = "",
      class = "text",
    }, spec.column(fixture.answer("mariadb-10.11.19-commands", "SELECT * FROM spec_t")[3]))
  end)

  it("is read from MySQL", function()
    local column = spec.column(fixture.answer("mysql-9.7.4-commands", "SELECT * FROM spec_t")[4])

    assert.same({ "flag", 16, 63, 3 }, { column.name, column.type, column.charset, column.length })
  end)

  it("is refused at every point of truncation", function()
    for _, name in ipairs({ "mariadb-10.11.19-commands", "mysql-9.7.4-commands" }) do
      decoder.refuses_truncation(spec.column, fixture.answer(name, "SELECT * FROM spec_t")[3])
    end
  end)

  it("is refused with trailing bytes", function()
    decoder.refuses(spec.column, wire.column("a") .. "\0", "TRAILING")
    decoder.refuses(extended_column, wire.column("a", { extended = "" }) .. "\0", "TRAILING")
    assert.is_nil((spec.column(wire.column("a", { extended = "" }))))
    assert.is_nil((extended_column(wire.column("a"))))
  end)

  it("is refused when one of its six strings goes over the end", function()
    for before = 0, STRINGS - 1 do
      for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
        local payload = wire.text("s"):rep(before) .. length .. wire.column("a"):sub(-FIXED)
        assert.is_nil((spec.column(payload)))
      end
    end
  end)

  it("is refused unless the fixed fields are twelve bytes", function()
    local start = wire.column("a"):sub(1, -FIXED - 1)
    for _, size in ipairs({ "\0", "\11", "\13", "\251", "\255", "\252\0\1" }) do
      assert.is_nil((spec.column(start .. size .. ("\0"):rep(12))))
    end
  end)

  it("keeps names of any bytes", function()
    for _, name in ipairs({ "", "a\0b", "'`\"", "\255\254", "__index", ("n"):rep(65536) }) do
      assert.equal(name, spec.column(wire.column(name)).name)
    end
  end)

  it("tells what MariaDB's extended metadata says", function()
    local json = extended_column(wire.column("a", { type = 0xfc, extended = "\1\4json" }))
    assert.same({ "", "json", "json" }, { json.type_name, json.format, json.class })
    for _, name in ipairs({ "uuid", "inet4", "inet6" }) do
      local extended = "\0" .. wire.text(name)
      local column = extended_column(wire.column("a", { type = 0xfe, extended = extended }))
      assert.same({ name, "", "text" }, { column.type_name, column.format, column.class })
    end
    local point = extended_column(wire.column("a", { type = 0xff, extended = "\0\5point" }))
    assert.same({ "point", "binary" }, { point.type_name, point.class })
    assert.equal("a", extended_column(wire.column("a", { extended = "" })).name)
    assert.equal("json", extended_column(wire.column("a", { extended = "\9\1x\1\4json" })).format)
  end)

  it("reads the cells of a column by its type, whatever the extended metadata says", function()
    local column = extended_column(wire.column("a", { type = 3, extended = "\1\4json\0\4uuid" }))
    assert.equal("integer", column.class)
  end)

  it("is refused when the extended metadata is cut, or lies about its lengths", function()
    local whole = wire.column("a", { extended = "\0\4uuid\1\4json" })
    decoder.refuses_truncation(extended_column, whole)
    for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
      assert.is_nil((extended_column(wire.column("a", { extended = "\0" .. length .. "abc" }))))
    end
    assert.is_nil((extended_column(wire.column("a", { extended = "\0" }))))
  end)

  it("keeps types that it does not know", function()
    assert.equal(200, spec.column(wire.column("a", { type = 200, charset = 2304 })).type)
  end)
end)
