--- TLS modes, and certificates that are right and wrong. Servers of the suite show a certificate
--- for localhost and 127.0.0.1, signed by `server.ca`.

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

---@param db spec.Database
return function(db)
  local server = db.server

  local function connect(ssl, more)
    more = more or {}
    more.ssl = ssl
    return db:connect(more)
  end

  local function cipher(conn)
    return conn:first("SHOW STATUS LIKE 'Ssl_cipher'").Value
  end

  describe("ssl", function()
    local MODES = {
      { "nil", nil },
      { '"preferred"', "preferred" },
      { '"required"', "required" },
      { "verify-ca", { mode = "verify-ca", ca = server.ca } },
      { "verify-identity", { mode = "verify-identity", ca = server.ca } },
      { "a table with a CA", { ca = server.ca } },
      { "the CA as PEM", { ca_pem = read(server.ca) } },
      { "a server name", { ca = server.ca, server_name = "localhost" } },
    }
    for _, case in ipairs(MODES) do
      db:it(("encrypts with %s"):format(case[1]), function()
        local options = db:options()
        options.ssl = case[2]
        local conn = db:closing(lunasa.connect(options))

        assert.is_true(conn.is_encrypted)
        assert.not_equal("", cipher(conn))
      end)
    end

    for _, off in ipairs({ false, "disabled" }) do
      db:it(("%s means none"):format(tostring(off)), function()
        local conn = connect(off)

        assert.is_false(conn.is_encrypted)
        assert.equal("", cipher(conn))
      end)
    end

    db:it("works over a unix socket when asked for", function()
      local conn = db:closing(lunasa.connect({
        unix_socket = server.socket,
        user = "root",
        ssl = "required",
      }))

      assert.is_true(conn.is_encrypted)
    end)

    db:it("can be said in a URL", function()
      local url = server:url_of("root", nil, db.schema)
        .. "?ssl_mode=verify-ca&ssl_ca="
        .. server.ca
      local conn = db:closing(lunasa.connect(url))

      assert.is_true(conn.is_encrypted)
    end)

    db:it("carries large statements and results", function()
      local conn = connect("required")
      local text = ("lunasa "):rep(500000)

      assert.equal(text, conn:scalar("SELECT ?", { text }))
    end)
  end)

  describe("a certificate", function()
    local REFUSED = {
      { "of another CA is refused by verify-ca", { mode = "verify-ca", ca = server.other_ca } },
      { "of another CA is refused by verify-identity", { ca = server.other_ca } },
      { "of no known CA is refused by ssl = true", true },
      { "for another host is refused", { ca = server.ca, server_name = "db.example" } },
    }
    for _, case in ipairs(REFUSED) do
      db:it(case[1], function()
        local err = failure(connect, case[2])

        assert.equal(2026, err.errno)
        assert.equal("OperationalError", err.class)
        assert.matches("certificate verify failed", err.message, 1, true)
      end)
    end

    db:it("of another CA is taken by required, which verifies nothing", function()
      assert.is_true(connect({ mode = "required", ca = server.other_ca }).is_encrypted)
    end)

    db:it("authority that cannot be read is an error", function()
      local err = failure(connect, { ca = "/nowhere/ca.pem" })

      assert.matches("/nowhere/ca.pem", err.message, 1, true)
    end)

    db:it("is asked for by accounts that require it", function()
      assert.is_true(connect("required", {
        user = "tls",
        password = "tls-pw",
        database = "test",
      }).is_encrypted)
      local plain = { user = "tls", password = "tls-pw", database = "test" }
      assert.is_true(failure(connect, false, plain):is("OperationalError"))
    end)
  end)

  describe("a client certificate", function()
    local certs = server.certs .. "/"

    local function log_in(ssl)
      ssl.mode = "required"
      return connect(ssl, { user = "x509", password = "x509-pw", database = "test" })
    end

    db:it("lets in who has to show one", function()
      local conn = log_in({ cert = certs .. "client-cert.pem", key = certs .. "client-key.pem" })

      assert.equal("x509", conn:scalar("SELECT USER()"):match("^[^@]*"))
    end)

    db:it("may be said in a URL", function()
      local url = ("%s?ssl_mode=required&ssl_cert=%s&ssl_key=%s"):format(
        server:url_of("x509", "x509-pw", "test"),
        certs .. "client-cert.pem",
        certs .. "client-key.pem"
      )

      assert.equal(1, db:closing(lunasa.connect(url)):scalar("SELECT 1"))
    end)

    db:it("may have a key with a password", function()
      local ssl = { cert = certs .. "client-cert.pem", key = certs .. "client-encrypted-key.pem" }
      assert.equal(2026, failure(log_in, ssl).errno)

      ssl.key_password = "key-pw"
      assert.equal(1, log_in(ssl):scalar("SELECT 1"))
    end)

    db:it("C21: of another CA lets nobody in", function()
      local err = failure(log_in, {
        cert = certs .. "other-client-cert.pem",
        key = certs .. "other-client-key.pem",
      })

      assert.is_true(err:is("OperationalError"))
    end)
  end)

  describe("a server with", function()
    local private

    local function start(...)
      private = server_support.throwaway({ name = db.name, flags = { ... } })
    end

    local function reach(ssl)
      local conn = lunasa.connect({
        host = private.host,
        port = private.port,
        user = "root",
        ssl = ssl,
      })
      conn:close()
    end

    after_each(function()
      if private then
        private:down()
        private = nil
      end
    end)

    local function shows(name)
      local file = server.certs .. "/" .. name
      start("--ssl-cert=" .. file .. "-cert.pem", "--ssl-key=" .. file .. "-key.pem")
    end

    it(
      "the certificate of another host passes verify-ca only",
      task(function()
        shows("wronghost")

        reach({ mode = "verify-ca", ca = server.ca })
        local err = failure(reach, { ca = server.ca })
        assert.equal(2026, err.errno)
        assert.matches("db.example, not to 127.0.0.1", err.message, 1, true)
        reach({ ca = server.ca, server_name = "db.example" })
      end)
    )

    it(
      "an expired certificate passes required only",
      task(function()
        shows("expired")

        reach("required")
        local err = failure(reach, { mode = "verify-ca", ca = server.ca })
        assert.matches("expired", err.message, 1, true)
      end)
    )
  end)
end
