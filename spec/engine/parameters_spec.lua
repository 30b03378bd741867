--- What the arguments of `execute` mean: none, one set, or many.
local lunasa = require("lunasa")
local parameters = require("lunasa.engine.parameters")
local sa = require("lunasa.sa")

local NULL = sa.NULL

local function distill(...)
  local one, many = parameters.distill(select("#", ...), ...)
  return { one = one, many = many }
end

describe("S1: arguments", function()
  it("are no parameters when there are none, or they are empty", function()
    assert.same({}, distill())
    assert.same({}, distill({}))
    assert.same({}, distill(nil))
    assert.same({}, distill(lunasa.pack()))
    assert.same({ one = {} }, distill({ {} }))
  end)

  it("are one set by name", function()
    assert.same({ one = { a = 1 } }, distill({ a = 1 }))
    assert.same({ one = { a = 1 } }, distill({ { a = 1 } }))
  end)

  it("are one set by position", function()
    assert.same({ one = { "a" } }, distill("a"))
    assert.same({ one = { "a", "b" } }, distill("a", "b"))
    assert.same({ one = { 1, NULL, 3 } }, distill(1, nil, 3))
    assert.same({ one = { 1, NULL } }, distill(1, nil))
    assert.same({ one = { "a", "b" } }, distill({ "a", "b" }))
    assert.same({ one = { "a" } }, distill({ { "a" } }))
    assert.same({ one = { false } }, distill(false))
    local pack = lunasa.pack(nil, 2)
    assert.equal(pack, distill(pack).one)
    assert.equal(pack, distill({ pack }).one)
  end)

  it("are many sets", function()
    assert.same({ many = { { 1 }, { 2 } } }, distill({ { 1 }, { 2 } }))
    assert.same({ many = { { 1 }, { 2 } } }, distill({ 1 }, { 2 }))
    assert.same({ many = { { a = 1 }, { a = 2 } } }, distill({ a = 1 }, { a = 2 }))
    assert.same({ many = { { a = 1 }, { a = 2 } } }, distill({ { a = 1 }, { a = 2 } }))
  end)

  it("are values when they have a metatable", function()
    local date = sa.date(2024, 1, 2)
    assert.same({ one = { date } }, distill(date))
    assert.same({ one = { date, date } }, distill(date, date))
    assert.same({ one = { date, 1 } }, distill({ date, 1 }))
    local bytes = lunasa.binary("x")
    assert.equal(bytes, distill(bytes).one[1])
    assert.same({ one = { NULL } }, distill(NULL))
  end)

  it("are refused where they are mixed, or a nil would end them", function()
    for _, given in ipairs({ { { { 1 }, 2 } }, { { 1 }, 2 }, { { a = 1 }, "b" } }) do
      local ok, err = pcall(distill, unpack(given))
      assert.is_false(ok)
      assert.equal("ArgumentError", err.class)
      assert.truthy(err.message:find("parameter set 2 is a", 1, true))
    end
    local ok, err = pcall(distill, { nil, 2 })
    assert.is_false(ok)
    assert.truthy(err.message:find("a nil in it", 1, true))
  end)
end)
