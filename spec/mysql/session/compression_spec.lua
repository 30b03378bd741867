local conversation = require("spec.mysql.session.conversation")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local PIECE = 128 * 1024
local MOST = 0xffffff

local TEXT = { type = 0xfd, charset = 45 }

local function rows(sequence, ...)
  local packets = { "\1", wire.column("a", TEXT) }
  for _, cell in ipairs({ ... }) do
    table.insert(packets, wire.row(cell))
  end
  table.insert(packets, wire.end_of_rows())
  return wire.frames(sequence, packets)
end

for _, algorithm in ipairs({ "zlib", "zstd" }) do
  local config = { compress = { algorithm }, compress_threshold = 150 }

  local function packed(sequence, plain, size)
    return wire.compressed(sequence, spec.compress(algorithm, plain), size or #plain)
  end

  local function it_talks(sentence, body, more)
    local all = {}
    for name, value in pairs(config) do
      all[name] = value
    end
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    conversation.it(sentence, function(talk)
      talk:log_in()
      body(talk)
    end, all)
  end

  --- What we say, as the compressed packets that hold it.
  local function said(talk)
    local bytes, packets, at = talk:output(), {}, 1
    while at <= #bytes do
      local a, b, c, sequence, x, y, z = bytes:byte(at, at + 6)
      local size, plain_size = a + b * 256 + c * 65536, x + y * 256 + z * 65536
      local plain = bytes:sub(at + 7, at + 6 + size)
      if plain_size > 0 then
        plain = assert(spec.decompress(algorithm, plain, plain_size))
        assert.equal(plain_size, #plain)
      end
      local is_packed = plain_size > 0
      table.insert(packets, { sequence = sequence, plain = plain, is_packed = is_packed })
      at = at + 7 + size
    end
    return packets
  end

  describe("a session that compresses with " .. algorithm, function()
    it_talks("says so once it is logged in", function(talk)
      assert.equal(algorithm, talk.session:facts().compression)
    end)

    it_talks("stores what is short", function(talk)
      talk:ask("SELECT 1")
      talk:client_sends(wire.compressed(0, wire.frame(0, "\3SELECT 1")))
    end)

    it_talks("compresses from the threshold on, which counts the packet", function(talk)
      for _, case in ipairs({ { 149, false }, { 150, true } }) do
        talk:ask(("x"):rep(case[1] - 5))
        local packets = said(talk)
        assert.equal(1, #packets)
        assert.equal(case[2], packets[1].is_packed)
        assert.equal(case[1], #packets[1].plain)
        talk:server(wire.compressed(1, wire.frame(1, wire.ok())))
      end
    end)

    it_talks("stores what does not shrink", function(talk)
      math.randomseed(7)
      local bytes = {}
      for i = 1, 4000 do
        bytes[i] = string.char(math.random(0, 255))
      end
      talk:ask(table.concat(bytes))
      local packets = said(talk)
      assert.same({ 1, false }, { #packets, packets[1].is_packed })
      assert.equal(wire.frame(0, "\3" .. table.concat(bytes)), packets[1].plain)
    end)

    it_talks("cuts a long statement, and its answer counts on", function(talk)
      local text = ("SELECT 'long' "):rep(50000)
      local token = talk:ask(text)
      local packets, plain = said(talk), {}
      assert.equal(math.ceil((#text + 5) / PIECE), #packets)
      for i, packet in ipairs(packets) do
        assert.equal(i - 1, packet.sequence)
        plain[i] = packet.plain
      end
      assert.is_true(wire.frame(0, "\3" .. text) == table.concat(plain))

      talk:server(wire.compressed(#packets, wire.frame(#packets, wire.ok())))
      assert.is_table(talk:take(token))
    end)

    it_talks("gives every command packets of its own, from 0 on", function(talk)
      talk:ask("SELECT 1")
      talk:ask("!ping")
      talk:ask("SELECT 2")
      talk:client_sends(
        wire.compressed(0, wire.frame(0, "\3SELECT 1"))
          .. wire.compressed(0, wire.frame(0, "\14"))
          .. wire.compressed(0, wire.frame(0, "\3SELECT 2"))
      )
    end)

    it_talks("reads answers to several commands, each from its number on", function(talk)
      local first, second = talk:ask(("SELECT 1 "):rep(30000)), talk:ask("SELECT 2")
      local third = talk:ask("!ping")
      local count = #said(talk) - 2
      talk:server(packed(count, rows(count, "1")))
      talk:server(wire.compressed(1, rows(1, "2")) .. wire.compressed(1, wire.frame(1, wire.ok())))
      assert.same({ { "1" } }, talk:take(first).rows)
      assert.same({ { "2" } }, talk:take(second).rows)
      assert.is_table(talk:take(third))
      talk:wants("nothing")
    end)

    it_talks("reads answers that came in one packet", function(talk)
      local first, second, third = talk:ask("SELECT 1"), talk:ask("SELECT 2"), talk:ask("!ping")
      talk:output()
      talk:server(packed(1, rows(1, "1") .. rows(1, "2")))
      talk:server(wire.compressed(1, wire.frame(1, wire.ok())))
      assert.same({ { "1" } }, talk:take(first).rows)
      assert.same({ { "2" } }, talk:take(second).rows)
      assert.is_table(talk:take(third))
      talk:wants("nothing")
    end)

    it_talks("reads a packet whose header is in two", function(talk)
      local answer = rows(1, ("x"):rep(200))
      for cut = 1, #answer - 1 do
        local token = talk:ask("SELECT 1")
        talk:output()
        talk:server(wire.compressed(1, answer:sub(1, cut)) .. packed(2, answer:sub(cut + 1)))
        assert.same({ { ("x"):rep(200) } }, talk:take(token).rows)
      end
    end)

    it_talks("follows a server that begins results with the outer number", function(talk)
      local token = talk:ask("SELECT 1; SELECT 2")
      talk:output()
      local more = wire.end_of_rows({ status = 0x000a })
      local first = wire.frames(1, { "\1", wire.column("a", TEXT), wire.row("1"), more })
      talk:server(packed(1, first) .. packed(2, rows(2, "2")))
      assert.same({ { "1" } }, talk:take(token).rows)
      assert.same({ { "2" } }, talk:take(token).rows)
    end)

    it_talks("wraps its numbers", function(talk)
      local token = talk:ask("SELECT 1")
      talk:output()
      talk:server(wire.compressed(1, wire.frames(1, { "\1", wire.column("a") })))
      for i = 2, 600 do
        talk:server(wire.compressed(i % 256, wire.frame((i + 1) % 256, wire.row(tostring(i)))))
      end
      talk:server(wire.compressed(601 % 256, wire.frame(602 % 256, wire.end_of_rows())))
      assert.equal(599, talk:take(token).count)
    end)

    it_talks("reads an ERR that is stored, and goes on", function(talk)
      local token = talk:ask(("x"):rep(500))
      talk:output()
      talk:server(wire.compressed(1, wire.frame(1, wire.err(1064, ("no "):rep(60)))))
      assert.equal(1064, select(2, talk:take(token)).errno)
      talk:wants("nothing")
    end)

    it_talks("reads the last words of a server, with number 0", function(talk)
      talk:server(packed(0, wire.frame(0, wire.err(4031, ("idle "):rep(40)))))
      talk:fails("SERVER", "idle")
    end)

    it_talks("reads why the server wants no more of a statement", function(talk)
      local token = talk:ask(("x"):rep(1000000))
      talk:output()
      talk:server(wire.compressed(1, wire.frame(1, wire.err(1153, "too big"))))
      talk:fails("SERVER", "too big")
      assert.equal(1153, select(2, talk:take(token)).errno)
    end)

    it_talks("holds a cell of 16 MiB", function(talk)
      if talk.step then
        return
      end
      local cell = ("0123456789abcdef"):rep(0x100000)
      local row, behind = spec.frame(wire.row(cell), 3)
      local column = wire.column("a", TEXT)
      local answer = wire.frames(1, { "\1", column }) .. row
      local token = talk:ask("SELECT")
      talk:output()
      talk:server(packed(1, answer:sub(1, MOST)) .. packed(2, answer:sub(MOST + 1)))
      talk:server(wire.compressed(3, wire.frame(behind, wire.end_of_rows())))
      assert.is_true(cell == talk:take(token).rows:get(1, 1))
    end)

    it_talks("says good-bye", function(talk)
      assert(talk.session:command("quit"))
      talk:client_sends(wire.compressed(0, wire.frame(0, "\1")))
      talk:wants("closed")
      assert.equal("closed", (talk.session:state()))
    end)
  end)

  describe("a server that compresses with " .. algorithm, function()
    local answer = rows(1, ("0123456789"):rep(40))

    local function it_ends(sentence, make, pattern)
      it_talks("is left when " .. sentence, function(talk)
        local token = talk:ask("SELECT 1")
        talk:output()
        talk:server(make())
        talk:fails("PROTOCOL", pattern)
        assert.equal("PROTOCOL", select(2, talk:take(token)).code)
      end)
    end

    it_ends("a packet is empty", function()
      return wire.compressed(1, "")
    end, "is empty")

    it_ends("a packet is empty and says it is not", function()
      return wire.compressed(1, "", 100)
    end, "is empty")

    it_ends("a packet holds more than it says", function()
      return packed(1, answer, #answer - 1)
    end, "more bytes than it says")

    it_ends("a packet holds far more than it says", function()
      return packed(1, ("\0"):rep(2 ^ 24), 100)
    end, "more bytes than it says")

    it_ends("a packet holds less than it says", function()
      return packed(1, answer, #answer + 1)
    end, "fewer bytes than it says")

    it_ends("bytes follow the compressed ones", function()
      return wire.compressed(1, spec.compress(algorithm, answer) .. "\0", #answer)
    end, "bytes follow")

    it_ends("a second stream follows the first", function()
      return wire.compressed(1, spec.compress(algorithm, answer):rep(2), #answer)
    end, "bytes follow")

    it_ends("a stream is cut", function()
      return wire.compressed(1, spec.compress(algorithm, answer):sub(1, -2), #answer)
    end, "ends before")

    it_ends("a stream is no stream", function()
      return wire.compressed(1, ("?"):rep(60), #answer)
    end, "cannot be decompressed")

    it_ends("its number is not the one due", function()
      return packed(2, answer)
    end, "out of order")

    it_ends("the number inside is not the one due", function()
      return packed(1, rows(2, "1"))
    end, "out of order")

    it_ends("the second of its packets has the number of the first", function()
      return packed(1, answer:sub(1, 9)) .. packed(1, answer:sub(10))
    end, "out of order")

    it_ends("the second of its packets has the number 0", function()
      return packed(1, answer:sub(1, 9)) .. packed(0, answer:sub(10))
    end, "out of order")

    it_ends("it does not compress", function()
      return answer
    end, "compressed packet")

    it_talks("is left when it speaks unasked", function(talk)
      talk:server(packed(1, answer))
      talk:fails("PROTOCOL", "out of order")
    end)

    it_talks("is left when it has begun to speak unasked", function(talk)
      talk:server(packed(1, answer):sub(1, 3))
      assert.is_nil(talk.session:query("SELECT 1"))
      talk:fails("PROTOCOL", "no command was outstanding")
    end)

    it_talks("is left when it answers before it was asked", function(talk)
      talk:ask("SELECT 1")
      talk:server(packed(1, answer))
      talk:fails("PROTOCOL", "out of order")
    end)

    it_talks("cannot send more than max_allowed_packet", function(talk)
      talk:ask("SELECT 1")
      talk:output()
      local long = wire.frame(3, wire.row(("y"):rep(5000)))
      talk:server(packed(1, wire.frames(1, { "\1", wire.column("a") }) .. long))
      talk:fails("LIMIT", "max_allowed_packet")
    end, { max_allowed_packet = 4096 })

    it("may be cut off at any byte", function()
      local bytes = packed(1, answer)
      for size = 0, #bytes - 1 do
        local talk = conversation.new(config)
        talk:log_in()
        talk:ask("SELECT 1")
        talk:output()
        talk:server(bytes:sub(1, size))
        talk:wants("read")
        talk.session:hangup()
        talk:fails("IO", "closed")
      end
    end)

    it("gets no wrong row through with any bit changed", function()
      local bytes = packed(1, answer)
      for at = 1, #bytes do
        local talk = conversation.new(config)
        talk:log_in()
        local token = talk:ask("SELECT 1")
        talk:output()
        local changed = string.char(bit.bxor(bytes:byte(at), 2 ^ (at % 8)))
        talk:server(bytes:sub(1, at - 1) .. changed .. bytes:sub(at + 1))
        local is_done = talk.session:done(token)
        local result = is_done and talk:take(token)
        if result and algorithm == "zlib" then
          assert.same({ { ("0123456789"):rep(40) } }, result.rows)
        end
      end
    end)
  end)
end

describe("compression", function()
  local function log_in(compress, capabilities)
    local talk = conversation.new({ compress = compress, compress_threshold = 150 })
    talk:server(wire.frame(0, wire.greeting({ capabilities = capabilities })))
    local response = talk:output()
    talk:server(wire.frame(2, wire.ok()))
    return talk.session:facts().compression, response
  end
  local zlib_only = wire.ALL - wire.CAPABILITY.ZSTD
  local zstd_only = wire.ALL - wire.CAPABILITY.COMPRESS
  local none = zlib_only - wire.CAPABILITY.COMPRESS

  it("is the first of our list that the server has", function()
    assert.equal("zstd", (log_in({ "zstd", "zlib" }, wire.ALL)))
    assert.equal("zlib", (log_in({ "zlib", "zstd" }, wire.ALL)))
    assert.equal("zlib", (log_in({ "zstd", "zlib" }, zlib_only)))
    assert.equal("zstd", (log_in({ "zlib", "zstd" }, zstd_only)))
    assert.is_nil((log_in({ "zstd" }, zlib_only)))
    assert.is_nil((log_in({ "zstd", "zlib" }, none)))
    assert.is_nil((log_in(false, wire.ALL)))
  end)

  it("tells the level of zstd last, and one flag only", function()
    local _, response = log_in({ "zstd", "zlib" }, wire.ALL)
    assert.equal("\3", response:sub(-1))
    local flags = response:byte(5) + response:byte(8) * 2 ^ 24
    assert.equal(0, bit.band(flags, wire.CAPABILITY.COMPRESS))
    assert.equal(wire.CAPABILITY.ZSTD, bit.band(flags, wire.CAPABILITY.ZSTD))
  end)

  it("refuses a zstd window that no packet needs", function()
    local talk = conversation.new({ compress = { "zstd" }, compress_threshold = 150 })
    talk:log_in()
    talk:ask("SELECT 1")
    talk:output()
    -- Magic number, a header with a window of 2^31 bytes, one raw block of a byte.
    talk:server(wire.compressed(1, "\40\181\47\253\0\168\9\0\0x", 1))
    talk:fails("LIMIT", "16 MiB")
  end)

  it("knows no dictionary of zlib's", function()
    local talk = conversation.new({ compress = { "zlib" }, compress_threshold = 150 })
    talk:log_in()
    talk:ask("SELECT 1")
    talk:output()
    talk:server(wire.compressed(1, "\120\187\0\0\0\1\3\0", 10))
    talk:fails("PROTOCOL", "cannot be decompressed")
  end)

  it("begins behind the login, whatever comes in one piece with it", function()
    local talk = conversation.new({ compress = { "zlib" }, compress_threshold = 150 })
    talk:server(wire.frame(0, wire.greeting()))
    talk:output()
    local words = wire.frame(0, wire.err(4031, "good-bye"))
    talk:server(wire.frame(2, wire.ok()) .. wire.compressed(0, words))
    talk:fails("SERVER", "good.bye")
  end)

  it("does not let the server end the login early", function()
    local talk = conversation.new({ compress = { "zlib" }, compress_threshold = 150 })
    talk:server(wire.frame(0, wire.greeting()) .. wire.frame(2, wire.ok()))
    talk:fails("PROTOCOL", "before all of it was sent")
  end)
end)
