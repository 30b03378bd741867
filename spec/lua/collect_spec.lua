local ffi = require("ffi")
local lunasa = require("lunasa")
local spec = require("lunasa_spec")

local function collect(...)
  return { spec.collect(...) }
end

describe("collecting parameters", function()
  it("leaves a text without parameters as it is", function()
    assert.same({ "SELECT '?', ?, :a, %s", {} }, collect("SELECT '?', ?, :a, %s"))
    assert.same({ "", {} }, collect(""))
  end)

  it("takes a value of each kind", function()
    local values = {
      true,
      1.5,
      2 ^ 53,
      "ä\0",
      lunasa.null,
      ffi.new("int64_t", -1),
      0xffffffffffffffffULL,
      lunasa.binary("\255"),
    }
    assert.same({
      "SELECT ?, ?, ?, ?, ?, ?, ?, ?",
      {
        { "integer", "1" },
        { "real", 1.5 },
        { "integer", "9007199254740992" },
        { "text", "ä\0" },
        { "null" },
        { "integer", "-1" },
        { "unsigned", "18446744073709551615" },
        { "binary", "\255" },
      },
    }, collect("SELECT ?, ?, ?, ?, ?, ?, ?, ?", values))
  end)

  it("makes question marks of all styles", function()
    local named = collect("SELECT :a, ':a', :b, :a", { a = 1, b = "x" })
    assert.same({
      "SELECT ?, ':a', ?, ?",
      { { "integer", "1" }, { "text", "x" }, { "integer", "1" } },
    }, named)
    assert.same({ "SELECT ? % 2", { { "integer", "7" } } }, collect("SELECT %s %% 2", { 7 }, true))
    assert.same({ "?", { { "integer", "7" } } }, collect("%(a)s", { a = 7 }, true))
  end)

  it("spreads lists, also nested ones", function()
    local found = collect("a IN ? AND (b, c) IN ?", { { 1, 2 }, { { 3, "x" }, { 4, "y" } } })
    assert.equal("a IN (?, ?) AND (b, c) IN ((?, ?), (?, ?))", found[1])
    assert.equal(6, #found[2])
    assert.same({ "text", "y" }, found[2][6])
  end)

  it("takes nil in a pack as NULL", function()
    assert.same({ "?, ?", { { "null" }, { "null" } } }, collect("?, ?", lunasa.pack(nil, nil)))
  end)

  it("keeps what value objects say alive", function()
    local values, expected = {}, {}
    for i = 1, 100 do
      values[i] = lunasa.binary(("x"):rep(i) .. i)
      expected[i] = { "binary", ("x"):rep(i) .. i }
    end
    local marks = ("?,"):rep(100)
    assert.same({ marks, expected }, collect(marks, values))
  end)

  it("refuses what a literal refuses, in the same words", function()
    for message, parameters in pairs({
      ["parameter 1: NaN cannot be a parameter: SQL has no such number"] = { 0 / 0 },
      ["parameter 1: infinity cannot be a parameter: SQL has no such number"] = { -1 / 0 },
      ["parameter 1: function cannot be a parameter"] = { print },
      ["parameter 1: an empty list cannot be a parameter: IN () is not SQL"] = { {} },
      ["the statement has more placeholders than parameters (0 given)"] = {},
      ["the statement has 1 placeholders, and 2 parameters are given"] = { 1, 2 },
    }) do
      assert.same({ nil, "ARGUMENT", message }, collect("SELECT ?", parameters))
    end
  end)

  it("can be used again after a value object raised", function()
    local object = setmetatable({}, {
      __lunasa = "text",
      __tostring = function()
        error("no text")
      end,
    })
    assert.has_error(function()
      spec.collect("?, ?", { 1, object })
    end, "no text")
    assert.same({ "?", { { "integer", "1" } } }, collect("?", { 1 }))
  end)
end)

describe("collecting rows", function()
  local function rows(...)
    return { spec.collect_rows(...) }
  end

  it("puts the values of all rows behind each other", function()
    local expected = { { "integer", "1" }, { "text", "a" }, { "null" }, { "text", "b" } }
    assert.same(
      { "VALUES (?, ?)", expected, 2 },
      rows("VALUES (?, ?)", { { 1, "a" }, { lunasa.null, "b" } })
    )
    assert.same(
      { "VALUES (?, ?)", expected, 2 },
      rows("VALUES (:x, :y)", { { x = 1, y = "a" }, { x = lunasa.null, y = "b" } })
    )
  end)

  it("refuses a row of another width with its number", function()
    assert.same(
      { nil, "ARGUMENT", "row 3: the statement has 1 placeholders, and 2 parameters are given" },
      rows("?", { { 1 }, { 2 }, { 3, 4 } })
    )
    assert.same({
      nil,
      "ARGUMENT",
      "row 2: the statement has more placeholders than parameters (0 given)",
    }, rows("?", { { 1 }, {} }))
    assert.same({
      nil,
      "ARGUMENT",
      "row 2: a list in it has another length than in the first row",
    }, rows("a IN ?", { { { 1, 2 } }, { { 1 } } }))
  end)

  it("takes rows of scalars in a list, and others among them", function()
    local late = {} -- its values are not in the order of the list
    late[2], late[1] = "y", 8
    local object = setmetatable({}, {
      __lunasa = "text",
      __tostring = function()
        return "z"
      end,
    })
    local given = {
      { 1, "a" },
      late,
      { true, lunasa.null },
      lunasa.pack(nil, nil),
      { -1.5, object },
      { 2 ^ 53, "" },
    }
    assert.same({
      "?, ?",
      {
        { "integer", "1" },
        { "text", "a" },
        { "integer", "8" },
        { "text", "y" },
        { "integer", "1" },
        { "null" },
        { "null" },
        { "null" },
        { "real", -1.5 },
        { "text", "z" },
        { "integer", "9007199254740992" },
        { "text", "" },
      },
      6,
    }, rows("?, ?", given))
  end)

  it("refuses what a row of scalars cannot have, whichever row it is in", function()
    local map, behind, nested, nan = { 1, 2 }, { 1, 2 }, { 1, { 2 } }, { 1, 0 / 0 }
    map.x, behind[9] = 3, 4
    local wide = "row 2: the statement has 2 placeholders, and 3 parameters are given"
    assert.same({ nil, "ARGUMENT", wide }, rows("?, ?", { { 1, 2 }, { 1, 2, 3 } }))
    assert.matches("^row 2: parameter 3: nil inside", rows("?, ?", { { 1, 2 }, behind })[3])
    assert.matches("^row 2: parameter 2: NaN cannot", rows("?, ?", { { 1, 2 }, nan })[3])
    assert.matches("^row 2: a list in it has another", rows("?, ?", { { 1, 2 }, nested })[3])
    assert.same(rows("?, ?", { map, { 1, 2 } })[1], rows("?, ?", { { 1, 2 }, map })[1])
  end)

  it("refuses a row that is no table, a hole, and no rows at all", function()
    assert.same(
      { nil, "ARGUMENT", "row 2: parameters are a table, not a number" },
      rows("?", { { 1 }, 2 })
    )
    assert.same(
      { nil, "ARGUMENT", "row 2: parameter 1: function cannot be a parameter" },
      rows("?", { { 1 }, { print } })
    )
    assert.same({ nil, "ARGUMENT", "the list of rows is empty" }, rows("?", {}))
  end)

  it("reads rows from memory as by Lua's functions", function()
    local emptied, from_behind = {}, {}
    for i = 1, 9 do
      emptied[i] = i
    end
    for i = 9, 3, -1 do
      emptied[i] = nil
    end
    from_behind[2], from_behind[1] = 2, 1
    local thread = coroutine.create(print)
    local odd = {
      { "plain", { 1, "a" } },
      { "integers and signs", { -0.0, 2 ^ 53 }, { -(2 ^ 53), 2 ^ 53 + 2 }, { 2 ^ 63, -(2 ^ 63) } },
      { "small and large", { 5e-324, 1.7976931348623157e308 }, { -1e308, 0.1 } },
      { "strings", { "", "\0" }, { ("x"):rep(250), ("x"):rep(251) }, { ("x"):rep(70000), "ä" } },
      { "truth and null", { true, false }, { lunasa.null, lunasa.null } },
      { "cdata", { 1LL, 1ULL }, { ffi.cast("void *", 0), 1 }, { ffi.new("int[1]"), 1 } },
      { "no numbers", { 0 / 0, 1 }, { 1, 1 / 0 }, { -1 / 0, 1 } },
      { "holes", { 1, nil }, { nil, 2 }, { 1, 2, nil, 4 }, { 1, 2, [7] = 7 } },
      { "keys", { 1, 2, x = 3 }, { [0] = 0, 1, 2 }, { [1] = 1, [2] = 2 }, { x = 1, y = 2 } },
      { "other sizes", {}, { 1 }, { 1, 2, 3 }, emptied, from_behind },
      { "objects", { 1, {} }, { print, 1 }, { thread, 1 }, { io.stdout, 1 }, { { 1, 2 }, 1 } },
      { "values", { lunasa.binary("a"), 1 }, lunasa.pack(1, nil), lunasa.pack(nil, 2) },
      { "metatables", setmetatable({ 1, 2 }, {}), setmetatable({}, { __index = { 1, 2 } }) },
      { "no rows", false, "row", thread, 1 },
    }
    for _, case in ipairs(odd) do
      for i = 2, #case do
        for _, given in ipairs({
          { { 3, "first" }, case[i] },
          { case[i], { 3, "last" } },
          { { 1.5, "first" }, { 1, 2 }, case[i], { 3, 4 } },
        }) do
          assert.same(rows("?, ?", given, false, true), rows("?, ?", given), case[1])
        end
      end
    end
  end)

  it("reads rows of a list that has them elsewhere, or has a metatable", function()
    local sparse, wrapped = {}, setmetatable({ { 1 }, { 2 } }, { __index = error })
    for i = 3, 1, -1 do
      sparse[i] = { i }
    end
    assert.same(rows("?", sparse, false, true), rows("?", sparse))
    assert.same({ { "integer", "1" }, { "integer", "2" } }, rows("?", wrapped)[2])
  end)
end)
