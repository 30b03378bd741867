--- Every account of scripts/servers/*.sql, over every transport that its plugin allows.

local database = require("spec.suite.database")
local task = require("spec.support.task")

local failure = database.failure

--- MySQL ends its key file with a NUL byte.
local function read_pem(path)
  local file = assert(io.open(path))
  local text = file:read("*a"):gsub("%z", "")
  file:close()
  return text
end

---@param db spec.Database
return function(db)
  local server = db.server

  local function log_in(user, password, more)
    local options = { user = user, password = password, database = "test" }
    for name, value in pairs(more) do
      options[name] = value
    end
    return db:connect(options)
  end

  --- The server forgets whom it has seen, so that full authentication is asked for.
  local function forget_accounts()
    db:administrate("FLUSH PRIVILEGES")
  end

  describe("account", function()
    for _, account in ipairs(db.features.accounts) do
      local user, password, plugin = unpack(account)

      db:it(user .. " logs in over TLS", function()
        forget_accounts()
        local conn = log_in(user, password, { ssl = "required" })

        assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
        assert.equal(plugin, conn.auth_plugin)
      end)

      db:it(user .. " logs in over a unix socket", function()
        forget_accounts()
        local conn = log_in(user, password, { unix_socket = server.socket })

        assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
      end)

      db:it(user .. " is refused with another password", function()
        local err = failure(log_in, user, password .. "x", { ssl = "required" })

        assert.equal(1045, err.errno)
        assert.equal("OperationalError", err.class)
      end)
    end

    db:it_with("foreign_account", "of an unknown plugin is refused by name", function()
      local user, password, plugin = unpack(db.features.foreign_account)

      local err = failure(log_in, user, password, { ssl = "required" })
      assert.matches(plugin, err.message, 1, true)
    end)

    db:it("expired is told to set a new password", function()
      local ok, err = pcall(function()
        log_in("expired", "expired-pw", { ssl = "required" }):query("SELECT 1")
      end)

      assert.is_false(ok)
      assert.is_true(err.errno == 1820 or err.errno == 1862)
    end)

    db:it("x509 is refused without a client certificate", function()
      assert.equal(1045, failure(log_in, "x509", "x509-pw", { ssl = "required" }).errno)
    end)
  end)

  if db.features.has_key_exchange then
    describe("caching_sha2_password without TLS", function()
      local function plain(more)
        more.ssl = false
        return log_in("sha2", "sha2-pw", more)
      end

      before_each(task(forget_accounts))

      db:it("does not send the password", function()
        local err = failure(plain, {})

        assert.equal("OperationalError", err.class)
        assert.matches("server_public_key", err.message, 1, true)
      end)

      db:it("sends it under a key given as a path", function()
        assert.is_false(plain({ server_public_key = server.public_key }).is_encrypted)
      end)

      db:it("sends it under a key given as PEM", function()
        assert.is_false(plain({ server_public_key = read_pem(server.public_key) }).is_encrypted)
      end)

      db:it("sends it under the server's own key when asked to", function()
        assert.is_false(plain({ get_server_public_key = true }).is_encrypted)
      end)

      db:it("needs no key when the server remembers the account", function()
        log_in("sha2", "sha2-pw", { ssl = "required" })

        assert.equal("caching_sha2_password", plain({}).auth_plugin)
      end)

      db:it("refuses a key that is none", function()
        local err = failure(plain, { server_public_key = "-----BEGIN PUBLIC KEY-----\nno" })

        assert.is_nil(tostring(err):find("sha2-pw", 1, true))
      end)

      db:it("names a key file that is not there", function()
        local err = failure(plain, { server_public_key = "/nowhere/key.pem" })

        assert.equal("ArgumentError", err.class)
        assert.matches("/nowhere/key.pem", err.message, 1, true)
      end)
    end)
  end
end
