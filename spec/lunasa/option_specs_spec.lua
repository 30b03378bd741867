local option_specs = require("lunasa.option_specs")

local LISTS = { "connect", "call", "cursor", "pool" }

local function each_spec(visit)
  for _, list in ipairs(LISTS) do
    for _, spec in ipairs(option_specs[list]) do
      visit(spec)
    end
  end
end

describe("lunasa.option_specs", function()
  it("names every option once", function()
    local seen = {}

    each_spec(function(spec)
      assert.is_nil(seen[spec[1]], spec[1])
      seen[spec[1]] = true
    end)
  end)

  it("has defaults that are allowed themselves", function()
    each_spec(function(spec)
      if spec.default ~= nil then
        assert.is_nil(option_specs.check(spec[1], spec.default, spec))
      end
    end)
  end)

  it("gives other names to options that exist", function()
    local specs = option_specs.by_name(option_specs.connect, option_specs.call, option_specs.pool)

    for _, names in ipairs({ option_specs.aliases, option_specs.foreign_names }) do
      for other, name in pairs(names) do
        assert.is_truthy(specs[name], other)
      end
    end
    assert.equal(specs.database, specs.db)
  end)

  it("has every option in docs/options.md", function()
    local file = assert(io.open("docs/options.md"))
    local text = file:read("*a")
    file:close()

    each_spec(function(spec)
      assert.is_truthy(text:find("`" .. spec[1] .. "`", 1, true), spec[1])
    end)
  end)

  describe(".from_text", function()
    it("reads only what its kind can be", function()
      local function read(text, kind)
        return option_specs.from_text(text, { "x", kind })
      end

      assert.equal("true", read("true", "string"))
      assert.equal("12", read("12", "word"))
      assert.is_true(read("TRUE", "boolean"))
      assert.is_false(read("off", "seconds"))
      assert.equal(1.5, read("1.5", "seconds"))
      assert.equal("x", read("x", "integer"))
      assert.equal("verify-ca", read("verify-ca", "ssl"))
      assert.is_true(read("on", "ping"))
    end)
  end)
end)
