--- Statements that are built again: found by their shape, with their own parameters.

local cache = require("lunasa.sa.compiler.cache")
local mysql = require("lunasa.dialects.mysql")
local postgresql = require("lunasa.dialects.postgresql")
local sa = require("lunasa.sa")

local meta = sa.MetaData()
local users = sa.Table({
  "users",
  meta,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(50) }),
  sa.Column({ "age", sa.Integer }),
  sa.Column({ "active", sa.Boolean }),
})

--- Text and parameters of a statement, by way of the cache.
local function run(statement, given, dialect)
  local compiled = cache.get(statement, dialect or mysql)
  return compiled:expand(compiled.collect(statement, given))
end

describe("the cache of compiled statements", function()
  local function by_id(id, age)
    return sa.select(users.c.name):where(users.c.id:eq(id), users.c.age:gt(age))
  end

  it("finds a statement that was built again, and its own parameters", function()
    local first, second = by_id(1, 2), by_id(3, 4)

    assert.equal(cache.get(first, mysql), cache.get(second, mysql))
    local sql, params = run(second)
    assert.equal("SELECT users.name FROM users WHERE users.id = ? AND users.age > ?", sql)
    assert.same({ 3, 4, n = 2 }, params)
  end)

  it("keeps dialects apart", function()
    assert.matches("= %?", (run(by_id(1, 2))))
    assert.matches("= %$1", (run(by_id(1, 2), nil, postgresql)))
  end)

  it("tells apart what is written in another way", function()
    local function text(statement)
      return (run(statement))
    end
    local base = sa.select(users.c.name)

    assert.equal("SELECT users.name FROM users LIMIT ?", text(base:limit(1)))
    assert.equal("SELECT users.name FROM users LIMIT ?, ?", text(base:limit(1):offset(2)))
    assert.equal(
      "SELECT users.name FROM users WHERE users.age IS NULL",
      text(base:where(users.c.age:eq(sa.NULL)))
    )
    assert.equal("SELECT users.name AS a FROM users", text(sa.select(users.c.name:label("a"))))
    assert.equal("SELECT users.name AS b FROM users", text(sa.select(users.c.name:label("b"))))
    assert.equal("SELECT DISTINCT users.name FROM users", text(base:distinct()))
  end)

  it("writes lists as long as they are", function()
    local function among(list)
      return sa.select(users.c.id):where(users.c.id:in_(list), users.c.age:eq(9))
    end

    local head = "SELECT users.id FROM users WHERE users.id IN "
    local sql, params = run(among({ 1, 2, 3 }))
    assert.equal(head .. "(?, ?, ?) AND users.age = ?", sql)
    assert.same({ 1, 2, 3, 9, n = 4 }, params)
    sql, params = run(among({}))
    assert.equal(head .. "(NULL) AND (1 != 1) AND users.age = ?", sql)
    assert.same({ 9, n = 1 }, params)
  end)

  it("takes values that the execution gives", function()
    local statement = sa.select(users.c.id):where(users.c.name:eq(sa.bindparam("name")))

    local _, params = run(statement, { name = "x" })
    assert.same({ "x", n = 1 }, params)
    local ok, err = pcall(run, statement)
    assert.is_false(ok)
    assert.matches("a value is required for bind parameter 'name'", tostring(err))
  end)

  it("converts values by the type of their column", function()
    local function insert(active)
      return users:insert():values({ name = "x", active = active })
    end

    local _, params = run(insert(true))
    assert.same({ "x", 1, n = 2 }, params)
    _, params = run(insert(false))
    assert.same({ "x", 0, n = 2 }, params)
  end)

  it("keeps statements of many rows apart by their number", function()
    local function rows(count)
      local list = {}
      for i = 1, count do
        list[i] = { name = "n" .. i, age = i }
      end
      return users:insert():values(list)
    end

    for _, count in ipairs({ 1, 2, 3, 120 }) do
      local sql, params = run(rows(count))
      assert.equal(2 * count, params.n)
      assert.equal("n" .. count, params[2 * count - 1])
      assert.equal(count, select(2, sql:gsub("%(%?, %?%)", "")))
    end
  end)

  it("compiles what has no shape anew, and remembers it on the statement", function()
    local function anonymous(id)
      local alias = users:alias()
      return sa.select(alias.c.name):where(alias.c.id:eq(id))
    end

    local first = anonymous(1)
    assert.is_nil(first.sh)
    assert.equal(cache.get(first, mysql), cache.get(first, mysql))
    local _, params = run(anonymous(2))
    assert.same({ 2, n = 1 }, params)
  end)
end)
