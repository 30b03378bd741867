local conversation = require("spec.mysql.session.conversation")
local decoder = require("spec.mysql.decoder")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local STATUS = wire.STATUS
local WITHOUT_DEPRECATE_EOF = { capabilities = wire.ALL - wire.CAPABILITY.DEPRECATE_EOF }
local MORE = STATUS.AUTOCOMMIT + STATUS.MORE_RESULTS
local MOST_COLUMNS = 4096
local TEXT = { type = 0xfd, charset = 45 }

local function ask(talk, greeting)
  talk:log_in(greeting)
  local token = talk:ask("SELECT")
  talk:output()
  return token
end

local function answer(...)
  return wire.frames(1, { ... })
end

local function malformed(name, pattern, ...)
  local bytes = answer(...)
  it_talks("is refused " .. name, function(talk)
    local token = ask(talk)
    talk:server(bytes)
    talk:fails("PROTOCOL", pattern)
    assert.is_nil((talk:take(token)))
  end)
end

describe("a result set", function()
  it_talks("has names and rows", function(talk)
    local token = ask(talk)
    talk:server(
      answer(
        "\2",
        wire.column("a"),
        wire.column("b", TEXT),
        wire.row("1", "x"),
        wire.row(false, ""),
        wire.end_of_rows({ warnings = 3 })
      )
    )

    local result = talk:take(token)
    assert.same({ "a", "b" }, result.names)
    assert.same({ { 1, "x" }, { require("lunasa.core").null, "" } }, result.rows)
    assert.same({ 2, 3, false }, { result.count, result.warnings, result.has_more })
    talk:wants("nothing")
  end)

  it_talks("has an EOF behind columns and rows where EOF is not deprecated", function(talk)
    local token = ask(talk, WITHOUT_DEPRECATE_EOF)
    talk:server(
      answer("\1", wire.column("a"), wire.eof(), wire.row("1"), wire.eof(STATUS.IN_TRANS, 4))
    )

    local result = talk:take(token)
    assert.same({ { 1 } }, result.rows)
    assert.equal(4, result.warnings)
    assert.is_true(talk.session:in_transaction())
  end)

  it_talks("has the columns that were sent, however like the last ones they are", function(talk)
    local last = { wire.column("a"), wire.column("b", TEXT) }
    local shapes = {
      last,
      last, -- the same again
      { wire.column("a"), wire.column("c", TEXT) },
      { wire.column("a"), wire.column("c", { type = 0xfd, charset = 63 }) },
      { wire.column("a") },
      { wire.column("a") },
      { wire.column("a"), wire.column("b", TEXT) },
      { wire.column("x"), wire.column("b", TEXT) },
      { wire.column("a"), wire.column(("b"):rep(300), TEXT) },
      { wire.column("a"), wire.column(("b"):rep(300), TEXT) },
      { wire.column("a"), wire.column("b", { flags = 32 }), wire.column("c") },
    }
    talk:log_in()
    for round = 1, 2 do
      for i, columns in ipairs(shapes) do
        local token = talk:ask("SELECT")
        talk:output()
        local packets, cells, names = { string.char(#columns) }, {}, {}
        for c, column in ipairs(columns) do
          packets[#packets + 1], cells[c] = column, tostring(c)
          names[c] = column:match("%z?test.t.t(.+)"):match("[abcx]+")
        end
        packets[#packets + 1] = wire.row(unpack(cells))
        packets[#packets + 1] = wire.end_of_rows()
        talk:server(answer(unpack(packets)))
        assert.same(names, talk:take(token).names, round .. "." .. i)
      end
    end
  end)

  it_talks("is refused when a definition has more behind what it was last time", function(talk)
    local token = ask(talk)
    talk:server(answer("\1", wire.column("a"), wire.end_of_rows()))
    talk:take(token)
    token = talk:ask("SELECT")
    talk:output()
    talk:server(answer("\1", wire.column("a") .. "x", wire.end_of_rows()))
    talk:fails("PROTOCOL", "ColumnDefinition41")
    assert.is_nil((talk:take(token)))
  end)

  it_talks("may be empty, in both ways", function(talk)
    local token = ask(talk)
    talk:server(answer("\1", wire.column("a"), wire.end_of_rows()))
    assert.same({}, talk:take(token).rows)

    local old = conversation.new(nil, false, talk.step)
    token = ask(old, WITHOUT_DEPRECATE_EOF)
    old:server(answer("\1", wire.column("a"), wire.eof(), wire.eof()))
    assert.same({}, old:take(token).rows)
  end)

  it_talks("is followed by others while the server says so", function(talk)
    local token = ask(talk)
    talk:server(
      answer(
        "\1",
        wire.column("a"),
        wire.row("1"),
        wire.end_of_rows({ status = MORE }),
        wire.ok({ status = MORE, affected_rows = 7 }),
        "\1",
        wire.column("b"),
        wire.row("2")
      )
    )
    assert.is_false(talk.session:done(token))
    talk:server(wire.frame(9, wire.end_of_rows()))
    assert.is_true(talk.session:done(token))

    local first, second, third = talk:take(token), talk:take(token), talk:take(token)
    assert.same({ { { 1 } }, 7, { { 2 } } }, { first.rows, second.affected_rows, third.rows })
    assert.same({ true, true, false }, { first.has_more, second.has_more, third.has_more })
  end)

  it_talks("is kept when a later one fails", function(talk)
    local token = ask(talk)
    talk:server(
      answer(
        "\1",
        wire.column("a"),
        wire.row("1"),
        wire.end_of_rows({ status = MORE }),
        wire.err(1054, "Unknown column")
      )
    )

    assert.is_true(talk:take(token).has_more)
    assert.equal(1054, select(2, talk:take(token)).errno)
    talk:wants("nothing")
  end)

  for _, where in ipairs({ 1, 2, 3, 4 }) do
    it_talks("may end in an error, here in packet " .. where, function(talk)
      local token = ask(talk)
      local packets = { "\2", wire.column("a"), wire.column("b"), wire.row("1", "2") }
      packets[where] = wire.err(1317, "Query execution was interrupted")
      talk:server(wire.frames(1, { unpack(packets, 1, where) }))

      assert.equal(1317, select(2, talk:take(token)).errno)
      assert.equal("open", (talk.session:state()))
      talk:wants("nothing")
    end)
  end

  it_talks("counts its packets beyond 255", function(talk)
    local token = ask(talk)
    local packets = { "\1", wire.column("a") }
    for i = 1, 600 do
      packets[i + 2] = wire.row(tostring(i))
    end
    table.insert(packets, wire.end_of_rows())
    talk:server(wire.frames(1, packets))

    local result = talk:take(token)
    assert.equal(600, result.count)
    assert.same({ 600 }, result.rows:row(600))
  end)

  it_talks("may have a row whose first cell begins like its end", function(talk)
    local token = ask(talk, WITHOUT_DEPRECATE_EOF)
    local row = "\254\3\0\0\0\0\0\0\0abc"
    talk:server(answer("\1", wire.column("a", TEXT), wire.eof(), row, wire.eof()))
    assert.same({ { "abc" } }, talk:take(token).rows)
  end)

  it_talks("has at most " .. MOST_COLUMNS .. " columns", function(talk)
    ask(talk)
    talk:server(answer(wire.lenenc(MOST_COLUMNS)))
    assert.equal("open", (talk.session:state()))
    local other = conversation.new(nil, false, talk.step)
    ask(other)
    other:server(answer(wire.lenenc(MOST_COLUMNS + 1)))
    other:fails("LIMIT", "more than " .. MOST_COLUMNS .. " columns")
  end)

  for _, count in ipairs(decoder.HOSTILE_LENGTHS) do
    if count ~= "\251" and count ~= "\250" and count ~= "\255" then
      it_talks("is refused for the count " .. conversation.hex(count), function(talk)
        ask(talk)
        talk:server(answer(count))
        assert.equal("closed", (talk.session:state()))
      end)
    end
  end

  malformed("for no columns", "column count", "\252\0\0")
  malformed("for a count that goes on", "column count", "\1\1")
  malformed("for half a column", "ColumnDefinition41", "\1", wire.column("a"):sub(1, 9), "\1x")
  malformed("for an empty column", "ColumnDefinition41", "\1", "", "\1x")
  malformed("for a column that goes on", "ColumnDefinition41", "\1", wire.column("a") .. "x", "\1x")
  malformed("for an empty row", "row", "\1", wire.column("a"), "")
  malformed("for a row that is too short", "row", "\2", wire.column("a"), wire.column("b"), "\1x")
  malformed("for a row that is too long", "row", "\1", wire.column("a"), wire.row("1", "2"))
  malformed("for an end that is cut", "end of rows", "\1", wire.column("a"), "\254\0\0\2")
  malformed("for an EOF that goes on", "end of rows", "\1", wire.column("a"), wire.eof() .. "xxx")

  it_talks("is refused where the EOF behind its columns is missing", function(talk)
    ask(talk, WITHOUT_DEPRECATE_EOF)
    talk:server(answer("\1", wire.column("a"), wire.row("1")))
    talk:fails("PROTOCOL", "EOF_Packet")
  end)

  it_talks("is refused when it goes on after its end", function(talk)
    local token = ask(talk)
    talk:server(answer("\1", wire.column("a"), wire.end_of_rows(), wire.row("1")))
    talk:fails("PROTOCOL", "out of order")
    assert.is_truthy(talk:take(token))
  end)

  it_talks("is refused when a packet is missing", function(talk)
    ask(talk)
    talk:server(wire.frame(1, "\1") .. wire.frame(3, wire.column("a")))
    talk:fails("PROTOCOL", "sent sequence 3 where 2 was due")
  end)

  it_talks("gives no number for text that is none", function(talk)
    local token = ask(talk)
    talk:server(answer("\1", wire.column("a"), wire.row("12x"), wire.end_of_rows()))
    local result, err = talk:take(token)
    assert.is_nil(result)
    assert.equal("PROTOCOL", err.code)
  end)
end)
