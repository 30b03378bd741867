local conversation = require("spec.mysql.session.conversation")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local FULL = 0xffffff
local TEXT = { type = 0xfd, charset = 45 }
local big = ("0123456789abcdef"):rep(0x100000)

-- A payload on the wire, split where it must be, and the number behind it.
local function split(payload, sequence)
  return spec.frame(payload, sequence)
end

local function rows(sequence, cell)
  local head = wire.frames(sequence, { "\1", wire.column("a", TEXT) })
  local row, behind = split(wire.row(cell), sequence + 2)
  return head .. row .. wire.frame(behind, wire.end_of_rows())
end

describe("16 MiB", function()
  for _, size in ipairs({ FULL - 2, FULL - 1, FULL }) do
    it("of statement is split, and its answer counts on: " .. size .. " bytes", function()
      local talk = conversation.new()
      local text = big:sub(1, size)
      local expected, sequence = split("\3" .. text, 0)
      talk:log_in()
      local large, small = talk:ask(text), talk:ask("!ping")

      assert.is_true(expected .. wire.frame(0, "\14") == talk:output())
      talk:server(wire.frame(sequence, wire.ok({ affected_rows = 5 })) .. wire.frame(1, wire.ok()))
      assert.equal(5, talk:take(large).affected_rows)
      assert.is_truthy(talk:take(small))
      talk:wants("nothing")
    end)
  end

  it("of cell is joined, however it is cut", function()
    for _, step in ipairs({ 65536, 1000003, 40000000 }) do
      local talk = conversation.new(nil, false, step)
      talk:log_in()
      local token = talk:ask("SELECT")
      talk:server(rows(1, big .. big))
      local result = talk:take(token)

      assert.equal(1, result.count)
      assert.is_true(big .. big == result.rows:get(1, 1))
    end
  end)

  it("of row that begins as its end does is a row", function()
    local talk = conversation.new()
    talk:log_in()
    local token = talk:ask("SELECT")
    local row, behind = split("\254" .. wire.uint(#big, 8) .. big, 3)
    talk:server(wire.frames(1, { "\1", wire.column("a", TEXT) }) .. row)
    talk:server(wire.frame(behind, wire.end_of_rows()))
    assert.is_true(big == talk:take(token).rows:get(1, 1))
  end)
end)

describe("max_allowed_packet", function()
  local config = { max_allowed_packet = 1000 }

  conversation.it("refuses a larger packet from its header", function(talk)
    talk:log_in()
    local token = talk:ask("SELECT")
    talk:server(wire.frame(1, "\1") .. wire.uint(1001, 3) .. "\2")
    talk:fails("LIMIT", "larger than max_allowed_packet %(1000 bytes%)")
    assert.equal("LIMIT", select(2, talk:take(token)).code)
  end, config)

  conversation.it("takes one of just that size", function(talk)
    talk:log_in()
    local token = talk:ask("SELECT")
    talk:server(rows(1, ("x"):rep(1000 - 3)))
    assert.equal(997, #talk:take(token).rows[1][1])
  end, config)

  it("counts all pieces of a packet", function()
    local talk = conversation.new({ max_allowed_packet = FULL + 10 })
    talk:log_in()
    talk:ask("SELECT")
    talk:server(wire.frames(1, { "\1", wire.column("a", TEXT) }))
    talk:server("\255\255\255\3" .. "\254" .. wire.uint(2 ^ 25, 8) .. big:sub(1, FULL - 9))
    assert.equal("open", (talk.session:state()))
    talk:server("\11\0\0\4")
    talk:fails("LIMIT", "larger than")
  end)
end)

describe("statements too large to be copied", function()
  it("live until they are sent, however many are asked for", function()
    local talk = conversation.new()
    local expected = {}
    talk:log_in()
    for i = 1, 8 do
      assert(talk.session:query(string.char(96 + i):rep(20000 + i)))
    end
    collectgarbage()
    collectgarbage()
    for i = 1, 8 do
      expected[i] = wire.frame(0, "\3" .. string.char(96 + i):rep(20000 + i))
    end

    assert.is_true(table.concat(expected) == talk:output())
  end)
end)
