local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

describe("EOF_Packet", function()
  for _, name in ipairs({ "mariadb-10.11.19-eof", "mysql-9.7.4-eof" }) do
    it("is read from " .. name, function()
      local packets = fixture.answer(name, "SELECT 1/0")

      local packet = spec.eof(packets[#packets])

      assert.equal(1, packet.warnings)
      assert.equal(wire.STATUS.AUTOCOMMIT, packet.status_flags % 8)
    end)
  end

  it("is refused at every point of truncation and with trailing bytes", function()
    decoder.refuses_truncation(spec.eof, wire.eof())
    decoder.refuses(spec.eof, wire.eof() .. "\0", "TRAILING")
  end)
end)
