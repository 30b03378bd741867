local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local FULL = 0xffffff

local function assert_same(expected, actual)
  assert.equal(#expected, #actual)
  assert.is_true(expected == actual, "the bytes differ")
end

local function refuses(code, pattern, ...)
  local packets, found, message = spec.frames(...)
  assert.is_nil(packets)
  assert.equal(code, found)
  assert.matches(pattern, message)
end

describe("MySQL packets", function()
  describe("received", function()
    it("are the captured ones, in pieces of any size", function()
      local payloads = fixture.answer("mysql-9.7.4-commands", "SELECT CAST")
      local bytes = wire.frames(1, payloads)

      for step = 1, 40 do
        local packets, is_empty = spec.frames(bytes, step, 2 ^ 30, 1)
        assert.same(payloads, packets)
        assert.is_true(is_empty)
      end
    end)

    it("wait for their rest wherever they are cut", function()
      local bytes = wire.frames(0, { "first", "second" })
      for size = 0, #bytes - 1 do
        local packets, is_empty = spec.frames(bytes:sub(1, size))
        assert.equal(size >= 9 and 1 or 0, #packets)
        assert.equal(size == 0 or size == 9, is_empty)
      end
    end)

    it("may be empty", function()
      assert.same({ "", "x", "" }, (spec.frames(wire.frames(0, { "", "x", "" }))))
      assert.same({ "", "x", "" }, (spec.frames(wire.frames(0, { "", "x", "" }), 1)))
    end)

    it("count from 255 on to 0", function()
      local bytes = wire.frames(254, { "a", "b", "c", "d" })
      local packets, _, is_unsolicited = spec.frames(bytes, 3, 2 ^ 30, 254)

      assert.same({ "a", "b", "c", "d" }, packets)
      assert.is_false(is_unsolicited)
    end)

    it("C20: are refused out of order", function()
      for _, step in ipairs({ 1, 100 }) do
        for _, sequence in ipairs({ 1, 3, 255 }) do
          local bytes = wire.frame(sequence, "x")
          refuses(
            "PROTOCOL",
            "sent sequence " .. sequence .. " where 2 was due",
            bytes,
            step,
            99,
            2
          )
        end
      end
    end)

    it("are marked when they come with sequence 0", function()
      local packets, _, is_unsolicited = spec.frames(wire.frame(0, "x"), 1, 99, 2)

      assert.same({ "x" }, packets)
      assert.is_true(is_unsolicited)
    end)

    it("are refused from the header when they are too large", function()
      for size = 1, 4 do
        local bytes = wire.uint(1000, 3) .. "\0"
        local packets = spec.frames(bytes:sub(1, size), 1, 999)
        assert.equal(size == 4, packets == nil)
      end
      refuses("LIMIT", "max_allowed_packet %(999 bytes%)", wire.frame(0, ("x"):rep(1000)), 64, 999)
      assert.equal(1, #spec.frames(wire.frame(0, ("x"):rep(999)), 64, 999))
    end)

    it("keep no memory for a size that was only declared", function()
      local _, _, _, capacity = spec.frames("\254\255\255\0x", 1)
      assert.is_true(capacity < 1024)
    end)
  end)

  describe("of 16 MiB", function()
    local big = ("0123456789abcdef"):rep(0x100000)

    it("are joined and split at every size around the border", function()
      for _, size in ipairs({ FULL - 1, FULL, FULL + 1 }) do
        local payload = big:sub(1, size)
        local bytes, sequence = spec.frame(payload, 7)

        assert.equal(size < FULL and 8 or 9, sequence)
        assert.equal(size + (sequence - 7) * 4, #bytes)
        local packets = spec.frames(bytes, 1000003, 2 ^ 30, 7)
        assert.equal(1, #packets)
        assert_same(payload, packets[1])
      end
    end)

    it("are joined where they are received", function()
      for _, size in ipairs({ 300000, FULL, FULL + 400000 }) do
        local payload = (big .. big):sub(1, size)
        local bytes = spec.frame(payload, 7)
        for _, step in ipairs({ 65536, 1000003, #bytes }) do
          local packets, is_empty = spec.frames(bytes, step, 2 ^ 30, 7, true)
          assert.is_true(is_empty)
          assert.equal(1, #packets)
          assert_same(payload, packets[1])
        end
      end
    end)

    it("are refused when they go on beyond the limit, before that is kept", function()
      local first = "\255\255\255\0" .. big:sub(1, FULL)
      refuses("LIMIT", "larger than", first .. "\1\0\0\1", 1000003, FULL)
      assert.equal(1, #spec.frames(first .. "\0\0\0\1", 1000003, FULL))
    end)

    it("are refused when a later piece is out of order", function()
      local first = "\255\255\255\0" .. big:sub(1, FULL)
      refuses("PROTOCOL", "out of order", first .. "\1\0\0\2x", 1000003)
      refuses("PROTOCOL", "out of order", first .. "\1\0\0\0x", 1000003)
    end)

    it("wait for the piece that ends them", function()
      local packets, is_empty = spec.frames("\255\255\255\0" .. big:sub(1, FULL), 1000003)
      assert.same({}, packets)
      assert.is_false(is_empty)
    end)

    it("of a command are split behind its byte, copied or lent", function()
      for _, size in ipairs({ FULL - 2, FULL - 1, FULL, FULL + 1 }) do
        local text = big:sub(1, size)
        local expected, sequence = spec.frame("\3" .. text, 0)
        for _, is_lent in ipairs({ false, true }) do
          local bytes, answer = spec.command(3, text, is_lent)
          assert_same(expected, bytes)
          assert.equal(sequence, answer)
        end
      end
    end)
  end)

  it("hold a command without text", function()
    assert.same({ "\1\0\0\0\14", 1 }, { spec.command(14, "", false) })
    assert.same({ "\1\0\0\0\14", 1 }, { spec.command(14, "", true) })
  end)
end)
