local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local TRACK = wire.CAPABILITY.SESSION_TRACK

local function tracked(payload)
  return spec.ok(payload, TRACK)
end

local function untracked(payload)
  return spec.ok(payload, 0)
end

local function answer(name, statement)
  return fixture.answer(name, statement)[1]
end

describe("OK_Packet", function()
  for _, name in ipairs({ "mariadb-10.11.19-commands", "mysql-9.7.4-commands" }) do
    it("is read from " .. name, function()
      assert.same({
        affected_rows = 2,
        last_insert_id = 1,
        status_flags = wire.STATUS.AUTOCOMMIT,
        warnings = 0,
        info = "Records: 2  Duplicates: 0  Warnings: 0",
        session_state = "",
      }, tracked(answer(name, "INSERT")))
    end)

    it("carries the session's state in " .. name, function()
      local packet = tracked(answer(name, "USE mysql"))

      assert.equal("\1\6\5mysql", packet.session_state)
      assert.equal(wire.STATUS.AUTOCOMMIT + wire.STATUS.STATE_CHANGED, packet.status_flags)
    end)

    it("ends rows in " .. name, function()
      local packets = fixture.answer(name, "SELECT 1/0")
      local packet = tracked(packets[#packets])

      assert.equal(0xfe, packets[#packets]:byte())
      assert.equal(2, packet.warnings)
    end)
  end

  it("is refused at every point of truncation", function()
    local payload = wire.ok({ info = "some words", state = wire.variable("autocommit", "ON") })
    local fixed = 7

    decoder.refuses_truncation(tracked, payload, { [fixed] = true })
  end)

  it("is refused with trailing bytes", function()
    decoder.refuses(tracked, wire.ok({ info = "x" }) .. "y", "TRAILING")
    decoder.refuses(tracked, wire.ok({ info = "x", state = "" }) .. "y", "TRAILING")
  end)

  it("is refused for hostile lengths of info and state", function()
    for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
      assert.is_nil((tracked(wire.ok() .. length .. "abc")))
      local with_state = wire.ok({ status = wire.STATUS.STATE_CHANGED }) .. "\0" .. length .. "abc"
      assert.is_nil((tracked(with_state)))
    end
  end)

  it("is refused for counts that are no numbers", function()
    decoder.refuses(tracked, "\0\251\0\2\0\0\0", "PROTOCOL")
    decoder.refuses(tracked, "\0\0\255\2\0\0\0", "PROTOCOL")
  end)

  it("reads counts of every width", function()
    for _, count in ipairs({ 0, 250, 251, 65535, 65536, 2 ^ 24 - 1, 2 ^ 24, 2 ^ 53 }) do
      local packet = tracked(wire.ok({ affected_rows = count, insert_id = count }))
      assert.same({ count, count }, { packet.affected_rows, packet.last_insert_id })
    end
  end)

  it("takes info with or without a length where no state is tracked", function()
    local bare = wire.ok()

    assert.equal("Records: 2", untracked(bare .. wire.text("Records: 2")).info)
    assert.equal("Records: 2", untracked(bare .. "Records: 2").info)
    assert.equal("\5abc", untracked(bare .. "\5abc").info)
    assert.equal("", untracked(bare).info)
  end)
end)
