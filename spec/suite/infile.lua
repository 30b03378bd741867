--- LOAD DATA LOCAL INFILE: data of the client, when a call offers it.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("LOAD DATA LOCAL INFILE", function()
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

    --- Connects, with a table for numbers and texts.
    local function prepare(more)
      more = more or {}
      if more.local_infile == nil then
        more.local_infile = true
      end
      local conn = db:connect(more)
      local t = db:table(conn, "n INT PRIMARY KEY, x VARCHAR(100)")
      return conn, t, ("LOAD DATA LOCAL INFILE 'numbers' INTO TABLE %s"):format(t)
    end

    local function count(conn, t)
      return conn:scalar("SELECT COUNT(*) FROM " .. t)
    end

    --- Writes a file, calls a function with its path, removes it.
    local function with_file(text, work)
      local path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local ok, err = pcall(work, path)
      os.remove(path)
      if not ok then
        error(err, 0)
      end
    end

    for _, ssl in ipairs({ "disabled", "required" }) do
      db:it("sends a string, ssl " .. ssl, function()
        local conn, t, sql = prepare({ ssl = ssl })
        local res = conn:query(sql, nil, { infile = { data = "1\tone\n2\ttwo €\n3\t\\N\n" } })

        assert.equal(3, res.affected_rows)
        assert.same({
          { n = 1, x = "one" },
          { n = 2, x = "two €" },
          { n = 3, x = lunasa.null },
        }, conn:query(("SELECT * FROM %s ORDER BY n"):format(t)):all())
      end)

      db:it("sends what a function gives, 20 MiB of it, ssl " .. ssl, function()
        local conn, t, sql = prepare({ ssl = ssl })
        local n, line = 0, ("y"):rep(99) .. "\n"
        local res = conn:query(sql, nil, {
          infile = function()
            if n == 200000 then
              return nil
            end
            local lines = {}
            for i = 1, 1000 do
              n = n + 1
              lines[i] = n .. "\t" .. line
            end
            return table.concat(lines)
          end,
        })

        assert.equal(200000, res.affected_rows)
        assert.equal(200000, count(conn, t))
        assert.equal(99 * 200000, tonumber(conn:scalar("SELECT SUM(LENGTH(x)) FROM " .. t)))
      end)
    end

    db:it("sends a string of 20 MiB", function()
      local conn, t, sql = prepare()
      local lines = {}
      for i = 1, 200000 do
        lines[i] = ("%d\t%s\n"):format(i, ("z"):rep(98))
      end
      conn:execute(sql, nil, { infile = { data = table.concat(lines) } })

      assert.equal(200000, count(conn, t))
    end)

    db:it("sends a file, named by the call or by the statement", function()
      local conn, t, sql = prepare()
      with_file("1\tone\n2\ttwo\n", function(path)
        assert.equal(2, (conn:execute(sql, nil, { infile = { file = path } })))
        conn:execute("DELETE FROM " .. t)
        local by_name = ("LOAD DATA LOCAL INFILE ? INTO TABLE %s"):format(t)
        assert.equal(2, (conn:execute(by_name, { path }, { infile = true })))
      end)
      assert.equal(2, count(conn, t))
    end)

    db:it("K22: tells what became of the lines, and what was wrong with them", function()
      local conn, t, sql = prepare({ sql_mode = "" })
      local res = conn:query(sql, nil, { infile = { data = "1\tone\nx\ttwo\n3\tthree\n" } })

      assert.equal("Records: 3  Deleted: 0  Skipped: 0  Warnings: 1", res.info)
      assert.same({ 3, 1 }, { res.affected_rows, res.warning_count })
      local warning = conn:first("SHOW WARNINGS")
      assert.equal(1366, warning.Code)
      assert.matches("Incorrect integer value", warning.Message, 1, true)
      assert.equal(3, count(conn, t))
    end)

    db:it("sends nothing, in every way", function()
      local conn, t, sql = prepare()
      assert.equal(0, (conn:execute(sql, nil, { infile = { data = "" } })))
      assert.equal(0, (conn:execute(sql, nil, { infile = function() end })))
      with_file("", function(path)
        assert.equal(0, (conn:execute(sql, nil, { infile = { file = path } })))
      end)
      local pieces = { "", "1\tone", "", "\n" }
      local i = 0
      local function piece()
        i = i + 1
        return pieces[i]
      end
      assert.equal(1, (conn:execute(sql, nil, { infile = piece })))
      assert.equal(1, count(conn, t))
    end)

    db:it("finds the name as the server does", function()
      local conn, t = prepare()
      local names = {
        [["it''s"]],
        [['it''s']],
        [['a\'b\\c\n\%']],
        [['ü€']],
      }
      for n, name in ipairs(names) do
        local sql = "/* LOCAL INFILE 'x' */ load data -- local infile 'y'\n"
          .. "LOCAL # infile 'z'\n INFILE %s INTO TABLE %s"
        conn:execute(sql:format(name, t), nil, { infile = { data = n .. "\tx\n" } })
      end
      assert.equal(#names, count(conn, t))
      conn:execute("SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')")
      local sql = ([[LOAD DATA LOCAL INFILE 'a\b' INTO TABLE %s]]):format(t)
      assert.equal(1, (conn:execute(sql, nil, { infile = { data = "99\tx\n" } })))
    end)

    db:it("that was not offered is refused, and the connection goes on", function()
      local conn, t, sql = prepare()
      local err = failure(conn.query, conn, sql)

      assert.matches("was not offered with the statement", err.message, 1, true)
      assert.equal(0, count(conn, t))
      assert.is_false(conn.closed)
    end)

    db:it("is refused by a server that does not allow it", function()
      local conn, t, sql = prepare()
      db:administrate("SET GLOBAL local_infile = 0")
      local ok, err = pcall(conn.query, conn, sql, nil, { infile = { data = "1\tone\n" } })
      db:administrate("SET GLOBAL local_infile = 1")

      assert.is_false(ok)
      assert.is_true(err.errno > 0, tostring(err))
      assert.equal(0, count(conn, t))
    end)

    db:it("needs the connection's word, and a statement that names a file", function()
      local conn, t, sql = prepare({ local_infile = false })
      local options = { infile = { data = "1\tone\n" } }
      local err = failure(conn.query, conn, sql, nil, options)
      assert.equal("NotSupportedError", err.class)
      assert.matches("local_infile = true", err.message, 1, true)
      assert.is_true(failure(conn.query, conn, sql).errno > 0) -- the server's own refusal
      assert.equal(0, count(conn, t))

      local other = prepare()
      assert.equal("ArgumentError", failure(other.query, other, "SELECT 1", nil, options).class)
      local quoted = "SELECT 'LOCAL INFILE ''x'''"
      assert.equal("ArgumentError", failure(other.query, other, quoted, nil, options).class)
      assert.equal(1, other:scalar("SELECT 1"))
    end)

    db:it("checks what is offered before anything is sent", function()
      local conn, t, sql = prepare()
      for _, wrong in ipairs({ 1, "file", {}, { file = 1 }, { file = "a", data = "b" }, false }) do
        assert.equal("ArgumentError", failure(conn.query, conn, sql, nil, { infile = wrong }).class)
      end
      for _, path in ipairs({ "/nowhere/at/all", "/tmp" }) do
        local err = failure(conn.query, conn, sql, nil, { infile = { file = path } })
        assert.equal("OperationalError", err.class)
        assert.matches(path, err.message, 1, true)
      end
      assert.equal(0, count(conn, t))
    end)

    db:it("ends where its source fails, and raises that", function()
      local conn, t, sql = prepare()
      local calls = 0
      local reason = {}
      conn:execute("START TRANSACTION")
      local ok, err = pcall(conn.query, conn, sql, nil, {
        infile = function()
          calls = calls + 1
          if calls == 2 then
            error(reason)
          end
          return "1\tone\n"
        end,
      })

      assert.is_false(ok)
      assert.equal(reason, err)
      conn:rollback()
      assert.equal(0, count(conn, t))
      local wrong = failure(conn.query, conn, sql, nil, {
        infile = function()
          return 7
        end,
      })
      assert.equal("ArgumentError", wrong.class)
      local named = failure(conn.query, conn, sql, nil, { infile = true })
      assert.matches("numbers", named.message, 1, true)
      assert.equal(0, count(conn, t))
    end)

    db:it("does not take an error that is nil for the end", function()
      local conn, _, sql = prepare()
      local ok, err = pcall(conn.query, conn, sql, nil, {
        infile = function()
          error(nil)
        end,
      })

      assert.is_false(ok)
      assert.equal("the function of infile raised nil", err)
    end)

    db:it("may fail on the server, and the connection goes on", function()
      local conn, t, sql = prepare()
      local strict = sql:gsub("LOCAL INFILE", "LOCAL INFILE")
      local missing = strict:gsub(t .. "$", "nowhere")
      assert.equal(1146, failure(conn.query, conn, missing, nil, { infile = { data = "1" } }).errno)
      assert.equal(0, count(conn, t))
    end)

    db:it("lets its source use other connections, and not its own", function()
      local conn, t, sql = prepare()
      local other = db:connect()
      local n, refused = 0, nil
      conn:execute(sql, nil, {
        infile = function()
          n = n + 1
          refused = failure(conn.scalar, conn, "SELECT 1")
          return n < 4 and other:scalar("SELECT CONCAT(?, '\tx\n')", { n }) or nil
        end,
      })

      assert.equal("InterfaceError", refused.class)
      assert.equal(3, count(conn, t))
    end)

    db:it("has the server undo it when it is cancelled or takes too long", function()
      for _, give_up in ipairs({ "timeout", "cancel" }) do
        local conn, t, sql = prepare()
        local witness = db:connect()
        local loading = lunasa.spawn(conn.query, conn, sql, nil, {
          timeout = give_up == "timeout" and 0.05 or nil,
          infile = function()
            lunasa.sleep(0.01)
            return "1\tone\n"
          end,
        })
        if give_up == "cancel" then
          lunasa.sleep(0.03)
          loading:cancel()
        end

        assert.is_false((pcall(loading.join, loading)))
        assert.equal(0, count(witness, t))
      end
    end)
  end)
end
