--- Several commands without waiting between them.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

--- First column of the first row of each result.
local function firsts(results)
  local values = {}
  for i, res in ipairs(results) do
    values[i] = res[1] and (res[1][1] or select(2, next(res[1])))
  end
  return values
end

---@param db spec.Database
return function(db)
  describe("pipeline", function()
    db:it("gives the results in order", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20)")
      local results = conn:pipeline(function(p)
        assert.equal(1, p:execute(("INSERT INTO %s (v) VALUES (?)"):format(t), { "it's" }))
        assert.equal(2, p:execute(("INSERT INTO %s (v) VALUES (:v)"):format(t), { v = "ü" }))
        assert.equal(3, p:ping())
        assert.equal(4, p:query("SELECT v FROM " .. t .. " ORDER BY id"))
        assert.equal(5, p:query("SELECT ? AS a, ? AS b", { 1, lunasa.null }, { rows = "array" }))
      end)

      assert.equal(5, #results)
      assert.equal(1, results[1].affected_rows)
      assert.equal(2, results[2].insert_id)
      assert.same({ { v = "it's" }, { v = "ü" } }, results[4]:all())
      assert.same({ 1, lunasa.null }, results[5][1])
    end)

    db:it("does nothing when nothing was written down", function(conn)
      assert.same({}, conn:pipeline(function() end))
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("carries thousands of commands", function(conn)
      local results = conn:pipeline({ rows = "array" }, function(p)
        for i = 1, 5000 do
          p:query("SELECT ?", { i })
        end
      end)

      assert.equal(5000, #results)
      for i, value in ipairs(firsts(results)) do
        assert.equal(i, value)
      end
    end)

    db:it("carries large statements and large answers", function(conn)
      local large = ("x"):rep(300 * 1024)
      local results = conn:pipeline({ rows = "array" }, function(p)
        for _ = 1, 20 do
          p:query("SELECT ?", { large })
          p:query("SELECT 1")
        end
      end)

      local values = firsts(results)
      for i = 1, 40, 2 do
        assert.is_true(values[i] == large)
        assert.equal(1, values[i + 1])
      end
    end)

    db:it("raises the first error when all are answered", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY")
      local err = failure(conn.pipeline, conn, function(p)
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        p:query("SELECT * FROM no_such_table")
        p:execute(("INSERT INTO %s VALUES (2)"):format(t))
      end)

      assert.is_true(err:is_duplicate_key())
      assert.matches("INSERT INTO", err.sql)
      assert.equal(4, #err.results)
      assert.equal(err, err.results[2])
      assert.equal(1146, err.results[3].errno)
      assert.equal(1, err.results[4].affected_rows)
      assert.equal(2, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("collects the errors when asked to", function(conn)
      local results = conn:pipeline({ on_error = "collect" }, function(p)
        p:query("SELECT 1 AS a")
        p:query("no sql")
        p:query("SELECT 2 AS a")
      end)

      assert.equal(1, results[1][1].a)
      assert.is_true(lunasa.is_error(results[2]))
      assert.equal(1064, results[2].errno)
      assert.equal(2, results[3][1].a)
    end)

    db:it("sends nothing after an error when told so", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY")
      local err = failure(conn.pipeline, conn, { stop_on_error = true }, function(p)
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        p:execute(("INSERT INTO %s VALUES (2)"):format(t))
      end)

      assert.is_true(err:is_duplicate_key())
      assert.equal(2, #err.results)
      assert.equal(1, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("finds what cannot be sent before anything is", function(conn)
      local t = db:table(conn, "id INT")
      local err = failure(conn.pipeline, conn, function(p)
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        p:execute(("INSERT INTO %s VALUES (?)"):format(t), { print })
      end)

      assert.equal("ArgumentError", err.class)
      assert.matches("command 2 of the pipeline", err.message)
      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("sends nothing when the function fails", function(conn)
      local t = db:table(conn, "id INT")
      local ok, err = pcall(conn.pipeline, conn, function(p)
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        error("no", 0)
      end)

      assert.is_false(ok)
      assert.equal("no", err)
      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("takes parameters as they are when they are given", function(conn)
      local args = { 1 }
      local results = conn:pipeline({ rows = "array" }, function(p)
        p:query("SELECT ?", args)
        args[1] = 2
        p:query("SELECT ?", args)
      end)

      assert.same({ 1, 2 }, firsts(results))
    end)

    db:it("keeps nil in a list that pack made", function(conn)
      local results = conn:pipeline({ rows = "array" }, function(p)
        p:query("SELECT ?, ?", lunasa.pack(nil, 2))
      end)

      assert.same({ lunasa.null, 2 }, results[1][1])
    end)

    db:it("escapes for the SQL mode that the statement will meet", function(conn)
      local texts = { [[it's]], [[a\]], [[\']], [[\\' -- ]] }
      local results = conn:pipeline({ rows = "array" }, function(p)
        for _, mode in ipairs({ "NO_BACKSLASH_ESCAPES", "", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES" }) do
          p:execute(("SET sql_mode = '%s'"):format(mode))
          for _, text in ipairs(texts) do
            p:query("SELECT ?", { text })
          end
        end
      end)

      local values = firsts(results)
      for i = 0, 2 do
        for j, text in ipairs(texts) do
          assert.equal(text, values[i * 5 + 1 + j])
        end
      end
    end)

    db:it_in_text("refuses text after a change to an unsafe character set", function(conn)
      local err = failure(conn.pipeline, conn, function(p)
        p:execute("SET NAMES gbk")
        p:query("SELECT ?", { "\xbf'" })
      end)

      assert.matches("cannot be escaped safely", err.message)
      assert.equal(1, #err.results)
    end)

    db:it("changes the default database for what follows", function(conn)
      local results = conn:pipeline({ rows = "array" }, function(p)
        p:select_db("test")
        p:query("SELECT DATABASE()")
      end)

      assert.equal("test", results[2][1][1])
    end)

    db:it("is part of the transaction around it", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY")
      pcall(conn.transaction, conn, function()
        conn:pipeline(function(p)
          p:execute(("INSERT INTO %s VALUES (1)"):format(t))
          p:execute(("INSERT INTO %s VALUES (1)"):format(t))
        end)
      end)

      assert.equal(0, conn:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("gives other tasks their turn before and after", function(conn)
      local values = {
        lunasa.gather(function()
          return firsts(conn:pipeline({ rows = "array" }, function(p)
            p:query("SELECT SLEEP(0.01)")
            p:query("SELECT 1")
          end))[2]
        end, function()
          return conn:scalar("SELECT 2")
        end, function()
          return firsts(conn:pipeline({ rows = "array" }, function(p)
            p:query("SELECT 3")
          end))[1]
        end),
      }

      assert.same({ 1, 2, 3 }, values)
    end)

    db:it("is given up as a whole when its time is over", function(conn)
      local witness = db:connect()
      local t = db:table(witness, "id INT")
      local err = failure(conn.pipeline, conn, { timeout = 0.2, stop_on_error = true }, function(p)
        p:query("SELECT 1")
        p:query(db.features.slow)
        p:execute(("INSERT INTO %s VALUES (1)"):format(t))
      end)

      assert.equal("TimeoutError", err.class)
      assert.equal("statement", err.which)
      assert.equal(1, #err.results)
      assert.equal(0, witness:scalar("SELECT COUNT(*) FROM " .. t))
    end)

    db:it("closes when it is cancelled with commands in flight", function(conn)
      local worker = lunasa.spawn(conn.pipeline, conn, function(p)
        p:query(db.features.slow)
        p:query("SELECT 1")
      end)
      lunasa.sleep(0.05)
      worker:cancel()

      assert.equal("CancelledError", failure(worker.join, worker).class)
      assert.is_true(conn.closed)
    end)

    db:it("has an error for every command of a lost connection", function(conn)
      local id = conn:thread_id()
      local results = conn:pipeline({ on_error = "collect" }, function(p)
        p:query("SELECT 1")
        p:query("KILL " .. id)
        for _ = 1, 600 do
          p:query("SELECT 2")
        end
      end)

      assert.equal(602, #results)
      assert.is_false(lunasa.is_error(results[1]))
      assert.is_true(lunasa.is_error(results[602]))
      assert.is_true(conn.closed)
    end)

    db:it_in_text("carries several results of one command", function()
      local conn = db:connect({ multi_statements = true })
      local results = conn:pipeline({ rows = "array" }, function(p)
        p:query("SELECT 1; SELECT 2")
        p:query("SELECT 3")
      end)

      assert.equal(1, results[1][1][1])
      assert.equal(2, results[1]:nextset()[1][1])
      assert.equal(3, results[2][1][1])
    end)

    db:it("has the server limit its statements, and takes no data", function(conn)
      local err = failure(conn.pipeline, conn, { max_statement_time = 0.02 }, function(p)
        p:query(
          "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b"
            .. ", information_schema.columns c"
        )
      end)
      assert.equal("TimeoutError", err.class)

      err = failure(conn.pipeline, conn, function(p)
        p:query("SELECT 1", nil, { infile = { data = "x" } })
      end)
      assert.equal("ArgumentError", err.class)
      assert.equal("ArgumentError", failure(conn.pipeline, conn, 5).class)
    end)

    db:it("refuses options that are wrong, and a pipeline that is over", function(conn)
      local kept
      local function work(p)
        kept = p
      end
      assert.equal("ArgumentError", failure(conn.pipeline, conn, { on_error = "no" }, work).class)
      assert.equal("ArgumentError", failure(conn.pipeline, conn, { stop_on_error = 1 }, work).class)
      assert.equal("ArgumentError", failure(conn.pipeline, conn, { colour = 1 }, work).class)
      assert.equal("ArgumentError", failure(conn.pipeline, conn, 7, work).class)
      conn:pipeline(work)
      assert.equal("InterfaceError", failure(kept.query, kept, "SELECT 1").class)
      for _, wrong in ipairs({ { 7 }, { "SELECT 1", 7 }, { "SELECT 1", nil, { timeout = 1 } } }) do
        local err = failure(conn.pipeline, conn, function(p)
          p:query(wrong[1], wrong[2], wrong[3])
        end)
        assert.equal("ArgumentError", err.class)
      end
      conn:close()
      assert.equal("InterfaceError", failure(conn.pipeline, conn, work).class)
    end)
  end)
end
