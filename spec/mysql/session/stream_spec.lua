local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local WINDOW = 256 * 1024

--- Asks for a statement whose rows are to come in batches.
local function stream(talk, sql)
  local token = assert(talk.session:query(sql, nil, false, true))
  talk:output()
  return token
end

--- Takes every batch that has come.
---@return table[] rows
---@return boolean? is_partial of the last batch
---@return boolean? has_more
local function take_batches(talk, token)
  local rows, is_partial, has_more = {}, true, true
  while has_more and talk.session:done(token) do
    local told = { talk.session:batch(token, core.format.array) }
    local packed, count = told[1], told[3]
    if not packed then
      return rows, told[2]
    end
    for i = 1, count do
      table.insert(rows, packed:row(i))
    end
    if type(packed) == "userdata" then
      packed:close()
    end
    is_partial, has_more = told[8], told[9]
  end
  return rows, is_partial, has_more
end

--- The head of a result of one column, and a row of it.
local HEAD = { "\1", wire.column("a") }

describe("the rows of a streamed command", function()
  it_talks("are told as they come, and the counts behind the last", function(talk)
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, HEAD))
    assert.is_false(talk.session:done(token))
    talk:server(wire.frames(3, { wire.row("1"), wire.row("2") }))
    assert.is_true(talk.session:done(token))
    local rows, is_partial, has_more = take_batches(talk, token)
    assert.same({ { { 1 }, { 2 } }, true, true }, { rows, is_partial, has_more })
    talk:wants("read")

    assert.is_false(talk.session:done(token))
    talk:server(wire.frames(5, { wire.row("3"), wire.end_of_rows({ warnings = 7 }) }))
    rows, is_partial, has_more = take_batches(talk, token)
    assert.same({ { { 3 } }, false, false }, { rows, is_partial, has_more })
    talk:wants("nothing")
  end)

  it_talks("are none of another command's", function(talk)
    talk:log_in()
    local first, second = stream(talk, "SELECT 1"), talk:ask("SELECT 2")
    talk:output()
    local answer = wire.frames(1, { "\1", wire.column("a"), wire.row("1"), wire.end_of_rows() })
    talk:server(answer)
    assert.is_false(talk.session:done(second))
    talk:server(answer)

    assert.same({ { 1 } }, talk:take(second).rows)
    assert.same({ { 1 } }, (take_batches(talk, first)))
  end)

  it_talks("are told before the error that ends them", function(talk)
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, HEAD) .. wire.frame(3, wire.row("1")))
    talk:server(wire.frame(4, wire.err(1317, "interrupted")))

    local rows, err = take_batches(talk, token)
    assert.same({ { 1 } }, rows)
    assert.equal(1317, err.errno)
    talk:wants("nothing")
  end)

  it_talks("end with the connection, and never quietly", function(talk)
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, HEAD) .. wire.frame(3, wire.row("1")))
    talk.session:hangup("IO", "gone")

    local rows, err = take_batches(talk, token)
    assert.same({ { 1 } }, rows)
    assert.equal("gone", err.message)
  end)

  it_talks("may be of several results, and none may be one", function(talk)
    local more = wire.STATUS.AUTOCOMMIT + wire.STATUS.MORE_RESULTS
    talk:log_in()
    local token = stream(talk, "CALL p()")
    talk:server(wire.frames(1, {
      "\1",
      wire.column("a"),
      wire.row("1"),
      wire.end_of_rows({ status = more }),
      wire.ok({ status = more, affected_rows = 3 }),
      "\1",
      wire.column("a"),
      wire.row("2"),
      wire.end_of_rows(),
    }))

    local seen = {}
    local has_more = true
    while has_more do
      local told = { talk.session:batch(token) }
      assert.is_not_nil(told[1])
      local is_partial = told[8]
      has_more = told[9]
      table.insert(seen, is_partial and told[3] or told[2] and "rows" or told[4])
    end
    local told = talk.step and { 1, "rows", 3, 1, "rows" } or { "rows", 3, "rows" }
    assert.same(told, seen)
  end)
end)

describe("a stream that nobody takes from", function()
  local TEXTS = { "\1", wire.column("a", { type = 253 }) }
  local ROW = wire.row(("x"):rep(1000))

  --- Feeds rows until the session pauses.
  ---@return integer count
  local function fill(talk, sequence)
    local count = 0
    while talk.session:want() == "read" do
      talk:server(wire.frame((sequence + count) % 256, ROW))
      count = count + 1
      assert.is_true(count < 1000, "it never pauses")
    end
    talk:wants("pause")
    return count
  end

  it("pauses, and goes on when all was taken", function()
    local talk = conversation.new()
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, TEXTS))
    local count = fill(talk, 3)
    assert.is_true(count * 1000 <= WINDOW + 2048)

    assert.equal(count, #take_batches(talk, token))
    talk:wants("read")
    local again = fill(talk, 3 + count)
    assert.equal(count, again)
    assert.equal(again, #take_batches(talk, token))
    talk:server(wire.frame((3 + count + again) % 256, wire.end_of_rows()))
    take_batches(talk, token)
    talk:wants("nothing")
  end)

  it("goes on when nobody wants the rest, which is not kept", function()
    local talk = conversation.new()
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, TEXTS))
    local count = fill(talk, 3)
    talk.session:discard(token, 10 * 1000)
    talk:wants("read")
    assert.is_false(talk.session:done(token))
    assert.is_false(talk.session:is_discarded(token))
    for i = 1, 10 do
      talk:server(wire.frame((2 + count + i) % 256, ROW))
    end
    assert.is_true(talk.session:done(token)) -- it was too much
    assert.is_false(talk.session:is_discarded(token))
    talk:server(wire.frame((13 + count) % 256, wire.end_of_rows()))
    assert.is_true(talk.session:is_discarded(token))
    talk:wants("nothing")

    stream(talk, "SELECT")
    talk:wants("read") -- what was not taken of the first is not counted against the second
  end)

  it("leaves nothing behind when it is dropped at its end", function()
    local talk = conversation.new()
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, TEXTS))
    local count = fill(talk, 3)
    talk:server(wire.frame((3 + count) % 256, wire.end_of_rows()))
    talk.session:discard(token, 0)

    stream(talk, "SELECT")
    talk:wants("read")
  end)
end)

describe("a command that nobody waits for any more", function()
  it_talks("has its rows dropped unseen, also behind others", function(talk)
    talk:log_in()
    local first, second, third = talk:ask("SELECT 1"), talk:ask("SELECT 2"), talk:ask("SELECT 3")
    talk:output()
    talk.session:abandon(second)
    local answer = wire.frames(1, { "\1", wire.column("a"), wire.row("1"), wire.end_of_rows() })
    local malformed = wire.frames(1, { "\1", wire.column("a"), "\9x", wire.end_of_rows() })
    talk:server(answer .. malformed .. answer)

    assert.same({ { 1 } }, talk:take(first).rows)
    assert.same({ { 1 } }, talk:take(third).rows)
    assert.is_true(talk.session:is_discarded(second))
    talk:wants("nothing")
  end)

  it_talks("may fail unseen", function(talk)
    talk:log_in()
    local token = stream(talk, "SELECT")
    talk:server(wire.frames(1, HEAD) .. wire.frame(3, wire.row("1")))
    talk.session:discard(token, 1000)
    talk:server(wire.frame(4, wire.err(1317, "interrupted")))
    assert.is_true(talk.session:done(token))
    assert.is_true(talk.session:is_discarded(token))
    talk:wants("nothing")
  end)
end)
