local pair = require("spec.tls.pair")
local tls = require("lunasa.tls")

describe("lunasa.tls context", function()
  setup(pair.setup)
  teardown(pair.teardown)

  it("takes the CA as text, as file and as folder", function()
    local certificates = pair.certificates
    local text = "a comment\n" .. certificates:read("other_ca.pem") .. certificates:read("ca.pem")
    local client = assert(assert(tls.context({ ca_pem = text })):client("db.example"))
    assert.is_true(pair.shake_hands(client, pair.new_server("good")))

    local folder = certificates:make_folder("ca")
    client = assert(assert(tls.context({ ca_path = folder })):client("db.example"))
    assert.is_true(pair.shake_hands(client, pair.new_server("good")))
  end)

  it("names the option that it cannot use", function()
    local cases = {
      ca_file = "/nowhere/ca.pem",
      ca_path = "/nowhere",
      ca_pem = "nothing",
      cert_file = "/nowhere/cert.pem",
    }
    for option, value in pairs(cases) do
      local context, err = tls.context({ [option] = value })
      assert.is_nil(context)
      assert.equal("TLS", err.code)
      assert.matches("^reading " .. option .. ".* failed: ", err.message)
    end
    local _, err = tls.context({ ca_file = "/nowhere/ca.pem" })
    assert.equal('reading ca_file "/nowhere/ca.pem" failed: No such file or directory', err.message)
  end)

  it("refuses a broken certificate behind a good one", function()
    local broken = pair.certificates:read("ca.pem")
      .. pair.certificates:read("other_ca.pem"):gsub("MII", "AAA", 1)
    local context = tls.context({ ca_pem = broken })
    assert.is_nil(context)
  end)

  it("raises on misuse", function()
    local cases = {
      ["unknown TLS option 'cafile'"] = { cafile = "x" },
      ['verify must be "none", "ca" or "identity", not "full"'] = { verify = "full" },
      ["ca_file must be a string, not number"] = { ca_file = 1 },
      ["ca_file must not contain a NUL byte"] = { ca_file = "a\0b" },
    }
    for message, options in pairs(cases) do
      assert.has_error(function()
        tls.context(options)
      end, message)
    end
  end)

  it("lives as long as its clients", function()
    local client = pair.new_client({}, "db.example")
    collectgarbage()
    collectgarbage()
    assert.is_true(pair.shake_hands(client, pair.new_server("good")))
  end)

  it("needs a name to verify one", function()
    local context = assert(tls.context({ ca_file = pair.certificates:path("ca.pem") }))
    for _, name in ipairs({ "", ".example", ("x"):rep(256) }) do
      local client, err = context:client(name)
      assert.is_nil(client)
      assert.same({ code = "ARGUMENT", message = "TLS needs the name of the server" }, err)
    end
    assert.is_nil((context:client()))
    assert.is_truthy(tls.context({ verify = "none" }):client())
  end)

  describe("client certificate", function()
    local function options(key, password)
      return {
        cert_file = pair.certificates:path("client.pem"),
        key_file = pair.certificates:path(key),
        key_password = password,
      }
    end

    it("is shown to a server that asks", function()
      local peer_options = { client_ca = pair.certificates:path("ca.pem") }
      for _, given in ipairs({ options("client.key"), options("locked.key", "secret") }) do
        local done, err, client, peer = pair.connect(given, "db.example", "good", peer_options)
        assert.is_nil(err)
        assert.is_true(done)
        assert(client:feed(peer:encrypt("welcome")))
        assert.equal("welcome", (client:read()))
      end
    end)

    it("is missed in words", function()
      local peer_options = { client_ca = pair.certificates:path("ca.pem") }
      local _, _, client = pair.connect({}, "db.example", "good", peer_options)
      local plain, err = client:read()
      assert.is_nil(plain)
      assert.equal(
        'TLS read failed: the server says "certificate required"; it asks for a client '
          .. "certificate (cert_file)",
        err.message
      )
    end)

    it("must fit its key, and the password the file", function()
      for _, given in ipairs({
        options("good.key"),
        options("locked.key"),
        options("locked.key", "x"),
      }) do
        local context, err = tls.context(given)
        assert.is_nil(context)
        assert.matches("^reading key_file .* failed: ", err.message)
      end
      local _, err = tls.context({ key_file = pair.certificates:path("client.key") })
      assert.same({ code = "ARGUMENT", message = "key_file needs cert_file beside it" }, err)
    end)
  end)
end)
