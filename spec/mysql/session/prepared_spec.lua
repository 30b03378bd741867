local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local uint = wire.uint

local INSERT, SELECT = "INSERT INTO t VALUES (?)", "SELECT n FROM t WHERE n = ?"

--- EXECUTE with one integer, as MySQL and MariaDB get it here.
local function execute(id, number)
  local value = uint(number, 4) .. "\0\0\0\0"
  return "\23" .. uint(id, 4) .. "\0\1\0\0\0" .. "\0" .. "\1" .. "\8\0" .. value
end

local function prepare(sql)
  return wire.frame(0, "\22" .. sql)
end

local function close(id)
  return wire.frame(0, "\25" .. uint(id, 4))
end

local function parameters(count)
  local packets = {}
  for i = 1, count do
    packets[i] = wire.column("?")
  end
  return packets
end

--- The answer to PREPARE.
local function prepared(id, count, columns)
  local packets = { wire.prepare_ok(id, columns or 0, count) }
  for _, packet in ipairs(parameters(count)) do
    table.insert(packets, packet)
  end
  for i = 1, columns or 0 do
    table.insert(packets, wire.column("c" .. i))
  end
  return wire.frames(1, packets)
end

local function rows(...)
  local packets = { "\1", wire.column("n") }
  for _, number in ipairs({ ... }) do
    table.insert(packets, wire.binary_row(number))
  end
  table.insert(packets, wire.end_of_rows())
  return wire.frames(1, packets)
end

local OK = wire.frame(1, wire.ok())
local MARIADB = { version = "5.5.5-10.11.19-MariaDB", capabilities = wire.MARIADB, extended = 0x14 }

--- Prepares a statement by running it once, as number `id`.
local function run_once(talk, sql, id)
  local token = talk:execute(sql, 1)
  talk:output()
  talk:server(prepared(id, 1))
  talk:output()
  talk:server(OK)
  assert.is_truthy(talk:take(token))
end

describe("a prepared statement", function()
  it_talks("that is lost does not keep those waiting that are held behind it", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    local sent = talk:execute(INSERT, 1)
    local preparing = talk:execute(SELECT, 2)
    local held = talk:execute(INSERT, 3)
    talk:output()
    talk:server(wire.frame(1, wire.err(1243, "unknown")))
    talk:server(prepared(5, 1))
    talk:output()
    talk:server(OK)

    assert.equal(1243, select(2, talk:take(sent)).errno)
    assert.is_truthy(talk:take(preparing))
    assert.equal(1243, select(2, talk:take(held)).errno)
    talk:wants("nothing")
  end)

  it_talks("is prepared, then executed, then only executed", function(talk)
    talk:log_in()
    local token = talk:execute(INSERT, 7)
    talk:client_sends(prepare(INSERT))
    talk:wants("read")
    talk:server(prepared(3, 1))
    talk:client_sends(wire.frame(0, execute(3, 7)))
    talk:server(wire.frame(1, wire.ok({ affected_rows = 1 })))
    assert.equal(1, talk:take(token).affected_rows)
    talk:wants("nothing")

    token = talk:execute(INSERT, 8)
    talk:client_sends(wire.frame(0, execute(3, 8)))
    talk:server(wire.frame(1, wire.ok({ affected_rows = 1 })))
    assert.equal(1, talk:take(token).affected_rows)
  end)

  it_talks("answers with binary rows", function(talk)
    talk:log_in()
    local token = talk:execute(SELECT, 7)
    talk:output()
    talk:server(prepared(1, 1, 1))
    talk:output()
    talk:server(rows(7, 0x7fffffff))

    assert.same({ { 7 }, { 0x7fffffff } }, talk:take(token).rows)
  end)

  it_talks("leaves with its PREPARE on MariaDB, when none was prepared before", function(talk)
    talk:log_in(MARIADB)
    local first = talk:execute(INSERT, 7)
    talk:client_sends(prepare(INSERT) .. wire.frame(0, execute(0xffffffff, 7)))
    talk:server(prepared(5, 1) .. OK)
    assert.is_truthy(talk:take(first))
    talk:execute(INSERT, 8)
    talk:client_sends(wire.frame(0, execute(5, 8)))
    talk:server(OK)

    -- The server would take -1 for INSERT if it has no room for this one.
    talk:execute(SELECT, 9)
    talk:client_sends(prepare(SELECT))
    talk:server(prepared(6, 1, 1))
    talk:client_sends(wire.frame(0, execute(6, 9)))
  end)

  it_talks("fails once when MariaDB refuses both", function(talk)
    talk:log_in(MARIADB)
    local token, ping = talk:execute("SELEC ?", 1), talk:ask("!ping")
    talk:server(wire.frame(1, wire.err(1064, "syntax", "42000")))
    talk:server(wire.frame(1, wire.err(1243, "unknown handler (4294967295)")))
    talk:server(OK)

    assert.equal(1064, select(2, talk:take(token)).errno)
    assert.is_truthy(talk:take(ping))
    talk:wants("write")
  end)

  it_talks("is not executed by a server that refused to prepare it", function(talk)
    for _, answer in ipairs({ OK, wire.frame(1, "\1\1") }) do
      local other = conversation.new(nil, false, talk.step)
      other:log_in(MARIADB)
      local token = other:execute(INSERT, 1)
      other:server(wire.frame(1, wire.err(1461, "no room")) .. answer)
      other:fails("PROTOCOL", "refused to prepare")
      assert.equal("PROTOCOL", select(2, other:take(token)).code)
    end
  end)

  it_talks("holds back what is behind it, in order", function(talk)
    talk:log_in()
    local first = talk:execute(INSERT, 7)
    local second = talk:ask("SELECT 1")
    local third = talk:execute(SELECT, 8)
    local fourth = talk:execute(INSERT, 9)
    talk:client_sends(prepare(INSERT))
    talk:server(prepared(1, 1))
    talk:client_sends(
      wire.frame(0, execute(1, 7)) .. wire.frame(0, "\3SELECT 1") .. prepare(SELECT)
    )
    talk:server(OK .. OK .. prepared(2, 1, 1))
    talk:client_sends(wire.frame(0, execute(2, 8)) .. wire.frame(0, execute(1, 9)))
    talk:server(rows(8) .. OK)

    assert.same({ { 8 } }, talk:take(third).rows)
    for _, token in ipairs({ first, second, fourth }) do
      assert.same({}, talk:take(token).rows)
    end
    talk:wants("nothing")
  end)

  it_talks("that cannot be prepared fails alone", function(talk)
    talk:log_in()
    local first, second = talk:execute("SELEC ?", 1), talk:execute("SELEC ?", 2)
    local third = talk:ask("SELECT 1")
    talk:output()
    talk:server(wire.frame(1, wire.err(1064, "syntax", "42000")))
    talk:client_sends(wire.frame(0, "\3SELECT 1"))
    assert.equal(1064, select(2, talk:take(first)).errno)
    assert.equal(1064, select(2, talk:take(second)).errno)
    talk:server(OK)
    assert.is_truthy(talk:take(third))
    talk:wants("nothing")
  end)

  it_talks("refused in its turn is told in its turn", function(talk)
    talk:log_in()
    local two = "DO /*! ?, */ ?"
    local first, second, third = talk:execute(INSERT, 1), talk:execute(two, 1), talk:ask("!ping")
    talk:output()
    talk:server(prepared(1, 1))
    talk:client_sends(wire.frame(0, execute(1, 1)) .. prepare(two))
    talk:server(OK .. prepared(2, 2))
    talk:client_sends(wire.frame(0, "\14"))
    talk:server(OK)
    assert.is_truthy(talk:take(first))
    local _, err = talk:take(second)
    assert.same({ "ARGUMENT", "the server counts 2 placeholders, and 1 parameters are given" }, {
      err.code,
      err.message,
    })
    assert.is_truthy(talk:take(third))
  end)

  it_talks("is closed with the command behind it, never alone", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    assert.equal(0, talk.session:command("forget", INSERT))
    talk:wants("nothing")
    talk:ask("!ping")
    talk:client_sends(close(4) .. wire.frame(0, "\14"))
    talk:server(OK)
    talk:execute(INSERT, 1)
    talk:client_sends(prepare(INSERT))
  end)

  it_talks("is not closed while it runs", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    talk:execute(INSERT, 1)
    talk:output()
    talk.session:command("forget", INSERT)
    talk:ask("!ping")
    talk:client_sends(wire.frame(0, "\14"))
    talk:server(OK .. OK)
    talk:ask("!ping")
    talk:client_sends(close(4) .. wire.frame(0, "\14"))
  end)

  it_talks("is prepared again behind a reset, and not closed", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    talk:ask("!reset")
    talk:client_sends(wire.frame(0, "\31"))
    talk:execute(INSERT, 1)
    talk:client_sends(prepare(INSERT))
    talk:server(OK .. prepared(4, 1))
    talk:client_sends(wire.frame(0, execute(4, 1)))
  end)

  it_talks("is prepared again for another user, and not closed", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    talk.session:change_user({ user = "other", charset = "utf8mb4" })
    talk:output()
    talk:server(OK)
    talk:execute(INSERT, 1)
    talk:client_sends(prepare(INSERT))
    talk:server(prepared(4, 1))
    talk:client_sends(wire.frame(0, execute(4, 1)))
  end)

  for errno, name in pairs({ [1243] = "unknown", [1615] = "outdated" }) do
    it_talks("that is " .. name .. " is prepared and executed again, once", function(talk)
      talk:log_in()
      run_once(talk, INSERT, 4)
      local token = talk:execute(INSERT, 5)
      talk:output()
      talk:server(wire.frame(1, wire.err(errno, "no such statement")))
      assert.is_false(talk.session:done(token))
      talk:client_sends((errno == 1615 and close(4) or "") .. prepare(INSERT))
      talk:server(prepared(6, 1))
      talk:client_sends(wire.frame(0, execute(6, 5)))
      talk:server(wire.frame(1, wire.err(errno, "no such statement")))
      assert.equal(errno, select(2, talk:take(token)).errno)
    end)
  end

  it_talks("with others behind it fails, and is prepared again next time", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    local token = talk:execute(INSERT, 5)
    talk:ask("!ping")
    talk:output()
    talk:server(wire.frame(1, wire.err(1243, "no such statement")) .. OK)
    assert.equal(1243, select(2, talk:take(token)).errno)
    talk:execute(INSERT, 5)
    talk:client_sends(prepare(INSERT))
  end)

  it_talks("that may have done something is not executed again", function(talk)
    talk:log_in()
    run_once(talk, "CALL p(?)", 4)
    local token = talk:execute("CALL p(?)", 5)
    talk:output()
    talk:server(wire.frame(1, wire.err(1615, "again")))
    assert.equal(1615, select(2, talk:take(token)).errno)
  end)

  it_talks("for which there is no room takes that of the others", function(talk)
    talk:log_in()
    run_once(talk, INSERT, 4)
    local token = talk:execute(SELECT, 5)
    talk:output()
    talk:server(wire.frame(1, wire.err(1461, "too many")))
    talk:client_sends(close(4) .. prepare(SELECT))
    talk:server(wire.frame(1, wire.err(1461, "too many")))
    assert.equal(1461, select(2, talk:take(token)).errno)
    talk:wants("nothing")
  end)

  it_talks("for which MariaDB has no room is tried once more", function(talk)
    talk:log_in(MARIADB)
    local first = talk:execute(INSERT, 1)
    talk:server(prepared(1, 1) .. OK)
    talk:take(first)
    talk:output()
    local token = talk:execute(SELECT, 5)
    talk:output()
    talk:server(wire.frame(1, wire.err(1461, "too many")))
    talk:client_sends(close(1) .. prepare(SELECT))
    talk:server(prepared(2, 1, 1))
    talk:client_sends(wire.frame(0, execute(2, 5)))
    talk:server(
      wire.frames(1, { "\1\1", wire.column("n"), wire.binary_row(5), wire.end_of_rows() })
    )
    assert.same({ { 5 } }, talk:take(token).rows)
  end)

  it_talks("without a limit on their number would fill the server", function(talk)
    talk:log_in()
    run_once(talk, "DO ?", 1)
    run_once(talk, "DO 1 + ?", 2)
    talk:execute("DO 2 + ?", 3)
    talk:client_sends(close(1) .. prepare("DO 2 + ?"))
  end, { statement_cache_size = 2 })

  it_talks("is closed each time where none is kept", function(talk)
    talk:log_in(MARIADB)
    for id = 1, 3 do
      local token = talk:execute(INSERT, 7)
      talk:client_sends(
        (id > 1 and close(id - 1) or "") .. prepare(INSERT) .. wire.frame(0, execute(0xffffffff, 7))
      )
      talk:server(prepared(id, 1) .. OK)
      assert.is_truthy(talk:take(token))
    end
  end, { statement_cache_size = 0 })

  it_talks("tells its columns and parameters", function(talk)
    talk:log_in()
    local token = assert(talk.session:command("prepare", SELECT))
    talk:client_sends(prepare(SELECT))
    talk:server(prepared(1, 1, 2))
    local res = talk:take(token)
    assert.same({ { "c1", "c2" }, 1, 0 }, { { unpack(res.names) }, res.affected_rows, res.count })
    talk:execute(SELECT, 1)
    talk:client_sends(wire.frame(0, execute(1, 1)))
  end)

  it_talks("needs no columns twice on MariaDB", function(talk)
    talk:log_in(MARIADB)
    local first = talk:execute(SELECT, 1)
    talk:server(prepared(1, 1, 1))
    talk:server(
      wire.frames(1, { "\1\1", wire.column("n"), wire.binary_row(1), wire.end_of_rows() })
    )
    local second = talk:execute(SELECT, 2)
    talk:server(wire.frames(1, { "\1\0", wire.binary_row(2), wire.end_of_rows() }))
    assert.same({ { 1 } }, talk:take(first).rows)
    local res = talk:take(second)
    assert.same({ { 2 } }, res.rows)
    assert.same({ "n" }, { unpack(res.names) })
  end)

  for name, count in pairs({ ["never sent"] = "\2\0", ["neither sent nor not"] = "\1\2" }) do
    it_talks("has no columns that were " .. name, function(talk)
      talk:log_in(MARIADB)
      talk:execute(SELECT, 1)
      talk:server(prepared(1, 1, 1) .. wire.frame(1, count))
      talk:fails("PROTOCOL", "column count")
    end)
  end

  it_talks("has no columns from a text query", function(talk)
    talk:log_in(MARIADB)
    talk:ask("SELECT 1")
    talk:server(wire.frame(1, "\1\0"))
    talk:fails("PROTOCOL", "column count")
  end)

  it_talks("quits when all held back is answered", function(talk)
    talk:log_in()
    talk:execute(INSERT, 1)
    talk.session:command("quit")
    talk:client_sends(prepare(INSERT))
    talk:server(prepared(1, 1))
    talk:client_sends(wire.frame(0, execute(1, 1)) .. wire.frame(0, "\1"))
    talk:server(OK)
    assert.equal("closed", (talk.session:state()))
  end)

  it_talks("that waits learns of the end", function(talk)
    talk:log_in()
    local tokens = { talk:execute(INSERT, 1), talk:execute(INSERT, 2), talk:ask("!ping") }
    talk:server(wire.frame(1, "\0\1"))
    talk:fails("PROTOCOL", "COM_STMT_PREPARE_OK")
    for _, token in ipairs(tokens) do
      assert.equal("PROTOCOL", select(2, talk:take(token)).code)
    end
  end)
end)

describe("the answer to PREPARE", function()
  local SEVEN = { wire.prepare_ok(7, 1, 2), wire.column("?"), wire.column("?"), wire.column("a") }

  for name, packets in pairs({
    ["has number 0"] = { wire.prepare_ok(0, 0, 1) },
    ["has number -1"] = { wire.prepare_ok(0xffffffff, 0, 1) },
    ["is cut"] = { wire.prepare_ok(1, 0, 1):sub(1, 11) },
    ["goes on"] = { wire.prepare_ok(1, 0, 1) .. "\0\0" },
    ["is a column count"] = { "\1" },
    ["is the request for a file"] = { "\251/etc/passwd" },
    ["is an EOF"] = { wire.eof() },
    ["lacks a parameter"] = { SEVEN[1], SEVEN[2], wire.eof() },
    ["has an EOF too many"] = { SEVEN[1], SEVEN[2], SEVEN[3], wire.eof() },
    ["has a parameter that is cut"] = { SEVEN[1], SEVEN[2]:sub(1, 9) },
    ["has a column that is cut"] = { SEVEN[1], SEVEN[2], SEVEN[3], SEVEN[4]:sub(1, 9) },
  }) do
    it_talks("is malformed when it " .. name, function(talk)
      talk:log_in()
      local token = talk:execute("SELECT ?, ?", 1, 2)
      talk:server(wire.frames(1, packets))
      talk:fails("PROTOCOL", "malformed")
      assert.equal("PROTOCOL", select(2, talk:take(token)).code)
    end)
  end

  it_talks("may have too many columns", function(talk)
    talk:log_in()
    talk:execute("SELECT ?", 1)
    talk:server(wire.frame(1, wire.prepare_ok(1, 4097, 0)))
    talk:fails("LIMIT", "more than 4096 columns")
  end)

  it_talks("may end in an error anywhere", function(talk)
    for size = 0, #SEVEN - 1 do
      local other = conversation.new(nil, false, talk.step)
      other:log_in()
      local token, ping = other:execute("SELECT ?, ?", 1, 2), other:ask("!ping")
      other:output()
      local packets = { unpack(SEVEN, 1, size) }
      table.insert(packets, wire.err(1317, "interrupted"))
      other:server(wire.frames(1, packets))
      assert.equal(1317, select(2, other:take(token)).errno)
      other:client_sends(wire.frame(0, "\14"))
      other:server(OK)
      assert.is_truthy(other:take(ping))
    end
  end)

  it_talks("has its EOFs where they are not deprecated", function(talk)
    talk:log_in({ capabilities = wire.ALL - wire.CAPABILITY.DEPRECATE_EOF })
    local token = talk:execute("SELECT ?, ?", 1, 2)
    talk:output()
    talk:server(wire.frames(1, { SEVEN[1], SEVEN[2], SEVEN[3], wire.eof(), SEVEN[4], wire.eof() }))
    talk:wants("write")
    talk:server(wire.frames(1, { "\1", SEVEN[4], wire.eof(), wire.binary_row(3), wire.eof() }))
    assert.same({ { 3 } }, talk:take(token).rows)
    talk:execute("DO 1")
    talk:output()
    talk:server(wire.frame(1, wire.prepare_ok(8, 0, 0)))
    talk:wants("write")
  end)
end)

describe("rows of a prepared statement", function()
  local function answer(talk, packets)
    talk:log_in()
    local token = talk:execute("SELECT n FROM t")
    talk:output()
    talk:server(prepared(1, 0, 1))
    talk:output()
    talk:server(wire.frames(1, packets))
    return token
  end

  it_talks("may be none, and NULL", function(talk)
    local token = answer(talk, { "\1", wire.column("n"), wire.binary_row(nil), wire.end_of_rows() })
    assert.same({ { require("lunasa.null") } }, talk:take(token).rows)
    token = talk:execute("SELECT n FROM t")
    talk:server(rows())
    assert.same({}, talk:take(token).rows)
  end)

  for name, row in pairs({
    ["is of the text protocol"] = wire.row("1"),
    ["is cut"] = wire.binary_row(1):sub(1, 5),
    ["goes on"] = wire.binary_row(1) .. "\0",
    ["is empty"] = "",
  }) do
    it_talks("are malformed when one " .. name, function(talk)
      answer(talk, { "\1", wire.column("n"), row })
      talk:fails("PROTOCOL", "malformed")
    end)
  end

  it_talks("may be what a procedure gives out, with an OK behind them", function(talk)
    local more = wire.STATUS.MORE_RESULTS + wire.STATUS.PS_OUT_PARAMS
    local token = answer(talk, {
      "\1",
      wire.column("n"),
      wire.binary_row(1),
      wire.end_of_rows({ status = more }),
      wire.ok(),
    })
    assert.same({ { 1 } }, talk:take(token).rows)
    assert.same({}, talk:take(token).rows)
    talk:wants("nothing")
  end)

  it_talks("given out are told by the first EOF alone on old servers", function(talk)
    talk:log_in({ capabilities = wire.ALL - wire.CAPABILITY.DEPRECATE_EOF })
    local token = talk:execute("CALL p(@a)")
    talk:output()
    talk:server(wire.frame(1, wire.prepare_ok(1, 0, 0)))
    talk:output()
    talk:server(wire.frames(1, {
      "\1",
      wire.column("n"),
      wire.eof(wire.STATUS.MORE_RESULTS + wire.STATUS.PS_OUT_PARAMS + 2),
      wire.binary_row(1),
      wire.eof(2),
      wire.ok(),
    }))
    local res = talk:take(token)
    assert.same({ { 1 } }, res.rows)
    assert.is_true(res.has_more)
    assert.same({}, talk:take(token).rows)
    talk:wants("nothing")
  end)
end)
