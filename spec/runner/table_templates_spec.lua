--- Table constructors in bytecode, as the runner has its modules.
local restore = dofile("scripts/table_templates.lua").restore

--- How often `part` is in `text`.
local function count(text, part)
  local found, from = 0, 1
  while true do
    local first, last = text:find(part, from, true)
    if not first then
      return found
    end
    found, from = found + 1, last + 1
  end
end

describe("table templates in bytecode", function()
  it("have keys whose values are not constant", function()
    local dumped = string.dump(loadstring(
      [[
      local n = ...
      return { apple = n, kind = "x", plum = n, inner = { pear = n, { fig = n } } }, n.quince
    ]],
      "@text.lua"
    ))
    local restored = restore(dumped)
    for _, key in ipairs({ "apple", "plum", "inner", "pear", "fig" }) do
      assert.same(1, count(dumped, key), key) -- the operand of the instruction
      assert.same(2, count(restored, key), key)
    end
    assert.same(1, count(restored, "quince"))
    assert.same(1, count(restored, "kind"))
  end)

  it("have room for lists", function()
    local text = "local n = ... return { n, n, n, n, n, name = n }"
    local dumped = string.dump(loadstring(text))
    local bytes = {}
    for i, bytecode in ipairs({ dumped, restore(dumped) }) do
      local build = loadstring(bytecode)
      jit.off(build)
      collectgarbage()
      collectgarbage("stop")
      local before = collectgarbage("count")
      local made = build(7)
      bytes[i] = collectgarbage("count") - before
      collectgarbage("restart")
      assert.same({ 7, 7, 7, 7, 7, name = 7 }, made)
    end
    assert.is_true(bytes[2] < bytes[1]) -- growing doubles
  end)

  it("mean the same, whatever else is in the bytecode", function()
    local text = [[
      local n = ...
      local function list(...)
      return { 2 ^ 40, -3, 0.5, 7LL, 7ULL, tostring(2i), n and n or 1, first = n, [n] = n, ... }
      end
      local later = { known = true, off = false }
      later.n = n
      later[200] = n
      local nested = { f = function(x) return { x = x, n = n } end, [1] = "one", [true] = n }
      return list(5, 6), later, nested.f("x"), nested[1], nested[true], { n = n, n = 2 }
    ]]
    for _, strip in ipairs({ true, false }) do
      local dumped = string.dump(loadstring(text, "@text.lua"), strip)
      local restored = restore(dumped)
      assert.is_true(#restored > #dumped)
      assert.same({ loadstring(dumped)(9) }, { loadstring(restored)(9) })
      assert.same(restored, restore(restored))
    end
  end)

  it("are left alone in bytecode that is not known", function()
    assert.same("\27LJ\3\8", restore("\27LJ\3\8"))
  end)

  it("can be restored in every module", function()
    local paths = assert(io.popen("find lua -name '*.lua'"))
    for path in paths:lines() do
      local dumped = string.dump(assert(loadfile(path)))
      assert.is_function(loadstring(restore(dumped)), path)
    end
    paths:close()
  end)
end)
