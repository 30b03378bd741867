--- Placeholders: where they stand, what they take, and what is refused before anything is sent.

local database = require("spec.suite.database")
local ffi = require("ffi")
local lunasa = require("lunasa")

local failure = database.failure
local null, pack = lunasa.null, lunasa.pack

local PYFORMAT = { paramstyle = "pyformat", rows = "array" }

---@param db spec.Database
return function(db)
  local function row(conn, sql, args, options)
    return conn:first(sql, args, options or { rows = "array" })
  end

  describe("placeholders", function()
    local CASES = {
      { "a list", "SELECT ?, ?", { 1, "x" }, { 1, "x" } },
      { "a map", "SELECT :b, :a, :b", { a = 1, b = "x" }, { "x", 1, "x" } },
      { "a name with digits and underscores", "SELECT :_a1", { _a1 = 1 }, { 1 } },
      { "a map with more than is used", "SELECT :a", { a = 1, b = 2 }, { 1 } },
      { "an empty list, without any", "SELECT 1", {}, { 1 } },
      { "no separation", "SELECT ?+?", { 1, 2 }, { 3 } },
      { "lunasa.null", "SELECT ?, ?", { null, 1 }, { null, 1 } },
      { "lunasa.pack with nil", "SELECT ?, ?, ?", pack(1, nil, nil), { 1, null, null } },
      { "an empty lunasa.pack", "SELECT 1", pack(), { 1 } },
      { "an FFI NULL", "SELECT ?", { ffi.cast("void *", nil) }, { null } },
      { "a nested list", "SELECT 2 IN ?, 4 IN ?", { { 1, 2 }, { 1, 2 } }, { 1, 0 } },
      { "lists of lists", "SELECT (1, 2) IN ?", { { { 3, 4 }, { 1, 2 } } }, { 1 } },
      { "a string literal", "SELECT '?', \"?:a\", ?", { 1 }, { "?", "?:a", 1 } },
      { "an escaped quote", [[SELECT 'it\'s ?', 'it''s ?', ?]], { 1 }, { "it's ?", "it's ?", 1 } },
      { "an identifier", "SELECT `?` FROM (SELECT ? AS `?`) t", { 7 }, { 7 } },
      { "a block comment", "SELECT /* ? 'it */ ?", { 1 }, { 1 } },
      { "a dash comment", "SELECT -- ? 'it\n ?", { 1 }, { 1 } },
      { "a hash comment", "SELECT # ? 'it\n ?", { 1 }, { 1 } },
      { "a double minus that is none", "SELECT 1--?", { 1 }, { 2 } },
      { "an assignment", "SELECT @lunasa := :a", { a = 1 }, { 1 } },
      { "a time in a string", "SELECT '12:30:59', :a", { a = 1 }, { "12:30:59", 1 } },
      { "a percent sign", "SELECT 7 % ?, '%s %%'", { 4 }, { 3, "%s %%" } },
    }
    for _, case in ipairs(CASES) do
      db:it("take or leave " .. case[1], function(conn)
        assert.same(case[4], row(conn, case[2], case[3]))
      end)
    end

    db:it_in_text("are none without args: the text is sent untouched", function(conn)
      assert.same({ "? :a %s %%" }, row(conn, "SELECT '? :a %s %%'"))
      assert.equal(1064, failure(conn.query, conn, "SELECT ?").errno)
      assert.equal(1, conn:scalar("SELECT 7 % 2"))
    end)

    local PYFORMAT_CASES = {
      { "a list", "SELECT %s, %s", { 1, "x" }, { 1, "x" } },
      { "a map", "SELECT %(b)s, %(a)s", { a = 1, b = 2 }, { 2, 1 } },
      { "a doubled percent sign", "SELECT 7 %% %s", { 4 }, { 3 } },
      { "a doubled one in a string", "SELECT 'a%%', %s", { 1 }, { "a%", 1 } },
      { "a question mark", "SELECT '?', %s", { 1 }, { "?", 1 } },
      { "%s in a string", "SELECT '%s', %s", { 1 }, { "%s", 1 } },
    }
    for _, case in ipairs(PYFORMAT_CASES) do
      db:it("of pyformat take or leave " .. case[1], function(conn)
        assert.same(case[4], row(conn, case[2], case[3], PYFORMAT))
      end)
    end

    db:it("of pyformat may be the connection's, and qmark a call's", function()
      local conn = db:connect({ paramstyle = "pyformat" })

      assert.equal(1, conn:scalar("SELECT %s", { 1 }))
      assert.equal(1, conn:scalar("SELECT ?", { 1 }, { paramstyle = "qmark" }))
    end)
  end)

  describe("refused parameters:", function()
    local cyclic = {}
    cyclic[1] = cyclic

    local CASES = {
      { "too few", "SELECT ?, ?", { 1 }, "more placeholders than parameters" },
      { "too many", "SELECT ?", { 1, 2 }, "1 placeholders, and 2 parameters" },
      { "a list where there is no placeholder", "SELECT 1", { 1 }, "0 placeholders" },
      { "Python's placeholders", "SELECT %s", { 1 }, 'paramstyle = "pyformat"' },
      { "a hole", "SELECT ?, ?, ?", { 1, nil, 3 }, "parameter 2: nil inside a list" },
      { "a missing name", "SELECT :a", { b = 1 }, "parameter :a: no such parameter" },
      { "a list for a name", "SELECT :a", { 1, a = 1 }, nil },
      { "an empty list", "SELECT 1 IN ?", { {} }, "parameter 1: an empty list" },
      { "an empty list in a map", "SELECT 1 IN :ids", { ids = {} }, "parameter :ids" },
      { "a map as a value", "SELECT ?", { { a = 1 } }, "parameter 1: a table with string keys" },
      { "a function", "SELECT ?", { print }, "parameter 1: function" },
      { "a thread", "SELECT ?", { coroutine.create(print) }, "parameter 1: thread" },
      { "a file", "SELECT ?", { io.stdout }, "parameter 1: userdata" },
      { "a struct", "SELECT ?", { ffi.new("struct { int a; }") }, "parameter 1: a cdata" },
      { "a pointer", "SELECT ?", { ffi.cast("void *", 1) }, "parameter 1: a cdata" },
      { "NaN", "SELECT ?", { 0 / 0 }, "parameter 1: NaN" },
      { "infinity", "SELECT ?", { math.huge }, "parameter 1: infinity" },
      { "a cycle", "SELECT ?", { cyclic }, "parameter 1: a list nested so deeply" },
      { "a pack in a list", "SELECT ?", { pack(1) }, "parameter 1: a lunasa.pack" },
      { "nil in a nested list", "SELECT 1 IN ?", { { 1, nil, 3 } }, "nil inside a list" },
    }
    for _, case in ipairs(CASES) do
      db:it(case[1], function(conn)
        local err = failure(conn.query, conn, case[2], case[3])

        assert.equal("ArgumentError", err.class)
        if case[4] then
          assert.matches(case[4], err.message, 1, true)
        end
        assert.equal(1, conn:scalar("SELECT 1"))
      end)
    end

    local PYFORMAT_CASES = {
      { "another conversion", "SELECT %d", { 1 }, "unsupported placeholder '%d'" },
      { "a lone percent sign", "SELECT 7 % %s", { 4 }, "write %s, %(name)s" },
      { "a name without end", "SELECT %(a", { a = 1 }, "%(name)s" },
    }
    for _, case in ipairs(PYFORMAT_CASES) do
      db:it("of pyformat, " .. case[1], function(conn)
        local err = failure(conn.query, conn, case[2], case[3], PYFORMAT)

        assert.equal("ArgumentError", err.class)
        assert.matches(case[4], err.message, 1, true)
      end)
    end

    db:it("nothing of them reaches the server", function(conn)
      local questions = "SHOW SESSION STATUS LIKE 'Questions'"
      local before = conn:first(questions).Value

      failure(conn.query, conn, "SELECT ?", { print })

      assert.equal(before + 1, tonumber(conn:first(questions).Value))
    end)
  end)
end
