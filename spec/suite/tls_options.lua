--- What may be said about TLS besides its mode: who is trusted, who we are, and which ciphers.

local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server_support = require("spec.support.server")
local task = require("spec.support.task")

local failure = database.failure

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- Gives the fingerprint of a certificate as OpenSSL's command prints it, with colons.
local function fingerprint_of(path)
  local pipe = assert(io.popen("openssl x509 -noout -fingerprint -sha256 -in " .. path))
  local line = pipe:read("*l")
  pipe:close()
  return line:match("=(%S+)$")
end

local PIN_OF = "openssl x509 -noout -pubkey -in %s | openssl pkey -pubin -outform DER"
  .. " | openssl dgst -sha256 -binary | openssl base64"

local function public_key_pin_of(path)
  local pipe = assert(io.popen(PIN_OF:format(path)))
  local line = pipe:read("*l")
  pipe:close()
  return "sha256//" .. line
end

---@param db spec.Database
return function(db)
  local server = db.server
  local certs = server.certs .. "/"
  local shown = certs .. (db.kind == "mysql" and "rsa" or "server") .. "-cert.pem"

  local function connect(ssl, more)
    more = more or {}
    more.ssl = ssl
    return db:connect(more)
  end

  local function status(conn, name)
    return conn:first("SHOW STATUS LIKE '" .. name .. "'").Value
  end

  describe("the protocol", function()
    for _, version in ipairs({ "TLSv1.2", "TLSv1.3" }) do
      db:it("may be held at " .. version, function()
        local conn = connect({ mode = "required", min_version = version, max_version = version })

        assert.equal(version, conn.tls_version)
        assert.equal(version, status(conn, "Ssl_version"))
        assert.equal(conn.tls_cipher, status(conn, "Ssl_cipher"))
      end)
    end

    db:it("uses the ciphers that are named", function()
      local algorithm = db.kind == "mysql" and "RSA" or "ECDSA"
      local cipher = ("ECDHE-%s-AES256-GCM-SHA384"):format(algorithm)
      local conn = connect({ mode = "required", max_version = "TLSv1.2", ciphers = cipher })
      assert.equal(cipher, status(conn, "Ssl_cipher"))

      local suite = "TLS_CHACHA20_POLY1305_SHA256"
      conn = connect({ mode = "required", min_version = "TLSv1.3", ciphersuites = suite })
      assert.equal(suite, status(conn, "Ssl_cipher"))
    end)

    db:it("may be said in a URL", function()
      local url = ("%s?ssl_mode=required&ssl_max_version=TLSv1.2&ssl_fingerprint=%s"):format(
        server:url_of("root", nil, db.schema),
        fingerprint_of(shown)
      )

      assert.equal("TLSv1.2", db:closing(lunasa.connect(url)).tls_version)
    end)

    db:it("is refused by the name of the option", function()
      for option, value in pairs({
        min_version = "TLSv1.1",
        max_version = "SSLv3",
        ciphers = "NO-SUCH-CIPHER",
        ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_NO_SUCH_SUITE",
      }) do
        local err = failure(connect, { mode = "required", [option] = value })
        assert.matches(option, err.message, 1, true)
        assert.matches(value:match("[^:]+$"), err.message, 1, true)
      end
    end)

    db:it("is none where nothing is encrypted", function()
      local conn = connect(false)

      assert.is_nil(conn.tls_version)
      assert.is_nil(conn.tls_cipher)
    end)
  end)

  describe("a pinned certificate", function()
    db:it("is verified without an authority", function()
      local fingerprint = fingerprint_of(shown)
      local given = {
        fingerprint,
        fingerprint:gsub(":", ""):lower(),
        { ("00"):rep(32), fingerprint },
      }
      for _, pin in ipairs(given) do
        assert.is_true(connect({ fingerprint = pin }).is_verified)
      end
      local conn = connect({ public_key_pin = public_key_pin_of(shown) })
      assert.is_true(conn.is_verified)
    end)

    db:it("that is another one is refused, and the one that came is shown", function()
      local err = failure(connect, { fingerprint = ("ab"):rep(32) })
      assert.equal(2026, err.errno)
      local came = fingerprint_of(shown):gsub(":", ""):lower()
      assert.matches(came, err.message, 1, true)

      local pin = public_key_pin_of(certs .. "client-cert.pem")
      err = failure(connect, { public_key_pin = pin })
      assert.matches(public_key_pin_of(shown), err.message, 1, true)
    end)

    db:it("does not stand for the authority where one is given", function()
      local fingerprint = fingerprint_of(shown)

      assert.is_true(connect({ fingerprint = fingerprint, ca = server.ca }).is_verified)
      local err = failure(connect, { fingerprint = fingerprint, ca = server.other_ca })
      assert.matches("certificate verify failed", err.message, 1, true)
    end)

    db:it("that cannot be read is an error", function()
      for _, pin in ipairs({ "", "zz", ("0"):rep(63), ("0"):rep(66), ("00:"):rep(32) }) do
        assert.matches("fingerprint", failure(connect, { fingerprint = pin }).message, 1, true)
      end
      local pins = { "sha256//", "sha1//" .. ("A"):rep(44), "sha256//" .. ("!"):rep(44) }
      for _, pin in ipairs(pins) do
        local err = failure(connect, { public_key_pin = pin })
        assert.matches("public_key_pin", err.message, 1, true)
      end
    end)
  end)

  describe("a client certificate", function()
    local function log_in(ssl, user)
      ssl.mode = "required"
      return connect(ssl, { user = user, password = "x", database = "mysql" })
    end

    local function with_account(requirement, work)
      local user = db.schema .. "_x"
      local account = ("'%s'@'%%'"):format(user)
      local create = "CREATE USER %s IDENTIFIED BY 'x' REQUIRE %s"
      db:administrate(create:format(account, requirement))
      db:administrate("GRANT SELECT ON mysql.* TO " .. account)
      local ok, err = pcall(work, user)
      db:administrate("DROP USER " .. account)
      assert(ok, err)
    end

    local function pem(name)
      return {
        cert_pem = read(certs .. name .. "-cert.pem"),
        key_pem = read(certs .. name .. "-key.pem"),
      }
    end

    db:it("may be a text", function()
      with_account("X509", function(user)
        assert.equal(1, log_in(pem("client"), user):scalar("SELECT 1"))
        local locked = pem("client")
        locked.key_pem, locked.key_password = read(certs .. "client-encrypted-key.pem"), "key-pw"
        assert.equal(1, log_in(locked, user):scalar("SELECT 1"))
      end)
    end)

    db:it("must be of the subject and the authority that the account requires", function()
      with_account("SUBJECT '/O=lunasa/CN=client' AND ISSUER '/O=lunasa/CN=ca'", function(user)
        assert.equal(1, log_in(pem("client"), user):scalar("SELECT 1"))
        assert.equal(1045, failure(log_in, {}, user).errno)
      end)
      for _, other in ipairs({ "SUBJECT '/O=lunasa/CN=x'", "ISSUER '/O=lunasa/CN=other-ca'" }) do
        with_account(other, function(user)
          assert.equal(1045, failure(log_in, pem("client"), user).errno)
        end)
      end
    end)

    db:it("that cannot be used is an error that says why", function()
      local mixed = pem("client")
      mixed.key_pem = read(certs .. "server-key.pem")
      local locked =
        { cert = certs .. "client-cert.pem", key = certs .. "client-encrypted-key.pem" }
      local wrong = { cert = locked.cert, key = locked.key, key_password = "no" }
      local cases = {
        ["it is not the key of the certificate"] = mixed,
        ["key_password is not given"] = locked,
        ["key_password does not open it"] = wrong,
        ["reading cert_pem failed"] = { cert_pem = "x", key_pem = "x" },
        ["reading key_file"] = { cert = locked.cert, key = "/nowhere" },
        ["give one of them"] = { cert = locked.cert, cert_pem = "x" },
      }
      for message, ssl in pairs(cases) do
        local err = failure(log_in, ssl, "nobody")
        assert.matches(message, err.message, 1, true)
        assert.is_nil(err.message:find('"no"', 1, true))
      end
    end)
  end)

  describe("a list of revoked certificates", function()
    db:it("lets in a server that is not on it", function()
      for _, list in ipairs({ { crl = certs .. "crl.pem" }, { crl_path = certs .. "crls" } }) do
        list.ca = server.ca
        assert.is_true(connect(list).is_verified)
      end
    end)

    db:it("must be there for the authority, and for something to be verified", function()
      local ca = { mode = "verify-ca", ca = server.ca, crl_path = "/" }
      assert.matches("no list of its authority", failure(connect, ca).message, 1, true)
      local err = failure(connect, { mode = "required", crl = certs .. "crl.pem" })
      assert.matches("verify-ca", err.message, 1, true)
      err = failure(connect, { ca = server.ca, crl = "/nowhere" })
      assert.matches("/nowhere", err.message, 1, true)
    end)

    it(
      "keeps out a server that is on it",
      task(function()
        local file = certs .. "revoked"
        local private = server_support.throwaway({
          name = db.name,
          flags = { "--ssl-cert=" .. file .. "-cert.pem", "--ssl-key=" .. file .. "-key.pem" },
        })
        local options = { host = private.host, port = private.port, user = "root" }
        local ok, err = pcall(function()
          options.ssl = { ca = server.ca }
          lunasa.connect(options):close()
          options.ssl.crl = certs .. "crl.pem"
          local refusal = failure(lunasa.connect, options)
          assert.equal(2026, refusal.errno)
          assert.matches("has revoked it", refusal.message, 1, true)
        end)
        private:down()
        assert(ok, err)
      end)
    )
  end)
end
