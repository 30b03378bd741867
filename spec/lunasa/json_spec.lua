local datetime = require("lunasa.datetime")
local errors = require("lunasa.error")
local json = require("lunasa.json")
local null = require("lunasa.null")
local values = require("lunasa.values")

local function assert_raises(class, pattern, work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok)
  assert.is_true(errors.is_error(err, class))
  assert.matches(pattern, err.message)
end

describe("lunasa.json", function()
  describe(".encode", function()
    for _, case in ipairs({
      { nil, "null" },
      { null, "null" },
      { true, "true" },
      { false, "false" },
      { "", '""' },
      { {}, "{}" },
      { { 1, { 2 } }, "[1,[2]]" },
      { { b = 1, a = { c = null } }, '{"a":{"c":null},"b":1}' },
      { { null, null }, "[null,null]" },
      { -0, "0" },
      { 0.1, "0.1" },
      { 1 / 3, "0.3333333333333333" },
      { 1e300, "1e+300" },
      { 2 ^ 53, "9007199254740992" },
      { 123456789012345, "123456789012345" },
      { 9007199254740993LL, "9007199254740993" },
      { -9007199254740993LL, "-9007199254740993" },
      { 18446744073709551615ULL, "18446744073709551615" },
      { 'a"\\/\b\f\n\r\t\0\31\127é', '"a\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007fé"' },
      { { ['k"'] = 1 }, '{"k\\"":1}' },
    }) do
      it("writes " .. case[2], function()
        assert.equal(case[2], json.encode(case[1]))
      end)
    end

    it("writes an empty array when told so", function()
      assert.equal("[]", json.encode(json.array()))
      assert.equal('{"a":[]}', json.encode({ a = json.array({}) }))
      assert.equal("[1]", json.encode(json.array({ 1 })))
    end)

    it("writes dates as text and JSON values as they are", function()
      local document = { datetime.new("2024-01-02"), json.value({ a = 1 }) }

      assert.equal('["2024-01-02",{"a":1}]', json.encode(document))
    end)

    it("writes a table twice when it is there twice", function()
      local shared = { 1 }

      assert.equal("[[1],[1]]", json.encode({ shared, shared }))
    end)

    it("raises for what JSON cannot hold", function()
      local circle = {}
      circle[1] = circle
      local deep = {}
      for _ = 1, 600 do
        deep = { deep }
      end

      assert_raises("ArgumentError", "contains itself", json.encode, circle)
      assert_raises("ArgumentError", "nested deeper", json.encode, deep)
      assert_raises("ArgumentError", "a function", json.encode, { print })
      assert_raises("ArgumentError", "the number nan", json.encode, { math.abs(0 / 0) })
      assert_raises("ArgumentError", "the number inf", json.encode, math.huge)
      assert_raises("ArgumentError", "without holes", json.encode, { 1, nil, 3 })
      assert_raises("ArgumentError", "only string keys", json.encode, { 1, a = 2 })
      assert_raises("ArgumentError", "only string keys", json.encode, { [0] = 1 })
      assert_raises("ArgumentError", "lunasa.binary", json.encode, values.binary("x"))
      assert_raises("ArgumentError", "no 64%-bit", json.encode, require("ffi").new("int[1]"))
    end)
  end)

  describe(".decode", function()
    it("gives lunasa.null for null", function()
      assert.same({ a = null, b = { null } }, json.decode('{"a":null,"b":[null]}'))
      assert.equal(null, json.decode("null"))
    end)

    it("keeps integers of 64 bits exact", function()
      local document = json.decode([[ { "id" : 9007199254740993 ,
        "list" : [ -9223372036854775808, 18446744073709551615, 1234567890123456 ] } ]])

      assert.equal(9007199254740993LL, document.id)
      assert.equal("-9223372036854775808LL", tostring(document.list[1]))
      assert.equal("18446744073709551615ULL", tostring(document.list[2]))
      assert.equal(1234567890123456, document.list[3])
      assert.equal("number", type(document.list[3]))
    end)

    it("reads all else beside such integers as cjson does", function()
      local text = [=[ {"a":"\"\\ud83d\\" , "\ud83d\ude00\u0000":[ ], "b" : { } , "c":[true,
        false , null,-1.5e-3],"d":"1234567890123456789","e":12345678901234567890123,
        "f":0.12345678901234567} ]=]

      assert.same(require("cjson").new().decode(text), json.decode(text))
    end)

    it("raises for what is not JSON", function()
      for _, text in ipairs({ "", "{", "[1,]", "nan", "{'a':1}", '"' .. ("1"):rep(20) }) do
        assert_raises("DataError", "^not JSON: ", json.decode, text)
      end
      assert_raises("ArgumentError", "needs a string, got nil", json.decode, nil)
    end)

    it("survives documents of hostile depth", function()
      assert_raises("DataError", "^not JSON: ", json.decode, ("["):rep(100000))
      assert.is_table(json.decode(("["):rep(900) .. "1234567890123456789" .. ("]"):rep(900)))
    end)

    it("names the package when cjson is missing", function()
      local cjson, module = package.loaded.cjson, package.loaded["lunasa.json"]
      package.loaded.cjson, package.loaded["lunasa.json"] = nil, nil
      package.preload.cjson = function()
        error("module 'cjson' not found", 0)
      end

      local ok, err = pcall(require("lunasa.json").decode, "1")

      package.preload.cjson = nil
      package.loaded.cjson, package.loaded["lunasa.json"] = cjson, module
      assert.is_false(ok)
      assert.equal("decoding JSON needs the package lua-cjson", err.message)
    end)
  end)

  describe(".value", function()
    it("keeps what the table held", function()
      local document = { a = 1 }

      local value = json.value(document)
      document.a = 2

      assert.equal('{"a":1}', tostring(value))
      assert.equal("json", values.kind(value))
    end)

    it("wraps scalars and NULL too", function()
      assert.equal('"x"', tostring(json.value("x")))
      assert.equal("null", tostring(json.value(null)))
    end)

    it("raises at the caller for what JSON cannot hold", function()
      assert_raises("ArgumentError", "a function", json.value, { print })
    end)
  end)
end)
