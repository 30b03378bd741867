--- Defects that users of aiomysql have reported, none of which lunasa may have: D1 to D28 of
--- docs/aiomysql-parity.md. Here are those that no other theme shows.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server_support = require("spec.support.server")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- How many connections of a user the server has.
  local function wait_until_gone(witness, id)
    local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
    while witness:scalar(listed, { id }) > 0 do
      lunasa.sleep(0.001)
    end
  end

  describe("who waits for a pool", function()
    local SPOILED = {
      {
        "closed",
        function(conn)
          conn:close()
        end,
      },
      {
        "in a transaction",
        function(conn)
          conn:execute("START TRANSACTION")
        end,
      },
      {
        "lost",
        function(conn)
          failure(conn.execute, conn, "KILL " .. conn:thread_id())
          failure(conn.query, conn, "SELECT 1") -- the answer may come before the end
        end,
      },
      {
        "given up",
        function(conn)
          failure(conn.query, conn, db.features.slow, nil, { timeout = 0.01 })
        end,
      },
    }
    for _, case in ipairs(SPOILED) do
      db:it("D1: has its turn when a connection comes back " .. case[1], function()
        local pool = db:pool({ minsize = 0, maxsize = 1 })
        local conn = pool:acquire()
        local waiting = lunasa.spawn(pool.scalar, pool, "SELECT 7")
        while pool.waiting == 0 do
          lunasa.sleep(0)
        end
        task.logged(function()
          case[2](conn)
          pool:release(conn)
          assert.equal(7, waiting:join())
        end)
        pool:close()
        pool:wait_closed(5)

        assert.is_true(pool.closed)
      end)
    end

    db:it("D9: learns who has the connections, itself among them", function()
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local err
      pool:with(function()
        err = failure(pool.acquire, pool, 0.01)
      end)

      assert.same({ "TimeoutError", "acquire" }, { err.class, err.which })
      assert.matches("taken at .*suite/defects.lua:%d+", err.message)
      assert.equal(1, pool:scalar("SELECT 1"))
    end)

    db:it("D16: may stop waiting for its end, and nothing is stranded", function()
      local pool = db:pool({ minsize = 0, maxsize = 2 })
      local conn = pool:acquire()
      pool:close()
      local waiting = lunasa.spawn(pool.wait_closed, pool)
      lunasa.sleep(0)
      waiting:cancel()
      assert.equal("CancelledError", failure(waiting.join, waiting).class)
      pool:release(conn)
      pool:wait_closed(5)

      assert.same({ true, 0, 0 }, { pool.closed, pool.size, pool.used })
    end)
  end)

  describe("the next owner of a connection", function()
    db:it("D2: sees what was committed meanwhile, and locks nothing", function(conn)
      local pool = db:pool({ minsize = 0, maxsize = 1, autocommit = false })
      local t = db:table(conn, "n INT")
      local function seen()
        return pool:with(function(lent)
          return lent:scalar("SELECT COUNT(*) FROM " .. t)
        end)
      end
      task.logged(function()
        assert.equal(0, seen())
        conn:execute(("INSERT INTO %s VALUES (1)"):format(t))
        assert.equal(1, seen())
        conn:execute("SET SESSION lock_wait_timeout = 1")
        conn:execute(("ALTER TABLE %s ADD COLUMN m INT"):format(t))
      end)

      assert.equal(1, pool.freesize)
    end)

    db:it('D3: finds nothing of the last one with reset_on_release = "reset"', function(conn)
      local pool = db:pool({
        minsize = 0,
        maxsize = 1,
        reset_on_release = "reset",
        sql_mode = "ANSI_QUOTES",
      })
      local isolation = conn:first("SHOW VARIABLES LIKE 't%\\_isolation'").Variable_name
      local STATE = "SELECT CONNECTION_ID() AS id, @a AS a, @@SESSION.time_zone AS zone, "
        .. "@@SESSION.sql_mode AS mode, @@autocommit AS autocommit, DATABASE() AS db, "
        .. "@@SESSION."
        .. isolation
        .. " AS isolation"
      local before = pool:first(STATE)
      local function use(lent)
        lent:execute("SET @a = 1, time_zone = '+03:00', sql_mode = '', autocommit = 0")
        lent:execute("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        lent:execute("CREATE TEMPORARY TABLE left_behind (n INT)")
        assert.equal(1, lent:scalar("SELECT GET_LOCK(?, 0)", { db.schema }))
        lent:select_db("test")
        lent:stream("SELECT 1 UNION ALL SELECT 2"):fetch()
      end
      task.logged(function()
        pool:with(use)
      end)

      assert.same(before, pool:first(STATE))
      assert.equal(1146, failure(pool.query, pool, "SELECT * FROM left_behind").errno)
      assert.equal(1, conn:scalar("SELECT GET_LOCK(?, 0)", { db.schema }))
    end)

    db:it("D3: has its database again, whoever chose another", function()
      local CHOICES = {
        function(lent)
          lent:select_db("test")
        end,
        function(lent)
          lent:pipeline(function(p)
            p:select_db("test")
          end)
        end,
        function(lent)
          lent:select_db("test")
          lent:reset()
        end,
        function(lent)
          failure(lent.select_db, lent, "lunasa_nowhere")
        end,
      }
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local id = pool:scalar("SELECT CONNECTION_ID()")
      for _, choose in ipairs(CHOICES) do
        pool:with(choose)
        assert.equal(db.schema, pool:scalar("SELECT DATABASE()"))
      end

      assert.equal(id, pool:scalar("SELECT CONNECTION_ID()"))
    end)

    db:it("D3: has none when the login named none", function()
      for _, mode in ipairs({ "rollback", "reset" }) do
        local options = db:options({ minsize = 0, maxsize = 1, reset_on_release = mode })
        options.database = nil
        local pool = db:closing(lunasa.create_pool(options))
        pool:with(function(lent)
          if mode == "reset" then
            lent:execute("USE test")
          else
            lent:select_db("test")
          end
        end)

        assert.is_nil(pool:scalar("SELECT DATABASE()"))
        assert.equal(1, pool.size)
      end
    end)

    db:it("D10: is there also after an error, which is the one that is raised", function(conn)
      local pool = db:pool({ minsize = 0, maxsize = 1 })
      local t = db:table(conn, "n INT PRIMARY KEY")
      local thrown = { "mine" }
      local ok, err = pcall(pool.transaction, pool, function(lent)
        lent:execute(("INSERT INTO %s VALUES (1)"):format(t))
        error(thrown)
      end)

      assert.same({ false, true }, { ok, rawequal(thrown, err) })
      assert.equal(0, pool:scalar("SELECT COUNT(*) FROM " .. t))
      assert.same({ 1, 0 }, { pool.freesize, pool.used })
    end)
  end)

  describe("a connection that nobody needs", function()
    db:it("D12: is closed by a pool that has more than minsize", function()
      local pool = db:pool({ minsize = 1, maxsize = 4, max_idle = 0.02 })
      local function work()
        pool:with(function(conn)
          conn:scalar("SELECT SLEEP(0.01)")
        end)
      end
      lunasa.gather(work, work, work, work)
      while pool.size > 1 do
        lunasa.sleep(0.005)
      end

      assert.equal(1, pool:scalar("SELECT 1"))
      assert.equal(1, pool.size)
    end)

    db:it("D17: goes when it is collected, and at exit, without a word", function(conn)
      local printed, ok = task.script(([[
        lunasa.run(function()
          local function connect()
            return lunasa.connect("%s", { ssl = false })
          end
          local id = connect():thread_id()
          local witness = connect()
          local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
          while witness:scalar(listed, { id }) > 0 do
            collectgarbage()
            lunasa.sleep(0.001)
          end
          print("gone " .. witness:thread_id())
        end)
      ]]):format(db.server.url))
      local id = printed:match("^gone (%d+)\n$")

      assert.same({ true, true }, { ok, id ~= nil }, printed)
      wait_until_gone(conn, tonumber(id))
    end)
  end)

  describe("warnings", function()
    db:it("D18: cost nothing unless they are asked for, and change no counts", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v TINYINT")
      local function asked()
        return conn:first("SHOW SESSION STATUS LIKE 'Com_show_warnings'").Value
      end
      conn:execute("SET sql_mode = ''")
      local before = asked()
      local res = conn:query(("INSERT INTO %s (v) VALUES (1000), (2000)"):format(t))

      assert.same({ 2, 1, 2 }, { res.affected_rows, res.insert_id, res.warning_count })
      assert.equal(before, asked())
    end)
  end)

  describe("a load", function()
    local PIECE = ("1\n"):rep(32768)
    local MOST = 64 * 2 ^ 20 -- more than any socket holds

    local was_allowed

    setup(task(function()
      local conn = lunasa.connect(db:options())
      was_allowed = conn:scalar("SELECT @@GLOBAL.local_infile")
      conn:execute("SET GLOBAL local_infile = 1")
      conn:close()
    end))

    teardown(task(function()
      db:administrate("SET GLOBAL local_infile = " .. was_allowed)
    end))

    db:it("D19: holds no more of a load than is on its way", function(witness)
      local conn = db:connect({ local_infile = true })
      local t = db:table(conn, "n INT")
      conn:execute(([[CREATE TRIGGER %s_slow BEFORE INSERT ON %s
        FOR EACH ROW SET @slept = SLEEP(60)]]):format(t, t))
      local given, was = 0
      local loading = lunasa.spawn(
        pcall,
        conn.execute,
        conn,
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE %s"):format(t),
        nil,
        {
          infile = function()
            given = given + #PIECE
            return given < MOST and PIECE or nil
          end,
        }
      )
      repeat -- until the server sleeps and the source is not asked any more
        was = given
        lunasa.sleep(0.1)
      until given > 0 and given == was
      witness:execute("KILL " .. conn:thread_id())
      loading:join()
      wait_until_gone(witness, conn:thread_id())

      assert.is_true(given < MOST, given)
    end)
  end)

  describe("the log", function()
    db:it("D28: has statements without their values", function()
      local conn = db:connect({ echo = true })
      local pool = db:pool({ minsize = 0, maxsize = 1, echo = true })
      local words = table.concat(
        task.logged(function()
          conn:scalar("SELECT ?", { "s3cret" })
          pool:scalar("SELECT :word", { word = "s3cret" })
          conn:scalar("SELECT ?", { "s3cret" }, { protocol = "binary" })
          conn:executemany("DO ?", { { "s3cret" } })
        end),
        "\n"
      )

      assert.matches("SELECT ?", words, 1, true)
      assert.matches("SELECT :word", words, 1, true)
      assert.is_nil(words:find("s3cret", 1, true))
    end)
  end)

  describe("a server without TLS", function()
    it(
      "D21: is refused when TLS was asked for, and gets no login",
      task(function()
        local flag = db.kind == "mysql" and "--tls-version=" or "--skip-ssl"
        local private = server_support.throwaway({ name = db.name, flags = { flag } })
        local options = { host = private.host, port = private.port, user = "root" }
        local ok, err = pcall(function()
          for _, ssl in ipairs({ "required", "verify-ca", true }) do
            options.ssl = ssl
            local refused = failure(lunasa.connect, options)
            assert.equal(2026, refused.errno)
          end
          options.ssl = nil
          local conn = lunasa.connect(options)
          assert.is_false(conn.is_encrypted)
          conn:close()
        end)
        private:down()

        assert.is_true(ok, tostring(err))
      end)
    )
  end)
end
