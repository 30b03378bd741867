--- Transactions and savepoints, as blocks and by hand.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- Makes a table of one column, and a function that tells what another connection sees in it.
  local function numbers(conn)
    local t = db:table(conn, "n INT PRIMARY KEY")
    local witness = db:connect()
    local function seen()
      return witness:query("SELECT n FROM " .. t .. " ORDER BY n"):column("n")
    end
    local function insert(n)
      conn:execute(("INSERT INTO %s VALUES (?)"):format(t), { n })
    end
    return insert, seen, t
  end

  describe("transaction", function()
    db:it("commits when the work returns, and passes its values on", function(conn)
      local insert, seen = numbers(conn)
      local values = {
        conn:transaction(function(inner, transaction)
          assert.equal(conn, inner)
          assert.is_true(transaction.is_active)
          insert(1)
          assert.same({}, seen())
          return "a", nil, "c"
        end),
      }

      assert.same({ 1 }, seen())
      assert.same({ "a", nil, "c" }, values)
      assert.is_false(conn:get_transaction_status())
    end)

    db:it("rolls back when the work raises, and rethrows the same object", function(conn)
      local insert, seen = numbers(conn)
      for _, thrown in ipairs({ "text", { any = "table" }, 42 }) do
        local ok, err = pcall(conn.transaction, conn, function()
          insert(1)
          error(thrown, 0)
        end)

        assert.is_false(ok)
        assert.is_true(rawequal(thrown, err))
        assert.same({}, seen())
      end
    end)

    db:it("rolls back on an error of the server, which keeps its traceback", function(conn)
      local insert, seen = numbers(conn)

      local err = failure(conn.transaction, conn, function()
        insert(1)
        insert(1)
      end)
      assert.is_true(err:is_duplicate_key())
      assert.matches("suite/transactions.lua", err.traceback, 1, true)
      assert.same({}, seen())
    end)

    db:it("inside another is a savepoint", function(conn)
      local insert, seen = numbers(conn)
      conn:transaction(function()
        insert(1)
        failure(conn.transaction, conn, function(_, inner)
          assert.equal("lunasa_1", inner.savepoint)
          insert(2)
          conn:transaction(function()
            insert(3)
          end)
          insert(1)
        end)
        conn:transaction(function()
          insert(4)
        end)
      end)

      assert.same({ 1, 4 }, seen())
    end)

    db:it("may be ended by the work itself", function(conn)
      local insert, seen = numbers(conn)
      conn:transaction(function(_, transaction)
        insert(1)
        transaction:rollback()
      end)
      conn:transaction(function(_, transaction)
        insert(2)
        transaction:commit()
      end)

      assert.same({ 2 }, seen())
    end)

    db:it("takes isolation and read_only", function(conn)
      local insert, _, t = numbers(conn)
      local witness = db:connect()
      conn:transaction({ isolation = "READ UNCOMMITTED" }, function()
        witness:execute("START TRANSACTION")
        witness:execute(("INSERT INTO %s VALUES (7)"):format(t))
        assert.equal(7, conn:scalar("SELECT n FROM " .. t))
        witness:rollback()
      end)

      local err = failure(conn.transaction, conn, { read_only = true }, function()
        insert(1)
      end)
      assert.equal(1792, err.errno)
      assert.is_true(err:is_read_only())
    end)

    db:it("takes a consistent snapshot", function(conn)
      local insert, seen, t = numbers(conn)
      local reader = db:connect()
      reader:transaction({ consistent_snapshot = true, read_only = true }, function()
        insert(1)
        assert.equal(0, reader:scalar("SELECT COUNT(*) FROM " .. t))
      end)

      assert.same({ 1 }, seen())
    end)

    db:it("refuses options that it does not know", function(conn)
      local work = function() end
      local CASES = {
        { { isolation = "best" }, "unknown isolation level 'best'" },
        { { readonly = true }, "unknown transaction option 'readonly'" },
        { { retries = "2" }, "'retries' must be a number" },
      }
      for _, case in ipairs(CASES) do
        local err = failure(conn.transaction, conn, case[1], work)
        assert.equal("ArgumentError", err.class)
        assert.matches(case[2], err.message, 1, true)
      end
      assert.equal("ArgumentError", failure(conn.transaction, conn, {}).class)
      assert.is_false(conn:get_transaction_status())
    end)

    db:it("that is over refuses to be ended again", function(conn)
      local transaction = conn:begin()
      transaction:commit()

      assert.equal("InterfaceError", failure(transaction.commit, transaction).class)
      assert.equal("InterfaceError", failure(transaction.rollback, transaction).class)
      assert.matches("outermost, over", tostring(transaction), 1, true)
    end)

    db:it("begun by hand nests like a block", function(conn)
      local insert, seen = numbers(conn)
      local outer = conn:begin()
      insert(1)
      local inner = conn:begin()
      insert(2)
      inner:rollback()
      outer:commit()

      assert.same({ 1 }, seen())
    end)

    db:it("begun by hand is ended by the connection, and another begins", function(conn)
      local insert, seen, t = numbers(conn)
      for _, ending in ipairs({ "commit", "rollback" }) do
        conn:begin()
        insert(1)
        conn:begin()
        conn[ending](conn)
        assert.equal(0, conn.transaction_depth)
        assert.is_nil(conn:begin().savepoint)
        insert(2)
        conn:rollback()
        assert.same(ending == "commit" and { 1 } or {}, seen())
        conn:execute("DELETE FROM " .. t)
      end
    end)

    db:it("that SQL has ended makes way for another", function(conn)
      local insert, seen = numbers(conn)
      conn:begin()
      insert(1)
      conn:execute("COMMIT")
      assert.is_nil(conn:begin().savepoint)
      insert(2)
      conn:rollback()
      conn:transaction(function()
        insert(3)
        conn:commit()
        failure(conn.transaction, conn, function()
          insert(4)
          insert(4)
        end)
        assert.equal(1, conn.transaction_depth)
      end)

      assert.same({ 1, 3 }, seen())
      assert.equal(0, conn.transaction_depth)
    end)

    db:it("raises the error of a connection that was lost", function(conn)
      local insert, seen = numbers(conn)

      local err = failure(conn.transaction, conn, function()
        insert(1)
        db:connect():execute("KILL ?", { conn:thread_id() })
        insert(2)
      end)
      assert.is_true(err:is_disconnect())
      assert.same({}, err.suppressed)
      assert.same({}, seen())
    end)

    db:it("raises what COMMIT raises, with nothing left open", function(conn)
      local err = failure(conn.transaction, conn, function()
        conn:execute("SET @x = 1")
        db:connect():execute("KILL ?", { conn:thread_id() })
      end)

      assert.is_true(err:is_disconnect())
      assert.equal(0, conn.transaction_depth)
    end)
  end)

  describe("transaction that cannot be committed", function()
    db:it("is undone, and a failure of that is noted", function(conn)
      local err = failure(conn.transaction, conn, function()
        conn:execute("COMMIT")
        conn:execute("XA START 'lunasa'") -- refuses COMMIT and ROLLBACK
      end)

      assert.equal(1399, err.errno)
      assert.equal("COMMIT", err.sql)
      assert.equal(1, #err.suppressed)
      assert.equal("ROLLBACK", err.suppressed[1].sql)
      conn:execute("XA END 'lunasa'")
      conn:execute("XA ROLLBACK 'lunasa'")
    end)
  end)

  describe("retries", function()
    --- Two transactions that update two rows in opposite order: one of them is the victim.
    local function collide(options)
      local first, second = db:connect(), db:connect()
      local t = db:table(first, "n INT PRIMARY KEY, v INT")
      first:execute("INSERT INTO " .. t .. " VALUES (1, 0), (2, 0)")
      local update = "UPDATE " .. t .. " SET v = v + 1 WHERE n = ?"
      local attempts, started = 0, {}
      local function work(conn, rows)
        return pcall(conn.transaction, conn, options, function()
          attempts = attempts + 1
          conn:execute(update, { rows[1] })
          started[conn] = true
          while not (started[first] and started[second]) do
            lunasa.sleep(0)
          end
          conn:execute(update, { rows[2] })
        end)
      end
      local outcomes = {}
      lunasa.gather(function()
        outcomes[1] = { work(first, { 1, 2 }) }
      end, function()
        outcomes[2] = { work(second, { 2, 1 }) }
      end)
      return outcomes, attempts, first:query("SELECT v FROM " .. t):column("v")
    end

    db:it("run the victim of a deadlock again", function()
      local outcomes, attempts, values = collide({ retries = 3 })

      assert.is_true(outcomes[1][1])
      assert.is_true(outcomes[2][1])
      assert.equal(3, attempts)
      assert.same({ 2, 2 }, values)
    end)

    db:it("are none unless asked for", function()
      local outcomes, attempts, values = collide({})

      local victim = outcomes[1][1] and outcomes[2] or outcomes[1]
      assert.equal(1213, victim[2].errno)
      assert.is_true(victim[2]:is_retryable())
      assert.equal(2, attempts)
      assert.same({ 1, 1 }, values)
    end)

    db:it("do not repeat work that has committed some of itself", function(conn)
      local t, pool = db:table(conn, "n INT"), db:pool({ maxsize = 1 })
      local commits = {
        function(_, transaction)
          transaction:commit()
        end,
        function(lent)
          lent:commit()
        end,
      }
      for _, owner in ipairs({ conn, pool }) do
        for _, commit in ipairs(commits) do
          local err = failure(owner.transaction, owner, { retries = 3 }, function(lent, outermost)
            lent:execute("INSERT INTO " .. t .. " VALUES (1)")
            commit(lent, outermost)
            lent:execute("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213")
          end)
          assert.is_true(err:is_retryable())
        end
      end

      assert.equal(4, tonumber(conn:scalar("SELECT COUNT(*) FROM " .. t)))
    end)

    db:it("leave other errors alone", function(conn)
      local attempts = 0

      failure(conn.transaction, conn, { retries = 5 }, function()
        attempts = attempts + 1
        conn:query("SELECT * FROM nowhere")
      end)
      assert.equal(1, attempts)
    end)
  end)

  describe("closing with a transaction open", function()
    for _, begin in ipairs({ "begin", "execute" }) do
      db:it("warns, and undoes it, after " .. begin, function(conn)
        local insert, seen = numbers(conn)
        conn[begin](conn, begin == "execute" and "START TRANSACTION" or nil)
        insert(1)

        local messages = task.logged(function()
          conn:close()
        end)
        assert.equal(1, #messages)
        assert.matches("^warn: .*suite/transactions.lua:%d+ with a transaction open", messages[1])
        assert.same({}, seen())
      end)
    end

    db:it("says nothing otherwise", function(conn)
      conn:transaction(function() end)

      assert.same(
        {},
        task.logged(function()
          conn:close()
        end)
      )
    end)
  end)
end
