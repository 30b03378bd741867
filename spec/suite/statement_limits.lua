--- The limit that the server has for a statement.

local assert = require("luassert")
local database = require("spec.suite.database")

local failure = database.failure

---@param db spec.Database
return function(db)
  local slow = db.features.slow_table

  describe("max_statement_time", function()
    db:it("of a call ends a SELECT, and the connection goes on", function(conn)
      local err = failure(conn.query, conn, slow, nil, { max_statement_time = 0.05 })

      assert.equal(db.features.limit_errno, err.errno)
      assert.equal("TimeoutError", err.class)
      assert.is_true(err:is_timeout())
      assert.equal(slow, err.sql)
      assert.equal(1, conn:scalar("SELECT ?", { 1 }, { max_statement_time = 30 }))
    end)

    db:it("of a connection ends a SELECT, unless the call has another", function()
      local conn = db:connect({ max_statement_time = 0.05 })
      local quick = "SELECT SLEEP(0.1) FROM (SELECT 1) t"

      assert.equal(db.features.limit_errno, failure(conn.query, conn, slow).errno)
      assert.equal(0, conn:scalar(quick, nil, { max_statement_time = false }))
      conn:reset()
      assert.equal(db.features.limit_errno, failure(conn.query, conn, slow).errno)
    end)

    db:it("of another statement is the server's, or an error before it is sent", function(conn)
      local t = db:table(conn, "v INT")
      local sql = ("INSERT INTO %s VALUES (1)"):format(t)
      local ok, err = pcall(conn.execute, conn, sql, nil, { max_statement_time = 10 })

      assert.equal(db.features.limits_all, ok)
      assert.equal(ok and 1 or 0, conn:scalar("SELECT COUNT(*) FROM " .. t))
      if not ok then
        assert.equal("NotSupportedError", err.class)
      end
    end)
  end)
end
