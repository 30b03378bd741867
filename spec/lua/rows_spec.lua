--- Rows of a result while other code runs in between: a converter, or a finalizer of the user's.
local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local datetime = require("lunasa.datetime")
local format = require("lunasa.format")
local json = require("lunasa.json")
local program = require("spec.runner.program")
local result = require("lunasa.result")
local wire = require("spec.mysql.wire")

local ROWS = 300 -- more than a small result has
local TEXT = { type = 0xfd, charset = 45 }
local JSON = { type = 0xf5, charset = 45 }
local DECODED = { rows = "array", json = "decode" }

--- What `res.rows` and its kin do with a result, each as a function that gives its rows as lists.
local READERS = {
  all = function(res)
    return res:all()
  end,
  rows = function(res)
    local rows = {}
    for row in res:rows() do
      table.insert(rows, row)
    end
    return rows
  end,
  values = function(res)
    local rows = {}
    for a, b in res:values() do
      table.insert(rows, { a, b })
    end
    return rows
  end,
  column = function(res)
    local rows = {}
    for i, a in ipairs(res:column(1)) do
      rows[i] = { a, "text " .. i }
    end
    return rows
  end,
}

--- The answer to a statement, as a result of the library.
---@param talk spec.Conversation
---@param columns string[]
---@param rows string[]
---@param options? table
local function answer(talk, columns, rows, options)
  local packets = { wire.lenenc(#columns) }
  for _, packet in ipairs(columns) do
    table.insert(packets, packet)
  end
  for _, packet in ipairs(rows) do
    table.insert(packets, packet)
  end
  table.insert(packets, wire.end_of_rows())
  local token = talk:ask("SELECT")
  talk:output()
  talk:server(wire.frames(1, packets))
  return result.take(talk.session, token, format.of(options or {}))
end

local function new_talk()
  local talk = conversation.new()
  talk:log_in()
  return talk
end

--- Rows { "json <i>", "text <i>" }, of which the first is what a converter makes.
local function documents(talk, count)
  local rows = {}
  for i = 1, count do
    rows[i] = wire.row("json " .. i, "text " .. i)
  end
  return answer(talk, { wire.column("j", JSON), wire.column("s", TEXT) }, rows, DECODED)
end

local function expected(count)
  local rows = {}
  for i = 1, count do
    rows[i] = { "json " .. i, "text " .. i }
  end
  return rows
end

--- Another result, of as many columns.
local function others(talk)
  local rows = {}
  for i = 1, ROWS do
    rows[i] = wire.row("other " .. i, "word " .. i)
  end
  local columns = { wire.column("a", TEXT), wire.column("b", TEXT) }
  return answer(talk, columns, rows, { rows = "array" })
end

--- Makes `work` what converts JSON columns.
local function convert(work)
  core.set_converters({ datetime = datetime.new, duration = datetime.duration, json = work })
end

--- Runs `work` when the collector finds this.
local function plant(work)
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = work
end

--- Resident memory of this process, in MB.
local function resident()
  for line in io.lines("/proc/self/status") do
    local size = line:match("^VmRSS:%s+(%d+)")
    if size then
      return tonumber(size) / 1024
    end
  end
end

describe("rows", function()
  it("are the same read in one way or another, whatever their width", function()
    for _, width in ipairs({ 1, 2, 21, 32, 33, 64, 65, 100 }) do
      local talk = new_talk()
      local columns, rows, made = {}, {}, {}
      for c = 1, width do
        columns[c] = wire.column("c" .. c, TEXT)
      end
      for i = 1, 130 do
        local cells = {}
        for c = 1, width do
          cells[c] = (i + c) % 7 == 0 and "" or ("%d of %d"):format(c, i)
        end
        made[i], rows[i] = cells, wire.row(unpack(cells))
      end
      local res = answer(talk, columns, rows, { rows = "array" })
      local all = res:all()
      for c = 1, width do
        local column = res:column(c)
        assert.same({ 130, 130 }, { #all, #column })
        for i = 1, 130 do
          local text = made[i][c]
          assert.is_true(all[i][c] == text and column[i] == text and res:get(i, c) == text)
        end
      end
    end
  end)

  it("have their strings when there are many, and when they are known", function()
    local rows, made = {}, {}
    for i = 1, 40000 do
      local text = i % 3 == 0 and "known" or ("x"):rep(i % 40) .. i
      made[i], rows[i] = { text, "t" .. i }, wire.row(text, "t" .. i)
    end
    local columns = { wire.column("a", TEXT), wire.column("b", TEXT) }
    local res = answer(new_talk(), columns, rows, { rows = "array" })
    for _ = 1, 2 do
      local all, first = res:all(), res:column(1)
      for i = 1, #made do
        assert.is_true(all[i][1] == made[i][1] and all[i][2] == made[i][2], i)
        assert.is_true(first[i] == made[i][1], i)
      end
    end
  end)

  local talk

  before_each(function()
    talk = new_talk()
    format.of(DECODED) -- loads the converters, which a spec may replace from then on
  end)

  after_each(function()
    convert(json.decode)
  end)

  for name, read in pairs(READERS) do
    it("are themselves though a converter reads another result, by " .. name, function()
      local res, other = documents(talk, ROWS), others(talk)
      convert(function(text)
        assert(other[7][2] == "word 7")
        return text
      end)

      assert.same(expected(ROWS), read(res))
    end)

    it("are themselves though a finalizer reads another result, by " .. name, function()
      local res, other = documents(talk, 3 * ROWS), others(talk)
      local seen = 0
      convert(function(text)
        if text:find("0$") then
          plant(function()
            seen = seen + #other:all()[1]
          end)
          collectgarbage()
        end
        return text
      end)

      assert.same(expected(3 * ROWS), read(res))
      assert.is_true(seen > 0)
    end)

    it("can be closed by a finalizer as their reading begins, by " .. name, function()
      local res = documents(talk, ROWS)
      convert(tostring)
      local multiplier = collectgarbage("setstepmul", 1000000) -- a step is a whole collection
      plant(function()
        res:close()
      end)
      collectgarbage("restart") -- with the next thing that is made
      local ok, read_or_err = pcall(read, res)
      collectgarbage("setstepmul", multiplier)
      if ok then
        assert.same(expected(ROWS), read_or_err)
      else
        assert.matches("the result is closed$", tostring(read_or_err))
      end
    end)

    it("can be closed by a converter while they are read, by " .. name, function()
      local res, fresh = documents(talk, ROWS), new_talk()
      convert(function(text)
        if text == "json 2" then
          res:close()
          others(fresh) -- which takes the memory that was given back
        end
        return text
      end)

      local ok, read_or_err = pcall(read, res)
      if ok then
        assert.same(expected(ROWS), read_or_err)
      else
        assert.matches("the result is closed$", tostring(read_or_err))
      end
      assert.matches("the result is closed$", tostring(select(2, pcall(read, res))))
    end)
  end

  it("are themselves whenever the collector runs", function()
    local columns, cells = {}, {}
    for i = 1, 40 do
      columns[i], cells[i] = wire.column("c" .. i, TEXT), ("a"):rep(200 + i)
    end
    local rows = {}
    for i = 1, ROWS do
      rows[i] = wire.row(unpack(cells))
    end
    local res, other = answer(talk, columns, rows, { rows = "array" }), others(talk)
    local seen, wrong = 0, 0
    local function read_other()
      seen = seen + #other[1]
    end

    -- An eager collector, or one busy with the rest of the suite would not come by.
    local pause = collectgarbage("setpause", 1)
    local multiplier = collectgarbage("setstepmul", 10000)
    for _ = 1, 20 do
      for _ = 1, 50 do
        plant(read_other)
      end
      for row in res:rows() do
        for i = 1, 40 do
          wrong = wrong + (row[i] == cells[i] and 0 or 1)
        end
      end
    end
    collectgarbage("setpause", pause)
    collectgarbage("setstepmul", multiplier)

    assert.is_true(seen > 0)
    assert.equal(0, wrong)
  end)

  it("of a result that a finalizer closes say that it is closed", function()
    local res = others(talk)
    plant(function()
      res:close()
    end)

    local ok, err
    repeat
      ok, err = pcall(function()
        assert(res:all()[ROWS][2] == "word " .. ROWS)
      end)
    until not ok

    assert.matches("the result is closed$", tostring(err))
  end)

  it("keep their keys though somebody changed the names of an earlier result", function()
    local columns = { wire.column("id"), wire.column("secret") }
    for _, count in ipairs({ 1, ROWS }) do
      local rows = {}
      for i = 1, count do
        rows[i] = wire.row("1", "2")
      end
      local first = answer(talk, columns, rows)
      first.names[1], first.names[2] = first.names[2], first.names[1]

      assert.same({ id = 1, secret = 2 }, first[1])
      assert.same({ id = 1, secret = 2 }, answer(talk, columns, rows)[1])
      assert.same({ id = 1, secret = 2 }, answer(talk, columns, rows):all()[count])
    end
  end)

  for _, count in ipairs({ 5, ROWS }) do
    it(("are as many as there are in an FFI array, here %d"):format(count), function()
      local rows = {}
      for i = 1, count do
        rows[i] = wire.row(tostring(i))
      end
      local res = answer(talk, { wire.column("n") }, rows)

      for _, lie in ipairs({ 1, 0, 100000 }) do
        res.rowcount = lie
        local values, length = res:column("n", { ffi = true })
        assert.equal(count, length)
        assert.equal(count, tonumber(values[count - 1]))
      end
    end)
  end
end)

describe("a converter that raises", function()
  local BYTES = 500
  local talk, rows

  before_each(function()
    talk, rows = new_talk(), {}
    for i = 1, 4 do
      rows[i] = wire.row("{{{" .. ("x"):rep(BYTES))
    end
  end)

  local function fail()
    local ok, err = pcall(answer, talk, { wire.column("j", JSON) }, rows, DECODED)
    assert.is_false(ok)
    assert.equal("DataError", err.class)
  end

  it("leaves the session usable", function()
    fail()

    local res = others(talk)
    assert.same({ "other 1", "word 1" }, res[1])
    talk:wants("nothing")
  end)

  it("keeps nothing of its result", function()
    if program.read("/proc/self/maps"):find("libasan", 1, true) then
      return -- it keeps what was freed, and finds leaks by itself
    end
    for _ = 1, 50 do
      fail()
    end
    collectgarbage()
    local before = resident()
    for _ = 1, 5000 do
      fail()
    end
    collectgarbage()

    local grown = resident() - before
    assert.is_true(grown < 5000 * #rows * BYTES / 2 ^ 20 / 2, grown .. " MB more")
  end)
end)
