local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

--- Rows of half a kilobyte, all in one compressed packet of a few kilobytes.
local COUNT = 16000

for _, algorithm in ipairs({ "zlib", "zstd" }) do
  describe("a stream that is compressed with " .. algorithm, function()
    local function begin()
      local talk = conversation.new({ compress = { algorithm }, compress_threshold = 150 })
      talk:log_in()
      local token = assert(talk.session:query("SELECT", nil, false, true))
      talk:output()
      local frames = { wire.frames(1, { "\1", wire.column("a", { type = 0xfd, charset = 45 }) }) }
      for i = 1, COUNT do
        frames[i + 1] = wire.frame((i + 2) % 256, wire.row(("%d "):format(i):rep(100):sub(1, 500)))
      end
      frames[COUNT + 2] = wire.frame((COUNT + 3) % 256, wire.end_of_rows())
      local plain = table.concat(frames)
      talk:server(wire.compressed(1, spec.compress(algorithm, plain), #plain))
      return talk, token
    end

    it("is decompressed no faster than it is taken", function()
      local talk, token = begin()
      local rows, most, has_more = 0, 0, true
      while has_more do
        assert.is_true(talk.session:done(token))
        local told = { talk.session:batch(token, core.format.array) }
        local packed, count = told[1], told[3]
        most = math.max(most, count)
        rows = rows + count
        if type(packed) == "userdata" then
          packed:close()
        end
        has_more = told[9]
      end
      assert.equal(COUNT, rows)
      assert.is_true(most * 500 < 1024 * 1024)
      talk:wants("nothing")
      assert.is_truthy(talk.session:query("SELECT 1"))
    end)

    it("pauses", function()
      local talk = begin()
      talk:wants("pause")
    end)

    it("may be discarded in the middle", function()
      local talk, token = begin()
      talk.session:discard(token, 2 ^ 40)
      assert.is_true(talk.session:is_discarded(token))
      talk:wants("nothing")
    end)
  end)
end
