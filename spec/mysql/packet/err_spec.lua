local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")

-- MariaDB 10.11.19 with max_connections = 10, instead of a greeting.
local TOO_MANY = "\255\16\4Too many connections"

describe("ERR_Packet", function()
  it("is read from captures", function()
    local mariadb = fixture.answer("mariadb-10.11.19-commands", "SELECT nonsense")
    local mysql = fixture.answer("mysql-9.7.4-commands", "SELECT nonsense")

    assert.same({
      code = 1054,
      sqlstate = "42S22",
      message = "Unknown column 'nonsense' in 'SELECT'",
    }, spec.err(mariadb[1]))
    assert.same({
      code = 1054,
      sqlstate = "42S22",
      message = "Unknown column 'nonsense' in 'field list'",
    }, spec.err(mysql[1]))
  end)

  it("has no SQLSTATE before the login", function()
    assert.same(
      { code = 1040, sqlstate = "", message = "Too many connections" },
      spec.err(TOO_MANY)
    )
  end)

  it("is refused where code or SQLSTATE are cut", function()
    local payload = "\255\30\4#42S22"
    decoder.refuses_truncation(spec.err, payload, { [3] = true })
  end)

  it("may have no message", function()
    assert.same({ code = 1, sqlstate = "", message = "" }, spec.err("\255\1\0"))
    assert.same({ code = 1, sqlstate = "HY000", message = "" }, spec.err("\255\1\0#HY000"))
  end)

  it("keeps a message of any bytes", function()
    local message = ("\0\255#"):rep(50000)
    assert.equal(message, spec.err("\255\1\0#HY000" .. message).message)
  end)
end)
