--- The values of statements: whose they are, what types make of them, and how many there may be.
local mysql = require("lunasa.dialects.mysql")
local postgresql = require("lunasa.dialects.postgresql")
local sa = require("lunasa.sa")

local NULL = sa.NULL

local shop = sa.MetaData()
local wares = sa.Table({
  "wares",
  shop,
  sa.Column({ "id", sa.Integer, primary_key = true }),
  sa.Column({ "label", sa.String(20) }),
  sa.Column({
    "code",
    sa.TypeDecorator({
      impl = sa.String(20),
      process_bind_param = function(_, value)
        return value:upper()
      end,
    }),
  }),
  sa.Column({
    "is_sold",
    sa.TypeDecorator({
      impl = sa.Boolean,
      process_bind_param = function(_, value)
        return value == "yes"
      end,
    }),
  }),
  sa.Column({
    "note",
    sa.TypeDecorator({
      impl = sa.String(20),
      process_bind_param = function(_, value)
        return value ~= "nothing" and value or nil
      end,
    }),
  }),
  sa.Column({ "about", sa.JSON }),
})
local c = wares.c

--- The text and the parameters, from the cache.
local function read(statement, dialect, given)
  local compiled = sa.compiled(statement, dialect or mysql)
  local text, parameters = compiled:expand(compiled.collect(statement, given))
  return text, parameters
end

local function parameters_of(statement, dialect, given)
  local _, parameters = read(statement, dialect, given)
  return parameters
end

describe("what a type makes of a value", function()
  it("is sent when it is false", function()
    assert.same(
      { 0, 1, n = 2 },
      parameters_of(sa.select(c.id):where(c.is_sold:in_({ "no", "yes" })))
    )
    local statement = sa.select(c.id):where(c.is_sold:eq("no"))
    assert.matches("= false$", statement:compile({ literal_binds = true }).string)
  end)

  it("is NULL when it is nothing", function()
    local statement = sa.select(c.id):where(c.note:eq("nothing"), c.label:eq("x"))
    assert.same({ NULL, "x", n = 2 }, parameters_of(statement))
    statement = sa.select(c.id):where(c.note:in_({ "nothing", "y" }))
    assert.same({ NULL, "y", n = 2 }, parameters_of(statement))
  end)

  it("is asked of each column of a row", function()
    local rows = sa.tuple_(c.id, c.code, c.is_sold):in_({ { 1, "a", "no" }, { 2, "b", "yes" } })
    local statement = sa.select(c.id):where(rows)
    assert.same({ 1, "A", 0, 2, "B", 1, n = 6 }, parameters_of(statement))
    local written = statement:compile({ literal_binds = true }).string
    assert.matches("IN %(%(1, 'A', false%), %(2, 'B', true%)%)$", written)
    local given = sa.select(c.id):where(sa.tuple_(c.id, c.code):in_(sa.bindparam("rows")))
    assert.same({ 3, "X", n = 2 }, parameters_of(given, mysql, { rows = { { 3, "x" } } }))
  end)

  it("is a document for every table in a list beside one", function()
    local statement = sa.select(c.id):where(c.about:in_({ { a = 1 }, { 1, 2 } }))
    local text, parameters = read(statement)
    assert.matches("IN %(%?, %?%)$", text)
    assert.same({ '{"a":1}', "[1,2]", n = 2 }, parameters)
    assert.matches("IN %('{\"a\":1}'", statement:compile({ literal_binds = true }).string)
  end)
end)

describe("a statement", function()
  it("is not changed by a list that the caller changes", function()
    local list, rows = { 1, 2 }, { { 1, "a" } }
    local statement = sa.select(c.id):where(c.id:in_(list), sa.tuple_(c.id, c.label):in_(rows))
    list[3], rows[2], rows[1][1] = 3, { 2, "b" }, 9
    assert.same({ 1, 2, 1, "a", n = 4 }, parameters_of(statement))
  end)

  it("has the values that were given to a part of it", function()
    local inner = sa.select(c.id):where(c.label:eq(sa.bindparam("x")))
    local x = inner:params({ x = "in" })
    for what, statement in pairs({
      ["in WHERE"] = sa.select(c.label):where(c.id:in_(x)),
      ["as a condition"] = sa.select(c.id)
        :where(c.label:eq(sa.bindparam("x")):params({ x = "in" })),
      ["in FROM"] = sa.select(x:subquery("s").c.id),
      ["in UNION"] = sa.union(sa.select(c.id), x),
      ["as a CTE"] = sa.select(x:cte("s").c.id),
    }) do
      assert.same({ "in", n = 1 }, parameters_of(statement), what)
      assert.same({ "out", n = 1 }, parameters_of(statement:params({ x = "out" })), what)
      assert.same({ "run", n = 1 }, parameters_of(statement, mysql, { x = "run" }), what)
      assert.matches("'in'", statement:compile({ literal_binds = true }).string, 1, true, what)
    end
    local without = sa.select(c.label):where(c.id:in_(inner))
    local mistake = select(2, pcall(parameters_of, without))
    assert.equal("a value is required for bind parameter 'x'", mistake.message)
  end)

  it("is not written with a value that it does not have", function()
    local mistake = select(
      2,
      pcall(function()
        sa.select(c.id):where(c.id:eq(sa.bindparam("x"))):compile({ literal_binds = true })
      end)
    )
    assert.equal("CompileError", mistake.class)
    assert.matches("bindparam%('x'%) is written into the text", mistake.message)
  end)
end)

describe("statements that look alike", function()
  it("share what they are compiled to, and not their values", function()
    local first, second = sa.select(c.id):where(c.id:eq(1)), sa.select(c.id):where(c.id:eq(2))
    local compiled = sa.compiled(first, mysql)
    assert.equal(compiled, sa.compiled(second, mysql))
    assert.same({ 1, n = 1 }, (select(2, compiled:construct(nil, first))))
    assert.same({ 2, n = 1 }, (select(2, compiled:construct(nil, second))))
    local mistake = select(2, pcall(compiled.construct, compiled))
    assert.matches("name yours, compiled:construct%(values, statement%)", mistake.message)
  end)

  for what, make in pairs({
    ["an INSERT"] = function(value)
      return wares:insert():values({ id = 1, label = value })
    end,
    ["an INSERT of rows"] = function(value)
      return wares:insert():values({ { label = value }, { label = "x" } })
    end,
    ["an UPDATE"] = function(value)
      return wares:update():values({ label = value })
    end,
    ["a list"] = function(value)
      return sa.select(c.id):where(c.label:in_({ value }))
    end,
    ["many parameters"] = function(value)
      local statement = sa.select(c.id):where(c.label:eq(value))
      for i = 1, 200 do
        statement = statement:where(c.id:ne(i))
      end
      return statement
    end,
  }) do
    it("are collected as garbage, with their values: " .. what, function()
      local held = setmetatable({}, { __mode = "v" })
      local function once()
        local value = sa.datetime(2024, 1, 1)
        local statement = make(value)
        held[1], held[2] = value, statement
        assert.is_true(parameters_of(statement).n > 0)
      end
      once()
      collectgarbage()
      collectgarbage()
      assert.is_nil(held[1])
      assert.is_nil(held[2])
    end)
  end

  it("have types of their own for what an operator gives", function()
    local function kind_of(options)
      local statement = sa.select(c.id:op("<+>", options)(1))
      return sa.compiled(statement, mysql).result[1].expression.type.kind
    end
    assert.equal("integer", kind_of())
    assert.equal("json", kind_of({ return_type = sa.JSON }))
    assert.equal("boolean", kind_of({ is_comparison = true }))
    assert.equal("string", kind_of({ return_type = sa.String }))
  end)

  it("differ in the seed of a sample", function()
    local function text_of(options)
      return (read(sa.select(sa.tablesample(wares, 5, options).c.id), postgresql))
    end
    assert.matches("system%(%$1%)$", text_of({ name = "s" }))
    assert.matches("REPEATABLE %(%$2%)$", text_of({ name = "s", seed = 3 }))
  end)
end)

describe("autoescape", function()
  local function escaped(value, escape)
    return parameters_of(sa.select(c.id):where(c.label:contains(value, {
      autoescape = true,
      escape = escape,
    })))[1]
  end

  it("takes any one character", function()
    assert.equal("a/%b/_c//d", escaped("a%b_c/d"))
    assert.equal("a!%b", escaped("a%b", "!"))
    assert.equal("a%%b%_", escaped("a%b_", "%"))
    assert.equal("a__b_%", escaped("a_b%", "_"))
    assert.equal("a\\%\\\\", escaped("a%\\", "\\"))
    assert.equal("aééé%", escaped("aé%", "é"))
  end)
end)

describe("much of everything", function()
  it("is 5000 conditions, however they are joined", function()
    local one_by_one, several = sa.select(c.id), {}
    local chain = c.id:eq(0)
    for i = 1, 5000 do
      several[i] = c.id:ne(i)
      one_by_one = one_by_one:where(several[i])
      chain = chain:or_(several[i])
    end
    assert.equal(5000, parameters_of(one_by_one).n)
    assert.equal(5000, parameters_of(sa.select(c.id):where(unpack(several))).n)
    assert.equal(5001, parameters_of(sa.select(c.id):where(chain)).n)
    assert.equal(5000, parameters_of(sa.select(c.id):where(sa.or_(unpack(several)))).n)
  end)

  it("is a sum of 3000, with the values where they belong", function()
    local left, right = c.id, c.id
    for i = 1, 3000 do
      left, right = left + i, i - right
    end
    local statement = sa.select(left):where(right:gt(0))
    local parameters = parameters_of(statement)
    assert.equal(6001, parameters.n)
    assert.equal(1, parameters[1])
    assert.equal(3000, parameters[3000])
    assert.equal(3000, parameters[3001])
    assert.equal(1, parameters[6000])
  end)

  it("is 20000 rows, and some more of them", function()
    local rows = {}
    for i = 1, 20000 do
      rows[i] = { id = i }
    end
    local parameters = parameters_of(wares:insert():values(rows):values({ { id = 20001 } }))
    assert.equal(20001, parameters.n)
    assert.equal(20001, parameters[20001])
  end)

  it("is refused when it is nested deeper than Lua can go", function()
    local deep = c.id
    for _ = 1, 100000 do
      deep = sa.func.abs(deep)
    end
    local mistake = select(2, pcall(tostring, sa.select(deep)))
    assert.equal("CompileError", mistake.class)
    assert.matches("nested too deeply", mistake.message)
  end)
end)
