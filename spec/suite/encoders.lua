--- Parameters of kinds that the program makes.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("a value with __lunasa", function()
    local Money = {
      __lunasa = function(self)
        return ("%d.%02d"):format(self.units, self.cents)
      end,
    }
    local price = setmetatable({ units = 12, cents = 5 }, Money)

    db:it("is sent as what the function gives", function(conn)
      for _, protocol in ipairs({ "text", "binary" }) do
        local options = { protocol = protocol, rows = "array" }
        assert.same({ "12.05" }, conn:first("SELECT ?", { price }, options))
        assert.same({ "12.05" }, conn:first("SELECT :p", { p = price }, options))
        assert.same({ 1 }, conn:first("SELECT '12.05' IN ?", { { 1, price } }, options))
      end
      assert.equal("'12.05'", conn:escape(price))
      assert.equal("SELECT '12.05'", conn:mogrify("SELECT ?", { price }))
      assert.equal("12.05", conn:cursor():execute("SELECT ?", { price }) and "12.05")
    end)

    db:it("is one of many rows", function(conn)
      local t = db:table(conn, "a DECIMAL(10, 2)")
      for _, protocol in ipairs({ "text", "binary" }) do
        local sql = "INSERT INTO " .. t .. " VALUES (?)"
        conn:executemany(sql, { { price }, { 1 } }, { protocol = protocol })
      end

      assert.same(
        { "12.05", "1.00", "12.05", "1.00" },
        conn:query("SELECT a FROM " .. t):column("a")
      )
    end)

    db:it("is escaped for the session: nothing that it gives is read as SQL", function(conn)
      local Text = {
        __lunasa = function(self)
          return self.text
        end,
      }
      conn:execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
      local text = "\\' OR 1 = 1 -- "

      assert.equal(text, conn:scalar("SELECT ?", { setmetatable({ text = text }, Text) }))
    end)

    db:it("may give any other value, and knows the connection", function(conn)
      local Any = {
        __lunasa = function(self, on)
          return self.make(on)
        end,
      }
      local function any(make)
        return setmetatable({ make = make }, Any)
      end
      local CASES = {
        {
          "NULL",
          function()
            return lunasa.null
          end,
        },
        {
          "7",
          function()
            return 7
          end,
        },
        {
          "1",
          function()
            return true
          end,
        },
        {
          "x'FF'",
          function()
            return lunasa.binary("\255")
          end,
        },
        {
          "(1, 2)",
          function()
            return { 1, 2 }
          end,
        },
        {
          "'12.05'",
          function()
            return price
          end,
        },
        {
          conn.is_mariadb and "1" or "0",
          function(on)
            return on.is_mariadb
          end,
        },
        {
          "'" .. conn.charset .. "'",
          function(on)
            return on.charset
          end,
        },
        {
          [['\'it\\\'s\'']],
          function(on)
            return on:escape("it's")
          end,
        },
      }
      for _, case in ipairs(CASES) do
        assert.equal(case[1], conn:escape(any(case[2])))
      end
    end)

    db:it("raises what its function raises, and the connection stays", function(conn)
      local function of(encode)
        return setmetatable({}, { __lunasa = encode })
      end
      local boom = lunasa.exc.new("DataError", "boom")
      local raising = of(function()
        error(boom, 0)
      end)
      local silent = of(function() end)
      local itself = of(function(self)
        return self
      end)
      local asking = of(function(_, on)
        return on:scalar("SELECT 1")
      end)

      for _, protocol in ipairs({ "text", "binary" }) do
        local options = { protocol = protocol }
        assert.equal(boom, failure(conn.query, conn, "SELECT ?", { raising }, options))
        local err = failure(conn.query, conn, "SELECT ?", { silent }, options)
        assert.matches("parameter 1: nil from an encoder", err.message)
        err = failure(conn.query, conn, "SELECT ?", { itself }, options)
        assert.matches("gives another one so often", err.message)
        assert.is_true(lunasa.is_error(failure(conn.query, conn, "SELECT ?", { asking }, options)))
        assert.equal(1, conn:scalar("SELECT ?", { 1 }, options))
      end
    end)
  end)

  describe("the option encoders", function()
    local Point = {}
    local function point(x, y)
      return setmetatable({ x = x, y = y }, Point)
    end
    local function encode(value, conn)
      return ("%s(%d %d)"):format(conn.user, value.x, value.y)
    end

    db:it("says what is sent for tables of a metatable", function(conn)
      local own = db:connect({ encoders = { [Point] = encode } })

      assert.equal("root(1 2)", own:scalar("SELECT ?", { point(1, 2) }))
      assert.equal("root(1 2)", own:scalar("SELECT ?", { point(1, 2) }, { protocol = "binary" }))
      assert.equal("('root(1 2)', 3)", own:escape({ point(1, 2), 3 }))
      local err = failure(conn.escape, conn, point(1, 2))
      assert.matches("a table with string keys", err.message)
      assert.equal("(1, 2)", conn:escape(setmetatable({ 1, 2 }, Point)))
    end)

    db:it("wins over __lunasa, and knows userdata", function()
      local Both = {
        __lunasa = function()
          return "own"
        end,
      }
      local conn = db:connect({
        encoders = {
          [Both] = function()
            return "option"
          end,
          [debug.getmetatable(io.stdout)] = function()
            return "a file"
          end,
        },
      })

      assert.equal("'option'", conn:escape(setmetatable({}, Both)))
      assert.equal("'a file'", conn:escape(io.stdout))
    end)

    db:it("is of the connections of a pool", function()
      local pool = db:pool({ encoders = { [Point] = encode } })

      assert.equal("root(5 6)", pool:scalar("SELECT ?", { point(5, 6) }))
    end)

    db:it("must be functions by metatable", function()
      for _, value in ipairs({ 5, "x", { 1 }, { a = print }, { [Point] = 1 } }) do
        local err = failure(lunasa.connect, { host = "127.0.0.1", encoders = value })
        assert.matches("option 'encoders' must be a table of functions by metatable", err.message)
      end
    end)
  end)
end
