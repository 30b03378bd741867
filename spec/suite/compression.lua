--- Sessions that compress what travels.

local assert = require("luassert")
local busted = require("busted")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure
local MIB = 1024 * 1024

--- Themes that run once more over compressed sessions.
local THEMES = { "commands", "values", "results", "multi_results", "large", "transactions" }

---@param db spec.Database
---@param algorithm string
---@param ssl string|boolean
local function describe_one(db, algorithm, ssl)
  local function connect(more)
    local options = { compress = algorithm, ssl = ssl }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return db:connect(options)
  end

  db:it("is told", function()
    local conn = connect()
    assert.equal(algorithm, conn.compression)
    assert.equal(ssl == "required", conn.is_encrypted)
    local status = conn:first("SHOW STATUS LIKE 'Compression'", { rows = "array" })
    assert.equal("ON", status and status.Value or status[2])
  end)

  db:it("carries texts of every length around the threshold", function()
    local conn = connect()
    for size = 0, 400, 7 do
      local text = ("ab"):rep(size)
      assert.equal(text, conn:scalar("SELECT ?", { text }))
    end
  end)

  db:it("carries what does not shrink", function()
    local conn = connect()
    local bytes = {}
    for i = 1, 300000 do
      bytes[i] = string.char(math.random(0, 255))
    end
    bytes = table.concat(bytes)
    assert.is_true(bytes == conn:scalar("SELECT ?", { lunasa.binary(bytes) }))
  end)

  db:it("has every level", function()
    for level = 1, algorithm == "zstd" and 22 or 9, algorithm == "zstd" and 7 or 4 do
      local conn = connect({ compression_level = level })
      local text = ("level %d "):format(level):rep(5000)
      assert.equal(#text, conn:scalar("SELECT LENGTH(?)", { text }))
    end
    assert.equal(1, connect({ compression_level = 22 }):scalar("SELECT 1"))
  end)

  db:it("compresses all from threshold 0 on, and nothing from a high one", function()
    for _, threshold in ipairs({ 0, 2 ^ 24 }) do
      local conn = connect({ compress_threshold = threshold })
      assert.equal(1, conn:scalar("SELECT 1"))
      assert.equal(MIB, conn:scalar("SELECT LENGTH(?)", { ("x"):rep(MIB) }))
    end
  end)

  db:it("serves init commands and errors, and goes on", function()
    local conn = connect({ init_command = "SET @a = '" .. ("i"):rep(500) .. "'" })
    assert.equal(500, conn:scalar("SELECT LENGTH(@a)"))
    local err = failure(conn.query, conn, "SELEC" .. ("T"):rep(1000))
    assert.equal(1064, err.errno)
    assert.equal(1, conn:scalar("SELECT 1"))
    conn:reset()
    assert.equal(1, conn:scalar("SELECT 1"))
  end)

  db:it("answers tasks in their order", function()
    local conn = connect()
    local tasks = {}
    for i = 1, 50 do
      tasks[i] = lunasa.spawn(function()
        return conn:scalar("SELECT ?", { ("%d "):format(i):rep(i * 40) })
      end)
    end
    for i = 1, 50 do
      assert.equal(("%d "):format(i):rep(i * 40), tasks[i]:join())
    end
  end)

  db:it("carries many rows", function()
    local conn = connect()
    local sql = "SELECT a.COLUMN_NAME AS n, a.TABLE_NAME AS t FROM information_schema.COLUMNS a, "
      .. "(SELECT 1 UNION SELECT 2) b WHERE a.TABLE_SCHEMA = 'information_schema' ORDER BY 1, 2"
    local plain = db:connect({ ssl = ssl })
    assert.same(plain:query(sql):all(), conn:query(sql):all())
  end)
end

---@param db spec.Database
return function(db)
  local environment = getfenv(1)
  for _, algorithm in ipairs(db.features.compressions) do
    for _, ssl in ipairs({ false, "required" }) do
      local how = ssl and ", under TLS" or ""
      busted.describe(("compression with %s%s"):format(algorithm, how), function()
        describe_one(db, algorithm, ssl)
      end)
    end
    busted.describe("compressed with " .. algorithm, function()
      local compressed = db:with_options({ compress = algorithm }, algorithm)
      for _, theme in ipairs(THEMES) do
        setfenv(require("spec.suite." .. theme), environment)(compressed)
      end
    end)
  end

  db:it("compression is none unless asked for", function(conn)
    assert.is_nil(conn.compression)
  end)

  db:it("compression is what both have, zstd first", function()
    assert.equal(
      db.features.compressions[#db.features.compressions],
      db:connect({
        compress = true,
      }).compression
    )
    assert.equal("zlib", db:connect({ compress = { "zlib", "zstd" } }).compression)
  end)
end
