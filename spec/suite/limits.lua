--- Bounds that a server meets.

local database = require("spec.suite.database")

local failure = database.failure

---@param db spec.Database
return function(db)
  local function limited(limits, more)
    local options = { limits = limits }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return db:connect(options)
  end

  describe("limit", function()
    db:it("of columns ends the connection", function()
      local conn = limited({ max_columns = 3 })
      assert.same({ 1, 2, 3 }, conn:query("SELECT 1, 2, 3", nil, { rows = "array" })[1])
      local err = failure(conn.query, conn, "SELECT 1, 2, 3, 4")

      assert.matches("more than 3 columns", err.message)
      assert.is_true(conn.closed)
    end)

    db:it("of column definitions ends the connection", function()
      local conn = limited({ max_metadata = 1024 })
      local names = {}
      for i = 1, 40 do
        names[i] = ("1 AS a_rather_long_name_of_column_%d"):format(i)
      end
      local err = failure(conn.query, conn, "SELECT " .. table.concat(names, ", "))

      assert.matches("1024", err.message)
      assert.is_true(conn.closed)
    end)

    db:it("of results ends the connection", function()
      local conn = limited({ max_results = 2 }, { multi_statements = true })
      local err = failure(function()
        local result = conn:query("SELECT 1; SELECT 2; SELECT 3; SELECT 4")
        while result do
          result = result:nextset()
        end
      end)

      assert.matches("more than 2 results", err.message)
    end)

    db:it("of commands in flight lets a pipeline wait", function()
      local conn = limited({ max_pipeline = 16 })
      local results = conn:pipeline({ rows = "array" }, function(p)
        for i = 1, 100 do
          p:query("SELECT ?", { i })
        end
      end)

      assert.equal(100, #results)
      assert.equal(100, results[100][1][1])
    end)

    db:it("that does not exist, or is no sensible number, is refused", function()
      for _, wrong in ipairs({
        7,
        { max_rows = 1 },
        { max_columns = 0 },
        { max_columns = 1.5 },
        { max_columns = -1 },
        { max_columns = 2 ^ 32 },
        { max_columns = 0 / 0 },
        { max_columns = "7" },
        { max_pipeline = 1 },
      }) do
        local err = failure(limited, wrong)
        assert.equal("ArgumentError", err.class)
        assert.matches("limits", err.message)
      end
    end)
  end)
end
