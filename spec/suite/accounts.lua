--- Every account of scripts/servers/*.sql, over every transport that its plugin allows.

local database = require("spec.suite.database")
local lunasa = require("lunasa")
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

      db:it(("%s of %s logs in over TLS"):format(user, plugin), function()
        forget_accounts()
        local conn = log_in(user, password, { ssl = "required" })

        assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
        assert.equal(plugin, conn.auth_plugin)
      end)

      db:it(("%s of %s logs in over a unix socket"):format(user, plugin), function()
        forget_accounts()
        local conn = log_in(user, password, { unix_socket = server.socket })

        assert.equal(user, conn:scalar("SELECT USER()"):match("^[^@]*"))
      end)

      db:it(("%s of %s is refused with another password"):format(user, plugin), function()
        local err = failure(log_in, user, password .. "x", { ssl = "required" })

        assert.equal(1045, err.errno)
        assert.equal("OperationalError", err.class)
      end)
    end

    db:it("is refused where auth_plugins does not list its plugin", function()
      local user, password, plugin = unpack(db.features.accounts[1])

      local plugins = { "parsec", "dialog" }
      local err = failure(log_in, user, password, { auth_plugins = plugins, ssl = "required" })
      assert.matches(plugin, err.message, 1, true)
      assert.matches("auth_plugins", err.message, 1, true)
    end)

    db:it("logs in where auth_plugins lists its plugin", function()
      local user, password, plugin = unpack(db.features.accounts[1])

      local conn = log_in(user, password, { auth_plugins = { "dialog", plugin }, ssl = "required" })
      assert.equal(plugin, conn.auth_plugin)
    end)

    db:it_with("two_ways", "with two ways in logs in by either", function()
      local user, first, second = unpack(db.features.two_ways)

      for _, password in ipairs({ first, second }) do
        assert.equal(user, log_in(user, password, { ssl = false }).user)
      end
      assert.equal(1045, failure(log_in, user, "neither", { ssl = false }).errno)
    end)

    -- MariaDB 11.8.6 hangs up on its own client too.
    db:it_with("two_ways", "with two ways in says why a server may hang up over TLS", function()
      local user, first, second = unpack(db.features.two_ways)

      assert.equal("parsec", log_in(user, first, { ssl = "required" }).auth_plugin)
      local ok, err = pcall(log_in, user, second, { ssl = "required" })
      assert.is_true(ok or err.message:find("parsec refuses the password", 1, true) ~= nil)
    end)

    db:it_with("has_factors", "with two factors logs in", function()
      local conn = log_in("mfa", "mfa-pw", { unix_socket = server.socket })

      assert.equal("mfa@localhost", conn:scalar("SELECT CURRENT_USER()"))
    end)

    db:it_with("has_factors", "with two factors is refused with another password", function()
      local err = failure(log_in, "mfa", "mfa-pwx", { unix_socket = server.socket })

      assert.equal(1045, err.errno)
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

  describe("a password from a function", function()
    local user, password = unpack(db.features.accounts[1])

    db:it("is asked for by each login, and may wait", function()
      local asked = {}
      local pool = db:pool({
        user = user,
        database = "test",
        minsize = 0,
        ssl = "required",
        password = function(login)
          lunasa.sleep(0)
          table.insert(asked, login.user .. "@" .. login.host)
          return password
        end,
      })
      pool:with(function(conn)
        assert.equal(1, conn:scalar("SELECT 1"))
        conn:close()
      end)
      assert.equal(1, pool:scalar("SELECT 1"))

      local who = user .. "@" .. server.host
      assert.same({ who, who }, asked)
    end)

    db:it("ends the login with what it raises", function()
      local err = failure(log_in, user, function()
        error("the vault is shut", 0)
      end, {})

      assert.equal("OperationalError", err.class)
      assert.matches("option 'password' failed: the vault is shut", err.message, 1, true)
      assert.equal("the vault is shut", err.cause)
    end)

    db:it("must be a string, and is not shown when it is not", function()
      for _, value in ipairs({ 7, {}, "a\0b", print }) do
        local err = failure(log_in, user, function()
          return value
        end, {})

        assert.equal("InterfaceError", err.class)
        assert.matches("option 'password'", err.message, 1, true)
        assert.is_nil(err.message:find("a%zb"))
      end
    end)

    db:it("is not asked for any more when the task is cancelled", function()
      local waits = lunasa.spawn(function()
        log_in(user, function()
          lunasa.sleep(1000)
        end, {})
      end)
      lunasa.sleep(0)
      waits:cancel()

      local ok, err = pcall(waits.join, waits)
      assert.is_false(ok)
      assert.is_true(err:is("CancelledError"))
    end)
  end)

  if db.features.has_pam then
    describe("an account of PAM", function()
      local trusted = { ssl = { ca = server.ca } }

      for _, plugin in ipairs({ "dialog", "mysql_clear_password" }) do
        db:it("logs in over TLS that is verified, beginning with " .. plugin, function()
          local conn = log_in("pam", "pam-pw", { ssl = trusted.ssl, auth_plugin = plugin })

          assert.equal("dialog", conn.auth_plugin)
        end)
      end

      db:it("logs in over a unix socket", function()
        assert.equal("dialog", log_in("pam", "pam-pw", { unix_socket = server.socket }).auth_plugin)
      end)

      db:it("is refused with another password", function()
        assert.equal(1045, failure(log_in, "pam", "pam-pwx", trusted).errno)
        assert.equal(1045, failure(log_in, "pam_stranger", "pam-pw", trusted).errno)
      end)

      for _, ssl in ipairs({ "required", "preferred", "disabled" }) do
        for _, plugin in ipairs({ "dialog", "mysql_clear_password" }) do
          db:it(("sends %s nothing where TLS is %s"):format(plugin, ssl), function()
            local err = failure(log_in, "pam", "pam-pw", { ssl = ssl, auth_plugin = plugin })

            assert.matches("verified certificate", err.message, 1, true)
            assert.is_nil(tostring(err):find("pam-pw", 1, true))
          end)
        end
      end
    end)
  end

  if db.features.has_key_exchange then
    describe("sha256_password without TLS", function()
      local function plain(more)
        more.ssl = false
        return log_in("sha256", "sha256-pw", more)
      end

      db:it("does not send the password", function()
        assert.matches("server_public_key", failure(plain, {}).message, 1, true)
      end)

      for _, plugin in ipairs({ "sha256_password", "caching_sha2_password" }) do
        db:it("sends it under a key, beginning with " .. plugin, function()
          local key = { server_public_key = server.public_key, auth_plugin = plugin }
          assert.is_false(plain(key).is_encrypted)
          local asked = plain({ get_server_public_key = true, auth_plugin = plugin })
          assert.equal("sha256_password", asked.auth_plugin)
        end)
      end
    end)

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

      db:it("C23: sends it under a key given as a path", function()
        assert.is_false(plain({ server_public_key = server.public_key }).is_encrypted)
      end)

      db:it("sends it under a key given as PEM", function()
        assert.is_false(plain({ server_public_key = read_pem(server.public_key) }).is_encrypted)
      end)

      db:it("C23: sends it under the server's own key when asked to", function()
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
