local cjson = require("cjson")

describe("lunasa.null", function()
  local loaded = {}

  --- Loads the module afresh, with these modules in place of the installed ones; false hides one.
  local function load_with(modules)
    for name, module in pairs(modules) do
      package.loaded[name] = module or nil
      package.preload[name] = not module
          and function()
            error(("module '%s' not found"):format(name), 0)
          end
        or nil
    end
    package.loaded["lunasa.null"] = nil
    return require("lunasa.null")
  end

  before_each(function()
    for _, name in ipairs({ "lunasa.null", "lunasa.core", "cjson" }) do
      loaded[name] = package.loaded[name] or false
    end
  end)

  after_each(function()
    for name, module in pairs(loaded) do
      package.loaded[name] = module or nil
      package.preload[name] = nil
    end
  end)

  it("is cjson's null where the core is not installed", function()
    local null = load_with({ ["lunasa.core"] = false })

    assert.equal(cjson.null, null)
    assert.equal("[null]", cjson.encode({ null }))
  end)

  it("is the core's null before any other", function()
    local mark = newproxy()

    assert.equal(mark, load_with({ ["lunasa.core"] = { null = mark } }))
  end)

  it("is a userdata of its own with neither", function()
    local null = load_with({ ["lunasa.core"] = false, cjson = false })

    assert.equal("userdata", type(null))
    assert.equal("NULL", tostring(null))
  end)

  it("raises what a broken core raises", function()
    package.loaded["lunasa.core"] = nil
    package.loaded["lunasa.null"] = nil
    package.preload["lunasa.core"] = function()
      error("libcrypto.so.3: cannot open shared object file", 0)
    end

    assert.error_matches(function()
      require("lunasa.null")
    end, "cannot open shared object file")
  end)

  it("is truthy, is not nil and can be a table key", function()
    local null = load_with({})

    assert.is_true(null and true)
    assert.is_false(null == nil)
    assert.equal(1, ({ [null] = 1 })[null])
  end)
end)
