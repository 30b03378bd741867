--- Rows that are read ahead while the collector runs finalizers of the user's, and such rows as no
--- server sends.
local conversation = require("spec.mysql.session.conversation")
local format = require("lunasa.format")
local result = require("lunasa.result")
local wire = require("spec.mysql.wire")

local TEXT = { type = 0xfd, charset = 45 }
local ROWS = 700

local function answer(columns, rows, options)
  local talk = conversation.new()
  talk:log_in()
  local packets = { wire.lenenc(#columns) }
  for _, list in ipairs({ columns, rows }) do
    for _, packet in ipairs(list) do
      table.insert(packets, packet)
    end
  end
  table.insert(packets, wire.end_of_rows())
  local token = talk:ask("SELECT")
  talk:output()
  talk:server(wire.frames(1, packets))
  return assert(result.take(talk.session, token, format.of(options or {})))
end

--- Rows { n = <i>, a = "a <i>", b = "b <i>" }; `odd` gives the packet of some of them.
local function numbered(options, odd)
  local columns = { wire.column("n"), wire.column("a", TEXT), wire.column("b", TEXT) }
  local rows = {}
  for i = 1, ROWS do
    rows[i] = odd and odd(i) or wire.row(tostring(i), "a " .. i, "b " .. i)
  end
  return answer(columns, rows, options)
end

--- Runs `work` whenever the collector finds this.
local function plant(work)
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = work
  return proxy
end

--- Has the collector run all the time.
local function eagerly(work)
  local pause = collectgarbage("setpause", 1)
  local multiplier = collectgarbage("setstepmul", 10000)
  local ok, err = pcall(work)
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", multiplier)
  assert(ok, err)
end

local function either_way(body)
  eagerly(body)
  jit.off()
  local ok, err = pcall(eagerly, body)
  jit.on()
  assert(ok, err)
end

--- Each way to read, as a function that gives n, a and b of the next row.
local READERS = {
  values = function(res)
    return res:values()
  end,
  rows = function(res)
    local next_row = res:rows()
    return function()
      local row = next_row()
      if row then
        return row.n, row.a, row.b
      end
    end
  end,
}

describe("rows that are read ahead", function()
  for name, reader in pairs(READERS) do
    it("are each given once, and whole, though finalizers read on, by " .. name, function()
      local by_finalizers = 0
      either_way(function()
        local seen, wrong = 0, 0
        local next_values = reader(numbered())
        local function check(n, a, b)
          seen = seen + 1
          wrong = wrong + ((a == "a " .. n and b == "b " .. n) and 0 or 1)
        end
        local function read_on()
          for _ = 1, 3 do
            local n, a, b = next_values()
            if n then
              by_finalizers = by_finalizers + 1
              check(n, a, b)
            end
          end
        end
        local i = 0
        for n, a, b in next_values do
          check(n, a, b)
          i = i + 1
          if i % 7 == 0 then
            plant(read_on)
          end
        end
        assert.same({ ROWS, 0 }, { seen, wrong })
      end)
      assert.is_true(by_finalizers > 0)
    end)

    it("are whole until a finalizer closes their result, by " .. name, function()
      for _, at in ipairs({ 1, 4, 5, 28, 29, 100, 255, 400 }) do
        local res, count, wrong = numbered(), 0, 0
        local ok, err = pcall(eagerly, function()
          for n, a, b in reader(res) do
            count = count + 1
            wrong = wrong + ((n == count and a == "a " .. n and b == "b " .. n) and 0 or 1)
            if count == at then
              plant(function()
                res:close()
                assert(numbered().rowcount == ROWS) -- which takes the memory
              end)
            end
          end
        end)
        assert.equal(0, wrong)
        if not ok then
          assert.matches("the result is closed", tostring(err), 1, true)
        end
        assert.is_true(not ok or count == ROWS)
      end
    end)

    it("raise what is wrong with them, and go on behind it, by " .. name, function()
      local next_values = reader(numbered(nil, function(i)
        if i == 150 then
          return wire.row("no number", "a", "b")
        end
      end))
      for i = 1, ROWS do
        local ok, n, a = pcall(next_values)
        if i == 150 then
          assert.is_false(ok)
          assert.matches("malformed row from the server", n, 1, true)
        else
          assert(ok and n == i and a == "a " .. i, i)
        end
      end
      assert.is_nil((next_values()))
    end)

    it("may have every NULL there is, by " .. name, function()
      local null = require("lunasa.null")
      local res = numbered(nil, function(i)
        local function cell(value, bit)
          return math.floor(i / bit) % 2 == 0 and value
        end
        return wire.row(cell(tostring(i), 1), cell("a " .. i, 2), cell("b " .. i, 4))
      end)
      local i = 0
      for n, a, b in reader(res) do
        i = i + 1
        assert.equal(i % 2 == 0 and i or null, n)
        assert.equal(math.floor(i / 2) % 2 == 0 and "a " .. i or null, a)
        assert.equal(math.floor(i / 4) % 2 == 0 and "b " .. i or null, b)
      end
      assert.equal(ROWS, i)
    end)
  end

  it("are gone when a finalizer comes after their own", function()
    local closed
    local function open(kept)
      kept.guard = plant(function()
        closed = not pcall(kept.next_values)
      end)
      kept.next_values = numbered():values()
      kept.next_values()
    end
    open({})
    collectgarbage()
    collectgarbage()
    assert.is_true(closed)
  end)

  it("are of strings of every size", function()
    local rows, expected = {}, {}
    for i = 1, 1500 do
      local size = i < 1200 and i % 300 or i * 50
      expected[i] = ("z"):rep(size)
      rows[i] = wire.row(expected[i], tostring(i), ("y"):rep(i % 257))
    end
    local columns = { wire.column("s", TEXT), wire.column("n"), wire.column("t", TEXT) }
    local res = answer(columns, rows)
    local i = 0
    for s, n, t in res:values() do
      i = i + 1
      assert(s == expected[i] and n == i and t == ("y"):rep(i % 257), i)
    end
    assert.equal(1500, i)
  end)

  it("keep no more code than of some kinds of rows", function()
    for i = 1, 600 do
      local columns, rows = { wire.column("name" .. i), wire.column("b", TEXT) }, {}
      for n = 1, 70 do
        rows[n] = wire.row(tostring(n), "text")
      end
      local count = 0
      for row in answer(columns, rows):rows() do
        count = count + 1
        assert(row["name" .. i] == count and row.b == "text")
      end
      assert.equal(70, count)
    end
  end)
end)
