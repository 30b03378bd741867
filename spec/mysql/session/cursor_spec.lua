local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local uint = wire.uint

local SQL = "SELECT n FROM t"
local WITH_EOF = wire.ALL - wire.CAPABILITY.DEPRECATE_EOF
local EXISTS, LAST = 0x42, 0x82

local PREPARED = wire.frames(1, { wire.prepare_ok(9, 0, 0) })
local COLUMNS = { "\1", wire.column("n") }

--- Asks for a stream by a cursor.
local function stream(talk, size)
  return assert(talk.session:execute(SQL, nil, false, true, nil, false, nil, size or 2))
end

local function fetch(size)
  return wire.frame(0, "\28" .. uint(9, 4) .. uint(size or 2, 4))
end

local RESET = wire.frame(0, "\26" .. uint(9, 4))
local EXECUTE = wire.frame(0, "\23" .. uint(9, 4) .. "\1\1\0\0\0")

local function end_of_rows(status)
  return wire.end_of_rows({ status = status })
end

--- The answer to EXECUTE.
local function opened(status)
  return wire.frames(1, { COLUMNS[1], COLUMNS[2], end_of_rows(status or EXISTS) })
end

--- The answer to FETCH.
local function batch(status, ...)
  local packets = {}
  for i, number in ipairs({ ... }) do
    packets[i] = wire.binary_row(number)
  end
  table.insert(packets, end_of_rows(status))
  return wire.frames(1, packets)
end

--- Takes every batch that has come.
local function take(talk, token)
  local numbers, has_more = {}, true
  while has_more and talk.session:done(token) do
    local told = { talk.session:batch(token, core.format.array) }
    if not told[1] then
      return numbers, told[2]
    end
    for i = 1, told[2] and told[3] or 0 do
      table.insert(numbers, told[1]:row(i)[1])
    end
    has_more = told[9]
  end
  return numbers, has_more
end

--- Opens a cursor, whose first rows are asked for.
local function open(talk, size)
  talk:log_in()
  local token = stream(talk, size)
  talk:client_sends(wire.frame(0, "\22" .. SQL))
  talk:server(PREPARED)
  talk:client_sends(EXECUTE)
  talk:server(opened())
  talk:client_sends(fetch(size))
  talk:wants("read")
  return token
end

describe("a cursor", function()
  it_talks("is asked for more when what came was taken", function(talk)
    local token = open(talk)
    talk:server(batch(EXISTS, 1, 2))
    talk:wants("pause")
    assert.same({ 1, 2 }, (take(talk, token)))
    talk:client_sends(fetch())
    talk:server(batch(EXISTS, 3, 4))
    assert.same({ 3, 4 }, (take(talk, token)))
    talk:client_sends(fetch())
    talk:server(batch(LAST))
    assert.same({ {}, false }, { take(talk, token) })
    talk:wants("nothing")
    local again = stream(talk)
    talk:client_sends(EXECUTE)
    talk:server(opened())
    talk:client_sends(fetch())
    talk:server(batch(LAST, 5))
    assert.same({ { 5 }, false }, { take(talk, again) })
  end)

  it_talks("is closed when nobody wants the rest", function(talk)
    local token = open(talk)
    talk:server(batch(EXISTS, 1, 2))
    talk.session:discard(token, 1000)
    talk:client_sends(RESET)
    assert.is_false(talk.session:is_discarded(token))
    talk:server(wire.frame(1, wire.ok()))
    assert.is_true(talk.session:is_discarded(token))
    talk:wants("nothing")
  end)

  it_talks("is closed behind the rows under way, or as soon as it is open", function(talk)
    local token = open(talk)
    talk:server(wire.frame(1, wire.binary_row(1)))
    talk.session:discard(token, 1000)
    talk:wants("read")
    talk:server(wire.frames(2, { wire.binary_row(2), end_of_rows(EXISTS) }))
    talk:client_sends(RESET)
    talk:server(wire.frame(1, wire.ok()))
    assert.is_true(talk.session:is_discarded(token))

    token = stream(talk)
    talk:client_sends(EXECUTE)
    talk.session:abandon(token)
    talk:server(opened())
    talk:client_sends(RESET)
    talk:server(wire.frame(1, wire.err(1243, "no such statement")))
    talk:wants("nothing")
  end)

  it_talks("ends with an error of the server", function(talk)
    local token = open(talk)
    talk:server(wire.frame(1, wire.binary_row(1)))
    talk:server(wire.frame(2, wire.err(1242, "two rows")))
    local rows, err = take(talk, token)
    assert.same({ { 1 }, 1242 }, { rows, err.errno })
    talk:wants("nothing")
  end)

  it_talks("has what is queued behind it wait", function(talk)
    local token = open(talk)
    local ping = talk:ask("!ping")
    talk:client_sends("")
    talk:server(batch(EXISTS, 1, 2))
    take(talk, token)
    talk:client_sends(fetch())
    talk:server(batch(LAST, 3))
    talk:client_sends(wire.frame(0, "\14"))
    talk:server(wire.frame(1, wire.ok()))
    assert.same({ 3 }, (take(talk, token)))
    assert.is_truthy(talk:take(ping))
  end)

  it_talks("has QUIT wait, and a statement that is refused keeps nothing", function(talk)
    talk:log_in()
    local token = assert(talk.session:execute("SELECT ?", { 1 }, false, true, nil, false, nil, 2))
    local ping = talk:ask("!ping")
    talk:output()
    talk:server(wire.frame(1, wire.err(1064, "syntax")))
    assert.equal(1064, select(2, take(talk, token)).errno)
    talk:client_sends(wire.frame(0, "\14"))
    talk:server(wire.frame(1, wire.ok()))
    assert.is_truthy(talk:take(ping))

    token = stream(talk)
    talk:output()
    talk:server(PREPARED)
    talk:output()
    talk.session:command("quit")
    talk:server(opened())
    talk:client_sends(fetch())
    talk:server(batch(LAST, 3))
    assert.same({ 3 }, (take(talk, token)))
    talk:client_sends(wire.frame(0, "\1"))
    talk:wants("closed")
  end)

  it_talks("may be ignored by the server, which sends rows", function(talk)
    talk:log_in()
    local token = stream(talk)
    talk:server(PREPARED)
    talk:output()
    local rows = { COLUMNS[1], COLUMNS[2], wire.binary_row(1), wire.binary_row(2) }
    table.insert(rows, wire.binary_row(3))
    table.insert(rows, end_of_rows())
    talk:server(wire.frames(1, rows))
    assert.same({ 1, 2, 3 }, (take(talk, token)))
    talk:wants("nothing")
  end)

  it_talks("that a procedure used is none of the statement", function(talk)
    talk:log_in()
    local token = stream(talk)
    talk:server(PREPARED)
    talk:output()
    talk:server(wire.frames(1, {
      COLUMNS[1],
      COLUMNS[2],
      end_of_rows(EXISTS + 8),
      COLUMNS[1],
      COLUMNS[2],
      wire.binary_row(1),
      end_of_rows(EXISTS),
    }))
    take(talk, token)
    talk:wants("nothing")

    token = stream(talk)
    talk:output()
    local rows = { COLUMNS[1], COLUMNS[2], wire.binary_row(1), end_of_rows(EXISTS) }
    talk:server(wire.frames(1, rows))
    assert.same({ { 1 }, false }, { take(talk, token) })
    talk:wants("nothing")
  end)

  it_talks("leaves with its PREPARE on MariaDB, and is fetched by its number", function(talk)
    talk:log_in({
      version = "5.5.5-10.11.19-MariaDB",
      capabilities = wire.MARIADB,
      extended = 0x14,
    })
    local token = stream(talk)
    talk:client_sends(
      wire.frame(0, "\22" .. SQL) .. wire.frame(0, "\23" .. uint(2 ^ 32 - 1, 4) .. "\1\1\0\0\0")
    )
    talk:server(PREPARED)
    talk:server(wire.frames(1, { "\1\1", wire.column("n"), end_of_rows(EXISTS) }))
    talk:client_sends(fetch())
    talk:server(batch(LAST, 1))
    assert.same({ 1 }, (take(talk, token)))
    token = stream(talk)
    talk:client_sends(EXECUTE)
    talk:server(wire.frames(1, { "\1\0", end_of_rows(EXISTS) }))
    talk:client_sends(fetch())
    talk:server(batch(LAST, 2))
    assert.same({ 2 }, (take(talk, token)))
  end)

  it_talks("loses its connection in words", function(talk)
    local token = open(talk)
    talk:server(batch(EXISTS, 1, 2))
    talk.session:hangup()
    local rows, err = take(talk, token)
    assert.same({ { 1, 2 }, "IO" }, { rows, err.code })
  end)
end)

describe("a cursor of a server that ends columns with EOF", function()
  it_talks("has one EOF for both", function(talk)
    talk:log_in({ capabilities = WITH_EOF })
    local token = stream(talk)
    talk:server(PREPARED)
    talk:output()
    talk:server(wire.frames(1, { COLUMNS[1], COLUMNS[2], wire.eof(EXISTS) }))
    talk:client_sends(fetch())
    talk:server(wire.frames(1, { wire.binary_row(1), wire.binary_row(2), wire.eof(EXISTS) }))
    assert.same({ 1, 2 }, (take(talk, token)))
    talk:client_sends(fetch())
    talk:server(wire.frames(1, { wire.binary_row(3), wire.eof(LAST) }))
    assert.same({ { 3 }, false }, { take(talk, token) })
    talk:wants("nothing")
  end)

  it_talks("may be ignored", function(talk)
    talk:log_in({ capabilities = WITH_EOF })
    local token = stream(talk)
    talk:server(PREPARED)
    talk:output()
    local row = wire.binary_row(1)
    talk:server(wire.frames(1, { COLUMNS[1], COLUMNS[2], wire.eof(), row, wire.eof() }))
    assert.same({ { 1 }, false }, { take(talk, token) })
  end)
end)

describe("a hostile cursor ends the session:", function()
  local function fails(name, words, answer)
    it_talks(name, function(talk)
      local token = open(talk)
      talk:server(answer)
      talk:fails("PROTOCOL", words)
      local _, err = take(talk, token)
      assert.is_true(err == false or err.code == "PROTOCOL")
    end)
  end

  fails("batches without rows", "goes on without rows", batch(EXISTS))
  fails("more rows than asked for", "more rows than were asked for", batch(LAST, 1, 2, 3))
  fails("an end without its last row", "without its last row", batch(2, 1))
  fails("another result behind it", "another result is said to follow", batch(LAST + 8, 1))
  fails("rows behind the last", "no command was outstanding", batch(LAST, 1) .. batch(LAST, 2))
  fails("rows unasked for", "no command was outstanding", batch(EXISTS, 1) .. batch(EXISTS, 2))
  fails("an empty packet", "malformed", wire.frame(1, ""))
  fails("a cut row", "malformed", wire.frame(1, "\0\0\1"))

  it_talks("part of a packet in front of the next request", function(talk)
    local token = open(talk)
    talk:server(batch(EXISTS, 1, 2))
    talk:server("\1\0")
    take(talk, token)
    talk:fails("PROTOCOL", "no command was outstanding")
  end)

  it_talks("rows in answer to closing", function(talk)
    local token = open(talk)
    talk:server(batch(EXISTS, 1, 2))
    talk.session:discard(token, 1000)
    talk:output()
    talk:server(wire.frame(1, "\1"))
    talk:fails("PROTOCOL", "COM_STMT_RESET")
  end)
end)
