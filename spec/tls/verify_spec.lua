local pair = require("spec.tls.pair")

describe("lunasa.tls verify", function()
  setup(pair.setup)
  teardown(pair.teardown)

  it('"none" takes any certificate and calls none verified', function()
    for _, holder in ipairs({ "good", "expired", "self_signed", "foreign" }) do
      local done, err, client = pair.connect({ verify = "none" }, "elsewhere.example", holder)
      assert.is_nil(err)
      assert.is_true(done)
      assert.is_false(client:verified())
    end
  end)

  it('"ca" takes a certificate of our CA for any name', function()
    local done, _, client = pair.connect({ verify = "ca" }, "elsewhere.example", "good")
    assert.is_true(done)
    assert.is_true(client:verified())
  end)

  it('"identity" takes the names and addresses of the certificate', function()
    local names =
      { "db.example", "DB.Example", "db.example.", "a.wild.example", "127.0.0.1", "::1" }
    for _, name in ipairs(names) do
      local done, err, client = pair.connect({ verify = "identity" }, name, "good")
      assert.is_nil(err)
      assert.is_true(done)
      assert.is_true(client:verified())
    end
  end)

  it('"identity" refuses every other name', function()
    local names =
      { "example", "wild.example", "a.b.wild.example", "cn.example", "127.0.0.2", "::2" }
    for _, name in ipairs(names) do
      pair.assert_refused(
        "certificate verify failed: it is made out to db.example, *.wild.example, 127.0.0.1, "
          .. ("0:0:0:0:0:0:0:1, not to %s; connect by that name, "):format(name)
          .. "or check the CA only (VERIFY_CA)",
        { verify = "identity" },
        name,
        "good"
      )
    end
  end)

  it('"identity" looks at the common name only when there is no alternative name', function()
    assert.is_true(pair.connect({ verify = "identity" }, "cn.example", "common_name"))
    assert.is_nil(pair.connect({ verify = "identity" }, "db.example", "address_only"))
  end)

  it("is identity unless said otherwise", function()
    assert.is_true(pair.connect({}, "db.example", "good"))
    assert.is_nil(pair.connect({}, "elsewhere.example", "good"))
  end)

  it("refuses another CA, and says which one", function()
    pair.assert_refused(
      "certificate verify failed: unable to get local issuer certificate, issued by "
        .. "somebody else; if you trust it, give its CA (ssl.ca)",
      { verify = "ca" },
      "db.example",
      "foreign"
    )
  end)

  it("refuses a self-signed certificate unless it is named", function()
    pair.assert_refused(
      "certificate verify failed: self-signed certificate, issued by db.example; if you "
        .. "trust it, give its CA (ssl.ca)",
      { verify = "ca" },
      "db.example",
      "self_signed"
    )
    local options = { ca_file = pair.certificates:path("self_signed.pem") }
    assert.is_true(pair.connect(options, "db.example", "self_signed"))
  end)

  it("refuses an expired certificate with its date", function()
    local done, err = pair.connect({ verify = "ca" }, "db.example", "expired")
    assert.is_nil(done)
    assert.matches(
      "^certificate verify failed: certificate has expired %(%d%d%d%d%-%d%d%-%d%d%)$",
      err.message
    )
  end)

  it("keeps control characters of a certificate out of the message", function()
    local _, err = pair.connect({}, "db.example", "hostile")
    assert.matches("made out to ?[31mred, not to", err.message, 1, true)
  end)
end)
