local spec = require("lunasa_spec")

describe("Query attributes", function()
  it("are two bytes when there are none", function()
    assert.equal("\0\1", spec.query_attributes({}))
  end)

  it("have a type, a name and a value each", function()
    local attributes = { { "text", "v", "a" }, { "null", nil, "b" }, { "integer", 1, "" } }
    assert.equal(
      "\3\1\2\1" .. "\253\0\1a" .. "\6\0\1b" .. "\8\0\0" .. "\1v" .. "\1\0\0\0\0\0\0\0",
      spec.query_attributes({ attributes = attributes })
    )
  end)
end)
