local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local TEXT = { type = 0xfd, charset = 45 }
local HEAD = { "\2", wire.column("a"), wire.column("b", TEXT) }
local SIZES =
  { 0, 1, 7, 8, 9, 30, 250, 251, 252, 255, 256, 1014, 1015, 1016, 1017, 1018, 1019, 1020 }
local LARGE = { 1100, 4080, 4085, 4090, 4096, 9000, 70000 }

--- Cells of row `i`: all sizes come beside each other, and NULL, and negative numbers.
local function cells(i)
  local size = i % 97 == 0 and LARGE[i % #LARGE + 1] or SIZES[i % #SIZES + 1]
  local number = i % 5 == 0 and core.null or (i % 3 - 1) * i
  return number, i % 11 == 0 and core.null or ("x"):rep(size)
end

-- A failure names the first row that differs, and does not print all of them.
local function assert_rows(expected, found)
  found = type(found) == "userdata" and found:all() or found
  assert.equal(#expected, #found)
  for i = 1, #expected do
    local a, b = expected[i], found[i]
    if a[1] ~= b[1] or a[2] ~= b[2] then
      assert.same({ i, a }, { i, b })
    end
  end
end

local function as_text(value)
  return value ~= core.null and tostring(value) or false
end

--- The packets of a result of rows [1, count], and the rows.
local function result(count)
  local packets, rows = { unpack(HEAD) }, {}
  for i = 1, count do
    local number, text = cells(i)
    packets[#packets + 1] = wire.row(as_text(number), as_text(text))
    rows[i] = { number, text }
  end
  return packets, rows
end

local function ask(talk, is_streamed)
  talk:log_in()
  local token = assert(talk.session:query("SELECT", nil, false, is_streamed))
  talk:output()
  return token
end

--- A server that says something after many rows.
local function after_rows(sentence, packet, code, pattern, config)
  it_talks(sentence, function(talk)
    local token = ask(talk)
    local packets = result(90)
    table.insert(packets, packet)
    table.insert(packets, wire.row("1", "x"))
    talk:server(wire.frames(1, packets))
    talk:fails(code, pattern)
    assert.is_nil((talk:take(token)))
  end, config)
end

describe("many rows", function()
  it_talks("are all of them, of any size", function(talk)
    local packets, rows = result(700)
    table.insert(packets, wire.end_of_rows())
    for _ = 1, 2 do
      local token = talk.session:state() == "open" and talk:ask("SELECT") or ask(talk)
      talk:output()
      talk:server(wire.frames(1, packets))
      assert_rows(rows, talk:take(token).rows)
    end
  end)

  it("are the same however they are cut", function()
    local packets, rows = result(400)
    table.insert(packets, wire.end_of_rows())
    for _, step in ipairs({ 2, 3, 5, 64, 1021, 4095, 4096, 4097, 16384, 65536 }) do
      local talk = conversation.new(nil, nil, step)
      local token = ask(talk)
      talk:server(wire.frames(1, packets))
      assert_rows(rows, talk:take(token).rows)
    end
  end)

  it_talks("come with those of the binary protocol", function(talk)
    talk:log_in()
    local token = talk:execute("SELECT n FROM t")
    talk:output()
    talk:server(wire.frames(1, { wire.prepare_ok(1, 1, 0), wire.column("n") }))
    talk:output()
    local packets, rows = { "\1", wire.column("n") }, {}
    for i = 1, 1000 do
      packets[i + 2] = wire.binary_row(i % 7 > 0 and i)
      rows[i] = { i % 7 > 0 and i or core.null }
    end
    table.insert(packets, wire.end_of_rows())
    talk:server(wire.frames(1, packets))
    assert_rows(rows, talk:take(token).rows)
  end)

  it_talks("are told before the error behind them", function(talk)
    local token = ask(talk, true)
    local packets, rows = result(90)
    table.insert(packets, wire.err(1317, "interrupted"))
    talk:server(wire.frames(1, packets))
    local found, err = {}, nil
    while not err do
      local packed, failure, count = talk.session:batch(token, core.format.array)
      err = not packed and failure
      for i = 1, packed and count or 0 do
        table.insert(found, packed:row(i))
      end
    end
    assert_rows(rows, found)
    assert.equal(1317, err.errno)
  end)

  after_rows("end with one that is cut short", wire.row("1", "x"):sub(1, -2), "PROTOCOL", "%(row%)")
  after_rows("end with one that has more", wire.row("1", "x", "y"), "PROTOCOL", "%(row%)")
  after_rows("end with one of no bytes", "", "PROTOCOL", "%(row%)")
  after_rows("end with a length that is none", "\2551", "PROTOCOL", "malformed packet")
  after_rows("end with one too large", wire.row("1", ("x"):rep(997)), "LIMIT", "1000 bytes", {
    max_allowed_packet = 1000,
  })

  it_talks("are refused out of order", function(talk)
    local token = ask(talk)
    local packets = result(60)
    talk:server(wire.frames(1, packets) .. wire.frame(#packets + 2, wire.row("1", "x")))
    talk:fails("PROTOCOL", "out of order")
    assert.is_nil((talk:take(token)))
  end)
end)
