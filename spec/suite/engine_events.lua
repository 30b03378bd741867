--- Functions that are told what an engine does.

local assert = require("luassert")
local database = require("spec.suite.database")
local engine_work = require("spec.suite.engine_work")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local failure = database.failure

---@param db spec.Database
return function(db)
  --- Has all that is told of some events written down.
  local function heard(work, ...)
    local list = {}
    for _, name in ipairs({ ... }) do
      sa.event.listen(work.engine, name, function(conn, ...)
        assert.equal("function", type(conn.execute))
        local told = { name }
        for i = 1, select("#", ...) do
          local given = select(i, ...)
          told[i + 1] = type(given) == "table" and given.rowcount or tostring(given)
        end
        table.insert(list, table.concat(told, " "))
      end)
    end
    return list
  end

  describe("the events of an engine", function()
    db:it("are told of statements", function()
      local work = engine_work.new(db)
      local list = heard(work, "before_execute", "after_execute")
      work.engine:with(function(conn)
        conn:execute("SELECT ? AS a", 1):close()
        conn:scalar(sa.select(sa.literal_column("2")))
        work:insert(3, conn)
        conn:stream("SELECT 4"):close()
        failure(conn.execute, conn, "SELECT nothing")
      end)
      local insert = ("INSERT INTO %s (n) VALUES (3)"):format(work.table)
      assert.same({
        "before_execute SELECT ? AS a 1",
        "after_execute SELECT ? AS a 1",
        "before_execute SELECT 2",
        "after_execute SELECT 2 1",
        "before_execute " .. insert,
        "after_execute " .. insert .. " 1",
        "before_execute SELECT 4",
      }, { unpack(list, 1, 7) })
      assert.equal("before_execute SELECT nothing", list[#list])
    end)

    db:it("may have another statement run, or none", function()
      local work = engine_work.new(db)
      sa.event.listen(work.engine, "before_execute", function(_, statement)
        if statement == "SELECT 1" then
          return "SELECT 2"
        elseif statement == "SELECT 3" then
          return "SELECT ? + ?", 4, 5
        elseif statement == "SELECT 6" then
          lunasa.sleep(0)
          error("not here", 0)
        end
      end)
      work.engine:with(function(conn)
        assert.equal(2, conn:scalar("SELECT 1"))
        assert.equal(9, tonumber(conn:scalar("SELECT 3")))
        local ok, err = pcall(conn.scalar, conn, "SELECT 6")
        assert.is_false(ok)
        assert.equal("not here", err)
        assert.equal(7, conn:scalar("SELECT 7"))
      end)
    end)

    db:it("are told of errors, and may make others of them", function()
      local work = engine_work.new(db)
      local list = {}
      local function listener(_, err, statement)
        table.insert(list, { err.errno, statement })
        return err.errno == 1146 and "no such table" or nil
      end
      sa.event.listen(work.engine, "handle_error", listener)
      work.engine:begin(function(conn)
        work:insert(1, conn)
        assert.is_true(failure(work.insert, work, 1, conn):is_duplicate_key())
        local ok, err = pcall(conn.execute, conn, "SELECT * FROM nowhere")
        assert.is_false(ok)
        assert.equal("no such table", err)
      end)
      assert.equal(2, #list)
      assert.same({ 1146, "SELECT * FROM nowhere" }, list[2])
      assert.same({ 1 }, work:seen())
    end)

    db:it("are told of connections, and may refuse one", function()
      local work = engine_work.new(db, { maxsize = 2 })
      local list = heard(work, "checkout", "checkin")
      work.engine:with(function()
        table.insert(list, "in use")
      end)
      assert.same({ "checkout", "in use", "checkin" }, list)
      local function refuse()
        error("no", 0)
      end
      sa.event.listen(work.engine, "checkout", refuse)
      assert.is_false(pcall(work.engine.acquire, work.engine))
      assert.equal(1, work.engine.freesize)
      sa.event.remove(work.engine, "checkout", refuse)
      sa.event.listen(work.engine, "checkin", refuse)
      assert.is_false(pcall(work.engine.with, work.engine, function() end))
      assert.equal(1, work.engine.freesize)
      sa.event.remove(work.engine, "checkin", refuse)
    end)

    db:it("are told of transactions", function()
      local work = engine_work.new(db)
      -- stylua: ignore
      local list = heard(work, "begin", "commit", "rollback", "savepoint", "release_savepoint",
        "rollback_savepoint", "begin_twophase", "prepare_twophase", "commit_twophase",
        "rollback_twophase")
      work.engine:begin(function(conn)
        conn:nested(function() end)
        conn:begin_nested():rollback()
        conn:transaction(function() end)
      end)
      pcall(work.engine.begin, work.engine, function()
        error("no", 0)
      end)
      work.engine:with(function(conn)
        local tr = conn:begin_twophase(db.schema .. "e")
        tr:prepare()
        tr:commit()
        conn:begin_twophase(db.schema .. "e"):rollback()
      end)
      local first, second = "lunasa_sa_savepoint_1", "lunasa_sa_savepoint_2"
      local xid = db.schema .. "e"
      assert.same({
        "begin",
        "savepoint " .. first,
        "release_savepoint " .. first,
        "savepoint " .. second,
        "rollback_savepoint " .. second,
        "commit",
        "begin",
        "rollback",
        "begin_twophase " .. xid,
        "prepare_twophase " .. xid,
        "commit_twophase " .. xid .. " true",
        "begin_twophase " .. xid,
        "rollback_twophase " .. xid .. " false",
      }, list)
    end)

    db:it("keep a transaction from being committed when they raise", function()
      local work = engine_work.new(db)
      sa.event.listen(work.engine, "commit", function()
        error("not today", 0)
      end)
      local ok, err = pcall(work.engine.begin, work.engine, function(conn)
        work:insert(1, conn)
      end)
      assert.is_false(ok)
      assert.equal("not today", err)
      assert.same({}, work:seen())
      assert.equal(1, work.engine.freesize)
    end)

    db:it("are told to who listens, once, and no longer than that", function()
      local work = engine_work.new(db)
      local count = 0
      local function listener()
        count = count + 1
      end
      for _ = 1, 2 do
        sa.event.listen(work.engine, "before_execute", listener)
      end
      assert.is_true(sa.event.contains(work.engine, "before_execute", listener))
      work.engine:with(function(conn)
        conn:execute("DO 1")
        sa.event.remove(work.engine, "before_execute", listener)
        conn:execute("DO 1")
      end)
      assert.is_false(sa.event.contains(work.engine, "before_execute", listener))
      assert.is_false(work.engine.events)
      assert.equal(1, count)
    end)

    db:it("have names, and engines", function()
      local engine = engine_work.new(db).engine
      for _, case in ipairs({
        { "events are of engines", {}, "commit", print },
        { "there is no event 'comit' — did you mean 'commit'?", engine, "comit", print },
        { "the event commit needs a function, got nil", engine, "commit" },
      }) do
        for _, method in ipairs({ "listen", "remove", "contains" }) do
          local err = failure(sa.event[method], unpack(case, 2, 4))
          assert.equal("ArgumentError", err.class)
          assert.matches(case[1], err.message, 1, true)
        end
      end
    end)
  end)
end
