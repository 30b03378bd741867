--- Statements and cells around 16 MiB, where a packet is full and the next one continues it.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local MIB = 1024 * 1024

--- What stands around the text of a statement, in bytes, with the command byte.
local AROUND = #"\3SELECT LENGTH('')"

---@param db spec.Database
return function(db)
  local SIZES = {
    { "16 MiB - 2", 16 * MIB - 2 },
    { "16 MiB - 1", 16 * MIB - 1 },
    { "16 MiB", 16 * MIB },
    { "16 MiB + 1", 16 * MIB + 1 },
    { "32 MiB - 2", 32 * MIB - 2 },
    { "40 MiB", 40 * MIB },
  }

  for _, case in ipairs(SIZES) do
    local name, size = unpack(case)

    describe(name, function()
      db:it("C13: of a statement arrive", function(conn)
        local text = ("x"):rep(size - AROUND)

        assert.equal(#text, conn:scalar("SELECT LENGTH('" .. text .. "')"))
        assert.equal(1, conn:scalar("SELECT 1"))
      end)

      db:it("of a parameter arrive", function(conn)
        assert.equal(size, conn:scalar("SELECT LENGTH(?)", { ("x"):rep(size) }))
      end)

      db:it("C13: of a row come back", function(conn)
        local prefix = 4 -- the length of the cell
        local value = conn:scalar("SELECT REPEAT('y', ?)", { size - prefix })

        assert.equal(size - prefix, #value)
        assert.is_nil(value:find("[^y]"))
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end)
  end

  describe("large rows", function()
    db:it("stand beside small ones", function(conn)
      local size = 17 * MIB
      local sql =
        "SELECT 1 AS n, 'a' AS v UNION ALL SELECT 2, REPEAT('b', ?) UNION ALL SELECT 3, 'c'"

      local res = conn:query(sql, { size })
      assert.same({ 1, 2, 3 }, res:column("n"))
      assert.equal(size, #res:get(2, "v"))
      assert.equal("c", res:get(3, "v"))
    end)

    db:it("come back as they were sent", function(conn)
      local block = {}
      for byte = 0, 255 do
        block[byte + 1] = string.char(byte)
      end
      local bytes = table.concat(block):rep(17 * MIB / 256)

      assert.is_true(bytes == conn:scalar("SELECT ?", { lunasa.binary(bytes) }))
    end)

    db:it("travel under TLS", function()
      local conn = db:connect({ ssl = "required" })
      local size = 17 * MIB

      assert.equal(size, #conn:scalar("SELECT REPEAT('x', ?)", { size }))
      assert.equal(size, conn:scalar("SELECT LENGTH(?)", { ("x"):rep(size) }))
    end)

    db:it("beyond max_allowed_packet of the client are refused", function()
      local conn = db:connect({ max_allowed_packet = MIB })

      local err = failure(conn.query, conn, "SELECT REPEAT('x', ?)", { 2 * MIB })
      assert.matches("max_allowed_packet", tostring(err), 1, true)
      assert.is_true(conn.closed)
    end)

    db:it("C13: beyond max_allowed_packet of the server are its error", function(conn)
      local err = failure(conn.query, conn, "SELECT LENGTH(REPEAT('x', ?)) = 0 OR ?", {
        1,
        { 1, {} },
      })
      assert.equal("ArgumentError", err.class)
    end)
  end)
end
