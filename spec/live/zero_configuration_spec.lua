--- TLS without configuration, on a MariaDB that made its own certificate.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

describe("MariaDB with a certificate of its own #live", function()
  server.on("mariadb_next", function()
    local private

    local function reach(user, password, ssl)
      local options = { host = private.host, port = private.port, user = user, ssl = ssl }
      options.password = password
      local conn = lunasa.connect(options)
      assert.equal(1, conn:scalar("SELECT 1"))
      local facts = { conn.is_encrypted, conn.is_verified }
      conn:close()
      return facts
    end

    setup(function()
      private = server.throwaway({
        name = "mariadb_next",
        flags = { "--ssl-cert=", "--ssl-key=", "--ssl-ca=" },
      })
    end)

    teardown(function()
      private:down()
    end)

    local ACCOUNTS = {
      { "native", "native-pw" },
      { "ed25519", "ed25519-pw" },
      { "parsec", "parsec-pw" },
    }
    for _, account in ipairs(ACCOUNTS) do
      it(
        "is verified by the password of " .. account[1],
        task(function()
          local user, password = unpack(account)
          for _, ssl in ipairs({ true, "verify-ca", "required", "preferred" }) do
            assert.same({ true, true }, reach(user, password, ssl))
          end
        end)
      )
    end

    it(
      "proves nothing to an account without a password",
      task(function()
        local ok, err = pcall(reach, "nopw", "", true)

        assert.is_false(ok)
        assert.equal(2026, err.errno)
        assert.matches("without a password proves nothing", err.message, 1, true)
        assert.same({ true, false }, reach("nopw", "", "required"))
      end)
    )

    it(
      "is not trusted for its proof where an authority is named",
      task(function()
        local ok, err = pcall(reach, "native", "native-pw", { ca = private.ca })

        assert.is_false(ok)
        assert.matches("self-signed certificate", err.message, 1, true)
      end)
    )
  end)
end)
