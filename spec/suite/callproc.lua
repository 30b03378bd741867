--- Stored procedures by name, on connections and cursors.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure
local null = lunasa.null

---@param db spec.Database
return function(db)
  local function count(conn, command)
    return tonumber(conn:first(("SHOW SESSION STATUS LIKE '%s'"):format(command)).Value)
  end

  local function make(conn, name, head, body)
    conn:execute("DROP PROCEDURE IF EXISTS " .. name)
    conn:execute(("CREATE PROCEDURE %s(%s) BEGIN %s END"):format(name, head, body))
  end

  local BODY = "SELECT n AS n, word AS w; SELECT 7 AS x; SET twice = n * 2; SET word = 'out';"
  local HEAD = "IN n INT, OUT twice INT, INOUT word TEXT"

  describe("callproc", function()
    db:it("K12: of a cursor gives its args, the sets, and what is given out", function(conn)
      make(conn, "give", HEAD, BODY)
      local cur = conn:cursor()
      local args = { 21, null, "it's" }
      local before = count(conn, "Com_set_option")

      assert.equal(args, cur:callproc("give", args))
      assert.equal(before + 1, count(conn, "Com_set_option"))
      assert.equal("CALL `give`(@_give_0,@_give_1,@_give_2)", cur.last_executed)
      assert.same({ { 21, "it's" } }, cur:fetchall())
      assert.is_true(cur:nextset())
      assert.same({ { 7 } }, cur:fetchall())
      assert.is_true(cur:nextset())
      assert.is_nil(cur.description)
      assert.is_nil(cur:nextset())
      cur:execute("SELECT @_give_0, @_give_1, @_give_2")
      assert.same({ 21, 42, "out" }, cur:fetchone())
    end)

    db:it("K12: of a connection gives all at once", function(conn)
      make(conn, "give", HEAD, BODY)
      local answer = conn:callproc("give", { 21, null, "x" })

      assert.equal(2, #answer.sets)
      assert.same({ { n = 21, w = "x" } }, answer.sets[1]:all())
      assert.same({ { x = 7 } }, answer.sets[2]:all())
      assert.same({ 21, 42, "out" }, answer.out)
      assert.equal(0, answer.affected_rows)
      local binary = conn:callproc("give", { 1, null, null }, { protocol = "binary" })
      assert.same({ 1, 2, "out" }, binary.out)
      assert.equal(2, #binary.sets)
    end)

    db:it("keeps the calls of several tasks on one connection apart", function(conn)
      make(conn, "give", HEAD, BODY)
      lunasa.group(function(group)
        for i = 1, 4 do
          group:spawn(function()
            local cur = conn:cursor(i % 2 == 0 and lunasa.SSCursor or lunasa.Cursor)
            for k = 1, 5 do
              local n = i * 100 + k
              local answer = conn:callproc("give", { n, null, "w" .. n })
              assert.same({ { n = n, w = "w" .. n } }, answer.sets[1]:all())
              assert.same({ n, 2 * n, "out" }, answer.out)
              cur:callproc("give", { -n, null, "c" })
              assert.same({ -n, "c" }, cur:fetchone())
            end
            cur:close()
          end)
        end
      end)
    end)

    db:it("goes on after calls that fail, time out or are refused", function(conn)
      make(conn, "nap", "IN n DOUBLE", "DO SLEEP(n);")
      local cur = conn:cursor()
      assert.equal("ArgumentError", failure(conn.callproc, conn, "nap", { print }).class)
      assert.equal("ArgumentError", failure(cur.callproc, cur, "nap", { print }).class)
      assert.equal(1305, failure(conn.callproc, conn, "nowhere", { 1 }).errno)
      assert.equal(1305, failure(cur.callproc, cur, "nowhere", { 1 }).errno)
      local slow = failure(conn.callproc, conn, "nap", { 60 }, { timeout = 0.05 })
      assert.equal("TimeoutError", slow.class)
      local brief = conn:cursor({ timeout = 0.05 })
      assert.equal("TimeoutError", failure(brief.callproc, brief, "nap", { 60 }).class)
      local sleeper = lunasa.spawn(conn.callproc, conn, "nap", { 60 })
      local other = lunasa.spawn(conn.scalar, conn, "SELECT 5")
      lunasa.sleep(0.02)
      sleeper:cancel()
      assert.equal(5, other:join())
      local wrong = failure(function()
        conn:callproc("nap", { 0 }, { timeot = 1 })
      end)
      assert.equal("ArgumentError", wrong.class)
      assert.matches("suite/callproc", wrong.position, 1, true)
      assert.same({ 0 }, conn:callproc("nap", { 0 }).out)
    end)

    db:it("takes no parameters, NULLs, and any value", function(conn)
      make(conn, "nothing", "", "DO 1;")
      make(conn, "echo_back", "INOUT a LONGTEXT, INOUT b LONGBLOB", "DO 1;")

      assert.same({ sets = {}, out = {}, affected_rows = 0 }, conn:callproc("nothing"))
      assert.same({}, conn:callproc("nothing", {}).out)
      assert.same({ null, null }, conn:callproc("echo_back", lunasa.pack(nil, nil)).out)
      local text, bytes = "'; DROP TABLE t; -- \\ ? :a %s ä", lunasa.binary("\0\255'\\")
      assert.same({ text, "\0\255'\\" }, conn:callproc("echo_back", { text, bytes }).out)
      local cur = conn:cursor({ paramstyle = "pyformat" })
      assert.is_nil(cur:callproc("nothing"))
      cur:callproc("echo_back", { text, bytes })
      cur:execute("SELECT @_echo_back_0")
      assert.same({ text }, cur:fetchone())
    end)

    db:it("K12: quotes names, with a dot between database and procedure", function(conn)
      make(conn, "`a.b``c d`", "OUT x INT", "SET x = 5;")
      make(conn, "`it's`", "OUT x INT", "SET x = 6;")
      make(conn, "plain", "OUT x INT", "SET x = 8;")

      assert.same({ 5 }, conn:callproc("`a.b``c d`", { null }).out)
      assert.same({ 5 }, conn:callproc(db.schema .. ".`a.b``c d`", { null }).out)
      assert.same({ 6 }, conn:callproc("it's", { null }).out)
      assert.same({ 8 }, conn:callproc(("`%s`.plain"):format(db.schema), { null }).out)
      local cur = conn:cursor()
      cur:callproc(db.schema .. ".plain", { null })
      cur:execute(("SELECT @`_%s.plain_0`"):format(db.schema))
      assert.same({ 8 }, cur:fetchone())
      local injected = failure(conn.callproc, conn, "plain(); DROP TABLE x; --", {})
      assert.equal(1305, injected.errno)
    end)

    db:it("takes names as long as the server does", function(conn)
      local name = ("p"):rep(30) .. ("ä"):rep(34)
      make(conn, name, "OUT x INT", "SET x = 9;")

      assert.same({ 9 }, conn:callproc(name, { null }).out)
      assert.same({ 9 }, conn:callproc(db.schema .. "." .. name, { null }).out)
    end)

    db:it("K12: raises 1305 for what is not there, and the connection stays", function(conn)
      assert.equal(1305, failure(conn.callproc, conn, "missing", { 1 }).errno)
      local cur = conn:cursor()
      assert.equal(1305, failure(cur.callproc, cur, "missing", { 1 }).errno)
      make(conn, "fails", "", "SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';")
      assert.equal(1644, failure(conn.callproc, conn, "fails").errno)
      make(conn, "one", "IN a INT", "DO 1;")
      assert.equal(1318, failure(conn.callproc, conn, "one", {}).errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("raises before anything is sent for what cannot be", function(conn)
      local before = count(conn, "Questions")
      local CASES = {
        { nil, {} },
        { "", {} },
        { 5, {} },
        { "a.b.c", {} },
        { "a.", {} },
        { ".a", {} },
        { "`a", {} },
        { "`a`b", {} },
        { "``", {} },
        { "p", "x" },
        { "p", { a = 1 } },
        { "p", { print } },
        { "p", { 1, nil, 3 } },
        { "p", { {} } },
      }
      local cur = conn:cursor()
      for i = 1, #CASES do
        local name, args = CASES[i][1], CASES[i][2]
        assert.equal("ArgumentError", failure(conn.callproc, conn, name, args).class)
        assert.equal("ArgumentError", failure(cur.callproc, cur, name, args).class)
      end
      assert.equal(before + 1, count(conn, "Questions"))
      cur:close()
      assert.equal("Cursor closed", failure(cur.callproc, cur, "p", {}).message)
    end)
  end)
end
