--- Blocks of memory, and the heap that the runner gives Lua.
local spec = require("lunasa_spec")

describe("lun_block", function()
  it("keeps what was written, whatever its size becomes, in several threads", function()
    assert.is_true(spec.churn_blocks(20000, 3000))
    assert.is_true(spec.churn_blocks(3000, 700 * 1024)) -- some are kept, some are not
    assert.is_true(spec.churn_blocks(3000, 9 * 1024 * 1024))
  end)
end)

--- Bytes that it takes from the system at a time.
local REGION = 1024 * 1024

describe("lun_heap", function()
  it("keeps what was written, whatever its size becomes", function()
    assert.is_true(spec.churn_heap(100000, 40))
    assert.is_true(spec.churn_heap(100000, 300))
    assert.is_true(spec.churn_heap(100000, 2000))
    assert.is_true(spec.churn_heap(10000, 1200 * 1024))
  end)

  it("wastes little, and gives memory back", function()
    for _, size in ipairs({ 8, 40, 104, 248, 256, 320, 1024 }) do
      local count = math.floor(5e6 / size)
      local are_apart, most, least = spec.fill_heap(count, size)
      assert.is_true(are_apart)
      assert.is_true(most < 5e6 * 1.1 + REGION, size)
      assert.is_true(least <= REGION, size)
    end
  end)

  it("has room for objects of every size", function()
    for size = 8, 1100 do
      local are_apart = spec.fill_heap(70, size)
      assert.is_true(are_apart, size)
    end
  end)
end)
