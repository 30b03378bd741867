--- Random statements by way of the cache, against each compiled on its own.

local cache = require("lunasa.sa.compiler.cache")
local mysql = require("lunasa.dialects.mysql")
local postgresql = require("lunasa.dialects.postgresql")
local sa = require("lunasa.sa")
local sqlite = require("lunasa.dialects.sqlite")

local users = sa.Table({
  "users",
  sa.MetaData(),
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "name", sa.String(50) }),
  sa.Column({ "age", sa.Integer }),
})
local c = users.c

--- Text, parameters and results of a statement, as one text.
local function described(text, params, result)
  local parts = { text }
  for i = 1, params.n do
    parts[#parts + 1] = type(params[i]) .. " " .. tostring(params[i])
  end
  for _, one in ipairs(result) do
    parts[#parts + 1] = tostring(one.name)
  end
  return table.concat(parts, "\n")
end

local function by_cache(statement, dialect)
  local compiled = cache.get(statement, dialect)
  local text, params = compiled:expand(compiled.collect(statement))
  return described(text, params, compiled.result)
end

local function alone(statement, dialect)
  local compiled = statement:compile({ dialect = dialect })
  return described(compiled.string, compiled.params, compiled.result)
end

--- Builds each of the statements anew for each dialect and asks the cache for them one by one.
local function agree(...)
  for _, dialect in ipairs({ mysql, postgresql, sqlite }) do
    for i = 1, select("#", ...) do
      local statement = (select(i, ...))()
      assert.equal(alone(statement, dialect), by_cache(statement, dialect))
    end
  end
end

describe("statements of one shape", function()
  it("may have one expression at two places, or two", function()
    agree(function()
      local one = c.age + 11
      return sa.select(one):order_by(one)
    end, function()
      return sa.select(c.age + 12):order_by(c.age + 13)
    end, function()
      local one = c.age + 14
      return sa.select(one):order_by(one)
    end)
  end)

  it("may have one parameter, condition or statement at two places, or two", function()
    local function two(first, second)
      return function()
        local one = sa.select(c.id):where(c.age:gt(first), c.id:lt(first))
        local other = second and sa.select(c.id):where(c.age:gt(second), c.id:lt(5)) or one
        return sa.union(one, other)
      end
    end
    agree(two(1), two(2, 3), two(4))
    agree(function()
      local value = sa.literal(5)
      return sa.select(c.name):where(c.age:eq(value), c.id:eq(value))
    end, function()
      return sa.select(c.name):where(c.age:eq(1), c.id:eq(2))
    end)
  end)

  it("order by a label, or by another one that looks like it", function()
    local function same()
      local label = (c.age + 1):label("a")
      return sa.select(label):order_by(label)
    end
    local function other()
      return sa.select((c.age + 1):label("a")):order_by((c.age + 2):label("a"))
    end
    agree(same, other, same)
    agree(other, same, other)
  end)

  it("have their own values in a subquery of which only columns are named", function()
    local function of(build)
      return function(number)
        return function()
          local inner = sa.select(c.id, c.age + number):where(c.age:gt(number + 1))
          return build(inner)
        end
      end
    end
    for _, build in ipairs({
      function(inner)
        return sa.select(inner:subquery("s").c.id)
      end,
      function(inner)
        return sa.select(inner:cte("s").c.id)
      end,
      function(inner)
        local sub = inner:subquery("s")
        return sa.select(c.id, sub.c.id):where(c.id:eq(sub.c.id), sub.c.id:gt(3))
      end,
    }) do
      local at = of(build)
      agree(at(1), at(5), at(9))
    end
  end)

  it("differ in names that are quoted by force, in packages, types and CTEs", function()
    local quoted = sa.quoted_name("x", true)
    agree(function()
      return sa.select(sa.column("x"))
    end, function()
      return sa.select(sa.column(quoted))
    end)
    agree(function()
      return sa.select(users:alias("x").c.id)
    end, function()
      return sa.select(users:alias(quoted).c.id)
    end)
    agree(function()
      return sa.select(sa.func["a.b"].c(1))
    end, function()
      return sa.select(sa.func.a.b.c(1))
    end)
    agree(function()
      return sa.select(sa.select(c.id):cte("a"):alias("x").c.id)
    end, function()
      return sa.select(sa.select(c.id):cte("b"):alias("x").c.id)
    end)
    assert.not_equal(sa.Enum("a", "b").sh, sa.Enum("a", "b", { validate_strings = true }).sh)
    assert.is_false(sa.DateTime({ timezone = false }).timezone)
  end)
end)

describe("text of the user's", function()
  it("is no mark of a parameter", function()
    local mark = "a\0011\2b"
    local compiled = sa.select(sa.literal(mark)):compile({ dialect = mysql, literal_binds = true })
    assert.equal(0, compiled.params.n)
    assert.matches("'" .. mark .. "'", compiled.string, 1, true)
    local text = sa.text("SELECT '" .. mark .. "', :x"):bindparams({ x = 7 })
    compiled = text:compile({ dialect = mysql })
    assert.equal("SELECT '" .. mark .. "', ?", compiled.string)
    assert.same({ 7, n = 1 }, compiled.params)
  end)
end)

describe("a statement that was executed", function()
  it("can be built on", function()
    for _, pair in ipairs({
      { users:delete(), "where", c.id:eq(4) },
      { users:update():values({ age = 1 }), "where", c.id:eq(4) },
      { users:insert():values({ age = 1 }), "prefix_with", "IGNORE" },
      { sa.mysql.insert(users):values({ age = 1 }), "on_duplicate_key_update", { age = 3 } },
      { sa.select(c.id), "where", c.id:eq(4) },
      { sa.union(sa.select(c.id), sa.select(c.age)), "limit", 4 },
    }) do
      local first, method, argument = pair[1], pair[2], pair[3]
      by_cache(first, mysql)
      local second = first[method](first, argument)
      assert.equal(alone(second, mysql), by_cache(second, mysql))
    end
  end)
end)

describe("values written into the text", function()
  local function literal(value, type_)
    local statement = sa.select(c.id):where(c.id:eq(sa.literal(value, type_)))
    local compiled = statement:compile({ dialect = mysql, literal_binds = true })
    return compiled.string:match("= (.*)$")
  end

  it("stand without quotes only where they are numbers", function()
    assert.equal("'1 OR 1=1'", literal("1 OR 1=1", sa.Integer))
    assert.equal("'1.2.3'", literal("1.2.3", sa.Numeric))
    assert.equal("12", literal("12", sa.Integer))
    assert.equal("-1.50", literal(sa.decimal("-1.50"), sa.Numeric))
    assert.equal("1e+300", (literal(1e300):gsub("1%.0+%d*e", "1e")))
    assert.equal("9.2233720368547758e+18", literal(2 ^ 63))
    assert.has_error(function()
      literal(0 / 0)
    end)
  end)

  it("may be rows", function()
    local statement = sa.select(c.id):where(sa.tuple_(c.id, c.name):in_({ { 1, "a'" } }))
    local compiled = statement:compile({ dialect = mysql, literal_binds = true })
    assert.matches("IN ((1, 'a''')", compiled.string, 1, true)
  end)
end)

describe("steps into JSON", function()
  it("cannot leave the list of PostgreSQL", function()
    local column = sa.column("j", sa.JSON)
    local statement = sa.select(column:get({ 'a"b', "c, d}", "plain", 1 }))
    local compiled = statement:compile({ dialect = postgresql })
    assert.equal('{"a\\"b", "c, d}", plain, 1}', compiled.params[1])
  end)
end)

describe("names that are no strings", function()
  it("are refused where they are given", function()
    for _, build in ipairs({
      function()
        return c.id:label(5)
      end,
      function()
        return users:alias({})
      end,
      function()
        return sa.column(nil)
      end,
      function()
        return sa.select(c.id):subquery(5)
      end,
    }) do
      local ok, err = pcall(build)
      assert.is_false(ok)
      assert.matches(
        "cache_random_spec.lua:%d+: ArgumentError: a name must be a string",
        tostring(err)
      )
    end
  end)
end)

describe("names that are made at run time", function()
  it("are not remembered for ever", function()
    for i = 1, 20001 do
      mysql:quote("name_" .. i)
    end
    local count = 0
    for _ in pairs(mysql.quoted) do
      count = count + 1
    end
    assert.is_true(count <= 10000)
  end)
end)

describe("random statements", function()
  local columns = { c.id, c.age }
  local shared

  local function any(list)
    return list[math.random(#list)]
  end

  --- An expression, sometimes one that the statement has already.
  local function expression(depth)
    if #shared > 0 and math.random(4) == 1 then
      return any(shared)
    elseif depth == 0 then
      return any(columns)
    end
    local made = any({
      function()
        return expression(depth - 1) + math.random(99)
      end,
      function()
        return sa.func.coalesce(expression(depth - 1), math.random(99))
      end,
      function()
        local pair = { c.id:gt(math.random(99)), math.random(99) }
        return sa.case(pair, { else_ = expression(depth - 1) })
      end,
      function()
        return sa.cast(expression(depth - 1), sa.Numeric(math.random(5, 6), 2))
      end,
    })()
    shared[#shared + 1] = made
    return made
  end

  local function criterion()
    local value = math.random(99)
    return any({
      function()
        return expression(1):gt(value)
      end,
      function()
        local list = {}
        for i = 1, math.random(0, 3) do
          list[i] = i + value
        end
        return c.id:in_(list)
      end,
      function()
        local sub = sa.select(c.id):where(c.age:lt(value)):subquery("s")
        return c.id:eq(sub.c.id)
      end,
      function()
        return sa.or_(c.name:contains("x" .. value), c.age:between(value, 100))
      end,
    })()
  end

  local function statement()
    shared = {}
    local made = sa.select(c.name, expression(math.random(0, 2)))
    for _ = 1, math.random(0, 2) do
      made = made:where(criterion())
    end
    if math.random(2) == 1 then
      made = made:order_by(expression(1))
    end
    if math.random(3) == 1 then
      made = made:limit(math.random(9))
    end
    return made
  end

  it("have by the cache what they have alone", function()
    for _ = 1, 1000 do
      agree(statement)
    end
  end)
end)
