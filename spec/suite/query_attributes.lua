--- Values by name that travel beside a statement.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

local TELL = "SELECT mysql_query_attribute_string(?)"
local INSTALL = "INSTALL COMPONENT 'file://component_query_attributes'"

local ATTRIBUTES = {
  text = "hé€😀'\\\"",
  empty = "",
  [""] = "no name",
  ["nämé"] = "unicode",
  integer = -5,
  real = 1.5,
  large = 9223372036854775807LL,
  yes = true,
  null = lunasa.null,
  binary = lunasa.binary("a b"),
  long = ("x"):rep(900), -- the component tells no more than 1024 bytes, up to a NUL
}

local TOLD = {
  text = ATTRIBUTES.text,
  empty = "",
  ["nämé"] = "unicode",
  integer = "-5",
  real = "1.5",
  large = "9223372036854775807",
  yes = "1",
  binary = "a b",
  long = ATTRIBUTES.long,
}

--- The component stays installed: uninstalling it would fail while a statement knows its function.
local function it_tells(db, name, body)
  db:it(name, function(conn)
    pcall(conn.query, conn, INSTALL)
    body(conn)
  end)
end

--- Describes them where the server has them.
local function describe_them(db)
  for _, protocol in ipairs({ "text", "binary" }) do
    it_tells(db, "are what the server is told, protocol " .. protocol, function(conn)
      local options = { attributes = ATTRIBUTES, protocol = protocol }
      for name, value in pairs(TOLD) do
        assert.equal(value, conn:scalar(TELL, { name }, options), name)
      end
      assert.is_nil(conn:scalar(TELL, { "null" }, options))
      assert.is_nil(conn:scalar(TELL, { "none" }, options))
    end)

    it_tells(db, "are those of one call, protocol " .. protocol, function(conn)
      local sql = "SELECT mysql_query_attribute_string('x') AS x"
      local options = { attributes = { x = "one" }, protocol = protocol }

      assert.equal("one", conn:first(sql, nil, options).x)
      assert.is_nil(conn:scalar(sql, nil, { protocol = protocol }))
      assert.is_nil(conn:scalar(sql, nil, { attributes = {}, protocol = protocol }))
      for row in conn:stream(sql, nil, options):rows() do
        assert.equal("one", row.x)
      end
      local results = conn:pipeline(function(p)
        p:query(sql, nil, options)
        p:query(sql, nil, { protocol = protocol })
      end)
      assert.equal("one", results[1][1].x)
      assert.equal(lunasa.null, results[2][1].x or lunasa.null)
    end)
  end

  it_tells(db, "belong to prepared statements too", function(conn)
    local statement = conn:prepare(TELL)
    assert.equal("one", statement:scalar({ "x" }, { attributes = { x = "one" } }))
    assert.is_nil(statement:scalar({ "x" }))
    assert.equal("two", statement:scalar({ "x" }, { attributes = { x = "two" } }))
  end)

  it_tells(db, "are not for executemany", function(conn)
    local err = failure(conn.executemany, conn, "DO ?", { { 1 } }, { attributes = { x = 1 } })
    assert.equal("ArgumentError", err.class)
  end)
end

---@param db spec.Database
return function(db)
  describe("query attributes", function()
    if db.features.has_query_attributes then
      describe_them(db)
    else
      for _, protocol in ipairs({ "text", "binary" }) do
        db:it("are refused, and the connection goes on, protocol " .. protocol, function(conn)
          local options = { attributes = { x = 1 }, protocol = protocol }
          local err = failure(conn.query, conn, "SELECT 1", nil, options)

          assert.equal("NotSupportedError", err.class)
          assert.matches("MariaDB", err.message, 1, true)
          assert.equal(1, conn:scalar("SELECT 1", nil, { attributes = {}, protocol = protocol }))
        end)
      end
    end

    db:it("that are none are refused before anything is sent", function(conn)
      local odd = {
        1,
        "x",
        { "list" },
        { x = {} },
        { x = print },
        { x = lunasa.pack(1) },
        { ["a\0"] = 1 },
        { x = 0 / 0 },
        { x = math.huge },
      }
      for _, attributes in ipairs(odd) do
        local err = failure(conn.query, conn, "SELECT 1", nil, { attributes = attributes })
        assert.equal("ArgumentError", err.class)
      end
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)
end
