--- TLS from one connection to the next: sessions that go on, and certificates that are replaced.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local function copy(from, to)
  assert(os.execute(("cp %s %s.new && mv %s.new %s"):format(from, to, to, to)))
end

---@param db spec.Database
return function(db)
  local server = db.server

  describe("a TLS session", function()
    --- The connections of a pool, one after the other.
    local function resumed(ssl, count)
      local pool = db:pool({ ssl = ssl, minsize = 0, maxsize = 1 })
      local seen = {}
      for i = 1, count do
        local conn = pool:acquire()
        assert.equal(i, conn:scalar("SELECT ?", { i }))
        seen[i] = { conn.tls_resumed, conn.is_verified, conn.tls_version }
        conn:close()
        pool:release(conn)
      end
      return seen
    end

    for _, version in ipairs({ "TLSv1.2", "TLSv1.3" }) do
      db:it("goes on in the next connection under " .. version, function()
        local ssl = { ca = server.ca, min_version = version, max_version = version }

        for i, seen in ipairs(resumed(ssl, 4)) do
          assert.same({ i > 1, true, version }, seen)
        end
      end)
    end

    db:it("that was not verified stays so", function()
      for i, seen in ipairs(resumed("required", 3)) do
        assert.equal(i > 1, seen[1])
      end
    end)

    db:it("does not go on when that is turned off", function()
      for _, seen in ipairs(resumed({ mode = "required", resume = false }, 3)) do
        assert.is_false(seen[1])
      end
      local url = server:url_of("root", nil, db.schema) .. "?ssl_mode=required&ssl_resume=false"
      assert.is_false(db:closing(lunasa.connect(url)).tls_resumed)
    end)

    db:it("goes on in several connections at once", function()
      local pool = db:pool({ ssl = "required", minsize = 0, maxsize = 12 })
      local tasks = {}
      for i = 1, 12 do
        tasks[i] = lunasa.spawn(function()
          return pool:with(function(conn)
            return conn:scalar("SELECT ?", { i })
          end)
        end)
      end
      for i = 1, 12 do
        assert.equal(i, tasks[i]:join())
      end
    end)
  end)

  describe("a certificate file", function()
    local folder

    before_each(function()
      folder = os.tmpname()
      os.remove(folder)
      assert(os.execute("mkdir -m 700 " .. folder))
    end)

    after_each(function()
      os.execute("rm -r " .. folder)
    end)

    --- Gives what connects, after the files are looked at again, and what closes.
    local function connector(ssl)
      local pool = db:pool({ ssl = ssl, minsize = 0, maxsize = 4 })
      local was_looked_at = false
      return function()
        if was_looked_at then
          lunasa.sleep(1.05)
        end
        was_looked_at = true
        return pool:acquire()
      end, function(conn)
        conn:close()
        pool:release(conn)
      end
    end

    db:it("that is replaced counts for the next connection", function()
      local ca = folder .. "/ca.pem"
      copy(server.ca, ca)
      local connect, release = connector({ ca = ca })
      local first = connect()
      assert.is_true(first.is_verified)

      copy(server.other_ca, ca)
      local err = failure(connect)
      assert.matches("certificate verify failed", err.message, 1, true)
      assert.equal(1, first:scalar("SELECT 1"))

      copy(server.ca, ca)
      local second = connect()
      assert.is_false(second.tls_resumed)
      release(first)
      release(second)
    end)

    db:it("that is broken or gone leaves the old one in use, and says so once", function()
      local ca = folder .. "/ca.pem"
      copy(server.ca, ca)
      local connect, release = connector({ ca = ca })
      local first = connect()
      local said = {}
      local previous = lunasa.log.set(function(level, message)
        table.insert(said, level .. " " .. message)
      end)
      local ok, err = pcall(function()
        assert(os.execute("echo half > " .. ca))
        for _ = 1, 2 do
          release(connect())
        end
        os.remove(ca)
        release(connect())
      end)
      lunasa.log.set(previous)

      assert(ok, err)
      assert.equal(2, #said, table.concat(said, "\n"))
      assert.matches("^error TLS goes on with the old certificates: .*" .. "ca.pem", said[1])
      release(first)
    end)
  end)
end
