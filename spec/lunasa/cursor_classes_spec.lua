local classes = require("lunasa.cursor.classes")
local cursor_options = require("lunasa.cursor.options")
local lunasa = require("lunasa")
local options = require("lunasa.options")

local function failure(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok)
  return err
end

describe("a class of cursors", function()
  it("has the name that aiomysql gives it", function()
    for name, class in pairs(classes.all) do
      assert.equal(class, lunasa[name])
      assert.equal("lunasa." .. name, tostring(class))
      assert.is_true(classes.is_class(class))
    end
    assert.is_false(classes.is_class({}))
    assert.is_false(classes.is_class("Cursor"))
  end)

  it("is a set of options", function()
    assert.is_true(lunasa.DictCursor.dict)
    assert.is_nil(lunasa.DictCursor.unbuffered)
    assert.is_true(lunasa.SSDictCursor.dict and lunasa.SSDictCursor.unbuffered)
    assert.equal("decode", lunasa.DeserializationCursor.json)
    assert.same({}, classes.options(lunasa.Cursor))
  end)

  it("adds up with others, and with tables on either side", function()
    local sum = lunasa.SSCursor + lunasa.DictCursor + { arraysize = 7 }
    assert.same({ unbuffered = true, dict = true, arraysize = 7 }, classes.options(sum))
    assert.equal("lunasa.SSCursor+DictCursor+{…}", tostring(sum))
    assert.same(
      { dict = true, arraysize = 7 },
      classes.options({ arraysize = 7 } + lunasa.DictCursor)
    )
    assert.same({ dict = false }, classes.options(lunasa.DictCursor + { dict = false }))
    assert.same({ dict = true }, classes.options(lunasa.DictCursor))
  end)

  it("does not add up with anything else", function()
    for _, wrong in ipairs({ 5, true, print }) do
      local err = failure(function()
        return lunasa.DictCursor + wrong
      end)
      assert.equal("ArgumentError", err.class)
      assert.matches("cursor_classes_spec", err.position, 1, true)
      assert.matches(type(wrong), err.message, 1, true)
    end
  end)

  it("is not changed", function()
    local err = failure(function()
      lunasa.DictCursor.arraysize = 5
    end)
    assert.equal("ArgumentError", err.class)
    assert.matches("lunasa.DictCursor + {", err.message, 1, true)
  end)
end)

describe("options of a cursor", function()
  it("are put together, later ones over earlier ones", function()
    local found = cursor_options.resolve(lunasa.DictCursor, lunasa.SSCursor, { dict = false })
    assert.same({ dict = false, unbuffered = true }, found)
    assert.same({ dict = true }, cursor_options.resolve("DictCursor"))
  end)

  it("are refused with what is allowed", function()
    local function problem(...)
      local found, why = cursor_options.resolve(...)
      assert.is_nil(found)
      return why
    end
    assert.matches("must be lunasa.Cursor, DictCursor", problem(5), 1, true)
    assert.matches("got number", problem(lunasa.Cursor, 5), 1, true)
    assert.matches("did you mean 'unbuffered'", problem({ unbufered = true }), 1, true)
    assert.matches("must be a boolean", problem({ dict = 1 }), 1, true)
    assert.matches("a function or a metatable", problem({ dict_type = "x" }), 1, true)
    assert.matches("'arraysize' must be an integer", problem({ arraysize = 1.5 }), 1, true)
    assert.matches("'json' must be one of", problem({ json = 5 }), 1, true)
    assert.matches("of a single statement", problem({ attributes = {} }), 1, true)
    assert.matches("unknown option '5'", problem({ [5] = 1 }), 1, true)
  end)
end)

describe("the option cursorclass", function()
  it("takes classes, their names and tables", function()
    local function kept(value)
      return options.connect({ host = "x", cursorclass = value }).cursorclass
    end
    assert.equal(lunasa.SSCursor, kept(lunasa.SSCursor))
    assert.equal(lunasa.SSCursor, kept("SSCursor"))
    assert.same({ dict = true }, kept({ dict = true }))
    local config = options.connect("mysql://u@h/d?cursorclass=DictCursor")
    assert.equal(lunasa.DictCursor, config.cursorclass)
    assert.is_nil(options.connect({ host = "x" }).cursorclass)
  end)

  it("is refused when the connection is configured", function()
    for _, wrong in ipairs({ 5, "Cursr", { dcit = true }, { dict = "x" } }) do
      local err = failure(options.connect, { host = "x", cursorclass = wrong })
      assert.equal("ArgumentError", err.class)
      assert.matches("option 'cursorclass' must be", err.message, 1, true)
    end
  end)
end)

describe("lunasa.FIELD_TYPE and lunasa.FLAG", function()
  it("have the numbers of the servers", function()
    local source = io.open("src/mysql/field_type.h"):read("*a")
    local count = 0
    for name, number in source:gmatch("LUN_MYSQL_TYPE_([%u_%d]+) = (0x%x+)") do
      assert.equal(tonumber(number), lunasa.FIELD_TYPE[name], name)
      count = count + 1
    end
    assert.is_true(count >= 29)
    assert.equal(tonumber(source:match("LUN_MYSQL_FLAG_UNSIGNED = (0x%x+)")), lunasa.FLAG.UNSIGNED)
    assert.equal(1, lunasa.FLAG.NOT_NULL)
  end)
end)
