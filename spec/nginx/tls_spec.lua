--- TLS in nginx: its options, and what goes on from one connection to the next.
local lunasa = require("lunasa")
local nginx_server = require("spec.nginx.server")
local server = require("spec.support.server")
local task = require("spec.support.task")

local FINGERPRINT = "openssl x509 -noout -fingerprint -sha256 -in %s"

local function fingerprint_of(path)
  local pipe = assert(io.popen(FINGERPRINT:format(path)))
  local line = pipe:read("*l")
  pipe:close()
  return line:match("=(%S+)$"):gsub(":", ""):lower()
end

local function copy(from, to)
  assert(os.execute(("cp %s %s.new && mv %s.new %s"):format(from, to, to, to)))
end

local function percent_encoded(text)
  return (
    text:gsub("[^%w]", function(character)
      return ("%%%02X"):format(character:byte())
    end)
  )
end

describe("TLS in nginx #live", function()
  nginx_server.on(function(nginx)
    --- What a new connection of the pool with these options sees, or the error.
    local function look(db, ssl, user, password)
      local options = { host = db.host, port = db.port, user = user or "root", ssl = ssl }
      options.password = password
      return nginx:get("tls?options=" .. percent_encoded(lunasa.json.encode(options)))
    end

    setup(function()
      nginx:start()
    end)

    teardown(function()
      nginx:stop()
    end)

    server.each(function(db)
      local file = db.kind == "mysql" and "/rsa-cert.pem" or "/server-cert.pem"
      local shown = db.certs .. file

      describe("with " .. db.name, function()
        it("knows a pinned certificate, and refuses another one", function()
          local came = fingerprint_of(shown)

          assert.is_true(look(db, { fingerprint = came }).is_verified)
          local refusal = look(db, { fingerprint = ("ab"):rep(32) })
          assert.equal(2026, refusal.errno)
          assert.matches(came, refusal.message, 1, true)
        end)

        it("looks at the list of revoked certificates", function()
          local ssl = { ca = db.ca, crl = db.certs .. "/crl.pem" }
          assert.is_true(look(db, ssl).is_verified)

          ssl = { mode = "verify-ca", ca = db.ca, crl_path = "/" }
          assert.matches("no list of its authority", look(db, ssl).message, 1, true)
        end)

        for _, version in ipairs({ "TLSv1.2", "TLSv1.3" }) do
          it("resumes sessions of " .. version, function()
            local ssl = { ca = db.ca, min_version = version, max_version = version }
            for i = 1, 3 do
              assert.same(
                { value = 14, is_verified = true, is_resumed = i > 1, version = version },
                look(db, ssl)
              )
            end
          end)
        end

        it("does not resume them when that is turned off", function()
          for _ = 1, 2 do
            assert.is_false(look(db, { ca = db.ca, resume = false }).is_resumed)
          end
        end)
      end)
    end)

    server.on("mariadb", function(db)
      it(
        "looks at certificate files again",
        task(function()
          local ca = nginx.folder .. "/ca.pem"
          copy(db.ca, ca)
          assert.is_true(look(db, { ca = ca }).is_verified)

          copy(db.other_ca, ca)
          lunasa.sleep(1.05)
          assert.matches("certificate verify failed", look(db, { ca = ca }).message, 1, true)

          copy(db.ca, ca)
          lunasa.sleep(1.05)
          assert.is_true(look(db, { ca = ca }).is_verified)
        end)
      )
    end)

    server.on("mariadb_next", function()
      it("takes the proof of a MariaDB that made its own certificate", function()
        local private = server.throwaway({
          name = "mariadb_next",
          flags = { "--ssl-cert=", "--ssl-key=", "--ssl-ca=" },
        })
        local proved = look(private, true, "native", "native-pw")
        local unproved = look(private, true, "nopw")
        private:down()

        assert.is_true(proved.is_verified)
        assert.equal(2026, unproved.errno)
        assert.matches("without a password proves nothing", unproved.message, 1, true)
      end)
    end)
  end)
end)
