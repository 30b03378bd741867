local pair = require("spec.tls.pair")
local server = require("spec.tls.server")
local tls = require("lunasa.tls")

describe("lunasa.tls client", function()
  setup(pair.setup)
  teardown(pair.teardown)

  it("asks for names, not for addresses (SNI)", function()
    for name, asked in pairs({ ["db.example"] = "db.example", ["db.example."] = "db.example" }) do
      local _, _, _, peer = pair.connect({}, name, "good")
      assert.equal(asked, peer:name())
    end
    local _, _, _, peer = pair.connect({}, "127.0.0.1", "good")
    assert.is_nil(peer:name())
  end)

  it("tells the protocol, the cipher and the fingerprint", function()
    local client = pair.open({ min = server.TLS_1_3 })
    assert.equal("TLSv1.3", client:version())
    assert.matches("^TLS_AES", client:cipher())
    assert.equal(32, #client:fingerprint())
    assert.equal("TLSv1.2", pair.open({ max = server.TLS_1_2 }):version())
    assert.same({ "", "", nil }, {
      pair.new_client({}, "db.example"):version(),
      pair.new_client({}, "db.example"):cipher(),
      pair.new_client({}, "db.example"):fingerprint(),
    })
  end)

  it("has a name and a state for people", function()
    local client = pair.new_client({}, "db.example")
    assert.matches("^lunasa%.tls%.client: .*%(no session%)$", tostring(client))
    assert.matches("%(TLSv1%.3%)$", tostring((pair.open())))
    assert.matches("^lunasa%.tls%.context: ", tostring(tls.context({ verify = "none" })))
  end)

  for _, version in ipairs({ "TLS_1_2", "TLS_1_3" }) do
    it("carries bytes one at a time under " .. version, function()
      local client = pair.new_client({}, "db.example")
      local peer = pair.new_server("good", { max = server[version] })
      assert.is_true(pair.shake_hands(client, peer, 1))

      local received = {}
      for byte in peer:encrypt("hello"):gmatch(".") do
        assert(client:feed(byte))
        table.insert(received, (assert(client:read())))
      end
      assert.equal("hello", table.concat(received))
    end)
  end

  it("carries large data both ways", function()
    local client, peer = pair.open()
    local plain = ("0123456789abcdef"):rep(40 * 65536)
    assert.is_true(client:write(plain))
    assert.is_true(plain == peer:decrypt(client:output()))
    assert(client:feed(peer:encrypt(plain)))
    assert.is_true(plain == client:read())
    assert.equal("", client:output())
  end)

  it("carries nothing at all", function()
    local client = pair.open()
    assert.is_true(client:feed(""))
    assert.same({ "", false }, { client:read() })
    assert.is_true(client:write(""))
    assert.equal("", client:output())
  end)

  it("reads the data behind a session ticket and new keys in one go", function()
    local client, peer = pair.open({ min = server.TLS_1_3 })
    assert(client:feed(peer:update_keys() .. peer:encrypt("after")))
    assert.equal("after", (client:read()))
    assert.is_true(client:write("answer"))
    assert.equal("answer", peer:decrypt(client:output()))
  end)

  it("says when the server ended the session, after its last data", function()
    local client, peer = pair.open()
    assert(client:feed(peer:encrypt("bye") .. peer:close()))
    assert.same({ "bye", true }, { client:read() })
    assert.same({ "", true }, { client:read() })
  end)

  it("ends the session once", function()
    local client, peer = pair.open()
    client:close()
    peer:decrypt(client:output())
    assert.is_true(peer:is_closed())
    client:close()
    assert.equal("", client:output())
    local ok, err = client:write("late")
    assert.is_nil(ok)
    assert.same({ code = "STATE", message = "the TLS session is closed" }, err)
  end)

  it("hands out what it decrypted before a failure, then the failure", function()
    local client, peer = pair.open()
    assert(client:feed(peer:encrypt("good") .. "\23\3\3\0\32" .. ("x"):rep(32)))
    assert.equal("good", (client:read()))
    for _ = 1, 2 do
      local plain, err = client:read()
      assert.is_nil(plain)
      assert.equal("TLS read failed: decryption failed or bad record mac", err.message)
    end
    assert.is_false(client:verified())
    assert.is_nil((client:write("x")))
    assert.is_nil((client:feed("x")))
  end)

  it("refuses to read and write before the handshake", function()
    local client = pair.new_client({}, "db.example")
    local expected = { code = "STATE", message = "the TLS handshake is not done" }
    assert.same({ nil, expected }, { client:read() })
    assert.same({ nil, expected }, { client:write("x") })
    assert.is_false(client:verified())
  end)

  it("refuses a new handshake inside the session", function()
    local client, peer = pair.open({ max = server.TLS_1_2 })
    assert(client:feed(peer:renegotiate()))
    assert.equal("", (client:read()))
    local alert = "\21\3\3"
    assert.equal(alert, client:output():sub(1, 3))
  end)
end)
