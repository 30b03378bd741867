local spec = require("lunasa_spec")

--- Every address of a kind, in order.
local function many(pattern, count)
  local list = {}
  for i = 1, count do
    list[i] = pattern:format(i)
  end
  return list
end

describe("the order of addresses", function()
  it("alternates between the families, that of the first one begins", function()
    local found = { "2001:db8::1", "2001:db8::2", "2001:db8::3", "10.0.0.1", "10.0.0.2" }
    local expected = { "2001:db8::1", "10.0.0.1", "2001:db8::2", "10.0.0.2", "2001:db8::3" }
    assert.same(expected, spec.interleave(found))

    found = { "10.0.0.1", "2001:db8::1", "2001:db8::2", "10.0.0.2" }
    expected = { "10.0.0.1", "2001:db8::1", "10.0.0.2", "2001:db8::2" }
    assert.same(expected, spec.interleave(found))
  end)

  it("is the resolver's within a family", function()
    local found = { "10.0.0.3", "10.0.0.1", "10.0.0.2" }
    assert.same(found, spec.interleave(found))
    assert.same({ "::1" }, spec.interleave({ "::1" }))
    assert.same({ "127.0.0.1", "::1" }, spec.interleave({ "127.0.0.1", "::1" }))
  end)

  it("has no address twice, as /etc/hosts may have", function()
    local found = { "127.0.0.1", "127.0.0.1", "::1", "127.0.0.1", "::1" }
    assert.same({ "127.0.0.1", "::1" }, spec.interleave(found))
  end)

  it("ends after sixteen, of which each family has its share", function()
    assert.same(many("10.0.0.%d", 16), spec.interleave(many("10.0.0.%d", 16)))
    assert.same(many("10.0.0.%d", 16), spec.interleave(many("10.0.0.%d", 40)))

    local found = many("2001:db8::%d", 9)
    for _, address in ipairs(many("10.0.0.%d", 40)) do
      table.insert(found, address)
    end
    local order = spec.interleave(found)
    assert.equal(16, #order)
    for i = 1, 16 do
      local expected = i % 2 == 1 and "2001:db8::%d" or "10.0.0.%d"
      assert.equal(expected:format(math.ceil(i / 2)), order[i])
    end
  end)
end)
