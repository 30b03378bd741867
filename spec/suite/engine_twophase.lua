--- Transactions in two phases of an engine's connections.

local assert = require("luassert")
local database = require("spec.suite.database")
local engine_work = require("spec.suite.engine_work")
local lunasa = require("lunasa")
local task = require("spec.support.task")

local failure = database.failure

--- All that a byte can be, in two pieces that are no text.
local WEIRD = { "\0\1'\"\\`%s?:a\r\n\26\127", "\255\254\195\0--;/*" }

---@param db spec.Database
return function(db)
  local made = 0

  --- A name that no other spec has: ids are the whole server's.
  local function name()
    made = made + 1
    return ("%s.%d"):format(db.schema, made)
  end

  local function works(options)
    return engine_work.new(db, options)
  end

  local function has(list, xid)
    for _, found in ipairs(list) do
      if found == xid then
        return true
      end
    end
    return false
  end

  --- The one that has a branch, among those that are prepared.
  local function branch_of(list, gtrid)
    for _, found in ipairs(list) do
      if type(found) == "table" and found.gtrid == gtrid then
        return found
      end
    end
  end

  describe("a transaction in two phases", function()
    db:it("X6: is prepared, and committed", function()
      local work, xid = works(), name()
      local tr = work.conn:begin_twophase(xid)
      assert.equal(xid, tr.xid)
      assert.is_true(tr.is_active and work.conn.in_transaction)
      work:insert(1)
      tr:prepare()
      assert.is_true(tr.is_active and tr.is_prepared)
      work.engine:with(function(other)
        assert.is_true(has(other:recover_twophase(), xid))
      end)
      assert.same({}, work:seen())
      tr:commit()
      assert.is_false(tr.is_active or work.conn.in_transaction)
      assert.is_false(has(work.conn:recover_twophase(), xid))
      assert.same({ 1 }, work:seen())
    end)

    db:it("X6: is committed in one phase when it was not prepared", function()
      local work = works()
      local tr = work.conn:begin_twophase()
      assert.matches("^_sa_%x+$", tr.xid)
      assert.equal(36, #tr.xid)
      work:insert(1)
      tr:commit()
      assert.is_false(tr.is_prepared)
      assert.same({ 1 }, work:seen())
      assert.not_equal(tr.xid, work.conn:begin_twophase().xid)
    end)

    for _, ending in ipairs({ "rollback", "close" }) do
      for _, is_prepared in ipairs({ false, true }) do
        local when = is_prepared and " when prepared" or ""
        db:it("X6: is undone by " .. ending .. when, function()
          local work, xid = works(), name()
          local tr = work.conn:begin_twophase(xid)
          work:insert(1)
          if is_prepared then
            tr:prepare()
          end
          tr[ending](tr)
          tr[ending](tr)
          assert.is_false(tr.is_active or work.conn.in_transaction)
          assert.is_false(has(work.conn:recover_twophase(), xid))
          assert.same({}, work:own())
        end)
      end
    end

    db:it("X6: leaves a connection on which others begin", function()
      local work = works()
      for n, begin in ipairs({ "begin_twophase", "begin", "begin_nested", "begin_twophase" }) do
        local tr = work.conn[begin](work.conn)
        assert.is_nil(tr.parent)
        work:insert(n)
        tr:commit()
      end
      work.conn:begin_twophase():rollback()
      work.conn:begin():commit()
      assert.same({ 1, 2, 3, 4 }, work:seen())
    end)

    db:it("X6: does not begin inside another, and is not done twice", function()
      local work = works()
      local message =
        "Cannot start a two phase transaction when a transaction is already in progress."
      local tr = work.conn:begin()
      assert.equal(message, failure(work.conn.begin_twophase, work.conn).message)
      tr:rollback()
      tr = work.conn:begin_twophase()
      local err = failure(work.conn.begin_twophase, work.conn)
      assert.equal(message, err.message)
      assert.equal("InvalidRequestError", err.class)
      assert.is_true(tr.is_active)

      tr:prepare()
      assert.equal("InvalidRequestError", failure(tr.prepare, tr).class)
      for _, method in ipairs({ "begin", "begin_nested" }) do
        err = failure(work.conn[method], work.conn)
        assert.matches("This transaction is prepared", err.message, 1, true)
      end
      tr:commit()
      assert.equal("InvalidRequestError", failure(tr.prepare, tr).class)
      assert.equal("InvalidRequestError", failure(tr.commit, tr).class)
    end)

    db:it("X1: has others inside", function()
      local work = works()
      local tr = work.conn:begin_twophase()
      work:insert(1)
      local nested = work.conn:begin_nested()
      work:insert(2)
      nested:rollback()
      local inner = work.conn:begin()
      work:insert(3)
      inner:commit()
      tr:commit()
      assert.same({ 1, 3 }, work:seen())

      tr = work.conn:begin_twophase()
      work.conn:begin():rollback()
      assert.is_false(tr.is_active)
      assert.matches("inner", failure(tr.commit, tr).message)
    end)

    db:it("X6: refuses what the server refuses in it, and goes on", function()
      local work = works()
      local tr = work.conn:begin_twophase()
      work:insert(1)
      assert.equal(1399, failure(work.conn.execute, work.conn, "BEGIN").errno)
      assert.is_true(tr.is_active)
      tr:commit()
      assert.same({ 1 }, work:seen())
    end)

    db:it("X6: that met a deadlock is rolled back", function()
      local work = works()
      work:insert(1)
      work:insert(2)
      local tr = work.conn:begin_twophase()
      work.witness:begin()
      local update = "UPDATE " .. work.table .. " SET v = v + 1 WHERE n = %d"
      for _, n in ipairs({ 3, 4, 5, 6, 7, 8 }) do -- who has changed more is not the victim
        work.witness:execute(("INSERT INTO %s (n) VALUES (%d)"):format(work.table, n))
      end
      work.conn:execute(update:format(1))
      work.witness:execute(update:format(2))
      local waits = lunasa.spawn(function()
        work.conn:execute(update:format(2))
      end)
      while not work.conn.connection.busy do
        lunasa.sleep(0)
      end
      work.witness:execute(update:format(1))
      local ok, err = pcall(waits.join, waits)
      assert.is_false(ok)
      assert.equal(1213, err.errno)
      tr:rollback()
      assert.is_false(tr.is_active or work.conn.in_transaction)
      work.witness:rollback()
      work.conn:begin_twophase():commit()
      assert.same({ 1, 2 }, work:seen())
    end)
  end)

  describe("a statement of a transaction in two phases that is given up", function()
    --- Calls a function while nothing can be committed.
    local function while_locked(during)
      local lock = db:connect()
      lock:execute("FLUSH TABLES WITH READ LOCK")
      local ok, err = pcall(during)
      lock:execute("UNLOCK TABLES")
      assert(ok, err)
    end

    --- Gives one up: what happened to it on the server is not known.
    local function give_up(tr, method)
      while_locked(function()
        local ok, err = pcall(lunasa.timeout, 0.1, tr[method], tr)
        assert.is_true(ok or err:is_timeout())
      end)
    end

    db:it("X7: can be rolled back after prepare, and its connection goes on", function()
      local work, xid = works(), name()
      local tr = work.conn:begin_twophase(xid)
      work:insert(1)
      give_up(tr, "prepare")
      tr:rollback()
      assert.is_false(tr.is_active or work.conn.in_transaction)
      assert.is_false(has(work.conn:recover_twophase(), xid))
      assert.same({}, work:seen())
      work.conn:transaction(function()
        work:insert(2)
      end)
      assert.same({ 2 }, work:seen())
    end)

    --- Commits what is prepared. The server may be quicker.
    local function commit_if_left(witness, xid)
      for _, left in ipairs(witness:query("XA RECOVER", nil, { rows = "array" }):all()) do
        if left[4] == xid then
          local ok, err = lunasa.try(witness.execute, witness, ("XA COMMIT '%s'"):format(xid))
          assert.is_true(ok or err.errno == 1397) -- XAER_NOTA
        end
      end
    end

    for _, is_prepared in ipairs({ false, true }) do
      local when = is_prepared and " when prepared" or ""
      db:it("X7: is committed or not, but never half, after commit" .. when, function()
        local work, xid = works({ maxsize = 2 }), name()
        local tr = work.conn:begin_twophase(xid)
        work:insert(1)
        work:insert(2)
        if is_prepared then
          tr:prepare()
        end
        give_up(tr, "commit")
        task.logged(function()
          work.conn:close()
        end)
        local seen
        for _ = 1, 500 do -- the server may still be at it
          commit_if_left(work.witness, xid)
          seen = work:seen()
          if #seen == 2 or not is_prepared then
            break
          end
          lunasa.sleep(0.01)
        end
        assert.is_true(#seen == 2 or not is_prepared and #seen == 0)
        assert.is_false(tr.is_active or work.conn.in_transaction)
        work.engine:begin(function(conn)
          work:insert(3, conn)
        end)
      end)
    end
  end)

  describe("the id of a transaction in two phases", function()
    db:it("X6: is any bytes, with a branch and a format", function()
      local work = works()
      local gtrid = WEIRD[1] .. name():sub(-30)
      for _, xid in ipairs({
        gtrid,
        { gtrid = gtrid, bqual = WEIRD[2], format_id = 2147483647 },
        { gtrid = ("g"):rep(64), bqual = ("\0"):rep(64), format_id = 0 },
        { gtrid = gtrid },
      }) do
        local tr = work.conn:begin_twophase(xid)
        tr:prepare()
        local found = work.conn:recover_twophase()
        if type(xid) == "string" or not xid.bqual then
          assert.is_true(has(found, gtrid))
        else
          local same = branch_of(found, xid.gtrid)
          assert.equal(xid.bqual, same.bqual)
          assert.equal(xid.format_id, same.format_id)
        end
        tr:commit()
      end
    end)

    db:it("X6: is the same in each collation of the connection", function()
      local work, xid = works(), name()
      work.conn:execute("SET collation_connection = utf16_general_ci")
      local tr = work.conn:begin_twophase(xid)
      tr:prepare()
      assert.is_true(has(work.conn:recover_twophase(), xid))
      tr:rollback()
    end)

    db:it("X6: can be read", function()
      local work = works()
      local tr = work.conn:begin_twophase({ gtrid = "global", bqual = "\0\255" })
      tr:prepare()
      assert.equal(
        "'global',X'00FF',1",
        tostring(branch_of(work.conn:recover_twophase(), "global"))
      )
      tr:rollback()
    end)

    db:it("X6: is checked before anything is sent", function()
      local conn = works().conn
      for _, case in ipairs({
        { "", "the gtrid of an xid has 1 to 64 bytes, got 0" },
        { ("x"):rep(65), "got 65" },
        { 7, "the gtrid of an xid must be a string, got number" },
        { {}, "the gtrid of an xid must be a string, got nil" },
        { { gtrid = "a", bqual = ("x"):rep(65) }, "the bqual of an xid has 0 to 64 bytes, got 65" },
        { { gtrid = "a", bqual = 1 }, "the bqual of an xid must be a string" },
        { { gtrid = "a", format_id = 2 ^ 31 }, "an integer from 0 to 2147483647, got" },
        { { gtrid = "a", format_id = 1.5 }, "got 1.5" },
        { { gtrid = "a", format_id = -1 }, "got -1" },
        { { gtrid = "a", formatid = 1 }, "an xid has no formatid — did you mean 'format_id'?" },
      }) do
        for _, method in ipairs({ "begin_twophase", "commit_prepared", "rollback_prepared" }) do
          local err = failure(conn[method], conn, case[1])
          assert.equal("ArgumentError", err.class)
          assert.matches(case[2], err.message, 1, true)
        end
      end
      assert.is_false(conn.in_transaction)
      assert.equal("ArgumentError", failure(conn.commit_prepared, conn).class)
      for _, options in ipairs({ "no", { prepared = false } }) do
        assert.equal("ArgumentError", failure(conn.commit_prepared, conn, "a", options).class)
      end
    end)
  end)

  describe("a prepared transaction", function()
    --- Prepares one whose connection is lost then.
    local function left_by_another(work, xid, n)
      local other = work.engine:acquire()
      local tr = other:begin_twophase(xid)
      work:insert(n, other)
      tr:prepare()
      local id = other.connection:thread_id()
      work.witness:execute("KILL ?", { id })
      local left = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
      while tonumber(work.witness:scalar(left, { id })) > 0 do
        lunasa.sleep(0)
      end
      return tr, other
    end

    --- Calls it until the server has let go of the transaction, after its connection is gone.
    local function insist(work, method, xid)
      local ok, err
      repeat
        ok, err = pcall(work.conn[method], work.conn, xid)
      until ok or err.errno ~= 1397
      assert(ok, err)
    end

    for _, method in ipairs({ "commit_prepared", "rollback_prepared" }) do
      db:it("X6: survives its connection: " .. method, function()
        local work = works({ autocommit = method == "rollback_prepared" })
        local xid = { gtrid = name(), bqual = WEIRD[1], format_id = 42 }
        local tr, other = left_by_another(work, xid, 1)
        assert.same({}, work:seen())
        assert.is_table(branch_of(work.conn:recover_twophase(), xid.gtrid))

        local err = failure(tr.commit, tr)
        assert.is_true(err:is_disconnect())
        assert.matches("it is still prepared", err.hint, 1, true)
        assert.is_false(tr.is_active or other.in_transaction)
        other:close()

        insist(work, method, xid)
        assert.same(method == "commit_prepared" and { 1 } or {}, work:own())
        assert.is_nil(branch_of(work.conn:recover_twophase(), xid.gtrid))
      end)
    end

    db:it("X6: is ended by its id where it was begun", function()
      local work = works()
      for n, method in ipairs({ "commit_prepared", "rollback_prepared" }) do
        local xid = name()
        local tr = work.conn:begin_twophase(xid)
        work:insert(n)
        tr:prepare()
        work.conn[method](work.conn, { gtrid = xid })
        assert.is_false(tr.is_active or work.conn.in_transaction)
      end
      assert.same({ 1 }, work:seen())
    end)

    db:it("X6: that was begun in text is ended too, also when it is not prepared", function()
      local work = works()
      for n, ending in ipairs({ "commit", "rollback" }) do
        for _, is_prepared in ipairs({ true, false }) do
          local xid = name()
          work.conn:execute(("XA START '%s'"):format(xid))
          work:insert(n + (is_prepared and 10 or 20))
          if is_prepared then
            work.conn:execute(("XA END '%s'"):format(xid))
            work.conn:execute(("XA PREPARE '%s'"):format(xid))
          end
          work.conn[ending .. "_prepared"](work.conn, xid, { is_prepared = is_prepared })
        end
      end
      assert.same({ 11, 21 }, work:seen())
    end)

    db:it("X6: that is not known is the server's error, and the connection goes on", function()
      local work = works({ autocommit = false })
      for _, method in ipairs({ "commit_prepared", "rollback_prepared" }) do
        work:own() -- opens a transaction on the server
        assert.equal(1397, failure(work.conn[method], work.conn, name()).errno)
      end
      work.conn:begin_twophase():commit()
    end)

    db:it("X8: that nobody decided of is rolled back with its connection", function()
      local work, xid = works(), name()
      local other = work.engine:acquire()
      other:begin_twophase(xid)
      work:insert(1, other)
      other._transaction:prepare()
      other:close()
      assert.is_false(has(work.conn:recover_twophase(), xid))
      assert.same({}, work:own())
      for _, is_prepared in ipairs({ false, true }) do
        pcall(work.engine.with, work.engine, function(conn)
          local tr = conn:begin_twophase(xid)
          work:insert(1, conn)
          if is_prepared then
            tr:prepare()
          end
          error("no", 0)
        end)
        assert.is_false(has(work.conn:recover_twophase(), xid))
        assert.same({}, work:own())
      end
    end)

    db:it("X7: that is begun twice on the server is an error, and no transaction", function()
      local work, xid = works(), name()
      local tr = work.conn:begin_twophase(xid)
      local other = work.engine:acquire()
      assert.equal(1440, failure(other.begin_twophase, other, xid).errno)
      assert.is_false(other.in_transaction)
      tr:rollback()
      other:begin_twophase(xid):rollback()
      other:close()
    end)
  end)
end
