local errors = require("lunasa.error")

--- Runs `work`, which must raise, and gives what it raised.
local function raised(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok)
  return err
end

local function server_error(errno, sqlstate, message)
  return errors.from_core({
    code = "SERVER",
    errno = errno,
    sqlstate = sqlstate,
    message = message or "m",
  })
end

describe("lunasa.error", function()
  describe(":is", function()
    for class, lineage in pairs({
      PoolError = { "PoolError", "InterfaceError", "Error" },
      ArgumentError = { "ArgumentError", "ProgrammingError", "DatabaseError", "Error" },
      TimeoutError = { "TimeoutError", "OperationalError", "DatabaseError", "Error" },
      IntegrityError = { "IntegrityError", "DatabaseError", "Error" },
      IndexError = { "IndexError", "ProgrammingError", "DatabaseError", "Error" },
      Warning = { "Warning" },
      CancelledError = { "CancelledError" },
      Interrupted = { "Interrupted" },
    }) do
      it("walks the tree from " .. class, function()
        local err = errors.new(class, "m")

        for _, ancestor in ipairs(lineage) do
          assert.is_true(err:is(ancestor), ancestor)
        end
        assert.equal(lineage[#lineage] == "Error", err:is("Error"))
        assert.is_false(err:is("NotSupportedError"))
      end)
    end

    it("is false for a class that does not exist", function()
      assert.is_false(errors.new("DataError", "m"):is("DataErorr"))
    end)
  end)

  describe(".new", function()
    it("keeps the fields, and errno and message by position", function()
      local cause = {}

      local err = errors.new("DataError", "too long", { errno = 1406, cause = cause })

      assert.same({ 1406, "too long" }, { err[1], err[2] })
      assert.equal(cause, err.cause)
      assert.same({}, err.suppressed)
      assert.is_nil(err.traceback)
    end)

    it("refuses a class that does not exist", function()
      assert.has_error(function()
        errors.new("DataErorr", "m")
      end, "the class is not known")
    end)
  end)

  describe(".define", function()
    it("adds a class to the tree", function()
      assert.equal("SpecError", errors.define("SpecError", "ArgumentError"))
      errors.define("SpecError", "ArgumentError")

      assert.is_true(errors.new("SpecError", "m"):is("Error"))
    end)

    it("refuses an unknown parent, and another parent than before", function()
      assert.has.errors(function()
        errors.define("OtherSpecError", "Nothing")
      end)
      assert.has.errors(function()
        errors.define("DataError", "Error")
      end)
    end)
  end)

  describe("tostring", function()
    it("is a sentence", function()
      local err = server_error(1062, "23000", "Duplicate entry 'a' for key 'PRIMARY'")

      assert.equal(
        "IntegrityError 1062 (23000): Duplicate entry 'a' for key 'PRIMARY'",
        tostring(err)
      )
      assert.equal("failed: PoolError: m", "failed: " .. errors.new("PoolError", "m"))
    end)

    it("shows the statement on one line, without control bytes", function()
      local err = errors.new("DataError", "m", { sql = "SELECT\n  ?,\t'\27[31m'" })

      assert.equal("DataError: m [SQL: SELECT ?, '?[31m']", tostring(err))
    end)

    it("cuts a long statement between characters", function()
      local err = errors.new("DataError", "m", { sql = ("x"):rep(199) .. "é" })

      assert.equal("DataError: m [SQL: " .. ("x"):rep(199) .. "…]", tostring(err))
    end)

    it("shows a hint", function()
      local err = errors.new("DataError", "m", { hint = "do it" })

      assert.equal("DataError: m (do it)", tostring(err))
    end)
  end)

  describe(".raise", function()
    it("raises an object with its traceback", function()
      local err = raised(function()
        errors.raise("PoolError", "m", { which = "acquire" })
      end)

      assert.is_true(errors.is_error(err, "PoolError"))
      assert.equal("acquire", err.which)
      assert.matches("^stack traceback:.*error_spec.lua", err.traceback)
      assert.is_nil(err.position)
    end)

    it("names the caller at a level", function()
      local function misused()
        errors.raise("ArgumentError", "m", nil, 2)
      end
      local line = debug.getinfo(1, "l").currentline + 2
      local err = raised(function()
        misused()
      end)

      assert.matches("error_spec.lua:" .. line .. "$", err.position)
      assert.equal(err.position .. ": ArgumentError: m", tostring(err))
    end)

    it("names nobody when the caller is C", function()
      local err = raised(function()
        errors.raise("ArgumentError", "m", nil, 2)
      end)

      assert.equal("ArgumentError: m", tostring(err))
    end)
  end)

  describe(".throw", function()
    it("raises the same object and keeps its first traceback", function()
      local err = errors.new("DataError", "m")

      assert.equal(err, raised(errors.throw, err))
      local first = err.traceback
      assert.equal(err, raised(errors.throw, err))
      assert.is_string(first)
      assert.equal(first, err.traceback)
    end)

    it("raises foreign values unchanged", function()
      local foreign = {}

      assert.equal(foreign, raised(errors.throw, foreign))
      assert.equal("text", raised(errors.throw, "text"))
    end)
  end)

  describe(".suppress", function()
    it("notes a second failure beside the first", function()
      local err = errors.new("DataError", "m")

      assert.equal(err, errors.suppress(err, "rollback failed"))
      errors.suppress(err, err)

      assert.same({ "rollback failed" }, err.suppressed)
    end)

    it("leaves foreign errors alone", function()
      assert.equal("text", errors.suppress("text", "x"))
    end)
  end)

  describe(".is_error", function()
    it("is safe on any value", function()
      for _, value in ipairs({ 1, "x", true, {}, setmetatable({}, { __index = error }), print }) do
        assert.is_false(errors.is_error(value))
        assert.is_false(errors.is_error(value, "Error"))
      end
      assert.is_false(errors.is_error(nil))
    end)

    it("tells the classes apart", function()
      assert.is_true(errors.is_error(errors.new("CancelledError", "m")))
      assert.is_false(errors.is_error(errors.new("CancelledError", "m"), "Error"))
    end)
  end)

  describe("predicates", function()
    local PREDICATES = {
      "is_disconnect",
      "is_timeout",
      "is_retryable",
      "is_duplicate_key",
      "is_constraint",
      "is_read_only",
      "is_cancelled",
    }

    local function true_ones(err)
      local names = {}
      for _, name in ipairs(PREDICATES) do
        if err[name](err) then
          table.insert(names, name)
        end
      end
      return names
    end

    for title, case in pairs({
      ["a plain error"] = { errors.new("Error", "m"), {} },
      ["a cancellation"] = { errors.new("CancelledError", "m"), { "is_cancelled" } },
      ["our own timeout"] = { errors.new("TimeoutError", "m"), { "is_timeout" } },
      ["a lost connection"] = { server_error(2013), { "is_disconnect" } },
      ["a duplicate key"] = {
        server_error(1062, "23000"),
        { "is_duplicate_key", "is_constraint" },
      },
      ["a NULL in a NOT NULL column"] = { server_error(1048, "23000"), { "is_constraint" } },
      ["MySQL's CHECK"] = { server_error(3819, "HY000"), { "is_constraint" } },
      ["MariaDB's CHECK"] = {
        server_error(4025, "23000", "CONSTRAINT `c` failed for `t`"),
        { "is_constraint" },
      },
      ["MySQL's 4025"] = { server_error(4025, "HY000", "Value of AUTOEXTEND_SIZE …"), {} },
      ["a deadlock"] = { server_error(1213, "40001"), { "is_retryable" } },
      ["a lock wait"] = { server_error(1205, "HY000"), { "is_retryable" } },
      ["a serialisation failure by SIGNAL"] = { server_error(1644, "40001"), { "is_retryable" } },
      ["MariaDB's statement timeout"] = { server_error(1969, "70100"), { "is_timeout" } },
      ["MySQL's statement timeout"] = { server_error(3024, "HY000"), { "is_timeout" } },
      ["a KILL QUERY by somebody"] = { server_error(1317, "70100"), {} },
      ["MySQL's idle timeout"] = {
        server_error(4031, "HY000", "The client was disconnected by the server because of …"),
        { "is_disconnect" },
      },
      ["MariaDB's 4031"] = { server_error(4031, "HY000", "Referenced trigger 't' …"), {} },
      ["a replica"] = {
        server_error(1290, "HY000", "The server is running with the --read-only option …"),
        { "is_read_only" },
      },
      ["another option"] = {
        server_error(1290, "HY000", "… running with the --secure-file-priv option …"),
        {},
      },
    }) do
      it("know " .. title, function()
        assert.same(case[2], true_ones(case[1]))
      end)
    end
  end)

  describe(".from_core", function()
    for code, wanted in pairs({
      IO = { "OperationalError", 2013 },
      TIMEOUT = { "TimeoutError", nil },
      CANCELLED = { "CancelledError", nil },
      AUTH = { "OperationalError", 2061 },
      TLS = { "OperationalError", 2026 },
      PROTOCOL = { "InternalError", 2027 },
      TRUNCATED = { "InternalError", 2027 },
      TRAILING = { "InternalError", 2027 },
      LIMIT = { "OperationalError", nil },
      ARGUMENT = { "ArgumentError", nil },
      STATE = { "InterfaceError", nil },
      NOMEM = { "OperationalError", 2008 },
      UNSUPPORTED = { "NotSupportedError", nil },
      ["a code of the future"] = { "InternalError", nil },
    }) do
      it("makes a " .. wanted[1] .. " of " .. code, function()
        local err = errors.from_core({ code = code, message = "why", errno = 0, sqlstate = "" })

        assert.equal(wanted[1], err.class)
        assert.equal(wanted[2], err.errno)
        assert.is_nil(err.sqlstate)
        assert.equal("why", err.message)
      end)
    end

    it("knows what the connection was doing", function()
      local connect = errors.from_core({ code = "IO", message = "m", phase = "connect" })
      local idle = errors.from_core({ code = "IO", message = "m", phase = "idle" })
      local timeout = errors.from_core({ code = "TIMEOUT", message = "m", phase = "connect" })

      assert.equal(2003, connect.errno)
      assert.equal(2006, idle.errno)
      assert.equal(2003, timeout.errno)
      assert.equal("connect", timeout.which)
      assert.equal("TimeoutError", timeout.class)
    end)

    it("believes a number that C gives", function()
      local plugin = errors.from_core({ code = "UNSUPPORTED", errno = 2059, message = "m" })
      local infile = errors.from_core({ code = "PROTOCOL", errno = 2068, message = "m" })

      assert.equal("OperationalError", plugin.class)
      assert.equal("OperationalError", infile.class)
      assert.equal(2068, infile.errno)
    end)

    it("keeps the statement, the SQLSTATE and the cause", function()
      local raw = { code = "SERVER", errno = 1146, sqlstate = "42S02", message = "m", cause = "c" }

      local err = errors.from_core(raw, "SELECT 1 FROM nope")

      assert.equal("ProgrammingError 1146 (42S02): m [SQL: SELECT 1 FROM nope]", tostring(err))
      assert.equal("c", err.cause)
    end)

    it("calls a statement that the server stopped a timeout of the statement", function()
      assert.equal("statement", server_error(1969, "70100").which)
    end)

    it("takes what is no table of the C layer", function()
      local err = errors.new("DataError", "m")

      assert.equal(err, errors.from_core(err))
      assert.equal("InternalError: odd", tostring(errors.from_core("odd")))
      assert.equal("InternalError: no message", tostring(errors.from_core({})))
    end)
  end)

  describe(".try", function()
    it("gives true and every result, nils included", function()
      local results = { n = select("#", errors.try(unpack, { 1, nil, nil }, 1, 3)) }

      assert.equal(4, results.n)
      assert.same({ true, 1 }, { errors.try(unpack, { 1 }) })
    end)

    it("gives nil and whatever was raised", function()
      local err = errors.new("DataError", "m")

      assert.same({ nil, err }, { errors.try(error, err) })
      assert.same({ nil, "text" }, { errors.try(error, "text", 0) })
    end)

    it("lets the function suspend", function()
      local task = coroutine.wrap(function()
        return errors.try(function(a)
          local b = coroutine.yield(a)
          error(b, 0)
        end, 1)
      end)

      assert.equal(1, task())
      assert.same({ nil, "late" }, { task("late") })
    end)
  end)

  it("are told of by try when it is given nothing to call", function()
    local ok, err = pcall(errors.try, 1)
    assert.is_false(ok)
    assert.equal("ArgumentError", err.class)
    assert.matches("try needs a function", err.message, 1, true)
    assert.same({ true, 3 }, {
      errors.try(
        setmetatable({}, {
          __call = function(_, n)
            return n
          end,
        }),
        3
      ),
    })
  end)
end)
