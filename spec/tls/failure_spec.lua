local pair = require("spec.tls.pair")
local server = require("spec.tls.server")
local tls = require("lunasa.tls")

describe("lunasa.tls handshake", function()
  setup(pair.setup)
  teardown(pair.teardown)

  local function answer(bytes)
    local client = pair.new_client({}, "db.example")
    client:handshake()
    assert(client:feed(bytes))
    local done, err = client:handshake()
    assert.is_nil(done)
    return err.message, client
  end

  it("says that an answer is not TLS", function()
    local expected = "TLS handshake failed: the server's answer is not TLS (wrong version number)"
    assert.equal(expected, (answer("HTTP/1.1 400 Bad Request\r\n\r\n")))
    assert.equal(expected, (answer("\74\0\0\0\10" .. "8.0.36\0" .. ("x"):rep(60))))
  end)

  it("refuses TLS 1.1, whoever says no", function()
    pair.assert_refused(
      'TLS handshake failed: the server says "protocol version"; it does not speak TLS 1.2 '
        .. "or later",
      {},
      "db.example",
      "good",
      { min = server.TLS_1_1, max = server.TLS_1_1 }
    )
    local hello = "\3\2" .. ("r"):rep(32) .. "\0\192\19\0"
    local record = "\22\3\2\0\42\2\0\0\38" .. hello
    assert.equal(
      "TLS handshake failed: the server does not speak TLS 1.2 or later (unsupported protocol)",
      (answer(record))
    )
  end)

  it("says that the server refused or went away", function()
    assert.equal(
      'TLS handshake failed: the server says "internal error"',
      (answer("\21\3\3\0\2\2\80"))
    )
    assert.equal("TLS handshake failed: the server ended it", (answer("\21\3\3\0\2\1\0")))
  end)

  it("tells the server why it gave up", function()
    local client, peer = pair.new_client({}, "elsewhere.example"), pair.new_server("good")
    client:handshake()
    client:feed(peer:exchange(client:output()))
    assert.is_nil((client:handshake()))
    assert.not_equal("", client:output())
    assert.equal("", client:output())
  end)

  it("fails in the same words when asked again", function()
    local message, client = answer("garbage that is long enough to be read")
    local done, err = client:handshake()
    assert.is_nil(done)
    assert.equal(message, err.message)
  end)

  it("leaves nothing in OpenSSL's queue, which nginx reads too", function()
    answer("garbage that is long enough to be read")
    assert.is_false(server.has_errors())
    pair.connect({}, "elsewhere.example", "good")
    assert.is_false(server.has_errors())
    tls.context({ ca_file = "/nowhere" })
    tls.context({ ca_pem = pair.certificates:read("ca.pem") })
    assert.is_false(server.has_errors())
  end)

  it("survives any byte of the handshake being wrong", function()
    for _, version in ipairs({ "TLS_1_2", "TLS_1_3" }) do
      local length = 1
      for at = 1, 2000, 7 do
        local client = pair.new_client({}, "db.example")
        local peer = pair.new_server("good", { max = server[version] })
        client:handshake()
        local bytes = peer:exchange(client:output())
        length = #bytes
        if at > length then
          break
        end
        local wrong = string.char((bytes:byte(at) + at) % 256)
        client:feed(bytes:sub(1, at - 1) .. wrong .. bytes:sub(at + 1))
        local done, err = client:handshake()
        assert(done == false or at % 256 == 0 or err.code == "TLS")
      end
      assert.is_true(length > 500)
    end
  end)
end)
