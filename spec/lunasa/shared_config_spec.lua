local options = require("lunasa.options")

describe("lunasa.shared_config", function()
  local function connect(more)
    local given = { host = "h", user = "u", password = "p", ssl = false }
    for name, value in pairs(more or {}) do
      given[name] = value
    end
    return options.connect(given)
  end

  it("gives connections with the same options one configuration", function()
    local first = connect()
    assert.equal(first, connect())
    assert.equal(first, options.connect("mysql://u:p@h", { ssl = false }))
  end)

  it("knows one that connections have been opened with, unless somebody watches them", function()
    local first = connect()
    first.observer = false -- as the first connection leaves it
    assert.equal(first, connect())
    first.observer = {}
    assert.not_equal(first, connect())
  end)

  it("sees to what the options alone do not say", function()
    local first = connect()
    assert.equal(first, connect())
    assert.not_equal(first, connect({ timeout = 1 }))
    assert.equal("h", connect().host)
    assert.not_equal(connect(), options.connect({ host = "h", user = "u", password = "p" }))
    local ok, err = pcall(connect, { hots = 1 })
    assert.is_false(ok)
    assert.matches("unknown option 'hots'", err.message)
  end)

  it("gives other options one of their own", function()
    local first = connect()
    for _, more in ipairs({
      { password = "q" },
      { database = "d" },
      { autocommit = false },
      { connect_attrs = { program = "x" } },
      { port = 3307 },
    }) do
      assert.not_equal(first, connect(more))
    end
    assert.is_nil(connect().database)
  end)

  it("sees what the caller has changed in a table of options", function()
    local session, attributes = { time_zone = "+00:00" }, { program = "x" }
    local of_session = connect({ session = session })
    session.time_zone = "+01:00"
    assert.not_equal(of_session, connect({ session = session }))
    local of_attributes = connect({ connect_attrs = attributes })
    attributes.program = "y"
    assert.not_equal(of_attributes, connect({ connect_attrs = attributes }))
    assert.equal("x", of_attributes.connect_attrs.program)
  end)

  it("is not taken in by a number among the names", function()
    local named = { user = "u" }
    local first = options.connect(named) -- of one option, which says no more than its name
    local plain = { host = "h", user = "u", password = "p", ssl = false }
    connect()
    plain.ssl, plain[1] = nil, 4
    for _, given in ipairs({ { 1 }, { 4 }, plain }) do
      local ok, err = pcall(options.connect, given)
      assert.is_false(ok)
      assert.matches("unknown option '1'", err.message)
    end
    assert.equal("u", first.user)
  end)

  it("sees to what a metatable adds", function()
    connect()
    local given = { host = "h", user = "u", password = "p", ssl = false }
    local inherited = setmetatable(given, { __index = { url = "mysql://h/d" } })
    assert.equal("d", options.connect(inherited).database)
    assert.is_nil(connect().database)
  end)

  it("leaves alone what is made of files", function()
    assert.not_equal(connect({ ssl = true }), connect({ ssl = true }))
    assert.not_equal(connect({ server_public_key = "f" }), connect({ server_public_key = "f" }))
  end)

  it("keeps no configuration, nor a password in it, that nobody has", function()
    local first = setmetatable({ connect() }, { __mode = "v" })
    collectgarbage()
    collectgarbage()
    assert.is_nil(first[1])
  end)
end)
