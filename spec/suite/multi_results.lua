--- Several results of one text: multi_statements, and stored procedures.

local assert = require("luassert")
local database = require("spec.suite.database")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("multi_statements = true", function()
    local function connect()
      return db:connect({ multi_statements = true })
    end

    db:it("gives the results one after another", function()
      local conn = connect()
      local t = db:table(conn, "v INT")
      local res = conn:query(("SELECT 1 AS a; INSERT INTO %s VALUES (1), (2); SELECT 3"):format(t))

      assert.same({ { a = 1 } }, res:all())
      local second = res:nextset()
      assert.equal(2, second.affected_rows)
      local third = second:nextset()
      assert.equal(3, third:get(1, 1))
      assert.is_nil(third:nextset())
      assert.equal(second, res:nextset())
    end)

    db:it("raises at nextset what the second statement raised", function()
      local conn = connect()
      local res = conn:query("SELECT 1 AS a; SELECT * FROM nowhere; SELECT 3")

      assert.equal(1, res[1].a)
      assert.equal(1146, failure(res.nextset, res).errno)
      assert.equal(1146, failure(res.nextset, res).errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("raises at once what the first statement raised", function()
      local conn = connect()

      assert.equal(1146, failure(conn.query, conn, "SELECT * FROM nowhere; SELECT 1").errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("takes placeholders in every statement", function()
      local res = connect():query("SELECT ?; SELECT ?", { 1, "x;y" })

      assert.equal("x;y", res:nextset():get(1, 1))
    end)

    db:it("tells the warnings of each statement", function()
      local conn = db:connect({ multi_statements = true })
      local t = db:table(conn, "a VARCHAR(9)")
      conn:execute(("INSERT INTO %s VALUES ('x'), ('y')"):format(t))
      local sql = "SELECT 1 AS a; SELECT CAST(a AS SIGNED) AS a FROM %s; SELECT 2 AS a"
      local first = conn:query(sql:format(t))
      local second = first:nextset()

      assert.equal(0, first.warning_count)
      assert.equal(2, second.warning_count)
      assert.equal(0, second:nextset().warning_count)
    end)

    db:it("holds packed results too", function()
      local rows = ("SELECT 1 AS a" .. (" UNION ALL SELECT 1"):rep(99))
      local res = connect():query(rows .. "; " .. rows)

      assert.equal(100, #res:all())
      assert.equal(100, res:nextset().rowcount)
    end)
  end)

  describe("multi_statements off", function()
    db:it("says so when a second statement is met", function(conn)
      local err = failure(conn.query, conn, "SELECT 1; SELECT 2")

      assert.equal(1064, err.errno)
      assert.equal(
        'one statement at a time, unless multi_statements = true and protocol = "text"',
        err.hint
      )
    end)

    db:it("leaves other syntax errors alone", function(conn)
      assert.is_nil(failure(conn.query, conn, "SELEC 1").hint)
      assert.is_nil(failure(conn.query, conn, "SELECT ';', FROM x").hint)
    end)

    db:it("allows one semicolon at the end", function(conn)
      assert.equal(1, conn:scalar("SELECT 1;"))
    end)
  end)

  describe("a stored procedure", function()
    local function make(conn, name, body)
      conn:execute("DROP PROCEDURE IF EXISTS " .. name)
      conn:execute(("CREATE PROCEDURE %s (IN n INT, OUT o INT) %s"):format(name, body))
    end

    db:it("gives every result set, then its counts", function(conn)
      make(conn, "two_sets", "BEGIN SELECT n AS a; SELECT n + 1 AS b; SET o = n + 2; END")

      local res = conn:query("CALL two_sets(?, @o)", { 5 })
      assert.same({ { a = 5 } }, res:all())
      assert.same({ { b = 6 } }, res:nextset():all())
      local last = res:nextset():nextset()
      assert.is_nil(last.names)
      assert.is_nil(last:nextset())
      assert.equal(7, conn:scalar("SELECT @o"))
    end)

    db:it("that fails half way raises at nextset", function(conn)
      make(
        conn,
        "half_way",
        "BEGIN SELECT 1 AS a; SIGNAL SQLSTATE '45000' SET "
          .. "MESSAGE_TEXT = 'half way', MYSQL_ERRNO = 5000; END"
      )

      local res = conn:query("CALL half_way(1, @o)")
      local err = failure(res.nextset, res)
      assert.same({ 5000, "45000", "half way" }, { err.errno, err.sqlstate, err.message })
      assert.equal(1, conn:scalar("SELECT 1"))
    end)

    db:it("that fails among the rows of its third result raises there", function(conn)
      local t = db:table(conn, "a INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s VALUES (1), (2), (3)"):format(t))
      conn:execute("DROP PROCEDURE IF EXISTS three")
      conn:execute(([[CREATE PROCEDURE three() BEGIN
        SELECT 1 AS a;
        SELECT 2 AS a;
        SELECT a, REPEAT('x', 30000), IF(a < 3, 0, (SELECT b.a FROM %s b WHERE b.a < %s.a)) FROM %s;
        SELECT 4 AS a;
      END]]):format(t, t, t))
      local first = conn:query("CALL three()")
      local second = first:nextset()
      local err = failure(second.nextset, second)

      assert.equal(1, first[1].a)
      assert.equal(2, second[1].a)
      assert.equal(1242, err.errno)
      assert.equal(5, conn:scalar("SELECT 5"))
    end)

    db:it("tells its warnings with its counts", function(conn)
      conn:execute("DROP PROCEDURE IF EXISTS warned")
      conn:execute([[CREATE PROCEDURE warned() BEGIN
        SELECT 1 AS a;
        SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'mind';
      END]])
      local first = conn:query("CALL warned()")

      assert.equal(0, first.warning_count) -- servers tell none inside a procedure
      assert.equal(1, first:nextset().warning_count)
      assert.equal("mind", conn:first("SHOW WARNINGS").Message)
    end)

    db:it("gives results without rows and of no rows their places", function(conn)
      local t = db:table(conn, "a INT")
      conn:execute("DROP PROCEDURE IF EXISTS mixed")
      conn:execute(([[CREATE PROCEDURE mixed() BEGIN
        SELECT a FROM %s;
        INSERT INTO %s VALUES (1), (2);
        SELECT a FROM %s;
      END]]):format(t, t, t))
      local empty = conn:query("CALL mixed()")
      local two = empty:nextset()
      local counts = two:nextset()

      assert.equal(0, empty.rowcount)
      assert.same({ "a" }, empty.names)
      assert.equal(2, two.rowcount)
      assert.is_nil(counts.names)
      assert.is_nil(counts:nextset())
    end)

    db:it("that is not there is an error", function(conn)
      assert.equal(1305, failure(conn.query, conn, "CALL nowhere()").errno)
    end)
  end)
end
